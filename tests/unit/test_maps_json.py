"""The JSON inside a page: safe in its element, and the same whether written at once or earlier."""

import json

import pytest

from geo_service.maps.pages import JsonText, json_inside_html, json_text


def test_json_cannot_leave_its_script_element():
    text = json_inside_html({"name": "</script><!--<script>&'\"\u2028\u2029"})
    assert not set(text) & set("<>&\u2028\u2029")


def test_text_that_was_written_earlier_cannot_leave_its_script_element_either():
    text = json_inside_html({"names": json_text(["</script>"])})
    assert not set(text) & set("<>")
    assert json.loads(text) == {"names": ["</script>"]}


def test_numbers_that_json_does_not_know_are_refused():
    with pytest.raises(ValueError, match="JSON"):
        json_inside_html({"anchors": [[float("nan")]]})


def test_what_was_written_earlier_stands_among_its_neighbors_as_it_is():
    paths = [[1, -2], [3]]
    block = {"origin": (1, 2), "areas": {"paths": json_text(paths), "classes": [0, -1]}, "甲": None}
    whole = {"origin": [1, 2], "areas": {"paths": paths, "classes": [0, -1]}, "甲": None}
    assert json.loads(json_text(block).text) == whole


def test_what_was_written_earlier_is_never_taken_for_a_text():
    with pytest.raises(TypeError):
        json_text([JsonText("[1]")])
