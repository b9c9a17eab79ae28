"""The table of a period's changes: each changed area with both sides and its shares, and sums."""

from collections.abc import Iterable, Mapping, Sequence
from math import fsum

from geo_service.layers.area import AreaSet
from geo_service.layers.edition import Edition
from geo_service.layers.frames import area_m2
from geo_service.layers.layer import Layer
from geo_service.layers.lineage import LineageRow
from geo_service.maps.adjustments.view import (
    AreaChange,
    ChangeSide,
    EditionFacts,
    PackPeriod,
    PackSums,
    Share,
    SumLine,
)
from geo_service.maps.change_order.view import Count, SumPair
from geo_service.services.adjustments.changes import Changes
from geo_service.services.impact.people import UNKNOWN, LayerPeople
from geo_service.services.impact.result import PersonCount
from geo_service.storage import areas, drafts

_APPROVED_BY = ("authority", "document", "date")
_PERSONS = ("households", "residents")
DECIMALS = 2
"""Of square meters, in lists; sums are of what is listed."""


def edition_facts(changes: Changes, edition: Edition) -> EditionFacts:
    """Return what is told of an edition: why, from when, whom was asked, who approved it."""
    draft = drafts.draft_of_edition(changes.connection, edition.number)
    approval = (draft.approval if draft else None) or {}
    return EditionFacts(
        number=edition.number,
        effective_from_s=edition.effective_from_s,
        reason=edition.reason,
        is_correction=edition.is_correction,
        is_ahead=edition.effective_from_s > changes.workspace.now_s(),
        consulted=(draft.consulted if draft else None) or "",
        approval="，".join(value for name in _APPROVED_BY if (value := approval.get(name))),
    )


def pack_period(changes: Changes) -> PackPeriod:
    """Return what is told of the period and its editions."""
    period = changes.period
    return PackPeriod(
        first=period.first,
        last=period.last,
        before=edition_facts(changes, period.before),
        after=edition_facts(changes, period.after),
        editions=[edition_facts(changes, each) for each in period.editions],
    )


def area_changes(changes: Changes, period: PackPeriod, language: str) -> list[AreaChange]:
    """Return the rows, layer by layer, each layer's by code."""
    facts = {each.number: each for each in period.editions}
    rows: list[AreaChange] = []
    for layer in changes.layers:
        sides = _sides(changes, layer)
        old, new = (each.areas(layer.name) for each in changes.locators)
        for code in changes.codes(layer.name):
            codes = changes.told.codes(layer.name, code)
            lineage = changes.told.rows(layer.name, code)
            steps = changes.steps.get((layer.name, code), ())
            rows.append(
                AreaChange(
                    number=len(rows) + 1,
                    layer=layer,
                    code=code,
                    codes=codes,
                    names=changes.told.names(layer.name, codes),
                    kinds=changes.told.kinds(layer.name, code, int(language == "en")),
                    sides=(sides[0].get(code), sides[1].get(code)),
                    origins=_origins(lineage, code, old),
                    heirs=_heirs(lineage, code, new),
                    editions=[facts[each.number] for each in steps],
                    lists=changes.told.lists(layer.name, code),
                )
            )
    return rows


def pack_sums(changes: Changes, rows: Sequence[AreaChange]) -> list[PackSums]:
    """Return what the rows of each layer sum to, beside all of its areas."""
    return [
        _sums(changes, layer, [row for row in rows if row.layer == layer])
        for layer in changes.layers
    ]


def side_of(
    areas_of_layer: AreaSet, at: int, parent_name: str, m2: float | None, counts: Sequence[Count]
) -> ChangeSide:
    """Return one area on one side; ``counts`` are of households and residents."""
    return ChangeSide(
        name=areas_of_layer.names[at],
        parent=areas_of_layer.parents[at] or "",
        parent_name=parent_name,
        area_m2=m2,
        households=counts[0],
        residents=counts[1],
    )


def _sides(
    changes: Changes, layer: Layer
) -> tuple[Mapping[str, ChangeSide], Mapping[str, ChangeSide]]:
    touched = changes.redrawing.touched.get(layer.name, ())
    people = changes.people.layer(layer.name) if touched else None
    renamed = [code for code in changes.codes(layer.name) if code not in set(touched)]
    told = changes.figures.before(layer.name, renamed)
    found: tuple[dict[str, ChangeSide], dict[str, ChangeSide]] = ({}, {})
    for i, locator in enumerate(changes.locators):
        known = locator.areas(layer.name)
        names = locator.areas(layer.parent) if layer.parent else None
        at = [n for code in changes.codes(layer.name) if (n := _at(known, code)) is not None]
        measured = [None] * len(at)
        if layer.geometry != "line":
            measured = area_m2(known.geometries[at]).round(DECIMALS).tolist()
        for position, m2 in zip(at, measured, strict=True):
            code = known.codes[position]
            counts = [
                _count(_person(people, told, figure, code, is_after=bool(i))) for figure in _PERSONS
            ]
            parent = _name(names, known.parents[position])
            found[i][code] = side_of(known, position, parent, m2, counts)
    return found


