"""The lineage of a layer: from the areas before and after to shares of ground and of residents."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from geo_service.layers.area import AreaSet
from geo_service.layers.frames import area_m2
from geo_service.layers.lineage.ground import Key, changed_ground
from geo_service.layers.lineage.residents import NO_DWELLINGS, Dwellings, with_residents
from geo_service.layers.lineage.row import LineageRow

_WHOLE = 1.0 - 1e-9


def lineage(
    layer: str, before: AreaSet, after: AreaSet, *, dwellings: Dwellings = NO_DWELLINGS
) -> list[LineageRow]:
    """Return where the ground of a layer's areas went, ordered by old code, then by new code.

    Only areas that changed are told: an area with another outline on the ground, one that came or
    went, or one with another name alone. All others are their own heirs with a share of 1.

    Parameters
    ----------
    before, after
        The layer in two editions, EPSG:4490 degrees; areas that are the same in both may be left
        out of both. Lines have no ground: of a line layer, names alone are told.
    dwellings
        Who lives where; what lies elsewhere does no harm.

    Notes
    -----
    Ground is measured on the ellipsoid, see `area_m2`. Hairs of less than a millimetre, which are
    left where borders were rounded, count for neither side; shares are of what is left, so that
    they sum to 1.
    """
    ground = changed_ground(before, after)
    rows = _rows(layer, ground.pieces_m2, set(before.codes), set(after.codes))
    rows = with_residents(rows, ground, dwellings)
    told = {row.old_code for row in rows}
    renamed = [
        code
        for code, name in zip(before.codes, before.names, strict=True)
        if code not in told and name != _name(after, code, name)
    ]
    return sorted([*rows, *_standing(layer, after, renamed, "renamed")], key=_order)


def crosswalk(
    layer: str, before: AreaSet, after: AreaSet, *, dwellings: Dwellings = NO_DWELLINGS
) -> list[LineageRow]:
    """Return the same for every area: those that stayed as they were are ``unchanged``.

    Parameters are those of `lineage`, but that both sets must be whole.
    """
    rows = lineage(layer, before, after, dwellings=dwellings)
    told = {row.old_code for row in rows}
    stayed = [code for code in before.codes if code not in told and code in after.position_by_code]
    return sorted([*rows, *_standing(layer, after, stayed, "unchanged")], key=_order)


def _rows(
    layer: str, pieces_m2: Mapping[Key, float], old_codes: set[str], new_codes: set[str]
) -> list[LineageRow]:
    of_old: dict[str | None, float] = defaultdict(float)
    of_new: dict[str | None, float] = defaultdict(float)
    for (old, new), m2 in pieces_m2.items():
        of_old[old] += m2
        of_new[new] += m2
    found = []
    for (old, new), m2 in pieces_m2.items():
        old_share = None if old is None else m2 / of_old[old]
        new_share = None if new is None else m2 / of_new[new]
        row = LineageRow(layer, old, new, "", m2, old_share, new_share, old_share, new_share)
        found.append(replace(row, kind=_kind(row, old_codes, new_codes)))
    return found


def _kind(row: LineageRow, old_codes: set[str], new_codes: set[str]) -> str:
    is_whole_old = (row.share_of_old or 0.0) > _WHOLE
    is_whole_new = (row.share_of_new or 0.0) > _WHOLE
    is_gone, is_new = row.old_code not in new_codes, row.new_code not in old_codes
    if row.new_code is None:
        return "retired" if is_gone and is_whole_old else "left"
    if row.old_code is None:
        return "new" if is_new and is_whole_new else "gained"
    if row.old_code == row.new_code:
        return "resized"
    if is_gone and is_new and is_whole_old and is_whole_new:
        return "recoded"
    if is_new and is_whole_new:
        return "split"
    return "merged" if is_gone and is_whole_old else "ceded"


def _name(areas: AreaSet, code: str, otherwise: str) -> str:
    at = areas.position_by_code.get(code)
    return otherwise if at is None else areas.names[at]


def _standing(layer: str, after: AreaSet, codes: Iterable[str], kind: str) -> list[LineageRow]:
    listed = list(codes)
    found = after.take([after.position_by_code[code] for code in listed])
    return [
        LineageRow(layer, code, code, kind, m2, 1.0, 1.0, 1.0, 1.0)
        for code, m2 in zip(listed, area_m2(found.geometries).tolist(), strict=True)
    ]


def _order(row: LineageRow) -> tuple[bool, str, bool, str]:
    old, new = row.old_code, row.new_code
    return old is None, old or "", new is None, new or ""
