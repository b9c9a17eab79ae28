"""What organisations held: recorded, listed, taken back."""

from collections.abc import Mapping, Sequence
from typing import Any

from geo_service.errors import EntryNotFound, RefusedValue
from geo_service.governance.issue import RowError
from geo_service.governance.organisations.reading import read_activity
from geo_service.governance.organisations.register import Activity, Entry
from geo_service.layers.edition import IN_FORCE, EditionChoice
from geo_service.services.callers import Caller
from geo_service.services.organisations.known import held_activities, known_entries, now_of
from geo_service.services.organisations.names import Names, Organisations
from geo_service.services.organisations.taking import ADDED, UNCHANGED
from geo_service.services.workspaces import Workspace
from geo_service.storage import registers
from geo_service.storage.databases import Transaction


class ActivityService:
    """What organisations of one house held."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def activities(
        self, _caller: Caller, organisation: str, choice: EditionChoice = IN_FORCE
    ) -> list[Activity]:
        """Return what an organisation held by a moment, by day."""
        with self._workspace.database.read() as connection:
            return held_activities(self._workspace, connection, choice, [organisation])

    def record(self, caller: Caller, cells: Mapping[str, Any]) -> tuple[str, Activity]:
        """Store one activity; return whether it was ``added`` or ``unchanged``, and it.

        Raises
        ------
        RefusedValue
            The organisation is not known, or was not there on that day; no such kind or day.
        """
        [found] = self.record_many(caller, [cells])
        if isinstance(found, RowError):
            raise RefusedValue(found.field, found.reason_zh, found.reason_en)
        return found

    def record_many(
        self, caller: Caller, rows: Sequence[Mapping[str, Any] | RowError]
    ) -> list[tuple[str, Activity] | RowError]:
        """Store many activities in one transaction; each has its own outcome, in order."""
        rules, now = self._workspace.profile.organisations, now_of(self._workspace)
        read: Sequence[Activity | RowError] = [
            row if isinstance(row, RowError) else read_activity(row, rules=rules, now=now)
            for row in rows
        ]
        with self._workspace.database.write() as connection:
            read = self._linked(connection, read)
            named = sorted({each.organisation for each in read if isinstance(each, Activity)})
            known = known_entries(
                self._workspace, connection, "party_organisation", IN_FORCE, named
            )
            held = set(held_activities(self._workspace, connection, IN_FORCE, named))
            outcomes: list[tuple[str, Activity] | RowError] = []
            for each in read:
                error = each if isinstance(each, RowError) else _not_there(each, known)
                if error is not None:
                    outcomes.append(error)
                elif isinstance(each, Activity):
                    outcomes.append((UNCHANGED if each in held else ADDED, each))
                    held.add(each)
            new = [o[1] for o in outcomes if not isinstance(o, RowError) and o[0] == ADDED]
            registers.add_activities(
                connection,
                new,
                recorded_at_s=int(self._workspace.now_s()),
                actor=caller.name,
            )
        return outcomes

    def _linked(
        self, connection: Transaction, read: Sequence[Activity | RowError]
    ) -> list[Activity | RowError]:
        """Put codes where names were written."""
        organisations = Organisations(
            lambda codes: known_entries(
                self._workspace, connection, "party_organisation", IN_FORCE, codes
            )
        )
        names = Names(None, organisations)
        found: list[Activity | RowError] = []
        for each in read:
            code = each if isinstance(each, RowError) else names.organisation(each.organisation)
            if isinstance(code, tuple):
                found.append(RowError("organisation", *code))
            elif isinstance(code, RowError) or isinstance(each, RowError):
                found.append(each)
            else:
                found.append(each._replace(organisation=code))
        return found

    def withdraw(self, caller: Caller, cells: Mapping[str, Any]) -> Activity:
        """Take an activity back that was recorded in error.

        Raises
        ------
        RefusedValue
            The cells are no activity.
        EntryNotFound
            There is none of that kind on that day.
        """
        rules = self._workspace.profile.organisations
        found = read_activity(cells, rules=rules, now=now_of(self._workspace))
        if isinstance(found, RowError):
            raise RefusedValue(found.field, found.reason_zh, found.reason_en)
        with self._workspace.database.write() as connection:
            if found not in held_activities(
                self._workspace, connection, IN_FORCE, [found.organisation]
            ):
                raise EntryNotFound(register="activity", code=found.organisation)
            registers.add_activities(
                connection,
                [found],
                is_withdrawal=True,
                recorded_at_s=int(self._workspace.now_s()),
                actor=caller.name,
            )
        return found


def _not_there(activity: Activity, known: Mapping[str, Entry]) -> RowError | None:
    entry = known.get(activity.organisation)
    if entry is None:
        return RowError("organisation", "没有这个党组织", "there is no such organisation")
    if entry.dissolved_s is not None and activity.held_on_s > entry.dissolved_s:
        return RowError("held_on", "晚于撤销日期", "is after the dissolution")
    if entry.founded_s is not None and activity.held_on_s < entry.founded_s:
        return RowError("held_on", "早于成立日期", "is before the founding")
    return None
