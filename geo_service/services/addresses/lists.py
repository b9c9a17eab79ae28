"""Lists of addresses (地址归格表) and of buildings (楼栋清单) in, every row told of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from geo_service.errors import EmptyInput, InvalidValue, MissingColumn, MissingFrame
from geo_service.governance.headings import Columns, place_columns
from geo_service.governance.issue import RowError
from geo_service.governance.personal import heading_words
from geo_service.layers.files import Rows, read_rows
from geo_service.layers.frame_evidence import PointEvidence
from geo_service.layers.frames import STORAGE_FRAME, parse_frame
from geo_service.services.addresses.defects import ListDefects, list_defects
from geo_service.services.addresses.rows import PlaceReader, ReadPlace
from geo_service.services.addresses.taking import TakenList, take_list
from geo_service.services.callers import Caller
from geo_service.services.frames.watch import FrameWatch
from geo_service.services.issues.garbage import without_collections
from geo_service.services.lists.cells import cells_of, layer_words, named_columns
from geo_service.services.lists.rejections import Rejection, write_rejected
from geo_service.services.places.placing import place_points
from geo_service.services.workspaces import Workspace
from geo_service.storage import places
from geo_service.storage.places import PlaceRow

DEFAULT_LIST = "地址归格表"
"""One table under one name: next month's file replaces what it lists, whatever it is called."""
_LONGEST_LIST_NAME = 60
_PLACED = ("road", "lane", "number", "estate", "address", "title")


@dataclass(frozen=True)
class PlaceFileOptions:
    """How to read a list of addresses; None leaves it to the file.

    ``is_whole`` says that the file is the whole list: what it does not hold ends.
    """

    frame: str | None = None
    sheet: str | None = None
    list_name: str = DEFAULT_LIST
    columns: Mapping[str, str] = field(default_factory=dict)
    is_whole: bool = False


@dataclass(frozen=True)
class PlaceFileReport:
    """What became of the rows of one list; the first three counts and ``rejections`` add up.

    ``ended`` are places of the list that stand no more. ``defects`` are about the whole list as it
    stands now, on the edition in force.
    """

    file: str
    list_name: str
    encoding: str | None
    notes: Sequence[tuple[str, str]]
    columns: Columns
    rows: int
    added: int
    updated: int
    unchanged: int
    ended: int
    rejections: Sequence[Rejection]
    defects: ListDefects
    frame_warnings: Sequence[PointEvidence]


@dataclass(frozen=True)
class PlaceList:
    """A list as it was imported last."""

    name: str
    places: int
    file: str
    imported_at_s: int
    imported_by: str


