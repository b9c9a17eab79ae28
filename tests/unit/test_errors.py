"""Errors carry facts and write their own sentences in two languages."""

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
