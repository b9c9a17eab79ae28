"""Pieces of ground that are dealt out: which lie beside each other, and what hangs together."""

from collections.abc import Iterable, Sequence

import numpy as np
import shapely

from geo_service.layers.arcs.edit import Edit
from geo_service.layers.arcs.rings import Face
from geo_service.layers.area import Geometries
from geo_service.layers.topology.linework import Ints


class Pieces:
    """Connected pieces of one area; ``inner`` are points in them, ``beside`` shared metres."""

    def __init__(self, edit: Edit, faces: Sequence[Face]) -> None:
        self.faces = faces
        polygons = np.array([face.polygon for face in faces], dtype=object)
        self.inner: Geometries = shapely.point_on_surface(polygons)
        self.sizes = shapely.area(polygons)
        self._tree = shapely.STRtree(polygons)
        at = {step: i for i, face in enumerate(faces) for step in face.chain}
        self.beside: list[dict[int, float]] = [{} for _ in faces]
        unit = np.array(edit.base.scale)
        for step, i in at.items():
            other = at.get(-step)
            if other is not None:
                along = np.diff(edit.arc(abs(step)).places * unit, axis=0)
                length_m = float(np.hypot(*along.T).sum())
                self.beside[i][other] = self.beside[i].get(other, 0.0) + length_m

    def holding(self, points: Geometries) -> Ints:
        """Return the piece that each point lies in or is nearest to, shape ``(n,)``."""
        return np.asarray(self._tree.nearest(points), dtype=np.int64)

    def together(self, some: Iterable[int]) -> list[list[int]]:
        """Return some of the pieces, put together where they share a border."""
        waiting = dict.fromkeys(sorted(some))
        found = []
        while waiting:
            reached = [next(iter(waiting))]
            del waiting[reached[0]]
            for piece in reached:
                onward = [other for other in sorted(self.beside[piece]) if other in waiting]
                reached += onward
                for other in onward:
                    del waiting[other]
            found.append(sorted(reached))
        return found

    def settled(self, groups: Ints, homes: Sequence[set[int]]) -> Ints:
        """Return the groups of pieces, each hanging together with a building of its group.

        Ground without one goes to the group with the longest border to it, the smallest first;
        what no other group borders on stays.

        Parameters
        ----------
        groups
            ``(n,)``: the group that each piece should go to.
        homes
            Of each piece the groups that have a building in it.
        """
        settled = groups.copy()
        while loose := self._loose(settled, homes):
            pieces, taker = loose
            settled[pieces] = taker
        return settled

    def _loose(self, groups: Ints, homes: Sequence[set[int]]) -> tuple[list[int], int] | None:
        found = []
        for group in np.unique(groups).tolist():
            for pieces in self.together(np.flatnonzero(groups == group).tolist()):
                borders = self._borders(pieces, groups)
                if borders and not any(group in homes[piece] for piece in pieces):
                    taker = max(borders, key=borders.__getitem__)
                    found.append((float(self.sizes[pieces].sum()), pieces, taker))
        return min(found)[1:] if found else None

    def _borders(self, pieces: Sequence[int], groups: Ints) -> dict[int, float]:
        """Return the metres that pieces share with each other group, by group."""
        borders: dict[int, float] = {}
        for piece in pieces:
            for other, length_m in sorted(self.beside[piece].items()):
                if other not in pieces:
                    group = int(groups[other])
                    borders[group] = borders.get(group, 0.0) + length_m
        return dict(sorted(borders.items()))