class PlaceListService:
    """Lists of addresses of one house."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def lists(self, _caller: Caller) -> list[PlaceList]:
        """Return every list as it was imported last, by name."""
        with self._workspace.database.read() as connection:
            return [
                PlaceList(row.list_name, row.places, row.file, row.imported_at_s, row.imported_by)
                for row in places.all_lists(connection)
            ]

    def defects(self, _caller: Caller) -> ListDefects:
        """Return where lists contradict the boundaries in force, or themselves."""
        with self._workspace.database.read() as connection:
            return list_defects(self._workspace.standing_still(), connection)

    def import_file(self, caller: Caller, path: Path, options: PlaceFileOptions) -> PlaceFileReport:
        """Store the places of a list (CSV, XLSX, NDJSON), in one transaction.

        A row whose address the list holds already replaces what it told of it. Columns about
        persons are never read.

        Raises
        ------
        UnreadableFile, EmptyInput, MissingColumn, UnknownColumn, UnknownFrame, InvalidValue
            The list cannot be used; nothing was stored.
        MissingFrame
            It has coordinates, and nobody says in which frame.
        """
        name = _list_name(options.list_name)
        frame = parse_frame(options.frame) if options.frame else None
        rows = read_rows(path, sheet=options.sheet)
        columns = self._columns([h for h in rows.headings if h], options)
        numbered = [(number, cells_of(row, columns)) for number, row in rows]
        if not numbered:
            raise EmptyInput(where=path.name)
        if frame is None and "x" in columns.heading_by_field:
            self._check_frames(path.name, columns, numbered)
        fields = columns.heading_by_field
        reader = PlaceReader(self._workspace.layers, self._default_layer(), frame, fields)
        with without_collections():
            read = [
                (number, cells if isinstance(cells, RowError) else reader.read(cells))
                for number, cells in numbered
            ]
            return self._stored(caller, options, _ReadList(path.name, name, rows, columns, read))

    def _stored(
        self, caller: Caller, options: PlaceFileOptions, found: "_ReadList"
    ) -> PlaceFileReport:
        watch = FrameWatch()
        placed, rejections = _placed(found.read, watch)
        file = found.file.encode(errors="replace").decode()  # a name may hold what no text may
        told = TakenList(found.name, file, placed, is_whole=options.is_whole)
        with self._workspace.database.write() as connection:
            taken = take_list(self._workspace, connection, caller, told)
        with self._workspace.database.read() as connection:
            defects = list_defects(self._workspace.standing_still(), connection, found.name)
        return PlaceFileReport(
            file=found.file,
            list_name=found.name,
            encoding=found.rows.encoding,
            notes=found.rows.notes,
            columns=found.columns,
            rows=len(found.read),
            **taken._asdict(),
            rejections=rejections,
            defects=defects,
            frame_warnings=watch.warnings(self._workspace),
        )

    def _columns(self, headings: Sequence[str], options: PlaceFileOptions) -> Columns:
        layers = layer_words(self._workspace.layers)
        columns = place_columns(headings, layers=layers, overrides=options.columns)
        if not any(name in columns.heading_by_field for name in _PLACED):
            raise MissingColumn("address", headings, "address")
        return columns

    def _default_layer(self) -> str | None:
        """Return the finest layer of the ground: a plain 网格编码 is one of its codes."""
        family = self._workspace.layers.ground_family
        return self._workspace.layers.families[family][-1].name if family else None

    def _check_frames(
        self,
        where: str,
        columns: Columns,
        numbered: Sequence[tuple[int, Mapping[str, Any] | RowError]],
    ) -> None:
        """Ask for the frame where no row names one, with what the coordinates look like."""
        if "frame" in columns.heading_by_field:
            return
        watch = FrameWatch()
        points = [_coordinates(row) for _, row in numbered]
        found = np.array([each for each in points if each is not None], dtype=np.float64)
        if not len(found):
            return
        watch.add(STORAGE_FRAME, found[:, 0], found[:, 1])
        said = watch.warnings(self._workspace)
        raise MissingFrame(
            where=where,
            evidence_zh=f"。{said[0].text('zh')}" if said else "",
            evidence_en=f". {said[0].text('en')}" if said else "",
        )


@dataclass(frozen=True)
class _ReadList:
    file: str
    name: str
    rows: Rows
    columns: Columns
    read: Sequence[tuple[int, ReadPlace | RowError]]


def named_place_columns(given: Sequence[str], *, where: str) -> dict[str, str]:
    """Return field → heading of texts such as ``road=路名``.

    Raises
    ------
    InvalidValue
        A text of another form, or a field that places have not.
    """
    fields = [*heading_words()["place"], "x", "y", "frame"]
    return named_columns(given, fields, example="road=路名", where=where)


def write_rejections(path: Path, report: PlaceFileReport) -> None:
    """Write the rejected rows as CSV: row number, field, its heading, reason in both languages."""
    write_rejected(path, report.rejections, report.columns.heading_by_field)


def _list_name(text: str) -> str:
    name = text.strip()
    if not name or len(name) > _LONGEST_LIST_NAME or not name.isprintable():
        raise InvalidValue(
            "--list-name",
            f"清单的名称，不超过 {_LONGEST_LIST_NAME} 个字",
            f"the name of the list, up to {_LONGEST_LIST_NAME} characters",
        )
    return name


def _coordinates(row: Mapping[str, Any] | RowError) -> tuple[float, float] | None:
    if isinstance(row, RowError):
        return None
    try:
        x, y = float(row.get("x") or "nan"), float(row.get("y") or "nan")
    except (TypeError, ValueError):
        return None
    return (x, y) if np.isfinite([x, y]).all() else None


def _placed(
    read: Sequence[tuple[int, ReadPlace | RowError]], watch: FrameWatch
) -> tuple[list[PlaceRow], list[Rejection]]:
    """Return rows with their converted points, and what was rejected, by row number."""
    told = [None if isinstance(each, RowError) else each for _, each in read]
    lon, lat, refused = place_points(told)
    watch.add_places(
        (each.source_frame, each.x, each.y)
        for each in told
        if each is not None and each.source_frame and each.x is not None and each.y is not None
    )
    rows, rejections = [], []
    for i, (number, each) in enumerate(read):
        error = each if isinstance(each, RowError) else refused.get(i)
        if error is not None:
            rejections.append(Rejection.of(number, error))
        elif isinstance(each, ReadPlace):
            rows.append(_row(each, float(lon[i]), float(lat[i])))
    return rows, rejections


def _row(read: ReadPlace, lon: float, lat: float) -> PlaceRow:
    address, has_point = read.address, read.x is not None
    return PlaceRow(
        row_key=read.row_key,
        road=address.road,
        lanes="/".join(address.lanes) or None,
        number=address.number,
        name=address.name,
        building=address.building,
        title=read.title,
        aliases="\n".join(read.aliases) or None,
        kind=read.kind,
        address=read.told,
        layer=read.layer,
        area=read.area,
        x=read.x,
        y=read.y,
        source_frame=read.source_frame,
        lon=lon if has_point else None,
        lat=lat if has_point else None,
    )
