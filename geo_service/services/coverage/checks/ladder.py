"""A body on every level, parents that fit, liaisons of those they hang under."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from geo_service.governance.organisations.coverage import AreaState
from geo_service.governance.organisations.ladder import LadderFault, Rung, ladder_faults
from geo_service.governance.organisations.ratio import DatedCount, Ratio, ratio
from geo_service.layers.locator import Locator
from geo_service.services.coverage.picture import Picture


@dataclass(frozen=True)
class Ladder:
    """One level after another how many areas have a body of any kind, and what is wrong."""

    picture: Picture
    levels: Sequence[tuple[str, Ratio]]
    faults: Sequence[LadderFault]


def checked_ladder(picture: Picture, layers: Sequence[str]) -> Ladder:
    """Return the ladder of a picture; ``layers`` are those with bodies, parents first."""
    stands: dict[int, tuple[str, list[str]]] = {}
    levels = []
    for layer in layers:
        areas = picture.locator.areas(layer)
        bound = picture.bindings(layer)
        for o, a in zip(bound.organisation.tolist(), bound.area.tolist(), strict=True):
            stands.setdefault(o, (layer, []))[1].append(areas.codes[a])
        counted = bound.area[bound.state <= AreaState.JOINT]
        counts = len(np.unique(counted)), len(areas)
        levels.append((layer, ratio(*(DatedCount(each, picture.day) for each in counts))))
    nowhere: tuple[str | None, list[str]] = (None, [])
    rungs = [
        Rung(entry.code, entry.details.get("parent"), layer, tuple(codes))
        for entry, (layer, codes) in (
            (entry, stands.get(i, nowhere)) for i, entry in enumerate(picture.organisations)
        )
    ]
    taken = {layer for layer, share in levels if share.numerator.value}
    faults = ladder_faults(
        rungs,
        top_layers=_top_layers(picture.locator, taken),
        ancestors=_ancestors(picture.locator, layers),
    )
    return Ladder(picture, levels, [*faults, *_liaison_faults(picture)])


def _liaison_faults(picture: Picture) -> list[LadderFault]:
    """Return which organisations named a liaison for an area that they do not stand above."""
    faults = []
    for entry in picture.liaisons:
        organisation = entry.details["organisation"]
        if organisation not in picture.organisation_at:
            faults.append(LadderFault("liaison_lost", organisation, (entry.code,)))
        elif not picture.is_of_parent(entry):
            faults.append(LadderFault("liaison_elsewhere", organisation, (entry.code,)))
    return sorted(faults, key=lambda fault: (fault.code, fault.others))


def _top_layers(locator: Locator, taken: set[str]) -> frozenset[str]:
    """Return the highest layer of each family that has any body: above it there is no parent."""
    chains = locator.layers.families.values()
    tops = (next((each.name for each in chain if each.name in taken), None) for chain in chains)
    return frozenset(top for top in tops if top is not None)


def _ancestors(
    locator: Locator, layers: Sequence[str]
) -> dict[tuple[str, str], frozenset[tuple[str, str]]]:
    found = {}
    for family, chain in locator.layers.families.items():
        for depth, layer in enumerate(chain):
            if layer.name in layers:
                for position, code in enumerate(locator.areas(layer.name).codes):
                    links = locator.links(family, depth, position)
                    lies_in = frozenset((each.layer, each.code) for each in links if each.code)
                    found[layer.name, code] = lies_in
    return found
