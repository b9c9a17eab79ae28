"""Layers: chains, families, children and roots."""

import pytest

from geo_service.errors import UnknownLayer
from geo_service.layers.layer import Layer, Layers

LAYERS = Layers(
    (
        Layer("street", "街道", "street"),
        Layer("community", "社区", "community", parent="street"),
        Layer("grid", "网格", "grid", parent="community"),
        Layer("unit_grid", "单元网格", "unit grid", parent="community"),
        Layer("estate", "小区", "estate", is_overlay=True),
    )
)


def test_each_leaf_layer_gives_a_family_from_its_root_down():
    assert {name: [layer.name for layer in chain] for name, chain in LAYERS.families.items()} == {
        "grid": ["street", "community", "grid"],
        "unit_grid": ["street", "community", "unit_grid"],
    }


def test_an_overlay_stands_in_no_family():
    assert [layer.name for layer in LAYERS.overlays] == ["estate"]


def test_children_and_root_follow_the_links():
    assert [layer.name for layer in LAYERS.children("community")] == ["grid", "unit_grid"]
    assert LAYERS.root("grid").name == "street"


def test_an_unknown_layer_is_told_with_the_known_ones():
    with pytest.raises(UnknownLayer) as caught:
        LAYERS["district"]
    assert "unit_grid" in caught.value.text("zh")


def test_a_layer_has_a_title_in_two_languages():
    assert (LAYERS["grid"].title("zh"), LAYERS["grid"].title("en")) == ("网格", "grid")
