"""geopandas.sjoin, as most people would do it."""

from collections.abc import Iterator
from contextlib import contextmanager

import geopandas
import shapely

from bench.peers.peer import Pairs, Peer
from geo_service.layers.area import Floats, Geometries


class Sjoin:
    """A spatial join of two frames; the areas' tree is kept, the points are new each time."""

    can_use_all_cores = False

    def __init__(self, areas: geopandas.GeoDataFrame, predicate: str) -> None:
        self.name = f"geopandas.sjoin, {predicate}"
        self._areas, self._predicate = areas, predicate

    def load(self, lon: Floats, lat: Floats, *, threads: int) -> None:  # noqa: ARG002 (geopandas has one)
        """Take points."""
        self._points = shapely.points(lon, lat)

    def pairs(self) -> Pairs:
        """Join; the frame of points is new, so that no tree of theirs is kept."""
        points = geopandas.GeoDataFrame(geometry=self._points)
        found = geopandas.sjoin(points, self._areas, predicate=self._predicate)
        return Pairs(found.index.to_numpy(), found["index_right"].to_numpy())


@contextmanager
def peers(areas: Geometries) -> Iterator[list[Peer]]:
    """Open both joins."""
    frame = geopandas.GeoDataFrame(geometry=areas)
    _ = frame.sindex
    yield [Sjoin(frame, "intersects"), Sjoin(frame, "within")]
