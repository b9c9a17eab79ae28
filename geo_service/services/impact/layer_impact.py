"""What a redraw does to one layer: its touched areas side by side, their sums, the balance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from geo_service.analysis.impact import Balance, balance
from geo_service.governance.organisations.coverage import AreaState, UnitCover
from geo_service.governance.organisations.ratio import DatedCount, Ratio, ratio
from geo_service.layers.area import Floats
from geo_service.services.coverage.changes import members_difference
from geo_service.services.impact.ground import Region
from geo_service.services.impact.numbers import LayerNumbers
from geo_service.services.impact.people import PERSONS, STAFF, Figures, LayerPeople
from geo_service.services.impact.redrawing import Redrawing
from geo_service.services.impact.result import (
    MEASURES,
    AreaFacts,
    LayerImpact,
    ParentBalance,
    PersonCount,
    TouchedArea,
)
from geo_service.services.impact.stored_areas import StoredAreas
from geo_service.storage.editions import AreaKey

_COUNTED = ("units", "organisations", "open_issues", "year_issues", "workload_h")


@dataclass(frozen=True, eq=False)
class LayerSides:
    """What the numbers of one layer are read off."""

    layer: str
    redrawing: Redrawing
    stored: StoredAreas
    region: Region
    known: Figures
    people: LayerPeople
    before: LayerNumbers
    after: LayerNumbers


def layer_impact(sides: LayerSides) -> LayerImpact:
    """Return everything about one layer."""
    codes = sides.redrawing.touched[sides.layer]
    areas = [_touched(sides, code) for code in codes]
    people, m2 = sides.people, sides.people.crossings_m2
    gone = [each.before.staff for each in areas if each.before and not each.after]
    new_m2 = sum(each.after.area_m2 for each in areas if each.after)
    return LayerImpact(
        layer=sides.layer,
        areas=areas,
        sums={figure: people.sum(figure) for figure in PERSONS},
        staff_waiting=sum(each or 0 for each in gone),
        to_nobody_m2=float(m2[:, -1].sum()),
        from_nobody_m2=_from_nobody_m2(new_m2, float(m2[:, :-1].sum())) if people.shares else 0.0,
        balances=_balances(sides, areas),
        area_coverage=_area_coverage(sides),
        organisation_coverage=_unit_coverage(sides, UnitCover.ORG),
        work_coverage=_unit_coverage(sides, UnitCover.WORK),
    )


def _from_nobody_m2(new_m2: float, taken_m2: float) -> float:
    """Return the ground that nobody held; what rounding leaves is none."""
    left_m2 = new_m2 - taken_m2
    return left_m2 if left_m2 > 1e-7 * new_m2 else 0.0


def _touched(sides: LayerSides, code: str) -> TouchedArea:
    at = [each.areas.position_by_code.get(code) for each in (sides.before, sides.after)]
    told = [
        (each.members, position)
        for each, position in zip((sides.before, sides.after), at, strict=True)
    ]
    return TouchedArea(
        layer=sides.layer,
        code=code,
        kinds=sides.redrawing.kinds(sides.layer, code),
        before=None if at[0] is None else _facts(sides, code, at[0], is_after=False),
        after=None if at[1] is None else _facts(sides, code, at[1], is_after=True),
        members_difference=members_difference(*told),
    )


def _facts(sides: LayerSides, code: str, at: int, *, is_after: bool) -> AreaFacts:
    numbers = sides.after if is_after else sides.before
    person = sides.people.after if is_after else sides.people.before
    area_m2, perimeter_m, compactness = numbers.shape(at)
    counts = {name: float(each[at]) for name, each in numbers.counts.items()}
    workload_h = counts.pop("workload_h")
    cover, coverage = numbers.units.cover[at], numbers.coverage
    return AreaFacts(
        name=numbers.areas.names[at],
        parent=numbers.areas.parents[at],
        households=person("households", code),
        residents=person("residents", code),
        staff=_staff(sides.people, code, is_after=is_after),
        members=numbers.members.told(at),
        workload_h=None if np.isnan(workload_h) else workload_h,
        area_m2=area_m2,
        perimeter_m=perimeter_m,
        compactness=compactness,
        state=None if coverage is None else AreaState(int(coverage.state[at])).name.lower(),
        is_active=coverage is not None and bool(coverage.is_active[at]),
        units_with_organisation=int(cover[UnitCover.ORG]),
        units_reached=int(cover[: UnitCover.WORK + 1].sum()),
        **{name: int(value) for name, value in counts.items()},
    )


def _staff(people: LayerPeople, code: str, *, is_after: bool) -> int | None:
    """Return the staff of an area: it stays with the code, and is nobody's where that is new."""
    entered = people.entered.get((STAFF, code)) if is_after else None
    return people.told.get((STAFF, code)) if entered is None else entered


