"""Taking entries into a register: checked against boundaries and each other, versioned by day."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeGuard

import numpy as np

from geo_service.governance.issue import RowError
from geo_service.governance.moment import SHANGHAI, day_start, epoch_s
from geo_service.governance.organisations.consistency import contradiction
from geo_service.governance.organisations.reading import TOO_FEW_TOLD
from geo_service.governance.organisations.register import Entry
from geo_service.governance.word import word_key
from geo_service.layers.area import Floats
from geo_service.layers.assignment.rule import UNASSIGNED, assign
from geo_service.services.callers import Caller
from geo_service.services.organisations.corrections import (
    has_other_life,
    is_founded_again,
    with_corrections,
)
from geo_service.services.organisations.names import Names, Organisations
from geo_service.services.places.placing import place_points
from geo_service.services.workspaces import Workspace
from geo_service.storage import figures, registers
from geo_service.storage.databases import Transaction

ADDED, UPDATED, UNCHANGED = "added", "updated", "unchanged"
_LINKS = ("parent", "party_organisation", "organisation")
"""Details that name an organisation, by its code or by a name that only one has."""
_ORGANISATION = "party_organisation"
_EVER_S = 2**53


class Told(NamedTuple):
    """An entry as told, and which of its fields were: the others stay as they are known."""

    entry: Entry
    given: Collection[str]


class Outcome(NamedTuple):
    """What became of a told entry: ``added``, ``updated`` or ``unchanged``.

    A correction tells another founding or end, for every day that the entry is known of.
    """

    kind: str
    entry: Entry
    is_correction: bool = False


def take_entries(
    workspace: Workspace,
    connection: Transaction,
    caller: Caller,
    register: str,
    told: Sequence[Told | RowError],
) -> list[Outcome | RowError]:
    """Store what is new or other; return what became of each, in order.

    An entry that says no ``from`` applies from its founding when it is new, and from today when it
    changes what is known. When it was founded and dissolved are facts of the thing: told otherwise
    without a ``from`` they hold for every day, so that earlier pictures drawn again show them.
    Codes of areas are those of the edition in force, or names that only one area has. Organisations
    that stand above themselves are refused, all of a cycle, in whatever order they come; and so is
    what lies in no area, or is told to have been active after it was dissolved.
    """
    outcomes = _Taking(workspace.standing_still(), connection, register, told).outcomes()
    stored = [(each.entry, each.is_correction) for each in outcomes if _is_stored(each)]
    now_s = workspace.now_s()
    new = with_corrections(connection, register, stored, known_at_s=now_s)
    registers.add_entries(connection, new, recorded_at_s=int(now_s), actor=caller.name)
    return outcomes


def today_s(workspace: Workspace) -> int:
    """Return the last midnight in Asia/Shanghai."""
    now = datetime.fromtimestamp(workspace.now_s(), UTC)
    return epoch_s(day_start(now.astimezone(SHANGHAI).date()))


class _Taking:
    """One batch being taken in."""

    def __init__(
        self,
        workspace: Workspace,
        connection: Transaction,
        register: str,
        told: Sequence[Told | RowError],
    ) -> None:
        self._workspace = workspace
        self._connection = connection
        self._register = register
        self._told = told
        self._today_s = today_s(workspace)
        self._edition = workspace.governing(connection)
        self._locator = (
            None if self._edition is None else workspace.locator(connection, self._edition)
        )
        self._organisations = Organisations(lambda codes: self._known(_ORGANISATION, codes=codes))
        self._tell(told)
        self._names = Names(self._locator, self._organisations)
        self._layers = {
            word_key(word): layer.name
            for layer in workspace.layers
            for word in (layer.title_en, layer.title_zh, layer.name)
        }
        self._standing: dict[int, dict[str, Entry]] = {}
        self._recorded: set[str] = set()
        self._last_held: dict[str, int] | None = None

    def outcomes(self) -> list[Outcome | RowError]:
        linked = [e if isinstance(e, RowError) else self._linked(e) for e in self._placed()]
        self._tell(linked)
        codes = [each.entry.code for each in _entries(linked)]
        self._recorded = set(self._known(self._register, at_s=_EVER_S, codes=codes))
        found = [e if isinstance(e, RowError) else self._outcome(e, codes) for e in linked]
        return self._without_cycles(found) if self._register == _ORGANISATION else found

    def _tell(self, told: Iterable[Told | RowError]) -> None:
        if self._register == _ORGANISATION:
            self._organisations.tell({each.entry.code: each.entry for each in _entries(told)})

    def _known(
        self, register: str, *, at_s: float | None = None, codes: Collection[str] | None = None
    ) -> dict[str, Entry]:
        found = registers.entries_as_of(
            self._connection,
            register,
            as_of_s=self._workspace.now_s() if at_s is None else at_s,
            known_at_s=self._workspace.now_s(),
            codes=codes,
        )
        return {entry.code: entry for entry in found}

    def _placed(self) -> list[Told | RowError]:
        """Return the entries with the degrees of their places; refused where they have none."""
        lon, lat, refused = place_points(
            [None if isinstance(each, RowError) else each.entry for each in self._told]
        )
        refused |= self._outside(lon, lat)
        found: list[Told | RowError] = []
        for i, each in enumerate(self._told):
            if isinstance(each, RowError) or i in refused:
                found.append(refused.get(i) or each)
            elif np.isnan(lon[i]):
                found.append(each)
            else:
                entry = each.entry._replace(lon=float(lon[i]), lat=float(lat[i]))
                found.append(each._replace(entry=entry))
        return found

    def _outside(self, lon: Floats, lat: Floats) -> dict[int, RowError]:
        placed = np.flatnonzero(np.isfinite(lon))
        # a site across the border serves people on this side, too
        may_be_outside = self._register in {"facility", "asset"}
        if may_be_outside or not len(placed) or self._locator is None:
            return {}
        is_inside = np.zeros(len(placed), dtype=bool)
        for family in self._locator.layers.families:
            assigned = assign(self._locator, family, lon=lon[placed], lat=lat[placed])
            is_inside |= assigned.rules != UNASSIGNED
        reason = RowError(
            "x, y",
            "不在任何区域内：请核对坐标和坐标系",
            "lies in no area: check the coordinates and their frame",
        )
        return dict.fromkeys(placed[~is_inside].tolist(), reason)

    def _linked(self, told: Told) -> Told | RowError:
        """Put codes where names were written."""
        entry = told.entry
        details = dict(entry.details)
        for field in _LINKS:
            if field in details:
                code = self._names.organisation(details[field])
                if isinstance(code, tuple):
                    return RowError(field, *code)
                details[field] = code
        layer = entry.layer and self._layers.get(word_key(entry.layer))
        if entry.layer is not None and layer is None:
            known = ", ".join(self._workspace.layers.by_name)
            return RowError("layer", f"没有这个图层；有：{known}", f"no such layer; known: {known}")
        areas = tuple(self._names.area(layer or "", code) for code in entry.areas)
        code = entry.code
        if self._register == "liaison":
            code = f"{layer}/{areas[0]}"
            if entry.code not in {code, f"{entry.layer}/{entry.areas[0]}"}:
                return _OTHER_AREA
        named = entry._replace(layer=layer, areas=areas, code=code, details=details)
        return told._replace(entry=named)

    def _outcome(self, told: Told, codes: Collection[str]) -> Outcome | RowError:
        entry = told.entry
        at_s = self._today_s if entry.from_s is None else entry.from_s
        if at_s not in self._standing:
            self._standing[at_s] = self._known(self._register, at_s=at_s, codes=codes)
        base = self._standing[at_s].get(entry.code)
        merged = _settled(entry if base is None else _merged(base, told), base)
        if isinstance(merged, RowError):
            return merged
        if base is not None and merged.told == base.told:
            return Outcome(UNCHANGED, base)
        bound = self._bound(merged, base)
        if isinstance(bound, RowError):
            return bound
        error = contradiction(bound) or self._active_too_late(bound)
        if error is not None:
            return error
        dated = bound
        if bound.from_s is None:
            dated = bound._replace(from_s=self._start(bound, base))
        is_correction = bound.from_s is None and self._is_correction(bound, base)
        self._standing[at_s][entry.code] = dated
        self._recorded.add(entry.code)
        return Outcome(ADDED if base is None else UPDATED, dated, is_correction)

    def _start(self, entry: Entry, base: Entry | None) -> int:
        """Return since when facts apply that say nothing of it."""
        is_new = entry.code not in self._recorded or is_founded_again(entry, base)
        return entry.founded_s if is_new and entry.founded_s is not None else self._today_s

    def _is_correction(self, entry: Entry, base: Entry | None) -> bool:
        if base is None:
            return entry.code in self._recorded
        return has_other_life(entry, base) and not is_founded_again(entry, base)

    def _bound(self, entry: Entry, base: Entry | None) -> Entry | RowError:
        """Bind areas to the edition in force, unless they are bound already."""
        if not entry.areas:
            return entry._replace(edition=None)
        if base is not None and (base.layer, base.areas) == (entry.layer, entry.areas):
            return entry._replace(edition=base.edition)
        if self._edition is None or self._locator is None:
            return RowError("area", "还没有发布边界", "no boundaries are published yet")
        known_codes = self._locator.areas(entry.layer or "").position_by_code
        gone = [code for code in entry.areas if code not in known_codes]
        if gone:
            return self._not_there(self._edition.number, entry.layer or "", gone[0])
        return entry._replace(edition=self._edition.number)

    def _not_there(self, edition: int, layer: str, code: str) -> RowError:
        was_there = (layer, code) in figures.known_areas(self._connection, [layer])
        zh, en = ("（另一版本有这个编码）", " (another edition has it)") if was_there else ("", "")
        return RowError(
            "area",
            f"现行第 {edition} 版边界的图层 {layer} 中没有这个编码或名称{zh}",
            f"edition {edition}, which is in force, has no such code or name in {layer}{en}",
        )

    def _without_cycles(self, outcomes: list[Outcome | RowError]) -> list[Outcome | RowError]:
        """Refuse what would put organisations above themselves.

        All rows together decide: one may break the cycle that another would close. What is refused
        may close another one with what is stored instead.
        """
        while True:
            accepted = {o.entry.code: o.entry for o in outcomes if _is_stored(o)}
            cycles = {code: self._cycle(code, accepted) for code in accepted}
            refused = {
                (code, accepted[code].details["parent"]): error
                for code, error in cycles.items()
                if error is not None
            }
            if not refused:
                return outcomes
            outcomes = [
                o if isinstance(o, RowError) else refused.get(_parent_of(o.entry), o)
                for o in outcomes
            ]

    def _cycle(self, code: str, accepted: Mapping[str, Entry]) -> RowError | None:
        path: list[str] = []
        at: str | None = code
        while at is not None and at not in path:
            path.append(at)
            entry = accepted.get(at) or self._organisations.stored(at)
            at = entry and entry.details.get("parent")
        if at != code:
            return None
        told = " → ".join([*path, code])
        return RowError("parent", f"上级关系成环：{told}", f"the parents form a cycle: {told}")

    def _active_too_late(self, entry: Entry) -> RowError | None:
        if self._register != _ORGANISATION or entry.dissolved_s is None:
            return None
        if self._last_held is None:
            self._last_held = self._held_last()
        if self._last_held.get(entry.code, entry.dissolved_s) <= entry.dissolved_s:
            return None
        return RowError(
            "dissolved", "撤销日期之后还有活动记录", "activities are recorded after the dissolution"
        )

    def _held_last(self) -> dict[str, int]:
        """Return when those last held anything that are told to be dissolved, by code."""
        told = _entries(self._told)
        held = registers.activities_as_of(
            self._connection,
            as_of_s=self._workspace.now_s(),
            known_at_s=self._workspace.now_s(),
            organisations={e.entry.code for e in told if e.entry.dissolved_s is not None},
        )
        return {each.organisation: each.held_on_s for each in held}


_OTHER_AREA = RowError(
    "area",
    "与编码（地址）说的不是同一区域：联系人派驻以区域为编码，换了区域请另登一条",
    "is another area than its code says: the area is the key, so record another entry",
)


def _entries(told: Iterable[Told | RowError]) -> Iterable[Told]:
    return (each for each in told if isinstance(each, Told))


def _is_stored(outcome: Outcome | RowError) -> TypeGuard[Outcome]:
    return isinstance(outcome, Outcome) and outcome.kind != UNCHANGED


def _parent_of(entry: Entry) -> tuple[str, str | None]:
    return entry.code, entry.details.get("parent")


def _merged(base: Entry, told: Told) -> Entry:
    """Return what was told, with what is known of the fields that were not."""
    entry, given = told
    details = {k: v for k, v in base.details.items() if k not in given} | dict(entry.details)
    kept: dict[str, Any] = {}
    if not any(field.startswith("area") for field in given):
        kept |= {"areas": base.areas, "layer": entry.layer or base.layer}
    if "x" not in given:
        kept |= {name: getattr(base, name) for name in ("x", "y", "source_frame", "lon", "lat")}
    for field in ("founded", "dissolved"):
        if field not in given:
            kept[f"{field}_s"] = getattr(base, f"{field}_s")
    if "name" not in given:
        kept["name"] = base.name
    return entry._replace(**kept, details=details)


def _settled(entry: Entry, base: Entry | None) -> Entry | RowError:
    """Put the known count where one was told as too small to print."""
    details = dict(entry.details)
    for field, value in entry.details.items():
        if value == TOO_FEW_TOLD:
            known = None if base is None else base.details.get(field)
            if known is None:
                return RowError(
                    field, "只写了“不足”，请写人数", "says 'fewer than': write the number"
                )
            details[field] = known
    return entry._replace(details=details)
