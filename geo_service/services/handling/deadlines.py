"""Announced years as they become known, and the deadlines that rest on them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from geo_service.governance.clock.calendar import read_calendar_year
from geo_service.governance.clock.limit import Pause
from geo_service.governance.event import RECOMPUTED, Event, IssueState, state_from_values
from geo_service.governance.handling.dues import dues_of, runs_of, values_of
from geo_service.services.callers import Caller
from geo_service.services.issues.events import EventRows
from geo_service.services.workspaces import Workspace
from geo_service.storage import calendars, issues
from geo_service.storage.databases import Transaction

_PIECE = 500


class LoadedYear(NamedTuple):
    """A year that was loaded, and how many issues have other deadlines now."""

    year: int
    recomputed: int


class DeadlineService:
    """Deadlines that move because a year was announced."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def load_year(self, caller: Caller, text: str, *, file: str) -> LoadedYear:
        """Take in the calendar of a year, in the place of what was known of it; see ``recompute``.

        Raises
        ------
        InvalidProfile
            The text is no calendar; with file, line, key and reason.
        """
        year = read_calendar_year(text, file=file).year
        with self._workspace.database.write() as connection:
            calendars.put_calendar(
                connection,
                year=year,
                text=text,
                recorded_at_s=int(self._workspace.now_s()),
                recorded_by=caller.name,
            )
        return LoadedYear(year, self.recompute(caller))

    def recompute(self, caller: Caller) -> int:
        """Compute provisional deadlines again that lie in announced years; an event records each.

        Returns of how many issues. Most of the time this is two small reads.
        """
        with self._workspace.database.read() as connection:
            self._workspace.learn_calendars(connection)
            is_idle = not self._provisional(connection, after=0)
        done, after = 0, 0
        while not is_idle:
            with self._workspace.database.write() as connection:
                ids = self._provisional(connection, after=after)
                done += self._recompute(connection, caller, ids)
            is_idle, after = len(ids) < _PIECE, ids[-1] if ids else 0
        return done

    def _provisional(self, connection: Transaction, *, after: int) -> Sequence[int]:
        until_s = self._workspace.deadlines.clock.calendar.announced_until_s(
            int(self._workspace.now_s())
        )
        return calendars.provisional_ids(connection, until_s, after=after, limit=_PIECE)

    def _recompute(self, connection: Transaction, caller: Caller, ids: Sequence[int]) -> int:
        states = issues.last_states(connection, ids)
        events, done = EventRows(self._workspace), 0
        for issue_id in ids:
            state = state_from_values(states[issue_id])
            event = self._event(state)
            if event is None:
                continue
            after = events.add(caller, issue_id, [event], start=state)
            columns = dues_of(runs_of(after.deadlines), self._workspace.deadlines.rules.main)
            issues.update_issue(connection, issue_id, columns._asdict())
            done += 1
        issues.add_events(connection, events.rows)
        return done

    def _event(self, state: IssueState) -> Event | None:
        handling: Mapping[str, Any] = state.handling or {}
        pauses = [Pause(*pause) for pause in handling.get("pauses", ())]
        changed = self._workspace.deadlines.recomputed(runs_of(state.deadlines), pauses)
        if not changed:
            return None
        at = datetime.fromtimestamp(int(self._workspace.now_s()), UTC)
        return Event(RECOMPUTED, at, {"deadlines": values_of(changed)})
