"""Reading a ticket list: what each of its rows reports, or why it cannot be read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeAlias

from geo_service.governance.headings import Columns, issue_columns
from geo_service.governance.issue import RowError, read_report
from geo_service.governance.profile import Profile
from geo_service.layers.files import RowProblem, read_rows
from geo_service.layers.frames import parse_frame
from geo_service.services.issues.files.options import IssueFileOptions
from geo_service.services.issues.prepared import PreparedReport, prepared

ReadRow: TypeAlias = tuple[int, PreparedReport | RowError]
"""The number of a row, and what it reports."""


@dataclass(frozen=True)
class ListToRead:
    """Which list is read, and how; ``now`` is when."""

    path: Path
    options: IssueFileOptions
    profile: Profile
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

    def rows(self, *, after: int | None) -> Iterator[ReadRow]:
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
        self.encoding = self._rows.encoding
        self.notes = self._rows.notes

    @property
    def share_read(self) -> float | None:
        """The share of the file that was read."""
        return self._rows.share_read

    def rows(self, *, after: int | None) -> Iterator[ReadRow]:
        """Yield the rows; raises UnreadableFile where the file is damaged further down."""
        profile, now = self._asked.profile, self._asked.now
        fields = list(self.columns.heading_by_field.items())
        for number, row in self._rows:
            if after is not None and number <= after:
                continue
            if isinstance(row, RowProblem):
                yield number, RowError("*", row.reason_zh, row.reason_en)
                continue
            read = read_report(
                {name: row.get(heading) for name, heading in fields},
                profile=profile,
                now=now,
                default_source=self._asked.options.source,
                default_frame=self._frame,
            )
            yield number, prepared(read, now=now)
