"""What goes out of an event: CloudEvents 1.0, and never what a reporter typed or the exact place.

Everything is named here that goes out; what is not named stays in the house, whatever is added to
events later.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from geo_service.governance.event import ANSWERED, PRIVATE_FIELDS, REASSIGNED, STEP, UPDATED
from geo_service.governance.handling.listed import ANSWERS
from geo_service.governance.moment import iso_text

MEDIA_TYPE = "application/cloudevents+json; charset=utf-8"
SCHEMA = "urn:geo-service:schema:issue-event:1"
SCHEMA_TEXT = Path(__file__).with_name("issue-event.v1.json").read_text("utf-8")
"""JSON schema of what goes out of an event."""
TEST_TYPE = "geo-service.webhook.test.v1"

_ISSUE = (
    "source",
    "external_id",
    "status",
    "reported_at",
    "closed_at",
    "reopened",
    "request_type",
    "category_major",
    "category_minor",
)
_HANDLING = ("state", "phase", "tier", "unit")
_STEP = (
    "step",
    "role",
    "state",
    "phase",
    "tier",
    "unit",
    "until",
    "departments",
    "department",
    "department_is",
    "resolved",
    "satisfaction",
    "triage",
)
"""Not the reason: where a profile has no list of reasons, it is what somebody typed."""
_HASH_DIGITS = 16


class LoggedEvent(NamedTuple):
    """An event as it is stored; ``payload`` and ``state`` are read JSON."""

    id: int
    issue_id: int
    kind: str
    at_s: int
    recorded_at_s: int
    payload: Mapping[str, Any]
    state: Mapping[str, Any]


class OwnerTold(NamedTuple):
    """The owner of an issue in a family as it goes out: ``areas`` (layer, code), root first."""

    family: str
    edition: int | None
    rule: str
    areas: Sequence[tuple[str, str]]
    responsible: tuple[str, str] | None = None


def message_id(event: LoggedEvent) -> str:
    """Return what is the same at every try, and no other event ever has.

    The number alone is not enough: after a restored backup, numbers are given again.
    """
    told = [event.issue_id, event.kind, event.at_s, event.recorded_at_s, event.payload, event.state]
    proof = hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()
    return f"{event.id}-{proof[:_HASH_DIGITS]}"


def cloud_event(
    event: LoggedEvent,
    owners: Sequence[OwnerTold],
    *,
    source: str,
    moved: Mapping[str, Any] | None = None,
) -> bytes:
    """Return an event in CloudEvents' structured mode, as JSON in UTF-8.

    ``moved`` tells the owner before and after, of an event that an owner changed by.
    """
    data: dict[str, Any] = {
        "event": event.id,
        "kind": event.kind,
        "at": _moment(event.at_s),
        "recorded_at": _moment(event.recorded_at_s),
        "issue": {
            "id": event.issue_id,
            **{name: event.state.get(name) for name in _ISSUE},
            "handling": _chosen(event.state.get("handling") or {}, _HANDLING) or None,
        },
        "owners": [owner_values(each) for each in owners],
    }
    data |= _told_besides(event, moved)
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": message_id(event),
            "source": source,
            "type": f"geo-service.issue.{event.kind}.v1",
            "subject": f"issues/{event.issue_id}",
            "time": _moment(event.at_s),
            "datacontenttype": "application/json",
            "dataschema": SCHEMA,
            # CloudEvents' extension for order: compared as texts, later ones are greater
            "sequence": f"{event.id:019d}",
            "data": data,
        }
    )


def trial(*, webhook: str, source: str, now_s: int, number: str) -> tuple[str, bytes]:
    """Return id and body of a message that only tries whether a receiver takes messages."""
    message = f"test-{number}"
    body = {
        "specversion": "1.0",
        "id": message,
        "source": source,
        "type": TEST_TYPE,
        "time": _moment(now_s),
        "datacontenttype": "application/json",
        "data": {"webhook": webhook},
    }
    return message, orjson.dumps(body)


def owner_values(owner: OwnerTold) -> dict[str, Any]:
    """Return an owner as plain values for JSON."""
    return {
        "family": owner.family,
        "edition": owner.edition,
        "rule": owner.rule,
        "areas": [_area(each) for each in owner.areas],
        "responsible": _area(owner.responsible) if owner.responsible else None,
    }


def _area(area: tuple[str, str]) -> dict[str, str]:
    layer, code = area
    return {"layer": layer, "code": code}


def _told_besides(event: LoggedEvent, moved: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what events of one kind alone tell."""
    if event.kind == UPDATED:
        return {"changed": _changed(event.payload)}
    if event.kind == ANSWERED:
        return {"answer": _chosen(event.payload, tuple(ANSWERS))}
    if event.kind == STEP:
        return {"step": _chosen(event.payload, _STEP)}
    return {"moved": moved} if event.kind == REASSIGNED and moved is not None else {}


def _changed(payload: Mapping[str, Any]) -> list[str]:
    """Return the names of the fields that changed, of private ones too."""
    named = [name for name in payload if name != "private" and name not in PRIVATE_FIELDS]
    return sorted({*named, *payload.get("private", ())})


def _chosen(values: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: values[name] for name in names if name in values}


def _moment(seconds: int) -> str:
    return iso_text(datetime.fromtimestamp(seconds, UTC))
