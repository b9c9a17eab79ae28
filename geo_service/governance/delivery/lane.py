"""The order in which one receiver gets events: lanes, one for each issue.

The log of all events is the queue, a cursor tells how far one receiver is. Only what was not taken
when its turn came waits in rows of its own, and behind it what happened to the same issue later. So
one issue never overtakes itself, and issues do not wait for each other.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from geo_service.governance.delivery.retry import RetryRules

OUTAGE_LANES = 4
"""So many issues failing, and nothing taken since: then it is the receiver, not what was sent."""
MOST_WAITING = 1_000
"""With so many waiting, nothing new is begun: the log holds it."""


class Waiting(NamedTuple):
    """An event that was not taken when its turn came.

    ``next_try_s`` is None behind another one of the same issue. ``failed_at`` is how many events
    the receiver had taken when this one failed last, None if it was taking others meanwhile.
    """

    event_id: int
    issue_id: int
    tries: int = 0
    first_try_s: int | None = None
    next_try_s: int | None = None
    failed_at: int | None = None
    failure: str | None = None


class Lane(NamedTuple):
    """Events of one issue that are sent one after another, until one fails."""

    issue_id: int
    event_ids: tuple[int, ...]


class Refusal(NamedTuple):
    """Why an event was not taken, and for how long the receiver wants to be left alone."""

    failure: str
    retry_after_s: int | None = None


class Settled(NamedTuple):
    """What remains after a round: rows that wait, rows that are dead, how many were taken."""

    waiting: Sequence[Waiting]
    dead: Sequence[Waiting]
    taken: int


def is_out(failing_lanes: int) -> bool:
    """Tell whether the receiver takes nothing at all, by how many issues fail since it did."""
    return failing_lanes >= OUTAGE_LANES


def failing_lanes(waiting: Sequence[Waiting], *, taken: int) -> int:
    """Return how many issues failed since the receiver took its last event."""
    return sum(each.next_try_s is not None and each.failed_at == taken for each in waiting)


def due_lanes(waiting: Sequence[Waiting], *, taken: int, now_s: int) -> list[Lane]:
    """Return what is to be tried again now; of a receiver that is out only one, as a probe.

    ``waiting`` is in the order of events.
    """
    heads = [each for each in waiting if each.next_try_s is not None and each.next_try_s <= now_s]
    heads.sort(key=lambda each: (each.next_try_s, each.event_id))
    if is_out(failing_lanes(waiting, taken=taken)):
        # of those that failed: what was never tried knows no pause
        probes = [each for each in heads if each.failed_at == taken]
        return [Lane(each.issue_id, (each.event_id,)) for each in probes[:1]]
    by_issue = _by_issue(waiting)
    return [
        Lane(each.issue_id, tuple(one.event_id for one in by_issue[each.issue_id]))
        for each in heads
    ]


def may_begin(waiting: Sequence[Waiting], *, taken: int) -> bool:
    """Tell whether events that were never tried may be."""
    return len(waiting) < MOST_WAITING and not is_out(failing_lanes(waiting, taken=taken))


def with_new(due: Sequence[Lane], waiting: Sequence[Waiting], new: Sequence[Waiting]) -> list[Lane]:
    """Return the lanes of a round with events that were never tried; later ones of an issue join.

    Those of an issue that waits, and is not due, wait with it.
    """
    lanes = {lane.issue_id: list(lane.event_ids) for lane in due}
    blocked = {each.issue_id for each in waiting} - lanes.keys()
    for each in new:
        if each.issue_id not in blocked:
            lanes.setdefault(each.issue_id, []).append(each.event_id)
    return [Lane(issue_id, tuple(ids)) for issue_id, ids in lanes.items()]


def settled(
    waiting: Sequence[Waiting],
    answers: Mapping[int, Refusal | None],
    *,
    rules: RetryRules,
    taken: int,
    now_s: int,
    draws: Mapping[int, float],
) -> Settled:
    """Return what remains after a round.

    Parameters
    ----------
    waiting
        All that waited before, and what was begun in the round, in the order of events.
    answers
        Of each event that was tried: None where it was taken.
    taken
        How many events the receiver had taken before the round.
    draws
        For each event that failed a number from [0, 1).
    """
    count = sum(answer is None for answer in answers.values())
    was_out = is_out(failing_lanes(waiting, taken=taken))
    left, dead = [], []
    for each in waiting:
        answer = answers.get(each.event_id)
        if answer is not None:
            failed = _failed(each, answer, now_s=now_s, failed_at=None if count else taken)
            if rules.is_dead(failed.tries, first_try_s=failed.first_try_s or now_s, now_s=now_s):
                dead.append(failed._replace(next_try_s=None))
                continue
            pause_s = rules.pause_s(
                failed.tries, draw=draws[each.event_id], asked_s=answer.retry_after_s
            )
            left.append(failed._replace(next_try_s=now_s + pause_s))
        elif each.event_id not in answers:
            is_back = was_out and count > 0
            left.append(each._replace(next_try_s=None) if is_back else each)
    return Settled(headed(left, now_s), dead, count)


def _failed(each: Waiting, answer: Refusal, *, now_s: int, failed_at: int | None) -> Waiting:
    return each._replace(
        tries=each.tries + 1,
        first_try_s=now_s if each.first_try_s is None else each.first_try_s,
        failed_at=failed_at,
        failure=answer.failure,
    )


def headed(left: Sequence[Waiting], now_s: int) -> list[Waiting]:
    """Let the first event of every issue be due some time, and the others stand behind it.

    ``left`` is in the order of events.
    """
    headed, seen = [], set()
    for each in left:
        next_try_s = None
        if each.issue_id not in seen:
            next_try_s = now_s if each.next_try_s is None else each.next_try_s
        seen.add(each.issue_id)
        headed.append(each._replace(next_try_s=next_try_s))
    return headed


def _by_issue(waiting: Sequence[Waiting]) -> dict[int, list[Waiting]]:
    found: dict[int, list[Waiting]] = {}
    for each in waiting:
        found.setdefault(each.issue_id, []).append(each)
    return found
