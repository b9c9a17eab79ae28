"""Turning a place into an owner."""

from dataclasses import dataclass

import numpy as np

from geo_service.layers.answer import Answer, answers
from geo_service.layers.assignment import assign, overlay_owners
from geo_service.layers.edition import IN_FORCE, Edition, EditionChoice
from geo_service.layers.frames import check_coordinates, parse_frame, to_storage
from geo_service.layers.layer import Layer
from geo_service.services.callers import Caller
from geo_service.services.workspaces import Workspace


@dataclass(frozen=True)
class OverlayOwner:
    """An area of an overlay layer that covers the point."""

    layer: str
    code: str
    name: str


@dataclass(frozen=True)
class Located:
    """The whole answer to one place: as asked, as normalised, and whose it is."""

    x: float
    y: float
    source_frame: str
    lon: float
    lat: float
    edition: Edition
    families: list[Answer]
    overlays: list[OverlayOwner]


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
        choice: EditionChoice = IN_FORCE,
    ) -> Located:
        """Return the owner of one place in every family, and every overlay area that covers it.

        Raises
        ------
        UnknownFrame, UnsupportedFrame, InvalidCoordinates
            What was sent is no place.
        EditionNotFound
            Nothing was published for that moment.
        """
        source_frame = parse_frame(frame)
        xs, ys = np.array([x], dtype=np.float64), np.array([y], dtype=np.float64)
        check_coordinates(x=xs, y=ys, source_frame=source_frame, where="lon, lat")
        lon, lat = to_storage(x=xs, y=ys, source_frame=source_frame)
        with self._workspace.database.read() as connection:
            edition = self._workspace.edition(connection, choice)
            locator = self._workspace.locator(connection, edition)
        families = [
            answers(locator, assign(locator, family, lon=lon, lat=lat), lon=lon, lat=lat)[0]
            for family in self._workspace.layers.families
        ]
        overlays = [
            OverlayOwner(layer.name, areas.codes[position], areas.names[position])
            for layer in self._workspace.layers.overlays
            for areas in [locator.areas(layer.name)]
            for position in overlay_owners(locator, layer, lon=float(lon[0]), lat=float(lat[0]))
        ]
        return Located(
            x, y, source_frame, float(lon[0]), float(lat[0]), edition, families, overlays
        )