def _balances(sides: LayerSides, areas: Sequence[TouchedArea]) -> list[ParentBalance]:
    by_parent: dict[str | None, set[str]] = {}
    for each in areas:
        for facts in (each.before, each.after):
            if facts is not None:
                by_parent.setdefault(facts.parent, set()).add(each.code)
    touched = {each.code: each for each in areas}
    found = []
    for parent in sorted(by_parent, key=str):
        if parent is None:
            continue
        beside = _codes_beside(sides, parent, touched)
        columns = [_columns(sides, parent, beside, touched, is_after=i) for i in (False, True)]
        found += [
            ParentBalance(parent, measure, *(_balance(each.get(measure)) for each in columns))
            for measure in MEASURES
        ]
    return found


def _balance(values: Floats | None) -> Balance | None:
    return None if values is None else balance(values)


def _codes_beside(
    sides: LayerSides, parent: str, touched: Mapping[str, TouchedArea]
) -> dict[str, int]:
    """Return code → stored row of the untouched areas under a parent."""
    key = sides.stored.parent_key(sides.layer, parent)
    rows = sides.region.beside.get(key, []) if key else []
    keys: dict[AreaKey, int] = {sides.stored.columns.keys[row]: row for row in rows}
    return {
        code: row
        for (layer, code), row in keys.items()
        if layer == sides.layer and code not in touched
    }


def _columns(
    sides: LayerSides,
    parent: str,
    beside: Mapping[str, int],
    touched: Mapping[str, TouchedArea],
    *,
    is_after: bool,
) -> dict[str, Floats]:
    """Return measures of all areas under a parent on one side, those that can be told."""
    own = [each.after if is_after else each.before for each in touched.values()]
    facts = [each for each in own if each is not None and each.parent == parent]
    told = sides.known.before(sides.layer, list(beside))
    numbers = sides.after if is_after else sides.before
    found: dict[str, Floats] = {}
    for measure in MEASURES:
        if measure in _COUNTED:
            if sides.layer not in sides.region.with_beside:
                continue
            at = [numbers.areas.position_by_code[code] for code in beside]
            others = numbers.counts[measure][at]
        elif measure == "area_m2":
            others = sides.stored.columns.area_m2[list(beside.values())]
        else:
            others = np.array([told.get((measure, code), np.nan) for code in beside], dtype=float)
        found[measure] = np.concatenate([others, [_number(each, measure) for each in facts]])
    return found


def _number(facts: AreaFacts, measure: str) -> float:
    value = getattr(facts, measure)
    if isinstance(value, PersonCount):
        value = value.value
    return np.nan if value is None else float(value)


def _area_coverage(sides: LayerSides) -> tuple[Ratio, Ratio] | None:
    found = []
    for numbers in (sides.before, sides.after):
        if numbers.coverage is None:
            return None
        at = _touched_positions(sides, numbers)
        found.append(_ratio(numbers, int(numbers.coverage.is_covered[at].sum()), len(at)))
    return found[0], found[1]


def _unit_coverage(sides: LayerSides, most: UnitCover) -> tuple[Ratio, Ratio]:
    found = []
    for numbers in (sides.before, sides.after):
        cover = numbers.units.cover[_touched_positions(sides, numbers)]
        found.append(_ratio(numbers, int(cover[:, : most + 1].sum()), int(cover.sum())))
    return found[0], found[1]


def _touched_positions(sides: LayerSides, numbers: LayerNumbers) -> list[int]:
    codes = sides.redrawing.touched[sides.layer]
    at = numbers.areas.position_by_code
    return [at[code] for code in codes if code in at]


def _ratio(numbers: LayerNumbers, value: int, total: int) -> Ratio:
    return ratio(DatedCount(value, numbers.day), DatedCount(total, numbers.day))
