"""One entry of a register as an office wrote it: read field by field, or refused with why."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from geo_service.governance.cell import (
    HALF_A_PLACE,
    NO_FRAME,
    RefusedCell,
    key_of,
    number_of,
    text_of,
)
from geo_service.governance.issue import RowError, check_place
from geo_service.governance.moment import SHANGHAI, day_start, epoch_s, read_moment
from geo_service.governance.organisations.register import (
    LIAISON,
    ORGANISATION,
    REGISTERS,
    Activity,
    Entry,
    Register,
    mode_of,
)
from geo_service.governance.organisations.rules import OrganisationRules
from geo_service.governance.word import Word, word_key

LONGEST_CODE = 100
LONGEST_TEXT = 500
MOST_AREAS = 200
_MOST_COUNT = 10_000_000
_MOST_RADIUS_M = 50_000
_FIRST_DAY, _LAST_DAY = date(1921, 7, 1), date(2199, 12, 31)
_MONTH = re.compile(r"(\d{4})[-/.年](\d{1,2})月?", re.ASCII)
_COUNTED = re.compile(r"\s*(\d+)\s*[人名个家]\s*")
_DAY_NUMBER = re.compile(r"\d{5}")
_NO_DAY = {"无", "暂无"}
_HALF_WIDTH = {0xFF01 + i: 0x21 + i for i in range(94)}
"""A code typed in full width, Ｄ００３, would be another organisation."""
_BETWEEN = re.compile(r"[、，,;；|\n]+")
_YES = {"是", "有", "已", "已派驻", "已选派", "true", "yes", "y", "1", "√", "✓"}
_NO = {"否", "无", "没有", "未", "未派驻", "未选派", "false", "no", "n", "0", "×", "x"}
_FEWER = re.compile(r"不足\d+人|<\d+", re.ASCII)
TOO_FEW_TOLD = -1
"""A count that says 不足3人 or <3, as we write small ones: the one that is known."""


def read_entry(
    register: str,
    cells: Mapping[str, Any],
    *,
    rules: OrganisationRules,
    layers: Sequence[str],
    now: datetime,
    default_frame: str | None = None,
) -> Entry | RowError:
    """Read one row whose cells are mapped to fields already.

    Parameters
    ----------
    cells
        Field → cell: those of the register, ``area`` or ``area:LAYER`` for the areas it stands
        for (of several layers the deepest one that is filled in), ``from`` for since when.
    layers
        The names of the profile's layers, parents before children.
    now
        With a zone; what has happened cannot lie after it.

    Returns
    -------
    Entry | RowError
        Codes of areas and organisations as written: whether they exist is not known here. A
        field that ``cells`` does not have is None.
    """
    row = _Row(REGISTERS[register], cells, rules, layers, now, default_frame)
    try:
        return row.entry()
    except RefusedCell as refused:
        return RowError(row.field, refused.zh, refused.en)


def read_activity(
    cells: Mapping[str, Any], *, rules: OrganisationRules, now: datetime
) -> Activity | RowError:
    """Read one row of a list of activities; without a kind it is one that proves life."""
    row = _Row(ORGANISATION, cells, rules, (), now, None)
    try:
        return row.activity()
    except RefusedCell as refused:
        return RowError(row.field, refused.zh, refused.en)


def day_of(cell: Any, *, latest: date = _LAST_DAY) -> int | None:
    """Return the midnight in Asia/Shanghai, seconds since 1970, of a cell's day; None for none.

    ``2016.09`` and ``2016年9月`` are the first of that month, and 20160930 is a day as a number,
    too. The day number of a spreadsheet is refused: which day it means hangs on the workbook.

    Raises
    ------
    RefusedCell
        It is no day, lies before 1921-07-01 or after ``latest``.
    """
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = text_of(cell, longest=LONGEST_CODE)
    if text is None or text in _NO_DAY:
        return None
    if isinstance(cell, float):
        raise RefusedCell(
            "表格软件把年月当成了小数，2016.10 与 2016.1 分不清：请写成 2016-10",
            "a spreadsheet made a decimal of a month, 2016.10 or 2016.1: write 2016-10",
        )
    try:
        found = _day(cell if isinstance(cell, date) else text)
    except ValueError:
        raise _no_day(text) from None
    if found < _FIRST_DAY:
        raise RefusedCell("早于 1921-07-01", "before 1921-07-01")
    if found > latest:
        raise RefusedCell("在将来", "in the future")
    return epoch_s(day_start(found))


def _day(cell: str | date) -> date:
    month = _MONTH.fullmatch(cell) if isinstance(cell, str) else None
    if month:
        return date(int(month[1]), int(month[2]), 1)
    return read_moment(cell).astimezone(SHANGHAI).date()


def _no_day(text: str) -> RefusedCell:
    if _DAY_NUMBER.fullmatch(text):
        return RefusedCell(
            "像是表格软件的日期序号（五位数）：请把这一列设为日期格式后重新保存",
            "looks like a spreadsheet's day number: format the column as dates and save it again",
        )
    return RefusedCell("不是能识别的日期（如 2026-01-05）", "not a date such as 2026-01-05")


class _Row:
    """One row being read; ``field`` is the one at hand, for the error."""

    def __init__(
        self,
        register: Register,
        cells: Mapping[str, Any],
        rules: OrganisationRules,
        layers: Sequence[str],
        now: datetime,
        default_frame: str | None,
    ) -> None:
        self.field = ""
        self._register = register
        self._cells = cells
        self._rules = rules
        self._layers = layers
        self._today = (now.astimezone(UTC) + timedelta(hours=8)).date()
        self._default_frame = default_frame
        self._readers: Mapping[str, Callable[[Any], Any]] = {
            "text": lambda cell: text_of(cell, longest=LONGEST_TEXT),
            "code": lambda cell: key_of(cell, longest=LONGEST_CODE),
            "day": day_of,
            "past_day": lambda cell: day_of(cell, latest=self._today),
            "count": _count,
            "flag": _flag,
            "meters": _meters,
            "mode": _mode,
        }

    def entry(self) -> Entry:
        layer, areas = self._areas()
        x, y, source_frame = self._place()
        code = self._code(layer, areas)
        name, kind = self._name(code), self._kind()
        founded_s = self._detail("founded", "day")
        dissolved_s = self._read("dissolved", "day")
        details = {field: self._detail(field, how) for field, how in self._register.details.items()}
        return Entry(
            register=self._register.name,
            code=code,
            name=name,
            kind=kind,
            from_s=self._read("from", "day"),
            layer=layer,
            areas=areas,
            x=x,
            y=y,
            source_frame=source_frame,
            founded_s=founded_s,
            dissolved_s=dissolved_s,
            details={field: value for field, value in details.items() if value is not None},
        )

    def activity(self) -> Activity:
        organisation = self._needed("organisation", "code")
        self.field = "kind"
        word = text_of(self._cells.get("kind"), longest=LONGEST_TEXT)
        kind = self._rules.kind_of("activity", word) if word else self._proof_of_life()
        if kind is None:
            raise _unknown_kind(self._rules.activity_kinds)
        return Activity(organisation, kind, self._needed("held_on", "past_day"))

    def _proof_of_life(self) -> str | None:
        return next((kind.name for kind in self._rules.activity_kinds if kind.proves_life), None)

    def _read(self, field: str, how: str) -> Any:
        self.field = field
        return self._readers[how](self._cells.get(field))

    def _detail(self, field: str, how: str) -> Any:
        read = self._needed if field in self._register.needed else self._read
        return read(field, how)

    def _needed(self, field: str, how: str) -> Any:
        found = self._read(field, how)
        if found is None:
            raise RefusedCell("没有填写", "is missing")
        return found

    def _code(self, layer: str | None, areas: tuple[str, ...]) -> str:
        if self._register is not LIAISON:
            found: str = self._needed("code", "code")
            return found.translate(_HALF_WIDTH)
        told = self._read("code", "code")
        self.field = "area"
        if not areas:
            raise RefusedCell("没有填写", "is missing")
        return told or f"{layer}/{areas[0]}"

    def _name(self, code: str) -> str:
        read = self._needed if "name" in self._register.needed else self._read
        return read("name", "text") or code

    def _kind(self) -> str:
        if self._register is LIAISON:
            return ""
        word: str = self._needed("kind", "text")
        if not self._rules.kinds(self._register.name):
            return word
        found = self._rules.kind_of(self._register.name, word)
        if found is None:
            raise _unknown_kind(self._rules.kinds(self._register.name))
        return found

    def _areas(self) -> tuple[str | None, tuple[str, ...]]:
        self.field = "layer"
        layer = text_of(self._cells.get("layer"), longest=LONGEST_CODE)
        self.field = "area"
        codes = self._codes("area")
        if codes:
            if layer is None:
                self.field = "layer"
                raise RefusedCell("有区域编码却没有图层", "codes of areas without their layer")
            return layer, codes
        for name in reversed(self._layers):
            if codes := self._codes(f"area:{name}"):
                return name, codes
        return layer, ()

    def _codes(self, field: str) -> tuple[str, ...]:
        cell = self._cells.get(field)
        if isinstance(cell, list | tuple):
            found = [key_of(each, longest=LONGEST_CODE) for each in cell]
        else:
            text = key_of(cell, longest=MOST_AREAS * LONGEST_CODE)
            parts = _BETWEEN.split(text) if text else []
            found = [key_of(part, longest=LONGEST_CODE) for part in parts]
        codes = tuple(dict.fromkeys(code for code in found if code))
        if len(codes) > (MOST_AREAS if self._register.many_areas else 1):
            raise RefusedCell("填写的区域过多", "names too many areas")
        return codes

    def _place(self) -> tuple[float | None, float | None, str | None]:
        x, y = self._number("x"), self._number("y")
        if x is None and y is None:
            return None, None, None
        if x is None or y is None:
            self.field = "x" if x is None else "y"
            raise RefusedCell(*HALF_A_PLACE)
        self.field = "frame"
        source_frame = text_of(self._cells.get("frame"), longest=60) or self._default_frame
        if source_frame is None:
            raise RefusedCell(*NO_FRAME)
        self.field = "x, y"
        check_place(x, y, source_frame)
        return x, y, source_frame

    def _number(self, field: str) -> float | None:
        self.field = field
        return number_of(self._cells.get(field))


def _count(cell: Any) -> int | None:
    if isinstance(cell, str) and _FEWER.fullmatch(cell.strip()):
        return TOO_FEW_TOLD
    counted = _COUNTED.fullmatch(cell) if isinstance(cell, str) else None
    try:
        number = number_of(counted[1] if counted else cell)
    except RefusedCell:
        raise _no_count() from None
    if number is None:
        return None
    if not number.is_integer() or not 0 <= number <= _MOST_COUNT:
        raise _no_count()
    return int(number)


def _no_count() -> RefusedCell:
    return RefusedCell(
        "应为不小于 0 的整数：没有的写 0，不清楚的留空",
        "must be a whole number, 0 or more: write 0 for none, leave it empty where unknown",
    )


def _meters(cell: Any) -> float | None:
    number = number_of(cell)
    if number is not None and not 0 < number <= _MOST_RADIUS_M:
        raise RefusedCell(
            f"应大于 0 且不超过 {_MOST_RADIUS_M} 米",
            f"must be above 0 and at most {_MOST_RADIUS_M} m",
        )
    return number


def _flag(cell: Any) -> bool | None:
    if cell is None or isinstance(cell, bool):
        return cell
    word = key_of(cell, longest=LONGEST_TEXT)  # a column with gaps makes 1.0 of 1
    if word is None:
        return None
    key = word_key(word)
    if key in _YES or key in _NO:
        return key in _YES
    raise RefusedCell("应为“是”或“否”", "must be yes or no")


def _mode(cell: Any) -> str | None:
    word = text_of(cell, longest=LONGEST_TEXT)
    if word is None:
        return None
    found = mode_of(word)
    if found is None:
        raise RefusedCell(
            "组建方式应为单独、联合、挂靠、临时、功能型之一",
            "must be own, joint, attached, temporary or functional",
        )
    return found


def _unknown_kind(kinds: Sequence[Word]) -> RefusedCell:
    zh, en = "、".join(each.title_zh for each in kinds), ", ".join(each.name for each in kinds)
    return RefusedCell(
        f"类别不在配置里（有：{zh}）：请改写，或在配置中为某一类加别名",
        f"the profile has no such kind (it has: {en}): write one, or add it to the aliases of one",
    )
