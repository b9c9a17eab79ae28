"""Rows of a list that were not taken, and how they are told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geo_service.governance.issue import RowError
from geo_service.layers.files import write_csv


@dataclass(frozen=True)
class Rejection:
    """One row that was not taken: its number, the field and the reason, never the cell."""

    row: int
    field: str
    reason_zh: str
    reason_en: str

    @classmethod
    def of(cls, row: int, error: RowError) -> "Rejection":
        """Return why the row of a number was not taken."""
        return cls(row, error.field, error.reason_zh, error.reason_en)


def rejections_of(outcomes: Iterable[tuple[int, object]]) -> list[Rejection]:
    """Return the rejected ones of rows that come with their numbers."""
    return [Rejection.of(number, each) for number, each in outcomes if isinstance(each, RowError)]


def write_rejected(
    path: Path, rejections: Sequence[Rejection], headings: Mapping[str, str] | None = None
) -> None:
    """Write rejected rows as CSV: row number, field, reason in both languages.

    With the ``headings`` of fields each row names its column too.
    """
    columns: dict[str, list[Any]] = {
        "行号 row": [each.row for each in rejections],
        "字段 field": [each.field for each in rejections],
    }
    if headings is not None:
        columns["列名 column"] = [headings.get(each.field) for each in rejections]
    columns["原因"] = [each.reason_zh for each in rejections]
    columns["reason"] = [each.reason_en for each in rejections]
    write_csv(path, headings=list(columns), rows=zip(*columns.values(), strict=True))


def rejections_json(rejections: Sequence[Rejection], *, listed: int) -> dict[str, Any]:
    """Return the first ``listed`` rejections as values that JSON can hold, and how many more."""
    return {
        "rejections": [
            {"row": r.row, "field": r.field, "reason": {"zh": r.reason_zh, "en": r.reason_en}}
            for r in rejections[:listed]
        ],
        "rejections_left_out": len(rejections[listed:]),
    }
