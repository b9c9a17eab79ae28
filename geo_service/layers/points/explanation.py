"""What stands beside the owners of many points where it is asked for, in columns."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo_service.layers.area import Floats, Positions
from geo_service.layers.assignment.agreed import Agreed, owner_frames
from geo_service.layers.assignment.border import NearEach, nearest_areas, nearest_borders
from geo_service.layers.assignment.candidate import Candidates
from geo_service.layers.frames import metric_frames
from geo_service.layers.locator import Locator, Owners
from geo_service.layers.points.column import Coded, Lists, coded, distinct, lists_of


@dataclass(frozen=True, eq=False)
class Explanations:
    """What the reasoned answers say of each of n points, in columns.

    Distances are in meters in the row's ``metric_frame``, NaN where there is none: to the drawn
    border nearest to a point inside an area, behind which lies ``neighbor``, or from a point
    outside to ``nearest``. Areas are coded twice, their layer and their code. ``candidates`` are
    records of layer, code and share, none without an accuracy. ``agreement_document`` is that of
    the border agreement that decided the row, ``agreement_distance_m`` how far its line lies.
    """

    border_distance_m: Floats
    neighbor_layer: Coded
    neighbor_code: Coded
    nearest_layer: Coded
    nearest_code: Coded
    nearest_distance_m: Floats
    metric_frame: Coded
    candidates: Lists
    agreement_document: Coded
    agreement_distance_m: Floats


class Circled(NamedTuple):
    """Candidates of some rows: ``candidates.point`` counts among ``rows``, which ascend."""

    rows: NDArray[np.intp]
    candidates: Candidates


class Decided(NamedTuple):
    """What is known of the rows already.

    ``nearest`` are the owners of points outside every area, and how far off they are; it is changed
    in place: the areas next to other points outside are written there. ``circled`` is what circles
    of accuracy hold, ``agreed`` which rows border agreements decided; None where there is none.
    """

    nearest: NearEach
    circled: Circled | None
    agreed: Agreed | None


class _Places(NamedTuple):
    """Points in EPSG:4490 degrees, and the frames that their distances are measured in."""

    lon: Floats
    lat: Floats
    metric_frames: NDArray[np.object_]

    def at(self, rows: NDArray[np.intp]) -> "_Places":
        return _Places(self.lon[rows], self.lat[rows], self.metric_frames[rows])


def explanations(
    locator: Locator,
    family: str,
    *,
    lon: Floats,
    lat: Floats,
    decided: Decided,
) -> Explanations:
    """Return what ``answer_at`` says of each of n points, bit for bit.

    Parameters
    ----------
    lon, lat
        EPSG:4490 degrees, shape ``(n,)``; NaN for a row that is no place.
    """
    nearest, circled, agreed = decided
    drawn = locator.owners(family, lon=lon, lat=lat)
    inside = np.flatnonzero(drawn.level >= 0)
    outside = np.flatnonzero((drawn.level < 0) & np.isfinite(lon))
    frames = np.full(len(lon), None, dtype=object)
    frames[inside] = owner_frames(locator, family, drawn, inside)
    frames[outside] = metric_frames(lon=lon[outside], lat=lat[outside])
    border = _borders(locator, family, inside, drawn, _Places(lon, lat, frames))
    _complete(locator, family, nearest, outside, _Places(lon, lat, frames))
    neighbors = coded_areas(locator, family, border.depth, border.position)
    areas = coded_areas(locator, family, nearest.depth, nearest.position)
    return Explanations(
        border_distance_m=border.distance_m,
        neighbor_layer=neighbors[0],
        neighbor_code=neighbors[1],
        nearest_layer=areas[0],
        nearest_code=areas[1],
        nearest_distance_m=nearest.distance_m,
        metric_frame=coded(frames.tolist()),
        candidates=_candidates(locator, family, circled, len(lon)),
        agreement_document=_documents(locator, agreed, len(lon)),
        agreement_distance_m=_agreed_distances(agreed, len(lon)),
    )


def _documents(locator: Locator, agreed: Agreed | None, count: int) -> Coded:
    """Return the document of the agreement that decided each row."""
    texts = tuple(each.document for each in locator.agreements)
    position = np.full(count, -1, dtype=np.int32)
    if agreed is not None:
        places = {each.number: i for i, each in enumerate(locator.agreements)}
        position[agreed.point] = [places[number] for number in agreed.number.tolist()]
    return Coded(texts, position)


def _agreed_distances(agreed: Agreed | None, count: int) -> Floats:
    distance_m = np.full(count, np.nan)
    if agreed is not None:
        distance_m[agreed.point] = agreed.distance_m
    return distance_m


def _borders(
    locator: Locator, family: str, inside: NDArray[np.intp], drawn: Owners, places: _Places
) -> NearEach:
    """Return the borders nearest to the rows inside areas."""
    levels, owner = locator.families[family].levels, (drawn.level[inside], drawn.position[inside])
    found = nearest_borders(levels, owner, **places.at(inside)._asdict())
    nobody = np.full(len(drawn.level), -1, dtype=np.int32)
    border = NearEach(np.full(len(nobody), np.nan), nobody.astype(np.int8), nobody)
    _put(border, inside, found)
    return border


def _complete(
    locator: Locator,
    family: str,
    nearest: NearEach,
    outside: NDArray[np.intp],
    places: _Places,
) -> None:
    """Write what lies nearest to the rows outside that no area owns."""
    lost = outside[nearest.depth[outside] < 0]
    levels = locator.families[family].levels
    _put(nearest, lost, nearest_areas(levels, **places.at(lost)._asdict()))


def coded_areas(
    locator: Locator, family: str, depth: NDArray[np.int8], position: Positions
) -> tuple[Coded, Coded]:
    """Return the layers and the codes of areas in a family, none where ``depth`` is -1."""
    chain = locator.layers.families[family]
    counts = np.array([len(locator.areas(layer.name)) for layer in chain])
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    keys = np.where(depth >= 0, position + starts[depth], -1)
    kinds, row = distinct(keys, int(counts.sum()))
    level = np.searchsorted(starts, kinds, side="right") - 1
    codes = coded(
        locator.areas(chain[each].name).codes[key - int(starts[each])]
        for each, key in zip(level.tolist(), kinds.tolist(), strict=True)
    )
    place = np.append(codes.position, np.int32(-1))
    return Coded(tuple(layer.name for layer in chain), depth), Coded(codes.texts, place[row])


def _candidates(locator: Locator, family: str, circled: Circled | None, count: int) -> Lists:
    if circled is None:
        nothing = np.empty(0, dtype=np.int32)
        areas = coded_areas(locator, family, nothing.astype(np.int8), nothing)
        return _shares(areas, np.empty(0), nothing.astype(np.intp), count)
    found = circled.candidates
    areas = coded_areas(locator, family, found.depth, found.position)
    return _shares(areas, found.share, circled.rows[found.point], count)


def _shares(areas: tuple[Coded, Coded], share: Floats, rows: NDArray[np.intp], count: int) -> Lists:
    return lists_of(rows, {"layer": areas[0], "code": areas[1], "share": share}, count)


def _put(columns: NearEach, rows: NDArray[np.intp], found: NearEach) -> None:
    columns.distance_m[rows] = found.distance_m
    columns.depth[rows], columns.position[rows] = found.depth, found.position
