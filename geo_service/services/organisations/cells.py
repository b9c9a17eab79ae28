"""An entry as cells, as a list or a request would tell it, and as the world may see it."""

import time
from collections.abc import Mapping
from typing import Any

from geo_service.governance.organisations.register import REGISTERS, Entry
from geo_service.governance.organisations.rules import CoverageLimits
from geo_service.governance.organisations.suppression import SmallCounts

_AHEAD_S = 8 * 3600
_DAYS = {"day", "past_day"}
MEMBERS = frozenset({"members", "full_members"})
"""Counts that are told from ``least_members`` on."""
PERSONS = frozenset({"staff", "staff_members", "registered_members"})
"""Counts of persons that are told from ``least_cell`` on."""


def day_text(seconds: int | None) -> str | None:
    """Return a day in Asia/Shanghai as 2026-11-21."""
    if seconds is None:
        return None
    # time.gmtime knows no year before 1970 on some systems' C libraries; ours are after 1921
    return time.strftime("%Y-%m-%d", time.gmtime(seconds + _AHEAD_S))


def entry_cells(entry: Entry) -> dict[str, Any]:
    """Return what was told of an entry, by field, as it can be told again; empty fields too."""
    kinds = REGISTERS[entry.register].details
    told: dict[str, Any] = {
        "code": entry.code,
        "name": entry.name,
        "kind": entry.kind or None,
        "layer": entry.layer,
        "area": list(entry.areas),
        "x": entry.x,
        "y": entry.y,
        "frame": entry.source_frame,
        "founded": day_text(entry.founded_s),
        "dissolved": day_text(entry.dissolved_s),
    }
    for field, kind in kinds.items():
        value = entry.details.get(field)
        told[field] = day_text(value) if kind in _DAYS else value
    return told


def shown_cells(entry: Entry, limits: CoverageLimits) -> dict[str, Any]:
    """Return the same as anybody may see it: a small count of persons is a text such as ``<3``.

    Told again, such a text leaves the count as it is known.
    """
    told = entry_cells(entry)
    for field in told.keys() & (MEMBERS | PERSONS):
        small = small_counts(field, limits)
        if told[field] is not None and small.lowest <= told[field] <= small.highest:
            told[field] = f"<{small.highest + 1}"
    return told


def small_counts(field: str, limits: CoverageLimits) -> SmallCounts:
    """Return which counts of persons in a field are not told."""
    if field in MEMBERS:
        return SmallCounts(0, limits.least_members - 1)
    return SmallCounts(1, limits.least_cell - 1)


def shown_text(told: Mapping[str, Any], field: str, language: str) -> Any:
    """Return a cell for tables: 不足3人 where ``shown_cells`` says ``<3``."""
    value = told[field]
    return count_text(value, language) if field in MEMBERS | PERSONS else value


def count_text(told: int | str | None, language: str) -> int | str | None:
    """Return what is told of a count of persons as tables and pages print it; None for nothing."""
    if language == "en" or not isinstance(told, str) or not told.startswith("<"):
        return told
    return f"不足{told[1:]}人"
