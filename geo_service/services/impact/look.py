"""One look at a redraw: what is read around it, and what is told of it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from geo_service.layers.agreement import Standing
from geo_service.layers.edition import Edition
from geo_service.layers.layer import BUILDING
from geo_service.layers.reach import grown_boxes
from geo_service.services.impact.ground import (
    Base,
    Ground,
    Places,
    Region,
    ground_of,
    reach_m,
    region_of,
)
from geo_service.services.impact.issues.book import IssueBook
from geo_service.services.impact.issues.near import LocatedIssues, NearIssues, near_issues
from geo_service.services.impact.layer_impact import LayerSides, layer_impact
from geo_service.services.impact.numbers import LayerNumbers, Side
from geo_service.services.impact.owners import owner_changes
from geo_service.services.impact.people import FigureDays, Figures, People
from geo_service.services.impact.redrawing import FindOthers, Redrawing
from geo_service.services.impact.registers import Registers, entry_moves, named_areas
from geo_service.services.impact.result import Impact, LayerImpact, OwnerChanges
from geo_service.services.impact.stored_areas import StoredAreas
from geo_service.services.workspaces import Workspace
from geo_service.storage.databases import Transaction

LISTED = 100
"""So many issues and entries are told one by one."""
MOST_BESIDE = 1_000


@dataclass(frozen=True)
class ImpactOptions:
    """How much is told, and from when on figures are of the new ground.

    Where more than ``most_beside`` areas lie around the siblings of touched areas, balance is told
    of figures and square meters alone: to count issues and registers there takes as long as the
    ground is large. ``with_owners`` also asks which open issues would change owner, ``listed`` is
    how many issues and entries are named. ``entered_from_s`` is from when on figures of areas that
    live on tell of their new ground; None while that is not in force. ``entered`` are values that
    are known before they are figures: (layer, figure, code) → how many.
    """

    with_owners: bool = True
    listed: int = LISTED
    most_beside: int = MOST_BESIDE
    entered_from_s: int | None = None
    entered: Mapping[tuple[str, str, str], int] = field(default_factory=dict)


DEFAULT = ImpactOptions()


@dataclass(frozen=True, eq=False)
class Now:
    """What a look rests on: one transaction, one moment, the edition that is before.

    ``others`` finds the areas around that differ too and are not told of. Without a ``book`` issues
    are read.
    """

    workspace: Workspace
    connection: Transaction
    base: Edition
    standing: Standing
    others: FindOthers
    book: IssueBook | None = None


@dataclass(frozen=True, eq=False)
class _Found:
    """What was read: where was looked, the ground, and on each side of it what stands there."""

    redrawing: Redrawing
    stored: StoredAreas
    region: Region
    ground: Ground
    sides: tuple[Side, Side]


def look(
    now: Now,
    redrawing: Redrawing,
    stored: StoredAreas,
    registers: Registers,
    options: ImpactOptions,
) -> Impact:
    """Return what a redraw would change."""
    found = _found(now, redrawing, stored, registers, options)
    pictures = [side.picture for side in found.sides]
    moves = [
        each
        for each in entry_moves(pictures[0], pictures[1], list(redrawing.touched))
        if {(each.layer, each.old), (each.layer, each.new)} & redrawing.keys
    ]
    return Impact(
        base=now.base.number,
        as_of_s=now.workspace.now_s(),
        layers=_layers(now, found, options),
        renoded=redrawing.renoded,
        owners=_owners(now, found, options) if options.with_owners else None,
        moves_total=Counter(each.register for each in moves),
        moves=moves[: options.listed],
    )


def people_of(now: Now, redrawing: Redrawing, stored: StoredAreas) -> People:
    """Return who lives where after a redraw, as `look` tells it, and nothing else of it."""
    region = region_of(redrawing, stored, now.standing, most_beside=0)
    has_buildings = BUILDING in now.workspace.layers.by_name
    nowhere = np.empty((0, 4))
    places = Places(region.counted if has_buildings else nowhere, nowhere, nowhere)
    ground = ground_of(now.connection, redrawing, base_of(now, stored), places=places, keys=())
    known = Figures(now.connection, redrawing, _days(now, DEFAULT))
    return People(redrawing, stored, ground, known)


def _found(
    now: Now,
    redrawing: Redrawing,
    stored: StoredAreas,
    registers: Registers,
    options: ImpactOptions,
) -> _Found:
    region = region_of(redrawing, stored, now.standing, most_beside=options.most_beside)
    issues = near_issues(now.workspace, now.connection, redrawing, stored, region, book=now.book)
    keys = {stored.columns.keys[row] for row in stored.meeting(region.counted)} | redrawing.keys
    picture = registers.near(keys, region.counted)
    ground = ground_of(
        now.connection,
        redrawing,
        base_of(now, stored),
        places=_places(now, region, issues),
        keys=named_areas(picture) | issues.decided_areas,
    )
    before, after = (
        Side(picture.on_ground(now.base, each), issues, LocatedIssues(each, issues))
        for each in (ground.before, ground.after)
    )
    return _Found(redrawing, stored, region, ground, (before, after))


def base_of(now: Now, stored: StoredAreas) -> Base:
    """Return what is before; its locator only where somebody asked for it of late."""
    locators = now.workspace.locators
    whole = locators.find(now.base)
    return Base(
        stored,
        now.standing,
        locators.deciding_depths(now.base),
        now.others,
        None if whole is None else whole.with_agreements(now.standing),
    )


def _places(now: Now, region: Region, issues: NearIssues) -> Places:
    """Return boxes that meet every area which can own what is looked at, or share its circle."""
    reach = reach_m(now.workspace.layers, now.standing)
    places, circle_m = issues.places, np.nan_to_num(issues.places.accuracy_m)
    # what a person decided may lie anywhere, and is located by its place where the area is gone
    is_decided = np.isin(places.ids, [row_id for row_id, _ in issues.decided])
    is_placed = np.isfinite(places.lon)
    points = np.column_stack([places.lon, places.lat, places.lon, places.lat])
    circles, apart = (
        grown_boxes(points[chosen], reach_m=circle_m[chosen] + reach)
        for chosen in (is_placed & (circle_m > 0.0) & ~is_decided, is_placed & is_decided)
    )
    return Places(grown_boxes(region.boxes, reach_m=reach), circles, apart)


def _layers(now: Now, found: _Found, options: ImpactOptions) -> list[LayerImpact]:
    known = Figures(now.connection, found.redrawing, _days(now, options), options.entered)
    people = People(found.redrawing, found.stored, found.ground, known)
    has_limits = now.workspace.profile.deadlines.main is not None
    layers = []
    for layer in now.workspace.layers:
        if layer.name in found.redrawing.touched:
            before, after = (
                LayerNumbers(side, layer.name, has_limits=has_limits) for side in found.sides
            )
            sides = LayerSides(
                layer=layer.name,
                redrawing=found.redrawing,
                stored=found.stored,
                region=found.region,
                known=known,
                people=people.layer(layer.name),
                before=before,
                after=after,
            )
            layers.append(layer_impact(sides))
    return layers


def _days(now: Now, options: ImpactOptions) -> FigureDays:
    now_s, entered_from_s = now.workspace.now_s(), options.entered_from_s
    if entered_from_s is None:
        return FigureDays(now_s)
    return FigureDays(min(now_s, entered_from_s - 1), entered_from_s)


def _owners(now: Now, found: _Found, options: ImpactOptions) -> OwnerChanges:
    return owner_changes(
        now.workspace,
        now.connection,
        found.ground,
        found.sides[0].issues,
        boxes=found.region.relocated,
        listed=options.listed,
    )
