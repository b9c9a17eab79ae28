"""Counts of one edition's areas stood on the areas of another."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from geo_service.layers.lineage.row import LineageRow

BASES = ("residents", "area")
"""What shares a count out: the residents that went over, or the ground."""

_SLACK = 1e-9
"""So much below a whole number is that number: shares are rounded."""


@dataclass(frozen=True)
class CarriedValue:
    """What an area of the other edition gets; ``value`` is None where nobody knows any of it.

    ``sources`` are the areas that it comes from with what each of them gave. ``missing`` are those
    that gave ground and have no value: then the sum lacks their part. ``is_estimated`` tells that
    a part was shared out by ground, since nobody knew who lives where.
    """

    code: str
    value: float | None
    sources: Sequence[tuple[str, float]]
    missing: Sequence[str]
    is_estimated: bool


@dataclass(frozen=True)
class Carried:
    """All of it, by code; ``to_nobody`` is what of each area's value no area has now.

    The values and what went to nobody sum to what was given.
    """

    values: Sequence[CarriedValue]
    to_nobody: Sequence[tuple[str, float]]


def carry(
    rows: Sequence[LineageRow],
    value_by_code: Mapping[str, float],
    *,
    basis: str = "residents",
    is_whole: bool = False,
) -> Carried:
    """Share the counts of old areas out among the new ones.

    Parameters
    ----------
    rows
        A whole crosswalk: of every area there was and is.
    value_by_code
        A count for each old area that is known; a rate or a density must not be shared out.
    basis
        One of BASES.
    is_whole
        Give whole numbers of persons or cases: each area's count goes by largest remainders, equal
        ones to the lower code, so that nothing is lost by rounding.
    """
    by_old: dict[str, list[LineageRow]] = defaultdict(list)
    for row in rows:
        if row.old_code in value_by_code:
            by_old[row.old_code or ""].append(row)
    given: dict[tuple[str, str | None], float] = {}
    for code, mine in by_old.items():
        shares = [_share(row, basis) for row in mine]
        parts = _parts(value_by_code[code], shares, is_whole=is_whole)
        given |= {(code, row.new_code): part for row, part in zip(mine, parts, strict=True)}
    return Carried(
        values=_values(rows, given, basis),
        to_nobody=[(old, part) for (old, new), part in given.items() if new is None and part],
    )


def _share(row: LineageRow, basis: str) -> float:
    share = row.residents_of_old if basis == "residents" else row.share_of_old
    return share or 0.0


def _values(
    rows: Sequence[LineageRow], given: Mapping[tuple[str, str | None], float], basis: str
) -> list[CarriedValue]:
    by_new: dict[str, list[LineageRow]] = defaultdict(list)
    for row in rows:
        if row.new_code is not None:
            by_new[row.new_code].append(row)
    return [_value(code, by_new[code], given, basis) for code in sorted(by_new)]


def _value(
    code: str,
    rows: Sequence[LineageRow],
    given: Mapping[tuple[str, str | None], float],
    basis: str,
) -> CarriedValue:
    parts = [(row.old_code, given.get((row.old_code or "", code))) for row in rows if row.old_code]
    sources = [(old, part) for old, part in parts if part is not None]
    is_estimated = basis == "residents" and any(
        row.is_old_estimated and given.get((row.old_code or "", code)) for row in rows
    )
    return CarriedValue(
        code,
        math.fsum(part for _, part in sources) if sources else None,
        [(old, part) for old, part in sources if part],
        [old for old, part in parts if part is None],
        is_estimated,
    )


def _parts(value: float, shares: Sequence[float], *, is_whole: bool) -> list[float]:
    exact = [value * share for share in shares]
    if not is_whole:
        return exact
    floors = [math.floor(each + _SLACK) for each in exact]
    left = round(value) - sum(floors)
    order = sorted(range(len(exact)), key=lambda i: floors[i] - exact[i])
    for i in order[:left]:
        floors[i] += 1
    return [float(each) for each in floors]
