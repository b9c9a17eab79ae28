"""Lineages: shares of each area sum to 1, and the areas they name live in both editions."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from geo_service.layers.lineage import KINDS, LineageRow
from geo_service.services.verification.findings import CheckReport, Words
from geo_service.services.verification.houses import House
from geo_service.storage import lineages, verification_rows

_TOLERANCE = 1e-9
_OLD: Words = ("原区域", "old area")
_NEW: Words = ("新区域", "new area")
_GROUND: Words = ("面积", "ground")
_RESIDENTS: Words = ("居民", "residents")

_Row = tuple[int, int, int, LineageRow]
"""Number of the row, edition, the one before it, and what it tells."""


def check_lineages(house: House, report: CheckReport) -> None:
    """Check the rows of every edition that has any."""
    lives = _lives(house)
    numbers = {row.number for row in house.rows}
    for _, group in groupby(lineages.stored_rows(house.connection), itemgetter(1)):
        rows = list(group)
        report.cover(lineage_rows=len(rows))
        for row in rows:
            _check_row(row, numbers, lives, report)
        for where, facts in _odd_sums(rows):
            report.add("lineage_sum", where, **facts)


def _lives(house: House) -> dict[tuple[str, str], list[tuple[int, int]]]:
    lives: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for row in verification_rows.area_lives(house.connection):
        last = len(house.rows) if row.last_edition is None else row.last_edition
        lives[row.layer, row.code].append((row.first_edition, last))
    return lives


def _check_row(
    found: _Row,
    numbers: set[int],
    lives: dict[tuple[str, str], list[tuple[int, int]]],
    report: CheckReport,
) -> None:
    row_id, edition, before, row = found
    where = _where(found)
    reason = _reason(row)
    if before >= edition or before not in numbers:
        reason = ("对照的版本不在它之前", "it is compared with no earlier edition")
    if reason is not None:
        report.add("lineage_row", {**where, "id": row_id}, reason=reason)
    for code, number, side in ((row.old_code, before, _OLD), (row.new_code, edition, _NEW)):
        ranges = lives.get((row.layer, code or ""), [])
        if code is not None and not any(first <= number <= last for first, last in ranges):
            named = {**where, "id": row_id, "layer": row.layer, "code": code}
            report.add("lineage_area", named, side=side, number=number)


def _reason(row: LineageRow) -> Words | None:
    if row.kind not in KINDS:
        return "没有这种变化", "there is no such kind"
    if row.old_code is None and row.new_code is None:
        return "两边都没有区域", "no area on either side"
    sides = (
        (row.old_code, row.share_of_old, row.residents_of_old),
        (row.new_code, row.share_of_new, row.residents_of_new),
    )
    for code, *shares in sides:
        if any((share is None) != (code is None) for share in shares):
            return "占比与区域不相配", "a share without an area, or an area without"
        if any(share is not None and not 0.0 <= share <= 1.0 + _TOLERANCE for share in shares):
            return "占比不在 0 与 1 之间", "a share that is not between 0 and 1"
    return None


def _odd_sums(rows: Sequence[_Row]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    sums: dict[tuple[str, str, Words, Words], float] = defaultdict(float)
    for _, _, _, row in rows:
        if row.old_code is not None:
            sums[row.layer, row.old_code, _OLD, _GROUND] += row.share_of_old or 0.0
            sums[row.layer, row.old_code, _OLD, _RESIDENTS] += row.residents_of_old or 0.0
        if row.new_code is not None:
            sums[row.layer, row.new_code, _NEW, _GROUND] += row.share_of_new or 0.0
            sums[row.layer, row.new_code, _NEW, _RESIDENTS] += row.residents_of_new or 0.0
    for (layer, code, side, what), total in sums.items():
        if abs(total - 1.0) > _TOLERANCE:
            where = {**_where(rows[0]), "layer": layer, "code": code}
            yield where, {"side": side, "what": what, "total": f"{total:.9f}"}


def _where(found: _Row) -> dict[str, Any]:
    return {"table": "lineage", "edition": found[1]}
