"""Reading a ticket list: what each of its rows reports, or why it cannot be read."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from geo_service.governance.clock.run import DeadlineClock
from geo_service.governance.headings import Columns, issue_columns
from geo_service.governance.issue import IssueReport, RowError
from geo_service.governance.profile import Profile
from geo_service.governance.reports.reading import read_reports
from geo_service.layers.files import RowProblem, read_rows
from geo_service.layers.frames import parse_frame
from geo_service.services.issues.files.options import IssueFileOptions
from geo_service.services.issues.prepared import PreparedReport, prepared

ReadRow: TypeAlias = tuple[int, PreparedReport | RowError]
"""The number of a row, and what it reports."""

_PIECE_ROWS = 200
"""So many are read before they are prepared; a transaction holds a multiple of them."""


@dataclass(frozen=True)
class ListToRead:
    """Which list is read, and how; ``now`` is when."""

    path: Path
    options: IssueFileOptions
    profile: Profile
    deadlines: DeadlineClock
    now: datetime


class Reading(Protocol):
    """A list that is open: its headings are read, its rows not yet."""

    @property
    def columns(self) -> Columns:
        """Which heading stands for which field."""

    @property
    def encoding(self) -> str | None:
        """The encoding of a text."""

    @property
    def notes(self) -> Sequence[tuple[str, str]]:
        """What the file is told of; complete when the rows are read."""

    @property
    def share_read(self) -> float | None:
        """The share of the file that was read, None where it cannot tell."""

    def rows(self, *, after: int | None) -> Generator[ReadRow]:
        """Yield the rows, those behind the row ``after`` alone where one is given."""


class OwnReading:
    """A list that is read where its rows are wanted."""

    def __init__(self, asked: ListToRead) -> None:
        """Open the list.

        Raises
        ------
        UnreadableFile, UnknownColumn, UnknownFrame
            It cannot be read, or not so.
        """
        options = asked.options
        self._asked = asked
        self._frame = parse_frame(options.frame) if options.frame else None
        self._rows = read_rows(asked.path, sheet=options.sheet)
        headings = [heading for heading in self._rows.headings if heading]
        self.columns = issue_columns(headings, overrides=options.columns)
        self._fields = list(self.columns.heading_by_field.items())
        self.encoding = self._rows.encoding
        self.notes = self._rows.notes

    @property
    def share_read(self) -> float | None:
        """The share of the file that was read."""
        return self._rows.share_read

    def rows(self, *, after: int | None) -> Generator[ReadRow]:
        """Yield the rows; raises UnreadableFile where the file is damaged further down."""
        rows = (each for each in self._rows if after is None or each[0] > after)
        while piece := list(islice(rows, _PIECE_ROWS)):
            read = self._read([row for _, row in piece])
            reports = prepared(read, now=self._asked.now, deadlines=self._asked.deadlines)
            yield from zip((number for number, _ in piece), reports, strict=True)

    def _read(self, rows: Sequence[Mapping[str, Any] | RowProblem]) -> list[IssueReport | RowError]:
        return read_reports(
            [self._cells(row) for row in rows],
            profile=self._asked.profile,
            now=self._asked.now,
            default_source=self._asked.options.source,
            default_frame=self._frame,
        )

    def _cells(self, row: Mapping[str, Any] | RowProblem) -> Mapping[str, Any] | RowError:
        if isinstance(row, RowProblem):
            return RowError("*", row.reason_zh, row.reason_en)
        return {name: row.get(heading) for name, heading in self._fields}
