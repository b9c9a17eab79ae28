"""What happened in a shift, counted from the issues and from the log of their events."""

from collections import Counter
from collections.abc import Sequence

from geo_service.governance.event import STEP
from geo_service.governance.handling.workflow import CLOSED
from geo_service.governance.profile import Profile
from geo_service.maps.handover.view import NamedCount, ShiftFigures
from geo_service.storage import handovers
from geo_service.storage.databases import Transaction
from geo_service.storage.handovers import Recorded


def shift_figures(
    connection: Transaction,
    profile: Profile,
    *,
    from_s: int,
    now_s: int,
    became_overdue: int,
    language: str,
) -> ShiftFigures:
    """Return what happened since a moment, this second included."""
    period = {"from_s": from_s, "to_s": now_s + 1}
    recorded = handovers.recorded_since(connection, since_s=from_s)
    closed, merged = handovers.count_closed(connection, **period)
    return ShiftFigures(
        received=handovers.count_received(connection, **period),
        received_before=recorded.reported_before,
        accepted=_issues_taking(recorded, profile.rates.accepting),
        closed=closed,
        merged=merged,
        closed_before=recorded.closed_before + _closed_before(recorded, from_s),
        returned=_issues_taking(recorded, profile.workflow.returns),
        became_overdue=became_overdue,
        steps=_steps(recorded, profile, language),
        events={kind: count for kind, count in recorded.events.items() if kind != STEP},
    )


def _issues_taking(recorded: Recorded, steps: Sequence[str]) -> int:
    return len({issue_id for issue_id, payload in recorded.steps if payload["step"] in steps})


def _closed_before(recorded: Recorded, from_s: int) -> int:
    """Return how many issues were closed before a moment by a step that was recorded later."""
    last = dict(recorded.steps)
    return sum(each["phase"] == CLOSED and each["at_s"] < from_s for each in last.values())


def _steps(recorded: Recorded, profile: Profile, language: str) -> list[NamedCount]:
    """Return how often each step was taken, in the order of the profile."""
    taken = Counter(payload["step"] for _, payload in recorded.steps)
    known = profile.workflow.steps
    named = [NamedCount(name, known[name].title(language), taken[name]) for name in known]
    lost = [NamedCount(name, name, count) for name, count in taken.items() if name not in known]
    return [each for each in (*named, *lost) if each.count]
