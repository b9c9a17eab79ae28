"""Turning a place into an owner."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from geo_service.errors import InvalidValue
from geo_service.layers.assignment.answer import Answer, answer_at
from geo_service.layers.assignment.border import FARTHEST_M
from geo_service.layers.assignment.responsible import (
    Category,
    Responsibility,
    ResponsibleOwner,
    responsibility,
)
from geo_service.layers.assignment.rule import UNASSIGNED, overlay_owners
from geo_service.layers.edition import IN_FORCE, Edition, EditionChoice
from geo_service.layers.files.points import (
    check_target,
    memory,
    read_arrow_stream,
    read_points,
)
from geo_service.layers.frame_evidence import PointEvidence
from geo_service.layers.frames import parse_frame
from geo_service.layers.layer import Layer, Layers
from geo_service.layers.locator import Locator
from geo_service.layers.points.located import LocatedPoints, locate_points
from geo_service.layers.points.place import Places
from geo_service.layers.points.table import Tally
from geo_service.services.callers import Caller
from geo_service.services.frames.watch import FrameWatch
from geo_service.services.places.files import (
    PointFileOptions,
    PointFileReport,
    frame_warnings,
    locate_source,
    watch_points,
)
from geo_service.services.places.placing import place_point
from geo_service.services.workspaces import Workspace


@dataclass(frozen=True)
class OverlayOwner:
    """An area of an overlay layer that covers the point."""

    layer: str
    code: str
    name: str


@dataclass(frozen=True)
class Located:
    """The whole answer to one place: as asked, as normalised, whose it is, who is responsible.

    ``is_swapped`` tells that nobody owns the place, and that somebody would with longitude and
    latitude exchanged.
    """

    x: float
    y: float
    source_frame: str
    lon: float
    lat: float
    edition: Edition
    families: list[Answer]
    overlays: list[OverlayOwner]
    responsibility: Responsibility
    is_swapped: bool


@dataclass(frozen=True, eq=False)
class LocatedBatch:
    """The whole answer to many places: one edition for all of them."""

    source_frame: str
    edition: Edition
    layers: Layers
    points: LocatedPoints
    tally: Tally
    frame_warnings: Sequence[PointEvidence]


class LocationService:
    """Whose is this place, at any date."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def layers(self, _caller: Caller) -> list[Layer]:
        """Return the layers of the profile, in its order."""
        return list(self._workspace.layers)

    def locate(
        self,
        _caller: Caller,
        *,
        x: float,
        y: float,
        frame: str,
        accuracy_m: float | None = None,
        category: str | None = None,
        choice: EditionChoice = IN_FORCE,
    ) -> Located:
        """Return the owner of one place in every family, and every overlay area that covers it.

        ``category`` is ``major`` or ``major/minor``: who is responsible for it is told.

        Raises
        ------
        UnknownFrame, UnsupportedFrame, InvalidCoordinates, InvalidValue
            What was sent is no place; 0, 0 is a field nobody filled. The category is not known.
        EditionNotFound
            Nothing was published for that moment.
        """
        source_frame = parse_frame(frame)
        _check_accuracy(accuracy_m)
        profile = self._workspace.profile
        wanted = None if category is None else profile.category_asked(category)
        lon, lat = place_point(x, y, source_frame)
        edition, locator = self._workspace.pin(choice)
        families = self._answers(locator, lon, lat, accuracy_m)
        overlays = self._overlays(locator, lon, lat)
        return Located(
            x=x,
            y=y,
            source_frame=source_frame,
            lon=lon,
            lat=lat,
            edition=edition,
            families=families,
            overlays=overlays,
            responsibility=self._responsibility(families, overlays, wanted),
            is_swapped=all(answer.rule == UNASSIGNED for answer in families)
            and _would_hit(locator, lon=lat, lat=lon),
        )

    def locate_batch(
        self,
        _caller: Caller,
        places: Places,
        *,
        frame: str,
        choice: EditionChoice = IN_FORCE,
        is_explaining: bool = False,
    ) -> LocatedBatch:
        """Return the owners of many places in every family; a row that is none spoils no other.

        Raises
        ------
        UnknownFrame, UnsupportedFrame
            As ``locate``.
        EditionNotFound
            Nothing was published for that moment.
        """
        source_frame = parse_frame(frame)
        edition, locator = self._workspace.pin(choice)
        points = locate_points(
            locator,
            places,
            source_frame=source_frame,
            certain_share=self._workspace.profile.certain_share,
            is_explaining=is_explaining,
        )
        watch = FrameWatch()
        watch_points(watch, source_frame, places, points)
        tally = Tally().add(points)
        warnings = frame_warnings(watch, locator, tally)
        return LocatedBatch(source_frame, edition, self._workspace.layers, points, tally, warnings)

    def locate_file(
        self,
        _caller: Caller,
        path: Path,
        target: Path,
        options: PointFileOptions,
        *,
        on_progress: Callable[[int, int | None], None] = lambda _rows, _estimate: None,
    ) -> PointFileReport:
        """Write a list of points with its owners beside what it held.

        ``on_progress`` hears the number of rows done, and an estimate of all where there is one.

        Raises
        ------
        UnreadableFile, UnwritableFile, UnknownColumn, MissingColumn
            The list cannot be used; no file is left behind.
        UnknownFrame, UnsupportedFrame, EditionNotFound
            Nobody can say where or when.
        """
        check_target(target, source_ending=path.suffix)
        source = read_points(path)
        return locate_source(
            self._workspace,
            source,
            target,
            options,
            ending=target.suffix.lower(),
            on_progress=lambda rows: on_progress(rows, source.row_estimate),
        )

    def locate_arrow(
        self, _caller: Caller, body: bytes, options: PointFileOptions
    ) -> tuple[memoryview, PointFileReport]:
        """Return an Arrow stream with the owners of its points; raises as ``locate_file``."""
        source, target = read_arrow_stream(body, name="points.arrows"), memory()
        report = locate_source(self._workspace, source, target, options, ending=".arrows")
        return memoryview(target.getvalue()), report

    def _answers(
        self, locator: Locator, lon: float, lat: float, accuracy_m: float | None
    ) -> list[Answer]:
        return [
            answer_at(
                locator,
                family,
                lon=lon,
                lat=lat,
                accuracy_m=accuracy_m,
                certain_share=self._workspace.profile.certain_share,
            )
            for family in self._workspace.layers.families
        ]

    def _responsibility(
        self, families: list[Answer], overlays: list[OverlayOwner], category: Category | None
    ) -> Responsibility:
        layers = self._workspace.layers
        answer = next((each for each in families if each.family == layers.ground_family), None)
        owner = answer.owner if answer else None
        ground = None
        if answer and owner and owner.code is not None and owner.name is not None:
            ground = ResponsibleOwner(answer.deciding, owner.code, owner.name)
        held = (ResponsibleOwner(layers[each.layer], each.code, each.name) for each in overlays)
        return responsibility(ground, held, category=category)

    def _overlays(self, locator: Locator, lon: float, lat: float) -> list[OverlayOwner]:
        return [
            OverlayOwner(layer.name, areas.codes[position], areas.names[position])
            for layer in self._workspace.layers.overlays
            for areas in [locator.areas(layer.name)]
            for position in overlay_owners(locator, layer, lon=lon, lat=lat)
        ]


def _check_accuracy(accuracy_m: float | None) -> None:
    if accuracy_m is not None and not 0.0 <= accuracy_m <= FARTHEST_M:
        raise InvalidValue(
            "accuracy_m", f"0 到 {FARTHEST_M:g} 之间的米数", f"meters from 0 to {FARTHEST_M:g}"
        )


def _would_hit(locator: Locator, *, lon: float, lat: float) -> bool:
    return any(index.owner(lon=lon, lat=lat)[0] >= 0 for index in locator.families.values())
