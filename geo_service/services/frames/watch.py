"""Watching the frames of points that come in by the batch: a warning, never a correction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from geo_service.errors import EditionNotFound, InvalidInput
from geo_service.layers.area import Floats
from geo_service.layers.edition import IN_FORCE, EditionChoice
from geo_service.layers.frame_evidence import PlaceSample, PointEvidence, point_evidence
from geo_service.layers.frame_evidence.outlines import Flags
from geo_service.layers.frames import are_inside, parse_frame
from geo_service.layers.locator import Locator
from geo_service.services.workspaces import Workspace

_FRAMES = 8
"""A list that names more frames than this is watched for the first ones only."""

_SOME = 2000
"""Of a batch so many points are enough to look at."""


@dataclass(frozen=True)
class FrameWatch:
    """Samples of a stream of points, by the frame they are declared to be in."""

    _samples: dict[str, PlaceSample] = field(default_factory=dict)
    _waiting: list[tuple[str, Floats, Floats]] = field(default_factory=list)

    def add(self, frame: str, x: Floats, y: Floats) -> None:
        """Take points as they came, shape ``(n,)`` each, with the frame as its source names it."""
        if frame in self._samples or len(self._samples) < _FRAMES:
            self._samples.setdefault(frame, PlaceSample()).add(x, y)

    def add_places(self, places: Iterable[tuple[str, float, float]]) -> None:
        """Take points one by one, each with its frame."""
        by_frame: dict[str, list[tuple[float, float]]] = {}
        for frame, x, y in places:
            by_frame.setdefault(frame, []).append((x, y))
        for frame, points in by_frame.items():
            x, y = np.array(points, dtype=np.float64).T
            self.add(frame, x, y)

    def add_some(self, frame: str, x: Floats, y: Floats) -> None:
        """Take points as ``add`` does, of many only some from all over the batch.

        The latest are looked at when others come, or when somebody asks: of one batch, if ever.
        """
        self._look()
        step = max(1, -(-len(x) // _SOME))
        self._waiting.append((frame, x[::step].copy(), y[::step].copy()))

    def state(self) -> dict[str, tuple[int, list[list[float]]]]:
        """Return all that ``restored`` needs, as plain values for JSON."""
        self._look()
        return {name: sample.state() for name, sample in self._samples.items()}

    @classmethod
    def restored(cls, state: Mapping[str, tuple[int, Sequence[Sequence[float]]]]) -> "FrameWatch":
        """Return the watch that had this state; it goes on as that one would have."""
        return cls({name: PlaceSample.restored(*kept) for name, kept in state.items()})

    def warnings(
        self, workspace: Workspace, choice: EditionChoice = IN_FORCE
    ) -> list[PointEvidence]:
        """Return the declared frames that another one would clearly do better than."""
        try:
            _, locator = workspace.pin(choice)
        except EditionNotFound:
            return []
        return self.evidence(locator)

    def evidence(self, locator: Locator) -> list[PointEvidence]:
        """Return the same by the areas of a locator."""
        self._look()
        found = [_evidence(locator, name, sample) for name, sample in self._samples.items()]
        return [each for each in found if each is not None and each.frame is not None]

    def _look(self) -> None:
        """Take the points that wait."""
        while self._waiting:
            self.add(*self._waiting.pop())


def _evidence(locator: Locator, name: str, sample: PlaceSample) -> PointEvidence | None:
    try:
        declared = parse_frame(name)
    except InvalidInput:
        return None  # its rows were refused, each with the reason
    x, y = sample.places()
    fits = are_inside(x=x, y=y, source_frame=declared)

    def are_outside(lon: Floats, lat: Floats) -> Flags:
        owners = [locator.owners(family, lon=lon, lat=lat) for family in locator.families]
        outside: Flags = np.all([each.level < 0 for each in owners], axis=0)
        return outside

    return point_evidence(
        x[fits], y[fits], declared=declared, are_outside=are_outside, is_brief=True
    )
