"""Errors carry facts and write their own sentences in two languages."""

import pickle

from geo_service.errors import (
    GeoServiceError,
    PiecesUnnamed,
    StaleDraft,
    UnknownArea,
    UnknownLayer,
    WrongParent,
)


def test_a_sentence_joins_its_lists_as_its_language_does():
    error = UnknownLayer(layer="x", known=["street", "grid"])
    assert error.text("zh") == "没有图层“x”；当前配置的图层：street、grid"
    assert error.text("en") == "no layer 'x'; the profile has: street, grid"


def test_logs_speak_english():
    assert str(UnknownLayer("x", ["a"])) == "no layer 'x'; the profile has: a"


def test_facts_come_by_name():
    assert UnknownLayer("x", ["a"]).facts == {"layer": "x", "known": ["a"]}
    assert issubclass(UnknownLayer, GeoServiceError)


def test_an_error_comes_whole_out_of_another_process():
    error = UnknownLayer(layer="x", known=["a"])
    error.place = "a.csv"
    found = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own
    assert (type(found), found.facts) == (UnknownLayer, error.facts)
    assert found.text("en") == error.text("en") == "a.csv: no layer 'x'; the profile has: a"


TITLES = {"micro_grid": ("微网格", "micro-grid"), "community": ("社区", "community")}


def test_a_sentence_calls_layers_what_the_profile_calls_them_and_facts_keep_their_keys():
    error = UnknownArea("micro_grid", "7")
    assert "图层 微网格 里没有编码 7" in error.text("zh", TITLES)
    assert error.text("en", TITLES).startswith("layer micro-grid, as it is being redrawn, has no")
    assert error.facts == {"layer": "micro_grid", "code": "7"}
    assert "layer micro_grid," in error.text("en")
    both = WrongParent("micro_grid", "7", "community", "3").text("zh", TITLES)
    assert both.startswith("微网格 7 的上级不能是 社区 3")


def test_areas_that_are_named_together_with_their_layer_are_named_by_its_title():
    stale = StaleDraft(1, 4, ["micro_grid/7", "estate/8", "—"])
    assert "涉及 微网格 7、estate/8、—：" in stale.text("zh", TITLES)
    assert stale.told["areas"] == ["micro_grid/7", "estate/8", "—"]
    pieces = PiecesUnnamed(where="micro_grid 7", pieces=3, codes=2)
    assert pieces.text("zh", TITLES).startswith("这条线把 微网格 7 分成 3 块")


def test_a_sentence_about_the_keys_of_layers_keeps_them():
    error = UnknownLayer("micro_grid", ["community"])
    assert error.text("en", TITLES) == "no layer 'micro_grid'; the profile has: community"


def test_of_many_areas_twenty_are_named_and_of_all_the_number_is_told():
    areas = [f"micro_grid/{number}" for number in range(1, 26)]
    stale = StaleDraft(1, 4, areas)
    assert (stale.told["areas"], stale.told["areas_total"]) == (areas[:20], 25)
    assert "微网格 20 …（共 25 个）" in stale.text("zh", TITLES)
    assert "micro-grid 19, micro-grid 20 … (25 in all)" in stale.text("en", TITLES)
    assert "micro-grid 21" not in stale.text("en", TITLES)
    just = StaleDraft(1, 4, areas[:20])
    assert "areas_total" not in just.told
    assert "in all" not in just.text("en", TITLES)
