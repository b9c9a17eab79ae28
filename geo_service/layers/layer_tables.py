"""From the layer tables of a profile to layers."""

from collections.abc import Iterable, Mapping
from typing import Any

from geo_service.layers.layer import Layer, Layers


def layers_from_tables(tables: Iterable[Mapping[str, Any]]) -> Layers:
    """Return the layers that validated tables of a profile describe, in their order.

    A table holds ``name`` and may hold ``title_zh``, ``title_en``, ``parent``, ``overlay``,
    ``geometry``, ``authority``, ``nearest_m``, ``reach_m`` (metres), ``overrides`` and ``codes``;
    what it leaves out is the default of ``Layer``, and a missing title is the name.
    """
    return Layers(tuple(_layer(table) for table in tables))


def _layer(table: Mapping[str, Any]) -> Layer:
    given = dict(table)
    name = given["name"]
    titles = {"title_zh": name, "title_en": name.replace("_", " ")}
    overrides = tuple(given.pop("overrides", ()))
    codes = tuple(given.pop("codes", ()))
    for key in ("bodies", "usual_area_m2"):  # who answers for areas and how large they should be
        given.pop(key, None)
    is_overlay = given.pop("overlay", False)
    settled = {"is_overlay": is_overlay, "overrides": overrides, "codes": codes}
    return Layer(**{**titles, **settled, **given})
