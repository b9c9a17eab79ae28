"""An issue as it was reported: read from cells, compared, fingerprinted."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from geo_service.governance.cell import (
    HALF_A_PLACE,
    NO_FRAME,
    RefusedCell,
    key_of,
    moment_of,
    number_of,
    text_of,
)
from geo_service.governance.handling.listed import answer_of, condition_of
from geo_service.governance.moment import iso_text
from geo_service.governance.profile import Profile

OPEN, CLOSED = "open", "closed"

LONGEST = {
    "source": 60,
    "external_id": 200,
    "request_type": 60,
    "category_major": 100,
    "category_minor": 100,
    "frame": 60,
    "status": 60,
    "title": 500,
    "address": 500,
    "description": 20_000,
}
"""Characters that a text may have."""

_WORDS = {"source", "request_type", "category_major", "category_minor", "frame", "status"}
"""Fields in which a list says few words many times."""
_LONGEST_WORD = 60

ACCURACY_LIMIT_M = 5_000.0
FRAMES_IN_DEGREES = {"GCJ02", "BD09", "EPSG:4490", "EPSG:4326", "EPSG:4610", "EPSG:4214"}
"""Frames whose x and y are plainly degrees; others are checked where they are converted."""

LON_LIMIT, LAT_LIMIT = 180.0, 90.0


class IssueReport(NamedTuple):
    """One reported matter as its source tells it.

    ``x`` and ``y`` are as reported, in ``source_frame`` (x is longitude or easting); all three are
    None when no coordinates came along. Times are UTC, whole seconds. A category that is None is
    unclassified; one the profile does not know stands as it was written. ``closed_at`` is None for
    an open issue, and for a closed one whose closing time nobody wrote down. ``condition`` is how
    pressing it is, by the name of one of the profile's; ``responded``, ``resolved`` and
    ``satisfaction`` are answers of a follow-up (``handling.listed``). What is None of these four
    was not told, and takes nothing back.
    """

    source: str
    external_id: str
    reported_at: datetime
    request_type: str | None = None
    category_major: str | None = None
    category_minor: str | None = None
    x: float | None = None
    y: float | None = None
    source_frame: str | None = None
    accuracy_m: float | None = None
    status: str = OPEN
    closed_at: datetime | None = None
    title: str | None = None
    description: str | None = None
    address: str | None = None
    condition: str | None = None
    responded: str | None = None
    resolved: str | None = None
    satisfaction: str | None = None

    @property
    def values(self) -> dict[str, Any]:
        """The fields as plain values for JSON, in their order; times as ISO 8601 in UTC."""
        values = self._asdict()
        values["reported_at"] = iso_text(self.reported_at)
        if self.closed_at:
            values["closed_at"] = iso_text(self.closed_at)
        return values


@dataclass(frozen=True)
class RowError:
    """Why a row cannot be read: the field and the reason, of cells only what stands for a word."""

    field: str
    reason_zh: str
    reason_en: str


def read_report(
    cells: Mapping[str, Any],
    *,
    profile: Profile,
    now: datetime,
    default_source: str | None,
    default_frame: str | None,
) -> IssueReport | RowError:
    """Read one row whose cells are mapped to fields already.

    Parameters
    ----------
    cells
        Field → cell: text, numbers, or dates and times of a spreadsheet. Fields are those of
        IssueReport, with ``frame`` for ``source_frame``; others are not looked at.
    profile
        Knows the office's words for sources, request types, statuses and categories.
    now
        With a zone; a time more than a day later is refused.
    default_source, default_frame
        For rows that name none.

    Returns
    -------
    IssueReport | RowError
        A row without coordinates is a report, and stays unassigned. Unknown sources and statuses
        are errors, since keys and open counts hang on them; unknown request types and categories
        are kept as written. Words of a follow-up and of how pressing it is are errors where nobody
        knows them. Without a status, a closing time means closed. An open row's closing
        time is that of an earlier closing and is left out.
    """
    return Row(cells, profile, now, default_source, default_frame).report_or_reason()


def content_hash(report: IssueReport) -> str:
    """Return the SHA-256 (hexadecimal) of everything a report says.

    Of a JSON list of its values, floats as Python writes them, times as ISO 8601 in UTC; the four
    that lists may tell beside are left out where none of them is told.
    """
    told = report if any(report[_BESIDE:]) else report[:_BESIDE]
    return hashlib.sha256(_JSON.encode(told).encode()).hexdigest()


def tells_beside(report: IssueReport) -> bool:
    """Return whether a report tells any of the four fields that no column is kept of."""
    return report[_BESIDE:].count(None) < len(TOLD_BESIDE)


def changed_fields(old: IssueReport, new: IssueReport) -> list[str]:
    """Return the names of the fields that differ, in their order."""
    if old == new:
        return []
    both = zip(IssueReport._fields, old, new, strict=True)
    return [name for name, before, after in both if before != after]


TOLD_BESIDE = ("condition", "responded", "resolved", "satisfaction")
"""The fields that no column is kept of: what was told last of them stands in the newest state."""
_BESIDE = IssueReport._fields.index(TOLD_BESIDE[0])

_JSON = json.JSONEncoder(ensure_ascii=False, check_circular=False, default=iso_text)


@lru_cache(maxsize=4096)
def _word_of(cell: str, longest: int) -> str | None:
    """Return the text of a cell that many rows hold."""
    return text_of(cell, longest=longest)


class Row:
    """One row being read; ``field`` is the one at hand, for the error.

    Every reading raises RefusedCell where a cell cannot be read.
    """

    def __init__(
        self,
        cells: Mapping[str, Any],
        profile: Profile,
        now: datetime,
        default_source: str | None,
        default_frame: str | None,
    ) -> None:
        self.field = ""
        self._cells = cells
        self._profile = profile
        self._now = now
        self._default_source = default_source
        self._default_frame = default_frame

    def report_or_reason(self) -> IssueReport | RowError:
        """Return what the row reports, or why it cannot be read."""
        try:
            return self._report()
        except RefusedCell as refused:
            return RowError(self.field, refused.zh, refused.en)

    def _report(self) -> IssueReport:
        source, external_id = self.source(), self.external_id()
        reported_at = self.reported_at()
        x, y, source_frame = self._place()
        status, closed_at = self._closing(reported_at)
        major, minor = self.category()
        return IssueReport(
            source=source,
            external_id=external_id,
            reported_at=reported_at,
            request_type=self.request_type(),
            category_major=major,
            category_minor=minor,
            x=x,
            y=y,
            source_frame=source_frame,
            accuracy_m=self.accuracy_m(),
            status=status,
            closed_at=closed_at,
            title=self._text("title"),
            description=self._text("description"),
            address=self._text("address"),
            condition=self.condition(),
            responded=self.answer("responded"),
            resolved=self.answer("resolved"),
            satisfaction=self.answer("satisfaction"),
        )

    def category(self) -> tuple[str | None, str | None]:
        """Return the names of major and minor."""
        major, minor = self._text("category_major"), self._text("category_minor")
        return self._profile.category_of(major, minor)

    def condition(self) -> str | None:
        """Return how pressing the issue is."""
        self.field = "condition"
        cell = self._cells.get("condition")
        return None if cell is None else condition_of(cell, self._profile.workflow.conditions)

    def answer(self, field: str) -> str | None:
        """Return an answer of a follow-up."""
        self.field = field
        cell = self._cells.get(field)
        return None if cell is None else answer_of(field, cell)

    def _text(self, field: str) -> str | None:
        self.field = field
        cell = self._cells.get(field)
        if cell is None:
            return None
        if field in _WORDS and type(cell) is str and len(cell) <= _LONGEST_WORD:
            return _word_of(cell, LONGEST[field])
        return text_of(cell, longest=LONGEST[field])

    def _number(self, field: str) -> float | None:
        self.field = field
        return number_of(self._cells.get(field))

    def _moment(self, field: str) -> datetime | None:
        self.field = field
        return moment_of(self._cells.get(field), now=self._now)

    def source(self) -> str:
        """Return the name of the source."""
        word = self._text("source") or self._default_source
        if word is None:
            raise RefusedCell("没有来源：请指定默认来源", "no source: name a default one")
        known = self._profile.source_of(word)
        if known is None:
            raise RefusedCell(
                "来源不在配置的 sources 里：请在配置中为它加别名",
                "the profile has no such source: add it to the aliases of one",
            )
        return known

    def external_id(self) -> str:
        """Return the number that its source gave it."""
        self.field = "external_id"
        found = key_of(self._cells.get("external_id"), longest=LONGEST["external_id"])
        if found is None:
            raise RefusedCell("没有编号", "no number of its own")
        return found

    def reported_at(self) -> datetime:
        """Return when it was reported."""
        found = self._moment("reported_at")
        if found is None:
            raise RefusedCell("没有上报时间", "no time of report")
        return found

    def request_type(self) -> str | None:
        """Return the name of the request type, the word itself where nobody knows it."""
        word = self._text("request_type")
        return word and (self._profile.request_type_of(word) or word)

    def accuracy_m(self) -> float | None:
        """Return the radius of its circle of accuracy."""
        accuracy_m = self._number("accuracy_m")
        if accuracy_m is not None and not 0 <= accuracy_m <= ACCURACY_LIMIT_M:
            raise RefusedCell(
                f"应在 0 到 {ACCURACY_LIMIT_M:.0f} 米之间",
                f"must be from 0 to {ACCURACY_LIMIT_M:.0f} meters",
            )
        return accuracy_m

    def _place(self) -> tuple[float | None, float | None, str | None]:
        x, y = self._number("x"), self._number("y")
        if x is None and y is None:
            return None, None, None
        if x is None or y is None:
            self.field = "x" if x is None else "y"
            raise RefusedCell(*HALF_A_PLACE)
        source_frame = self.frame()
        if source_frame is None:
            raise RefusedCell(*NO_FRAME)
        self.field = "x, y"
        check_place(x, y, source_frame)
        return x, y, source_frame

    def frame(self) -> str | None:
        """Return the frame that its coordinates would have; None where nobody says."""
        return self._text("frame") or self._default_frame

    def status(self) -> str | None:
        """Return the status that it tells; None where it tells none."""
        word = self._text("status")
        status = self._profile.status_of(word) if word else None
        if word and status is None:
            raise RefusedCell(
                "状态不在配置的 statuses 里：请在配置中写明它算在办还是办结",
                "the profile has no such status: say there whether it is open or closed",
            )
        return status

    def _closing(self, reported_at: datetime) -> tuple[str, datetime | None]:
        closed_at = self._moment("closed_at")
        if closed_at is not None and closed_at < reported_at:
            raise RefusedCell("办结时间早于上报时间", "closed before it was reported")
        status = self.status() or (CLOSED if closed_at else OPEN)
        return status, closed_at if status == CLOSED else None


def check_place(x: float, y: float, source_frame: str) -> None:
    """Refuse coordinates that cannot be a place in their frame; raises RefusedCell."""
    if x == 0 and y == 0:
        raise RefusedCell(
            "坐标为 0, 0：多半是没有定位", "coordinates are 0, 0: most likely no position was taken"
        )
    if source_frame.upper() not in FRAMES_IN_DEGREES:
        return
    if abs(x) <= LAT_LIMIT < abs(y) <= LON_LIMIT:
        raise RefusedCell(
            "经纬度写反了（纬度不会超过 90 度）",
            "longitude and latitude are swapped (no latitude is above 90 degrees)",
        )
    if abs(x) > LON_LIMIT or abs(y) > LAT_LIMIT:
        raise RefusedCell(
            f"超出经纬度范围：不像 {source_frame} 的坐标",
            f"outside the range of degrees: these are not coordinates of {source_frame}",
        )
