"""What a peer is asked: which areas hold which points."""

from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from geo_service.layers.area import Floats, Positions


class MissingPeer(Exception):
    """A peer that this machine does not have, with the reason."""


class Pairs(NamedTuple):
    """Which point lies in which area: columns of equal length, in any order."""

    point: NDArray[np.integer[Any]]
    area: NDArray[np.integer[Any]]

    def lowest(self, count: int) -> Positions:
        """Return for each of ``count`` points the lowest area that holds it, -1 for none."""
        owners = np.full(count, np.iinfo(np.int32).max, dtype=np.int32)
        np.minimum.at(owners, self.point, self.area.astype(np.int32))
        owners[owners == np.iinfo(np.int32).max] = -1
        return owners


class Peer(Protocol):
    """One way to join points and areas; the areas were taken and indexed when it was opened.

    ``load`` is never timed: a peer gets the points in the form it likes best.
    """

    name: str
    can_use_all_cores: bool

    def load(self, lon: Floats, lat: Floats, *, threads: int) -> None:
        """Take the points of the next joins, and how many threads these may use."""

    def pairs(self) -> Pairs:
        """Join the points loaded last: this is what is timed."""
