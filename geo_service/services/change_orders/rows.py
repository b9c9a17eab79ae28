"""The table of a change order: each changed area with where it came from and went to, and sums."""

from collections.abc import Iterable, Mapping

from geo_service.layers.layer import Layer
from geo_service.maps.change_order.view import (
    Count,
    LayerSums,
    OrderRow,
    OwnerCounts,
    SideFigures,
    SumPair,
)
from geo_service.services.change_orders.redraws import Redraw
from geo_service.services.change_orders.told import ToldChanges
from geo_service.services.impact.result import (
    AreaFacts,
    Impact,
    LayerImpact,
    PersonCount,
    TouchedArea,
)


def order_rows(
    redraw: Redraw,
    layers: Iterable[Layer],
    bounds: Mapping[tuple[str, str, int], str],
    english: int,
) -> list[OrderRow]:
    """Return the rows, layer by layer; ``bounds`` are 四至 by layer, code and side.

    ``english`` is 1 for words in English, else 0.
    """
    touched = {
        (each.layer, each.code): each for found in redraw.impact.layers for each in found.areas
    }
    told = ToldChanges(redraw.areas, redraw.lineage)
    rows: list[OrderRow] = []
    for layer in layers:
        for code in redraw.areas.told_codes(layer.name):
            key = (layer.name, code)
            codes = told.codes(layer.name, code)
            rows.append(
                OrderRow(
                    number=len(rows) + 1,
                    layer=layer,
                    code=code,
                    codes=codes,
                    names=told.names(layer.name, codes),
                    kinds=told.kinds(layer.name, code, english),
                    figures=_figures(touched.get(key)),
                    bounds=(bounds.get((*key, 0), ""), bounds.get((*key, 1), "")),
                    lists=told.lists(layer.name, code),
                )
            )
    return rows


def layer_sums(redraw: Redraw, layers: Iterable[Layer]) -> list[LayerSums]:
    """Return the sum row of each layer with ground that changed."""
    found = {each.layer: each for each in redraw.impact.layers}
    return [_sums(layer, found[layer.name]) for layer in layers if layer.name in found]


def owner_counts(impact: Impact) -> OwnerCounts:
    """Return what becomes of open issues."""
    owners = impact.owners
    if owners is None:
        return OwnerCounts(0, 0, 0, 0)
    return OwnerCounts(owners.other_owner, owners.total, owners.decided_kept, len(owners.released))


def _figures(area: TouchedArea | None) -> tuple[SideFigures | None, SideFigures | None]:
    if area is None:
        return None, None
    return _side(area.before), _side(area.after)


def _side(facts: AreaFacts | None) -> SideFigures | None:
    if facts is None:
        return None
    return SideFigures(
        area_m2=facts.area_m2,
        households=_count(facts.households),
        residents=_count(facts.residents),
        organisations=facts.organisations,
        open_issues=facts.open_issues,
    )


def _count(count: PersonCount) -> Count:
    return Count(count.value, count.is_estimated)


def _sums(layer: Layer, found: LayerImpact) -> LayerSums:
    sides = ([each.before for each in found.areas], [each.after for each in found.areas])
    areas, issues = (
        SumPair(*(sum(getattr(each, name) for each in side if each) for side in sides))
        for name in ("area_m2", "open_issues")
    )
    households, residents = (
        SumPair(found.sums[name].before, found.sums[name].after)
        for name in ("households", "residents")
    )
    return LayerSums(layer, len(found.areas), areas, households, residents, issues)
