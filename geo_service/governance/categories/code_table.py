"""Code tables: kind (部件, 事件), two digits of the major, three of the minor, one row a minor.

Codes are texts, their zeros are part of them. A cell of a list of issues that holds a code finds
its category through aliases: 01003, 01/003 or 01-003 for a minor, 01 for its major. Where both
kinds use a major's code, the kind stands before it: 事件01003.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from geo_service.errors import InvalidValue, RefusedValue
from geo_service.governance.word import Word, names_by_word, word_key

KINDS = (
    Word("part", "部件", "part", ("管理部件", "城市部件", "部件类")),
    Word("event", "事件", "event", ("管理事件", "城市事件", "事件类")),
)
FIELDS = (
    "kind", "major_code", "major", "minor_code", "minor", "department", "statutory"
)  # fmt: skip
NEEDED = ("major_code", "major", "minor_code", "minor")
"""The fields without which a table says nothing."""

_TITLE_BY_KIND = {word.name: word.title_zh for word in KINDS}
_MAJOR, _MINOR = re.compile(r"\d{2}"), re.compile(r"\d{2,3}")
_YES = {"是", "√", "法定", "y", "yes", "1", "true"}
_LONGEST = 60


class CodeRow(NamedTuple):
    """One row of a table: where it stands, and what it says."""

    where: str
    kind: str
    major_code: str
    major: str
    minor_code: str
    minor: str
    department: str = ""
    statutory: bool = False


@dataclass(frozen=True)
class CodeTable:
    """What is told of a table as a whole.

    Minors of ``extension`` (codes, both included) are the city's own, beside those of the standard.
    """

    origin: str
    version: str
    extension: tuple[int, int] | None = None


def code_row(where: str, cells: Mapping[str, Any]) -> CodeRow:
    """Return what the cells of a row say, by field; ``where`` names the row.

    Raises
    ------
    InvalidValue
        A code that is no text of two or three digits, a name that is missing or longer than 60
        characters, a kind that is neither 部件 nor 事件.
    """
    major_code = _code(where, "大类代码", "major code", cells.get("major_code"), _MAJOR)
    minor_code = cells.get("minor_code")
    if isinstance(minor_code, str) and len(minor_code.strip()) > len("003"):
        minor_code = minor_code.strip().removeprefix(major_code)  # written as one: 01003
    kind = _text(cells.get("kind"))
    found = names_by_word(KINDS).get(word_key(kind)) if kind else ""
    if found is None:
        raise InvalidValue(f"{where} 类型", "部件 或 事件", "部件 (part) or 事件 (event)")
    return CodeRow(
        where,
        found,
        major_code,
        _name(where, "大类名称", "major name", cells.get("major")),
        _code(where, "小类代码", "minor code", minor_code, _MINOR),
        _name(where, "小类名称", "minor name", cells.get("minor")),
        _text(cells.get("department"))[:_LONGEST],
        _text(cells.get("statutory")).casefold() in _YES,
    )


def category_tables(rows: Iterable[CodeRow], table: CodeTable) -> list[dict[str, Any]]:
    """Return the ``categories`` of a profile, in the order of the rows.

    Raises
    ------
    RefusedValue
        A code that stands for two things, a name with two codes; names both rows.
    """
    listed = list(rows)
    _check_once(listed)
    majors = dict.fromkeys((row.kind, row.major_code, row.major) for row in listed)
    codes = Counter(code for _, code, _ in majors)
    names = Counter(word_key(name) for _, _, name in majors)
    tables = []
    for kind, code, name in majors:
        is_one = codes[code] == 1
        shown = name if names[word_key(name)] == 1 else f"{name}（{_TITLE_BY_KIND[kind]}）"
        entry: dict[str, Any] = {"name": shown, "code": code, "origin": "code_table", **_kind(kind)}
        entry["aliases"] = _aliases(kind, code, is_one=is_one)
        mine = [row for row in listed if (row.kind, row.major_code) == (kind, code)]
        entry["minors"] = [_minor(row, table, is_one=is_one) for row in mine]
        tables.append(entry)
    return tables


def _minor(row: CodeRow, table: CodeTable, *, is_one: bool) -> dict[str, Any]:
    first, last = table.extension or (1, 0)
    origin = "extension" if first <= int(row.minor_code) <= last else "code_table"
    entry: dict[str, Any] = {"name": row.minor, "code": row.minor_code, "origin": origin}
    if row.department:
        entry["department"] = row.department
    if row.statutory:
        entry["statutory"] = True
    spelled = [f"{row.major_code}{between}{row.minor_code}" for between in ("", "/", "-")]
    entry["aliases"] = [each for s in spelled for each in _aliases(row.kind, s, is_one=is_one)]
    return entry


def _aliases(kind: str, code: str, *, is_one: bool) -> list[str]:
    plain = [code] if is_one else []
    return [*plain, f"{_TITLE_BY_KIND[kind]}{code}"] if kind else plain


def _kind(kind: str) -> dict[str, str]:
    return {"kind": kind} if kind else {}


def _check_once(rows: Sequence[CodeRow]) -> None:
    """Refuse codes and names with two meanings; majors and minors apart."""
    seen: dict[tuple[str, ...], tuple[str, str]] = {}
    for row in rows:
        above = (row.kind, row.major_code)
        pairs: list[tuple[tuple[str, ...], str, str]] = [
            (("code", *above), row.major, row.major_code),
            (("name", row.kind, word_key(row.major)), row.major_code, row.major),
        ]
        for place, value, told in pairs:
            other, first = seen.setdefault(place, (value, row.where))
            if other != value:
                raise _twice(row.where, told, first)
        for key, told in ((row.minor_code, row.minor_code), (word_key(row.minor), row.minor)):
            _, earlier = seen.setdefault(("minor", *above, key), ("", row.where))
            if earlier != row.where:
                raise _twice(row.where, told, earlier)


def _twice(where: str, told: str, first: str) -> RefusedValue:
    return RefusedValue(
        where, f"“{told}”与 {first} 说法不一或重复", f"'{told}' contradicts or repeats {first}"
    )


def _code(where: str, zh: str, en: str, value: Any, pattern: re.Pattern[str]) -> str:
    text = value.strip() if isinstance(value, str) else ""
    if not (text.isascii() and pattern.fullmatch(text)):
        digits = "两位" if pattern is _MAJOR else "两位或三位"
        raise InvalidValue(
            f"{where} {zh}",
            f"文本格式的{digits}数字，前面的零不能少",
            f"a {en} as text, with its zeros: "
            + ("two digits" if pattern is _MAJOR else "two or three digits"),
        )
    return text


def _name(where: str, zh: str, en: str, value: Any) -> str:
    text = _text(value)
    if not 0 < len(text) <= _LONGEST:
        raise InvalidValue(
            f"{where} {zh}",
            f"1 到 {_LONGEST} 个字的名称",
            f"a {en} of 1 to {_LONGEST} characters",
        )
    return text


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()
