"""What happened to an issue, one event after another; its state is their fold."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any, NamedTuple

from geo_service.errors import IllegalTransition
from geo_service.governance.handling.attachment import with_kind, without_evidence
from geo_service.governance.handling.life import after_step, from_values, to_values
from geo_service.governance.handling.listed import ANSWERS
from geo_service.governance.issue import (
    CLOSED,
    OPEN,
    TOLD_BESIDE,
    IssueReport,
    changed_fields,
)
from geo_service.governance.moment import iso_text

REPORTED, UPDATED, CLOSED_EVENT, REOPENED = "reported", "updated", "closed", "reopened"
REASSIGNED, STEP, RECOMPUTED = "reassigned", "step", "recomputed"
"""REASSIGNED: the owner changed because the boundaries did; the payload tells old and new, and the
state stays. STEP: somebody handled it; the payload tells what results (handling.life). RECOMPUTED:
another year was announced; its deadlines alone are others. Every payload may tell deadlines."""
ANSWERED = "answered"
"""What a list tells of a follow-up (回访): ``responded``, ``resolved``, ``satisfaction``, as far as
they are new or others than before. Where it stands among its handlers stays."""
ATTACHED, ERASED = "attached", "erased"
"""ATTACHED: a photo was attached; the payload tells its kind and the hash that its file is kept by.
ERASED: what was private was erased; the payload names the fields, never what they held."""

TOLD_BY_SOURCE = (REPORTED, UPDATED, ANSWERED, CLOSED_EVENT, REOPENED)
"""What a source says; the others happen here. The content hash is that of the last of these."""

PRIVATE_FIELDS = frozenset({"title", "description", "address", "x", "y"})
"""What a reporter typed and the exact point: kept apart from the events, which only name those that
were given or changed, so that erasing them leaves every event and every fold as it was."""

_LEGAL: Mapping[str, tuple[str, ...]] = {
    "": (REPORTED,),
    OPEN: (UPDATED, ANSWERED, CLOSED_EVENT, REASSIGNED, STEP, RECOMPUTED, ATTACHED, ERASED),
    CLOSED: (UPDATED, ANSWERED, REOPENED, STEP, ATTACHED, ERASED),
}
KINDS = tuple(dict.fromkeys(kind for kinds in _LEGAL.values() for kind in kinds))
"""Of every event."""
_LIFE_FIELDS = frozenset({"status", "closed_at"})
PRIVATE = [name for name in IssueReport._fields if name in PRIVATE_FIELDS]
"""The private fields in the order in which events name them."""
_OTHERS = PRIVATE_FIELDS | _LIFE_FIELDS | set(TOLD_BESIDE)
TOLD = [name for name in IssueReport._fields if name not in _OTHERS]
"""What the event of a new report tells in any case."""
_private, _told = (itemgetter(*map(IssueReport._fields.index, each)) for each in (PRIVATE, TOLD))


class Event(NamedTuple):
    """One thing that happened.

    ``at`` is when it happened as far as the source tells, else when we learned of it (UTC).
    ``payload`` holds plain values for JSON: the fields that were set, and under ``private`` the
    names of private ones.
    """

    kind: str
    at: datetime
    payload: Mapping[str, Any]


class IssueState(NamedTuple):
    """What the events of one issue add up to; private fields are no part of it.

    ``values`` holds the plain values of the report's other fields. ``closed_at`` may be None though
    the status is ``closed``: nobody wrote it down. ``handling`` is where it stands among those who
    handle it, as plain values; None while nobody has, and after its source closed or reopened it.
    ``deadlines`` are its deadlines as they run (clock.run), as plain values.
    ``attached`` are the kinds of photos that count for the next step (handling.attachment).
    """

    status: str
    closed_at: str | None
    reopened: int
    values: Mapping[str, Any]
    handling: Mapping[str, Any] | None = None
    deadlines: Mapping[str, Any] = {}
    attached: tuple[str, ...] = ()


def events_of(report: IssueReport, *, now: datetime) -> list[Event]:
    """Return the events of a new report: reported, answered, closed when it came in closed.

    Offices call back before they close: what was answered counts with the closing.
    """
    payload = {**told_of(report), "private": private_of(report)}
    events = [Event(REPORTED, report.reported_at, payload)]
    if answers := answers_of(report):
        events.append(Event(ANSWERED, report.closed_at or now, answers))
    return events + _closing(report, now) if report.status == CLOSED else events


def told_of(report: IssueReport) -> dict[str, Any]:
    """Return what a new report sets, as plain values for JSON: neither private nor its life."""
    told: dict[str, Any] = dict(zip(TOLD, _told(report), strict=True))
    told["reported_at"] = iso_text(report.reported_at)
    return told if report.condition is None else {**told, "condition": report.condition}


def answers_of(report: IssueReport) -> dict[str, str]:
    """Return what a report tells of a follow-up, by name; empty where it tells nothing."""
    told = {name: getattr(report, name) for name in ANSWERS}
    return {name: answer for name, answer in told.items() if answer is not None}


def private_of(report: IssueReport) -> list[str]:
    """Return the names of the private fields that a report gives."""
    given = zip(PRIVATE, _private(report), strict=True)
    return [name for name, value in given if value is not None]


def events_between(old: IssueReport, new: IssueReport, *, now: datetime) -> list[Event]:
    """Return what happened between two reports of one issue; nothing when they are the same.

    A changed closing time of a closed issue is an update.
    """
    changed = changed_fields(old, new)
    is_same_status = old.status == new.status
    others = _LIFE_FIELDS if not is_same_status else ()
    told = [name for name in changed if name not in (*others, *ANSWERS)]
    events = []
    if told:
        values = new.values
        payload = {name: values[name] for name in told if name not in PRIVATE_FIELDS}
        private = [name for name in told if name in PRIVATE_FIELDS]
        events.append(Event(UPDATED, now, {**payload, "private": private}))
    answers = {name: each for name, each in answers_of(new).items() if name in changed}
    if answers:
        is_closing = not is_same_status and new.status == CLOSED
        events.append(Event(ANSWERED, (is_closing and new.closed_at) or now, answers))
    if is_same_status:
        return events
    return events + (_closing(new, now) if new.status == CLOSED else [Event(REOPENED, now, {})])


def life_told(told: Iterable[tuple[str, Mapping[str, Any]]]) -> tuple[str, str | None]:
    """Return the status that a source said last, and when it closed as far as it told.

    ``told`` are kind and payload of what a source said of one issue, in order. Steps taken here
    close and open an issue too; a source that says the same as before contradicts none of them.
    """
    status, closed_at = OPEN, None
    for kind, payload in told:
        if kind in {REOPENED, REPORTED}:
            status, closed_at = OPEN, None
        elif "closed_at" in payload:  # an update tells it too, of what was closed here before
            status, closed_at = CLOSED, payload["closed_at"]
    return status, closed_at


def fold(events: Iterable[Event], *, start: IssueState | None = None) -> IssueState:
    """Return the state that events add up to, continuing from ``start`` where one is given.

    Raises
    ------
    IllegalTransition
        An event that cannot follow those before it, as ``reopened`` of an open issue, or none.
    """
    state = start
    for event in events:
        state = _after(state, event)
    if state is None:
        raise IllegalTransition(kind="", state="", legal=_LEGAL[""])
    return state


def state_to_values(state: IssueState) -> dict[str, Any]:
    """Return a state as plain values for JSON."""
    life = {"status": state.status, "closed_at": state.closed_at, "reopened": state.reopened}
    handling = {} if state.handling is None else {"handling": state.handling}
    deadlines = {"deadlines": state.deadlines} if state.deadlines else {}
    attached = {"attached": list(state.attached)} if state.attached else {}
    return {**state.values, **life, **handling, **deadlines, **attached}


def state_from_values(values: Mapping[str, Any]) -> IssueState:
    """Return the state that ``state_to_values`` wrote down."""
    life = {name: values[name] for name in ("status", "closed_at", "reopened")}
    others = {name: value for name, value in values.items() if name not in life}
    handling, deadlines = others.pop("handling", None), others.pop("deadlines", {})
    attached = tuple(others.pop("attached", ()))
    return IssueState(
        **life, values=others, handling=handling, deadlines=deadlines, attached=attached
    )


def _after(state: IssueState | None, event: Event) -> IssueState:
    status = state.status if state else ""
    if event.kind not in _LEGAL[status]:
        raise IllegalTransition(kind=event.kind, state=status, legal=_LEGAL[status])
    told = dict(event.payload)
    told.pop("private", None)
    deadlines = told.pop("deadlines", {})
    if state is None:
        return IssueState(OPEN, closed_at=None, reopened=0, values=told, deadlines=deadlines)
    after = _changed(state, event.kind, told)
    return after._replace(deadlines={**state.deadlines, **deadlines})


def _changed(state: IssueState, kind: str, told: dict[str, Any]) -> IssueState:
    if kind in {REASSIGNED, RECOMPUTED, ERASED}:
        return state
    if kind == ATTACHED:
        return state._replace(attached=with_kind(state.attached, told["kind"]))
    if kind == STEP:
        return _handled(state, told)
    return _told_by_source(state, kind, told)


def _told_by_source(state: IssueState, kind: str, told: dict[str, Any]) -> IssueState:
    closed_at = told.pop("closed_at", state.closed_at)
    if kind in {UPDATED, ANSWERED}:
        handling = state.handling
        if handling is not None and "condition" in told:
            answers = {**handling.get("answers", {}), "condition": told["condition"]}
            handling = {**handling, "answers": answers}
        values = {**state.values, **told}
        return state._replace(closed_at=closed_at, values=values, handling=handling)
    if kind == CLOSED_EVENT:
        return state._replace(status=CLOSED, closed_at=closed_at, handling=None)
    attached = without_evidence(state.attached)
    return IssueState(OPEN, None, state.reopened + 1, state.values, attached=attached)


def _handled(state: IssueState, told: Mapping[str, Any]) -> IssueState:
    """Return the state after a step; one into a closed state closes the issue, out of it opens."""
    before = from_values(state.handling) if state.handling else None
    handling = to_values(after_step(before, told, condition=state.values.get("condition")))
    status = CLOSED if told["phase"] == CLOSED else OPEN
    if "unit" in told or (state.status, status) == (CLOSED, OPEN):
        state = state._replace(attached=without_evidence(state.attached))
    if status == state.status:
        return state._replace(handling=handling)
    closed_at = iso_text(datetime.fromtimestamp(told["at_s"], UTC)) if status == CLOSED else None
    reopened = state.reopened + (status == OPEN)
    return state._replace(status=status, closed_at=closed_at, reopened=reopened, handling=handling)


def _closing(report: IssueReport, now: datetime) -> list[Event]:
    closed_at = report.closed_at
    told = iso_text(closed_at) if closed_at else None
    return [Event(CLOSED_EVENT, closed_at or now, {"closed_at": told})]
