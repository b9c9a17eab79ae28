"""The registers of one house: entries recorded, listed, confirmed, taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from geo_service.errors import EntryNotFound, InvalidValue, RefusedValue
from geo_service.governance.issue import RowError
from geo_service.governance.organisations.reading import read_entry
from geo_service.governance.organisations.register import LIAISON, REGISTERS, Activity, Entry
from geo_service.layers.edition import IN_FORCE, EditionChoice
from geo_service.services.callers import Caller
from geo_service.services.organisations.cells import entry_cells
from geo_service.services.organisations.known import (
    held_activities,
    known_entries,
    moments,
    now_of,
)
from geo_service.services.organisations.taking import (
    Outcome,
    Told,
    take_entries,
    today_s,
)
from geo_service.services.workspaces import Workspace
from geo_service.storage import registers
from geo_service.storage.databases import Transaction
from geo_service.storage.registers import Version


@dataclass(frozen=True)
class EntryFilter:
    """Which entries are asked for; ``area`` is (layer, code) of what they are bound to."""

    kind: str | None = None
    area: tuple[str, str] | None = None
    name: str | None = None

    def has(self, entry: Entry) -> bool:
        """Tell whether an entry is asked for."""
        layer, code = self.area or (None, None)
        return (
            (self.kind is None or entry.kind == self.kind)
            and (layer is None or (entry.layer == layer and code in entry.areas))
            and (self.name is None or self.name in entry.name)
        )


@dataclass(frozen=True)
class KnownEntry:
    """An entry as of a moment, every version of it that is known, and what was held."""

    entry: Entry
    versions: Sequence[Version]
    activities: Sequence[Activity]


class RegisterService:
    """Organisations, units, facilities, assets and liaisons."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def entries(
        self,
        _caller: Caller,
        register: str,
        choice: EditionChoice = IN_FORCE,
        wanted: EntryFilter = EntryFilter(),
        *,
        after: str | None = None,
        limit: int | None = None,
    ) -> list[Entry]:
        """Return the entries that exist at a moment, by code."""
        with self._workspace.database.read() as connection:
            found = self._standing(connection, register, choice)
        chosen = [e for e in found if (after is None or e.code > after) and wanted.has(e)]
        return chosen[:limit]

    def entry(
        self, _caller: Caller, register: str, code: str, choice: EditionChoice = IN_FORCE
    ) -> KnownEntry:
        """Return one entry with its history; it may be dissolved by then.

        Raises
        ------
        EntryNotFound
            Nothing of this code is known for that moment.
        """
        with self._workspace.database.read() as connection:
            return self._known(connection, register, code, choice)

    def record(
        self, caller: Caller, register: str, cells: Mapping[str, Any], *, is_whole: bool = True
    ) -> Outcome:
        """Store one entry; of one that is not whole the fields that are not told stay.

        Raises
        ------
        RefusedValue
            A field cannot be read, or makes no sense beside what is known.
        EntryNotFound
            It is not whole, and there is none of this code.
        """
        cells = _with_area(register, cells)
        with self._workspace.database.write() as connection:
            if not is_whole:
                known = self._known(connection, register, str(cells.get("code")), IN_FORCE)
                cells = {**entry_cells(known.entry), **cells}
            [found] = self._take(connection, caller, register, [cells], whole=True)
            if isinstance(found, RowError):
                raise RefusedValue(found.field, found.reason_zh, found.reason_en)
            if cells.get("code") not in {None, found.entry.code}:
                own = found.entry.code
                raise RefusedValue("code", f"请按登记的写法：{own}", f"is registered as {own}")
        return found

    def record_many(
        self,
        caller: Caller,
        register: str,
        rows: Sequence[Mapping[str, Any] | RowError],
        *,
        default_frame: str | None = None,
        default_from: str | None = None,
        default_layer: str | None = None,
    ) -> list[Outcome | RowError]:
        """Store many entries in one transaction; each has its own outcome, in order."""
        defaults = {"from": default_from, "layer": default_layer}
        given = {name: value for name, value in defaults.items() if value is not None}
        filled = [
            row if isinstance(row, RowError) else {**row, **_missing(row, given)} for row in rows
        ]
        with self._workspace.database.write() as connection:
            return self._take(connection, caller, register, filled, default_frame=default_frame)

    def withdraw(self, caller: Caller, register: str, code: str) -> Entry:
        """Take an entry back that was recorded in error; what was known then stays known.

        Raises
        ------
        EntryNotFound
            There is none of this code.
        """
        with self._workspace.database.write() as connection:
            found = self._known(connection, register, code, IN_FORCE).entry
            registers.withdraw_entry(
                connection,
                found,
                recorded_at_s=int(self._workspace.now_s()),
                actor=caller.name,
            )
        return found

    def confirm(self, caller: Caller, register: str, code: str) -> Entry:
        """Decide that an entry stands for the areas of its codes as they are drawn now.

        Raises
        ------
        EntryNotFound
            There is none of this code.
        InvalidValue
            The edition in force lacks one of its areas: it must be bound to others.
        """
        with self._workspace.database.write() as connection:
            found = self._known(connection, register, code, IN_FORCE).entry
            edition = self._workspace.edition(connection)
            locator = self._workspace.locator(connection, edition)
            codes = locator.areas(found.layer).position_by_code if found.layer else {}
            if not found.areas or any(each not in codes for each in found.areas):
                raise InvalidValue("areas", "现行版本中有的区域", "areas of the edition in force")
            confirmed = found._replace(edition=edition.number, from_s=today_s(self._workspace))
            registers.add_entries(
                connection,
                [confirmed],
                recorded_at_s=int(self._workspace.now_s()),
                actor=caller.name,
            )
        return confirmed

    def _take(
        self,
        connection: Transaction,
        caller: Caller,
        register: str,
        rows: Sequence[Mapping[str, Any] | RowError],
        *,
        whole: bool = False,
        default_frame: str | None = None,
    ) -> list[Outcome | RowError]:
        now, layers = now_of(self._workspace), list(self._workspace.layers.by_name)
        everything = _fields(register) if whole else frozenset()
        told: list[Told | RowError] = []
        for row in rows:
            if isinstance(row, RowError):
                told.append(row)
                continue
            read = read_entry(
                register,
                row,
                rules=self._workspace.profile.organisations,
                layers=layers,
                now=now,
                default_frame=default_frame,
            )
            given = everything or frozenset(row)
            told.append(read if isinstance(read, RowError) else Told(read, given))
        return take_entries(self._workspace, connection, caller, register, told)

    def _known(
        self, connection: Transaction, register: str, code: str, choice: EditionChoice
    ) -> KnownEntry:
        found = known_entries(self._workspace, connection, register, choice, [code])
        if code not in found:
            raise EntryNotFound(register=register, code=code)
        known_at_s = moments(self._workspace, choice)[1]
        return KnownEntry(
            found[code],
            [
                each
                for each in registers.versions(connection, register, code)
                if each.recorded_at_s <= known_at_s
            ],
            held_activities(self._workspace, connection, choice, [code])
            if register == "party_organisation"
            else [],
        )

    def _standing(
        self, connection: Transaction, register: str, choice: EditionChoice
    ) -> list[Entry]:
        as_of_s = moments(self._workspace, choice)[0]
        found = known_entries(self._workspace, connection, register, choice)
        return [entry for entry in found.values() if entry.exists(as_of_s)]


def _fields(register: str) -> frozenset[str]:
    """Return every field of a register: what is not told of a whole entry is empty."""
    common = {"name", "area", "layer", "x", "founded", "dissolved"}
    return frozenset(common | set(REGISTERS[register].details))


def _with_area(register: str, cells: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the cells of a liaison with the area that its code is."""
    if register != LIAISON.name or "area" in cells or "code" not in cells:
        return cells
    layer, _, area = str(cells["code"]).partition("/")
    return {"layer": layer, "area": area, **cells}


def _missing(row: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if row.get(name) in (None, "")}
