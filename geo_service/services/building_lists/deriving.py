"""Areas derived from building lists, as one step of a draft."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import shapely

from geo_service.errors import InvalidValue, UnfitBuildingLists
from geo_service.governance.headings import LayerWords
from geo_service.layers.arcs import Coverage
from geo_service.layers.area import Geometries
from geo_service.layers.redraw.asked.lists import DeriveByLists
from geo_service.services.building_lists.plans import NEAREST, REFUSE, DeriveOptions, planned
from geo_service.services.building_lists.rows import (
    ListFile,
    ListFileOptions,
    ListRow,
    read_lists,
)
from geo_service.services.callers import Caller
from geo_service.services.drafts.draft import read_draft
from geo_service.services.drafts.drafts import DraftService, Step
from geo_service.services.drafts.kept.draft_states import DraftStates
from geo_service.services.lists.cells import layer_words
from geo_service.services.lists.rejections import Rejection
from geo_service.services.workspaces import Workspace
from geo_service.storage import references

ROAD = "road"
_ROADS = ("road_main", "road_side")
_OTHERS = (REFUSE, NEAREST)
_BESIDE = 0.001
"""Degrees around the ground within which roads may part it: about a hundred metres."""


class DeriveService:
    """Deriving areas."""

    def __init__(self, workspace: Workspace, states: DraftStates, drafts: DraftService) -> None:
        self._workspace, self._states, self._drafts = workspace, states, drafts

    def derive(
        self,
        caller: Caller,
        draft_id: int,
        rows: Sequence[ListRow],
        options: DeriveOptions,
        *,
        seen: int | None = None,
    ) -> Step:
        """Derive all areas below the parents of some rows from their building lists, as one step.

        Raises
        ------
        DraftNotFound, DraftClosed, StaleDraft
            As of operations.
        UnknownLayer, InvalidValue
            The layer has no parent layer, or an option is not known.
        UnfitBuildingLists
            Rows cannot be understood, or do not list all that stands; naming each.
        GeoServiceError
            What `derive` of coverages raises.
        """
        return self._derived(caller, draft_id, ListFile(rows, ()), options, seen=seen)

    def derive_file(
        self,
        caller: Caller,
        draft_id: int,
        path: Path,
        options: DeriveOptions,
        *,
        file: ListFileOptions | None = None,
        seen: int | None = None,
    ) -> Step:
        """Derive areas from the rows of a file (CSV, XLSX, NDJSON); otherwise as `derive`.

        Raises
        ------
        UnreadableFile, UnknownColumn, MissingColumn, SpoiledCodes
            The file cannot be used.
        """
        found = read_lists(path, self._words(options.layer), file or ListFileOptions())
        return self._derived(caller, draft_id, found, options, seen=seen)

    def _derived(
        self,
        caller: Caller,
        draft_id: int,
        told: ListFile,
        options: DeriveOptions,
        *,
        seen: int | None,
    ) -> Step:
        layer = self._workspace.layers[options.layer].name
        _one_of("others", options.others, _OTHERS)
        _one_of("along", options.along or ROAD, (ROAD,))
        with self._workspace.database.read() as connection:
            draft = read_draft(connection, draft_id)
            state = self._states.of(connection, draft)
            coverage = state.coverage_with(layer)
            known = state.questions_of(layer).asking.buildings
            asked, rejections = planned(coverage, told.rows, known, options)
            every = [*told.rejections, *rejections]
            if every or asked is None:
                raise _unfit(layer, every)
            if options.along is not None:
                asked = _along(asked, coverage, references.read_references(connection))
        return self._drafts.perform(caller, draft_id, asked, seen=seen)

    def _words(self, layer: str) -> LayerWords:
        layers = self._workspace.layers
        own = layers[layer]
        words = layer_words(layers)
        return LayerWords(words[own.name], words.get(own.parent or "", ()))


def _along(
    asked: DeriveByLists, coverage: Coverage, features: Mapping[str, tuple[list[str], Geometries]]
) -> DeriveByLists:
    """Return the same operation with the roads near the ground that it parts."""
    outlines = [coverage.area(parent).outline for parent in asked.parents]
    around = shapely.buffer(shapely.union_all(outlines), _BESIDE)
    roads = [features[kind][1] for kind in _ROADS if kind in features]
    every = np.concatenate([np.empty(0, dtype=object), *roads])
    near = every[shapely.intersects(every, around)]
    return replace(asked, along=ROAD, roads=tuple(near.tolist()))


def _unfit(layer: str, rejections: Sequence[Rejection]) -> UnfitBuildingLists:
    faults = [
        {"row": r.row or None, "field": r.field, "reason": {"zh": r.reason_zh, "en": r.reason_en}}
        for r in rejections
    ]
    first = rejections[0] if rejections else Rejection(0, "building", "没有任何一行", "no rows")
    zh = f"第 {first.row} 行：" if first.row else ""
    en = f"row {first.row}: " if first.row else ""
    return UnfitBuildingLists(
        layer, len(rejections), zh + first.reason_zh, en + first.reason_en, faults
    )


def _one_of(where: str, word: str, known: Sequence[str]) -> None:
    if word not in known:
        raise InvalidValue(where, f"{'、'.join(known)} 之一", f"one of {', '.join(known)}")
