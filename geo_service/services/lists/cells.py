"""Rows of a list as cells by field, and columns that somebody said by hand."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from geo_service.errors import InvalidValue
from geo_service.governance.headings import Columns
from geo_service.governance.issue import RowError
from geo_service.layers.files import RowProblem
from geo_service.layers.layer import Layer

Cells = Mapping[str, Any]


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
