"""Errors carry facts and write their own sentences in two languages."""

import pickle

from geo_service.errors import GeoServiceError, UnknownLayer


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
