"""A list of points from a file: every row comes back with its owners, in the order it came."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from geo_service.errors import MissingColumn
from geo_service.governance.cell import RefusedCell, number_of
from geo_service.governance.headings import Columns, issue_columns
from geo_service.layers.area import Floats
from geo_service.layers.edition import IN_FORCE, Edition, EditionChoice
from geo_service.layers.files.points import (
    PointChunk,
    PointSource,
    Put,
    free_prefix,
    numbers_in,
    writing_points,
)
from geo_service.layers.frame_evidence import FEWEST_CHANGES, PointEvidence
from geo_service.layers.frames import parse_frame
from geo_service.layers.locator import Locator
from geo_service.layers.points.column import NONE, UNREADABLE, Problems
from geo_service.layers.points.located import LocatedPoints, locate_points
from geo_service.layers.points.place import Places, places_of
from geo_service.layers.points.table import Column, Tally, located_columns
from geo_service.services.frames.watch import FrameWatch
from geo_service.services.workspaces import Workspace

_NEEDED = {"x": ("lon", "经度 lon"), "y": ("lat", "纬度 lat")}
_SHOWN = 60
_EDITION_FACT = "geo_service.edition"
_FRAME_FACT = "geo_service.source_frame"

SWAPPED = (
    "没有归属的点，大多在经纬度对调后落在区域内：两列是否写反了？",
    "most points without an owner would lie in an area with their axes exchanged: are the two "
    "columns the wrong way round?",
)
"""Said once of a list, never acted upon."""


@dataclass(frozen=True)
class PointFileOptions:
    """How to read a list of points; a column of None is guessed from its heading.

    ``option`` is how the caller spells the option of a column, for messages.
    """

    frame: str = "EPSG:4490"
    lon: str | None = None
    lat: str | None = None
    accuracy: str | None = None
    is_explaining: bool = False
    choice: EditionChoice = IN_FORCE
    option: str = "--{}"


@dataclass(frozen=True)
class PointFileReport:
    """What became of the rows of one list.

    ``prefix`` is what was put before our columns because the list had some of their names already.
    """

    edition: Edition
    source_frame: str
    tally: Tally
    columns: Columns
    encoding: str | None
    prefix: str
    notes: Sequence[tuple[str, str]]


def locate_source(
    workspace: Workspace,
    source: PointSource,
    target: Path | BinaryIO,
    options: PointFileOptions,
    *,
    ending: str,
    on_progress: Callable[[int], None] = lambda _rows: None,
) -> PointFileReport:
    """Write a list of points with its owners; ``on_progress`` hears the number of rows done.

    Raises
    ------
    UnreadableFile, UnwritableFile, UnknownColumn, MissingColumn
        The list cannot be used; nothing is left behind.
    UnknownFrame, UnsupportedFrame, EditionNotFound
        Nobody can say where or when.
    """
    frame = parse_frame(options.frame)
    columns = _columns(source, options)
    edition, locator = workspace.pin(options.choice)
    ask = _Asking(workspace, locator, frame, options)
    facts = {_EDITION_FACT: str(edition.number), _FRAME_FACT: frame}
    with writing_points(target, ending=ending, headings=source.headings, facts=facts) as put:
        prefix = _put_all(put, source, columns, ask, on_progress)
    return PointFileReport(
        edition=edition,
        source_frame=frame,
        tally=ask.tally,
        columns=columns,
        encoding=source.encoding,
        prefix=prefix,
        notes=[*source.notes, *_notes(columns, prefix, frame, ask.tally), *ask.frame_notes()],
    )


@dataclass
class _Asking:
    """One locator asked piece by piece, and what became of the rows so far."""

    workspace: Workspace
    locator: Locator
    frame: str
    options: PointFileOptions
    tally: Tally = field(default_factory=Tally)
    watch: FrameWatch = field(default_factory=FrameWatch)

    def located(self, places: Places) -> dict[str, Column]:
        """Return the columns of the answer to some rows, and count them."""
        found = locate_points(
            self.locator,
            places,
            source_frame=self.frame,
            certain_share=self.workspace.profile.certain_share,
            is_explaining=self.options.is_explaining,
        )
        self.tally.add(found)
        watch_points(self.watch, self.frame, places, found)
        return located_columns(found, self.workspace.layers)

    def frame_notes(self) -> list[tuple[str, str]]:
        """Return what the rows so far say against the frame they are declared in."""
        found = frame_warnings(self.watch, self.locator, self.tally)
        return [(each.text("zh"), each.text("en")) for each in found]


def watch_points(watch: FrameWatch, frame: str, places: Places, found: LocatedPoints) -> None:
    """Look at some of the rows that are places."""
    if not found.problem.any():
        watch.add_some(frame, places.x, places.y)
        return
    rows = np.flatnonzero(found.problem == NONE)
    watch.add_some(frame, places.x[rows], places.y[rows])


def frame_warnings(watch: FrameWatch, locator: Locator, tally: Tally) -> list[PointEvidence]:
    """Return what watched rows say; too few outside every area say nothing and cost nothing."""
    return watch.evidence(locator) if tally.outside >= FEWEST_CHANGES else []


def _put_all(
    put: Put,
    source: PointSource,
    columns: Columns,
    ask: _Asking,
    on_progress: Callable[[int], None],
) -> str:
    """Write every piece of a list with its answer; return what our columns begin with."""
    prefix = ""
    for number, chunk in enumerate(source):
        added = ask.located(_places(chunk, columns))
        if number == 0:
            prefix = free_prefix(list(added), taken=source.headings, where=source.name)
        put(chunk, {prefix + name: column for name, column in added.items()})
        on_progress(ask.tally.rows)
    return prefix


def _columns(source: PointSource, options: PointFileOptions) -> Columns:
    named = {"x": options.lon, "y": options.lat, "accuracy_m": options.accuracy}
    overrides = [(name, heading) for name, heading in named.items() if heading is not None]
    columns = _guessed(tuple(source.headings), tuple(overrides))
    for name, (option, need) in _NEEDED.items():
        if name not in columns.heading_by_field:
            raise MissingColumn(
                need=need, known=source.headings, option=options.option.format(option)
            )
    return columns


@lru_cache(maxsize=64)
def _guessed(headings: tuple[str, ...], overrides: tuple[tuple[str, str], ...]) -> Columns:
    """Return the columns of a list; the guess takes as long as ten thousand points."""
    return issue_columns(headings, overrides=dict(overrides))


def _places(chunk: PointChunk, columns: Columns) -> Places:
    def read(field: str) -> tuple[Floats, Problems]:
        return numbers_in(chunk, columns.heading_by_field[field], read_text=_number)

    has_accuracy = "accuracy_m" in columns.heading_by_field
    places = places_of(read("x"), read("y"), read("accuracy_m") if has_accuracy else None)
    places.problem[chunk.unreadable] = UNREADABLE
    return places


def _number(cell: Any) -> float | None:
    try:
        return number_of(cell)
    except RefusedCell as error:
        raise ValueError(error.en) from error


def _notes(columns: Columns, prefix: str, frame: str, tally: Tally) -> list[tuple[str, str]]:
    notes = []
    if prefix:
        notes.append(
            (
                f"输入里已有同名的列，结果列的名字前都加了 {prefix}",
                f"the input has columns of these names, so all of ours begin with {prefix}",
            )
        )
    if heading := columns.heading_by_field.get("frame", "")[:_SHOWN]:
        notes.append(
            (
                f"没有按“{heading}”列逐行读取坐标系，所有行都按 {frame}",
                f"the column {heading!r} was not read: every row was taken to be in {frame}",
            )
        )
    if tally.is_swapped:
        notes.append(SWAPPED)
    return notes