def _person(
    people: LayerPeople | None,
    told: Mapping[tuple[str, str], int],
    figure: str,
    code: str,
    *,
    is_after: bool,
) -> PersonCount:
    """Return a count of an area that was redrawn; of one that keeps its ground, as it was told."""
    if people is not None and code in (people.new if is_after else people.old).position_by_code:
        return people.after(figure, code) if is_after else people.before(figure, code)
    value = told.get((figure, code))
    return UNKNOWN if value is None else PersonCount(value, "told")


def _origins(rows: Sequence[LineageRow], code: str, old: AreaSet) -> list[Share]:
    return [
        Share(
            row.old_code,
            _name(old, row.old_code),
            row.share_of_new or 0.0,
            row.residents_of_new or 0.0,
            row.is_new_estimated,
        )
        for row in rows
        if row.new_code == code and row.kind != "renamed"
    ]


def _heirs(rows: Sequence[LineageRow], code: str, new: AreaSet) -> list[Share]:
    return [
        Share(
            row.new_code,
            _name(new, row.new_code),
            row.share_of_old or 0.0,
            row.residents_of_old or 0.0,
            row.is_old_estimated,
        )
        for row in rows
        if row.old_code == code and row.kind != "renamed"
    ]


def _sums(changes: Changes, layer: Layer, rows: Sequence[AreaChange]) -> PackSums:
    told = [[side for row in rows if (side := row.sides[i]) is not None] for i in (0, 1)]
    numbers = [changes.period.before.number, changes.period.after.number]
    every = [
        1e6 * areas.areas_km2(changes.connection, edition=n, layer=layer.name) for n in numbers
    ]
    lineage = [row for row in changes.lineage if row.layer == layer.name]
    sides_m2 = [_rounded(side.area_m2 or 0.0 for side in some) for some in told]
    lines = [
        SumLine("counts", is_all=False, pair=SumPair(len(told[0]), len(told[1]))),
        SumLine(
            "area",
            is_all=False,
            pair=SumPair(*sides_m2),
            to_nobody=_rounded(row.area_m2 for row in lineage if row.new_code is None),
            from_nobody=_rounded(row.area_m2 for row in lineage if row.old_code is None),
        ),
        *(_persons(changes, layer.name, rows, figure) for figure in _PERSONS),
        SumLine("counts", is_all=True, pair=SumPair(len(every[0]), len(every[1]))),
        SumLine("area", is_all=True, pair=SumPair(*(_rounded(each.tolist()) for each in every))),
    ]
    return PackSums(layer, lines)


def _persons(changes: Changes, layer: str, rows: Sequence[AreaChange], figure: str) -> SumLine:
    """Return what the rows sum to; None where an area that was redrawn has no count.

    One without a count that was only renamed has none on either side, and is left out.
    """
    touched = set(changes.redrawing.touched.get(layer, ()))
    sums: list[int | None] = []
    unknown = []
    for i in (0, 1):
        told = [
            (getattr(side, figure).value, row.code in touched)
            for row in rows
            if (side := row.sides[i]) is not None
        ]
        is_open = any(value is None and is_touched for value, is_touched in told)
        sums.append(None if is_open else sum(value for value, _ in told if value is not None))
        unknown.append(sum(value is None for value, _ in told))
    return SumLine(
        figure,
        is_all=False,
        pair=SumPair(*sums),
        to_nobody=changes.people.layer(layer).sum(figure).to_nobody if touched else 0,
        unknown=(unknown[0], unknown[1]),
    )


def _rounded(areas_m2: Iterable[float]) -> float:
    """Return a sum of areas as they are listed, so that the list adds up."""
    return round(fsum(round(each, DECIMALS) for each in areas_m2), DECIMALS)


def _count(count: PersonCount) -> Count:
    return Count(count.value, count.is_estimated)


def _at(known: AreaSet, code: str) -> int | None:
    return known.position_by_code.get(code)


def _name(parents: AreaSet | None, code: str | None) -> str:
    at = None if parents is None or code is None else parents.position_by_code.get(code)
    return "" if at is None or parents is None else parents.names[at]
