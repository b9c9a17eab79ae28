"""Code tables of categories: a file in, sections of a profile out. Nothing is stored."""

import re
from dataclasses import dataclass
from pathlib import Path

from geo_service.errors import EmptyInput, InvalidValue, MissingColumn, RefusedValue
from geo_service.governance.categories.code_table import (
    NEEDED,
    CodeRow,
    CodeTable,
    category_tables,
    code_row,
)
from geo_service.governance.categories.sections import profile_sections
from geo_service.governance.headings import code_table_columns
from geo_service.governance.profile import parse_profile
from geo_service.layers.files import RowProblem, read_rows

_RANGE = re.compile(r"(\d{2,3})-(\d{2,3})")
_FRAME = '[[layers]]\nname = "street"\n\n'
"""The least that makes a profile of categories."""


@dataclass(frozen=True)
class AskedTable:
    """What somebody says of a table; ``extension`` as 900-999."""

    origin: str
    version: str
    extension: str | None = None
    sheet: str | None = None


@dataclass(frozen=True)
class CategoryText:
    """The sections of a profile, and how many categories they hold."""

    text: str
    majors: int
    minors: int


def read_code_table(path: Path, asked: AskedTable) -> CategoryText:
    """Return a code table as the sections of a profile that a profile can hold.

    Raises
    ------
    MissingColumn, EmptyInput, InvalidValue, RefusedValue
        Naming the row and what is wrong with it.
    InvalidProfile
        Two of its words mean the same.
    """
    table = CodeTable(asked.origin, asked.version, _extension(asked.extension))
    categories = category_tables(_rows(path, asked.sheet), table)
    text = profile_sections(categories, table)
    parse_profile(_FRAME + text, file=path.name)
    return CategoryText(text, len(categories), sum(len(each["minors"]) for each in categories))


def _rows(path: Path, sheet: str | None) -> list[CodeRow]:
    rows = read_rows(path, sheet=sheet)
    columns = code_table_columns(rows.headings).heading_by_field
    missing = [field for field in NEEDED if field not in columns]
    if missing:
        raise MissingColumn(
            "、".join(missing), rows.headings, "大类代码,大类名称,小类代码,小类名称"
        )
    found = []
    for number, row in rows:
        where = f"{path.name} #{number}"
        if isinstance(row, RowProblem):
            raise RefusedValue(where, row.reason_zh, row.reason_en)
        found.append(code_row(where, {name: row[head] for name, head in columns.items()}))
    if not found:
        raise EmptyInput(where=path.name)
    return found


def _extension(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    match = _RANGE.fullmatch(text)
    if match is None or int(match[1]) > int(match[2]):
        raise InvalidValue(
            "--extension", "代码范围，如 900-999", "a range of codes such as 900-999"
        )
    return int(match[1]), int(match[2])
