"""How a sheet differs from the one that it corrects."""

from collections.abc import Mapping
from typing import Any

from geo_service.services.sheets.figures import COUNTS, RATES

_MOMENTS = ("known_at", "data_until", "notes")
"""What is another with every drawing, whatever the figures say."""


def is_same(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Tell whether two sheets tell the same figures."""
    return _told(old) == _told(new)


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return each figure that is another: of all areas together first (``code`` None)."""
    found = []
    by_code = {line["code"]: line for line in (old["total"], *old["rows"])}
    for line in (new["total"], *new["rows"]):
        before = by_code.get(line["code"])
        named = {"code": line["code"], "name": line["name"]}
        for figure, was, now in _pairs(before or {"rates": {}}, line):
            if was != now:
                is_count = isinstance(was, int) and isinstance(now, int)
                change = now - was if is_count else None
                found.append({**named, "figure": figure, "was": was, "is": now, "change": change})
    return found


def _told(figures: Mapping[str, Any]) -> dict[str, Any]:
    left_out = (
        *_MOMENTS,
        "number",
        "corrects",
        "differences",
        "signed_by",
        "language",
        "narrowed_title",
    )
    rows = [figures["total"], *figures["rows"]]
    judged = {"open_age_days", "missed"}
    counted = [{name: value for name, value in row.items() if name not in judged} for row in rows]
    others = {"rows", "total", *left_out, "layer_title", "title", "definitions", "indicators"}
    return {"rows": counted} | {k: v for k, v in figures.items() if k not in others}


def _pairs(before: Mapping[str, Any], line: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    counts = [(name, before.get(name), line[name]) for name in COUNTS]
    rates = [
        (name, before["rates"].get(name, {}).get("percent"), line["rates"][name]["percent"])
        for name in RATES
    ]
    return counts + rates
