"""What lists of any kind have in common: cells by field, columns said by hand, rejected rows."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geo_service.errors import InvalidValue
from geo_service.governance.headings import Columns
from geo_service.governance.issue import RowError
from geo_service.layers.files import RowProblem, write_csv
from geo_service.layers.layer import Layer

Cells = Mapping[str, Any]


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


def cells_of(row: Cells | RowProblem, columns: Columns) -> Cells | RowError:
    """Return a row's cells by field, or why the row cannot be read."""
    if isinstance(row, RowProblem):
        return RowError("*", row.reason_zh, row.reason_en)
    return {name: row.get(heading) for name, heading in columns.heading_by_field.items()}


def layer_words(layers: Iterable[Layer]) -> dict[str, tuple[str, ...]]:
    """Return the words that a heading may call each layer by."""
    return {each.name: (each.name, each.title_zh, each.title_en) for each in layers}


def named_columns(
    given: Sequence[str], fields: Collection[str], *, example: str, where: str
) -> dict[str, str]:
    """Return field → heading of texts such as the example ``code=支部编号``.

    ``area:`` with a layer is a field beside the known ones.

    Raises
    ------
    InvalidValue
        A text of another form, or a field that is not known.
    """
    pairs = [text.partition("=") for text in given]
    if not all((name in fields or name.startswith("area:")) and h for name, _, h in pairs):
        known = [*fields, "area:…"]
        raise InvalidValue(
            where,
            f"字段=列名，如 {example}；字段有 {'、'.join(known)}",
            f"field=heading, such as {example}; the fields are {', '.join(known)}",
        )
    return {name: heading for name, _, heading in pairs}


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
