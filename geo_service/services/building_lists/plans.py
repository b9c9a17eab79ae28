"""From rows of building lists to one operation: every row understood, or all that are not told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from geo_service.layers.arcs import AreaKey, Coverage
from geo_service.layers.redraw import Building, KnownBuildings
from geo_service.layers.redraw.asked.lists import DeriveByLists
from geo_service.services.building_lists.grids import ListedGrid, understood
from geo_service.services.building_lists.rows import ListRow
from geo_service.services.lists.rejections import Rejection

REFUSE, NEAREST = "refuse", "nearest"
_SHOWN = 5


@dataclass(frozen=True)
class DeriveOptions:
    """How areas are derived.

    ``layer`` is theirs. ``others`` says what becomes of buildings with a code or name that are on
    no list: ``refuse`` or ``nearest``, to the list of the nearest one that is on one. ``retires``
    lets areas go that no row names. ``parent`` is that of rows which name none. ``along`` is
    ``road`` for borders that rather run along roads.
    """

    layer: str
    others: str = REFUSE
    retires: bool = False
    parent: str | None = None
    along: str | None = None


@dataclass
class Plan:
    """What is to be done below one parent, and what cannot be understood."""

    parent: AreaKey
    known: KnownBuildings
    taken: dict[int, ListRow] = field(default_factory=dict)
    lists: dict[str, list[int]] = field(default_factory=dict)
    beside: dict[str, list[int]] = field(default_factory=dict)

    def buildings(self) -> tuple[Building, ...]:
        """Return all buildings of the parent, to redraw by."""
        return tuple(self.known.building(i) for i in range(len(self.known)))

    def words(self, *, with_others: bool) -> dict[str, tuple[str, ...]]:
        """Return the buildings by area, by identity; those on no list too if asked."""
        names = self.known.identities
        return {
            code: tuple(
                names[i] for i in (*own, *(self.beside.get(code, ()) if with_others else ()))
            )
            for code, own in self.lists.items()
        }


def planned(
    coverage: Coverage, rows: Sequence[ListRow], known: KnownBuildings, options: DeriveOptions
) -> tuple[DeriveByLists | None, list[Rejection]]:
    """Return the operation that rows ask for, None where there are rejections."""
    layer = options.layer
    grids, rejections = understood(coverage, layer, rows, parent=options.parent)
    plans: list[Plan] = []
    for parent, own in _by_parent(grids).items():
        scope = known.within(coverage.area(parent).outline)
        plan = Plan(parent, scope)
        rejections += _listed(plan, own, known)
        rejections += _rest(plan, options)
        rejections += _unnamed_areas(coverage, plan, own, options)
        plans.append(plan)
    if rejections or not plans:
        return None, sorted(rejections, key=lambda each: (each.row == 0, each.row))
    return _operation(layer, plans, grids), []


def _operation(layer: str, plans: Sequence[Plan], grids: Iterable[ListedGrid]) -> DeriveByLists:
    return DeriveByLists(
        layer=layer,
        parents=tuple(plan.parent for plan in plans),
        lists={plan.parent.code: plan.words(with_others=False) for plan in plans},
        groups={plan.parent.code: plan.words(with_others=True) for plan in plans},
        buildings={plan.parent.code: plan.buildings() for plan in plans},
        names={grid.code: grid.row.name for grid in grids if grid.is_new and grid.row.name},
    )


def _by_parent(grids: Iterable[ListedGrid]) -> Mapping[AreaKey, list[ListedGrid]]:
    found: dict[AreaKey, list[ListedGrid]] = {}
    for grid in grids:
        found.setdefault(grid.parent, []).append(grid)
    return found


def _listed(plan: Plan, grids: Iterable[ListedGrid], every: KnownBuildings) -> list[Rejection]:
    """Put buildings on the lists of a plan; return the rows that mean not one, or one again."""
    rejections = []
    for grid in grids:
        word = grid.row.building
        meant = plan.known.meant(word)
        own = plan.lists.setdefault(grid.code, [])
        lane = [] if meant else plan.known.in_lane(word)
        if lane:
            rejections += _lane_listed(plan, grid.row, own, lane)
        elif len(meant) != 1:
            rejections.append(_not_one(plan, grid.row, meant, every))
        elif meant[0] in plan.taken:
            rejections.append(_twice(grid.row, plan.taken[meant[0]]))
        else:
            plan.taken[meant[0]] = grid.row
            own.append(meant[0])
    return rejections


def _lane_listed(plan: Plan, row: ListRow, own: list[int], lane: Sequence[int]) -> list[Rejection]:
    """Put all buildings of a lane on a list; return those that are on one already."""
    taken = [i for i in lane if i in plan.taken]
    new = [i for i in lane if i not in plan.taken]
    own += new
    twice = [_twice(replace(row, building=plan.known.identities[i]), plan.taken[i]) for i in taken]
    plan.taken |= dict.fromkeys(new, row)
    return twice


def _not_one(plan: Plan, row: ListRow, meant: Sequence[int], every: KnownBuildings) -> Rejection:
    word, code = row.building, plan.parent.code
    if meant:
        names = [plan.known.identities[i] for i in meant[:_SHOWN]]
        return Rejection(
            row.row,
            "building",
            f"{code} 内有 {len(meant)} 栋“{word}”：请写编码，或写 {'、'.join(names)}",
            f"{code} has {len(meant)} buildings '{word}': give a code, or {', '.join(names)}",
        )
    if every.meant(word):
        return Rejection(
            row.row,
            "building",
            f"“{word}”不在 {code} 内",
            f"'{word}' does not stand in {code}",
        )
    return Rejection(
        row.row,
        "building",
        f"查无楼栋“{word}”",
        f"there is no building '{word}'",
    )


def _twice(row: ListRow, other: ListRow) -> Rejection:
    where = f"{other.area}（第 {other.row} 行）" if other.row else other.area
    at = f"{other.area} (row {other.row})" if other.row else other.area
    return Rejection(
        row.row,
        "building",
        f"“{row.building}”已在 {where} 的清单上",
        f"'{row.building}' is on the list of {at} already",
    )


def _rest(plan: Plan, options: DeriveOptions) -> list[Rejection]:
    """Deal out the buildings that no row names, or return that they are on no list."""
    known = plan.known
    rest = [i for i in range(len(known)) if i not in plan.taken]
    named = [i for i in rest if known.is_named(i)]
    if named and options.others == REFUSE:
        return [_unlisted(plan, i) for i in named]
    listed = [(i, code) for code, own in plan.lists.items() for i in own]
    if rest and listed:
        nearest = known.nearest(rest, [i for i, _ in listed])
        for i, at in zip(rest, nearest.tolist(), strict=True):
            side = plan.lists if known.is_named(i) else plan.beside
            side.setdefault(listed[at][1], []).append(i)
    return []


def _unlisted(plan: Plan, position: int) -> Rejection:
    word, code = plan.known.identities[position], plan.parent.code
    return Rejection(
        0,
        "building",
        f"{code} 内的“{word}”不在任何清单上",
        f"'{word}' in {code} is on no list",
    )


def _unnamed_areas(
    coverage: Coverage,
    plan: Plan,
    grids: Iterable[ListedGrid],
    options: DeriveOptions,
) -> list[Rejection]:
    """Return the areas of a parent that no row names, unless they may go."""
    below = coverage.children_in(coverage.number_of(plan.parent), options.layer)
    codes = {coverage.areas[n].key.code for n in below} - {grid.code for grid in grids}
    if options.retires:
        return []
    return [
        Rejection(
            0,
            "code",
            f"没有一行列出 {code}：请补上，或说明要撤销它",
            f"no row names {code}: add it, or say that it shall be retired",
        )
        for code in sorted(codes)
    ]
