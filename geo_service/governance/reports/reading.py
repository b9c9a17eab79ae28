"""Many rows read at once, column by column: what few words say many times is read once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from math import inf
from typing import Any, TypeAlias, TypeVar

from geo_service.governance.cell import RefusedCell, key_of, moment_of, number_of, text_of
from geo_service.governance.issue import (
    ACCURACY_LIMIT_M,
    CLOSED,
    FRAMES_IN_DEGREES,
    LAT_LIMIT,
    LON_LIMIT,
    LONGEST,
    OPEN,
    IssueReport,
    Row,
    RowError,
)
from geo_service.governance.profile import Profile
from geo_service.governance.reports.columns import FEW
from geo_service.governance.reports.plain import (
    plain_keys,
    plain_moments,
    plain_numbers,
    plain_texts,
)

Cells: TypeAlias = Mapping[str, Any]
"""Field → cell, of one row."""
_Read = TypeVar("_Read")


def read_reports(
    rows: Sequence[Cells | RowError],
    *,
    profile: Profile,
    now: datetime,
    default_source: str | None,
    default_frame: str | None,
) -> list[IssueReport | RowError]:
    """Return what ``read_report`` says of each row, in a third of its time.

    A row with a cell that is not plainly what its column holds is left to ``read_report``; one that
    nobody could read is the RowError that stands in its place.

    Parameters
    ----------
    rows, profile, now, default_source, default_frame
        As ``read_report`` takes them.
    """
    row_of = partial(
        Row, profile=profile, now=now, default_source=default_source, default_frame=default_frame
    )
    cells = [row for row in rows if not isinstance(row, RowError)]
    read = _read(cells, now, row_of)
    if len(cells) == len(rows):
        return read
    left = iter(read)
    return [row if isinstance(row, RowError) else next(left) for row in rows]


def _read(
    rows: Sequence[Cells], now: datetime, row_of: Callable[[Cells], Row]
) -> list[IssueReport | RowError]:
    if len(rows) <= FEW:
        return [row_of(row).report_or_reason() for row in rows]
    columns = _Columns(rows, now, row_of)
    found: list[IssueReport | RowError] = []
    found += map(IssueReport._make, zip(*columns.fields(), strict=True))
    for i in columns.odd:
        found[i] = row_of(rows[i]).report_or_reason()
    return found


class _Columns:
    """Rows as columns; ``odd`` are the positions of those that are to be read alone.

    What a column holds for an odd row means nothing.
    """

    def __init__(
        self, rows: Sequence[Cells], now: datetime, row_of: Callable[[Cells], Row]
    ) -> None:
        self.odd: set[int] = set()
        self._rows = rows
        self._nothing = [None] * len(rows)
        self._together = _by_field(rows)
        self._now = now
        self._row_of = row_of

    def fields(self) -> Iterable[Sequence[Any]]:
        """Return the columns of reports in the order of their fields."""
        reported_at = self._moments("reported_at")
        self.odd.update(i for i, each in enumerate(reported_at) if each is None)
        return (
            self._words(Row.source, "source"),
            self._external_ids(),
            reported_at,
            self._words(Row.request_type, "request_type"),
            *self._categories(),
            *self._places(),
            self._accuracies_m(),
            *self._lives(reported_at),
            *map(self._texts, ("title", "description", "address")),
            self._words(Row.condition, "condition"),
            *map(self._answers, ("responded", "resolved", "satisfaction")),
        )

    def _cells(self, field: str) -> Sequence[Any]:
        if self._together is None:
            return [row.get(field) for row in self._rows]
        return self._together.get(field, self._nothing)

    def _each(
        self, cells: Iterable[Any], read: Callable[[Any], _Read | None]
    ) -> list[_Read | None]:
        """Return what each cell says, None where its row is to be read alone."""
        found: list[_Read | None] = []
        for i, cell in enumerate(cells):
            try:
                found.append(read(cell))
            except RefusedCell:
                self.odd.add(i)
                found.append(None)
        return found

    def _words(self, read: Callable[[Row], _Read], *fields: str) -> list[_Read | None]:
        """Return what words mean, each combination read once; what is no word is odd."""
        columns = [self._cells(field) for field in fields]
        for i, cells in enumerate(columns):
            kinds = set(map(type, cells)) - {str, type(None)}
            if kinds:
                self.odd.update(n for n, cell in enumerate(cells) if type(cell) in kinds)
                columns[i] = [None if type(cell) in kinds else cell for cell in cells]
        rows = list(zip(*columns, strict=True))
        known: dict[tuple[Any, ...], _Read | None] = {}
        refused = set()
        for told in set(rows):
            try:
                known[told] = read(self._row_of(dict(zip(fields, told, strict=True))))
            except RefusedCell:
                known[told] = None
                refused.add(told)
        if refused:
            self.odd.update(i for i, told in enumerate(rows) if told in refused)
        return list(map(known.__getitem__, rows))

    def _answers(self, field: str) -> list[str | None]:
        return self._words(lambda row: row.answer(field), field)

    def _categories(self) -> Iterable[Sequence[str | None]]:
        found = self._words(Row.category, "category_major", "category_minor")
        return zip(*((None, None) if each is None else each for each in found), strict=True)

    def _external_ids(self) -> list[str | None]:
        cells, longest = self._cells("external_id"), LONGEST["external_id"]
        found = plain_keys(cells, longest=longest)
        if found is None:
            found = self._each(cells, partial(key_of, longest=longest))
        self.odd.update(i for i, each in enumerate(found) if each is None)
        return found

    def _texts(self, field: str) -> Sequence[str | None]:
        cells = self._cells(field)
        if cells is self._nothing:
            return self._nothing
        found = plain_texts(cells, longest=LONGEST[field])
        return (
            self._each(cells, partial(text_of, longest=LONGEST[field])) if found is None else found
        )

    def _moments(self, field: str) -> list[datetime | None]:
        cells = self._cells(field)
        found = plain_moments(cells, now=self._now)
        return self._each(cells, partial(moment_of, now=self._now)) if found is None else found

    def _numbers(self, field: str) -> list[float | None]:
        cells = self._cells(field)
        found = plain_numbers(cells)
        return self._each(cells, number_of) if found is None else found

    def _accuracies_m(self) -> list[float | None]:
        found = self._numbers("accuracy_m")
        for i, each in enumerate(found):
            if each is not None and not 0 <= each <= ACCURACY_LIMIT_M:
                self.odd.add(i)
        return found

    def _places(self) -> Iterable[Sequence[Any]]:
        """Return x, y and frames; a place that may be none in its frame is odd."""
        x, y = self._numbers("x"), self._numbers("y")
        frames = self._words(Row.frame, "frame")
        within = {frame: _limits(frame) for frame in set(frames)}
        for i, (east, north, frame) in enumerate(zip(x, y, frames, strict=True)):
            if east is None and north is None:
                frames[i] = None
                continue
            most_x, most_y = within[frame]
            if (
                east is None
                or north is None
                or east == north == 0
                or abs(east) > most_x
                or abs(north) > most_y
            ):
                self.odd.add(i)
        return x, y, frames

    def _lives(self, reported_at: Sequence[datetime | None]) -> Iterable[Sequence[Any]]:
        """Return statuses and when issues closed."""
        told, closed_at = self._words(Row.status, "status"), self._moments("closed_at")
        statuses = []
        pairs = zip(told, reported_at, closed_at, strict=True)
        for i, (status, reported, closed) in enumerate(pairs):
            if closed is None:
                statuses.append(status or OPEN)
                continue
            statuses.append(status or CLOSED)
            if status == OPEN:
                closed_at[i] = None
            if reported is None or closed < reported:
                self.odd.add(i)
        return statuses, closed_at


def _by_field(rows: Sequence[Cells]) -> dict[str, Sequence[Any]] | None:
    """Return rows that name the same fields in the same order as columns; None of others."""
    fields = [*rows[0]]
    if any([*row] != fields for row in rows):
        return None
    return dict(zip(fields, zip(*(row.values() for row in rows), strict=True), strict=True))


def _limits(frame: str | None) -> tuple[float, float]:
    """Return up to where x and y are surely a place in a frame; without a frame nothing is."""
    if frame is None:
        return -1.0, -1.0
    return (LON_LIMIT, LAT_LIMIT) if frame.upper() in FRAMES_IN_DEGREES else (inf, inf)
