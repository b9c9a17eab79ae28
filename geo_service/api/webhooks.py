"""Webhooks: who is told of events, how far each of them is, and what it did not take."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from geo_service.api.parameters import (
    LARGEST_NUMBER,
    JsonObject,
    VisitParameter,
    moment_text,
    read_time,
)
from geo_service.governance.delivery.cloud_event import SCHEMA_TEXT
from geo_service.services.webhooks.subscriptions import WebhookAsked, WebhookView

router = APIRouter(tags=["webhooks"])

Name = Annotated[str, Path(min_length=1, max_length=64)]
Text = Annotated[str, Field(min_length=1, max_length=201)]
Texts = Annotated[list[Text], Field(max_length=200)]
EventNumber = Annotated[int, Field(strict=True, ge=1, le=LARGEST_NUMBER)]
Secret = Annotated[
    str | None,
    Field(max_length=200, description="whsec_ and 24 to 64 bytes in base64; made if not told."),
]
_SCHEMA = json.loads(SCHEMA_TEXT)


class OwnerBody(BaseModel):
    """An area whose issues are wanted, with all below it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    layer: Text
    code: Text


class WebhookBody(BaseModel):
    """A new webhook; what is not named is not looked at: without ``kinds`` every kind goes out."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: Annotated[str, Field(min_length=1, max_length=64)]
    url: Annotated[str, Field(min_length=1, max_length=2000)]
    kinds: Texts = Field(default_factory=list)
    sources: Texts = Field(default_factory=list)
    categories: Texts = Field(default_factory=list)
    owners: Annotated[list[OwnerBody], Field(max_length=200)] = Field(default_factory=list)
    secret: Secret = None

    def asked(self) -> WebhookAsked:
        """Return the webhook as the service knows it."""
        told = self.model_dump(exclude={"owners"})
        return WebhookAsked(**told, owners=[(each.layer, each.code) for each in self.owners])


class SecretBody(BaseModel):
    """The secret that takes the place of the former one."""

    model_config = ConfigDict(extra="forbid", strict=True)

    secret: Secret = None


class ReplayBody(BaseModel):
    """What is told again: dead events (all, or those named), or all from an event or time on."""

    model_config = ConfigDict(extra="forbid", strict=True)

    dead_letters: Annotated[
        list[EventNumber] | None,
        Field(max_length=500, description="Numbers of events; an empty list means all."),
    ] = None
    from_event: EventNumber | None = None
    since: Annotated[str | None, Field(max_length=40)] = None


@router.get("/webhooks")
def webhooks(visit: VisitParameter) -> JsonObject:
    """Return every webhook with what it was not told yet."""
    found = visit.services.webhooks.all(visit.caller)
    return {"webhooks": [webhook_json(each) for each in found]}


@router.post("/webhooks", responses={201: {"description": "It was stored; tells its secret"}})
def add_webhook(visit: VisitParameter, body: WebhookBody) -> JSONResponse:
    """Store a webhook; it is told of everything that is stored from now on."""
    view, secret = visit.services.webhooks.add(visit.caller, body.asked())
    return JSONResponse({**webhook_json(view), "secret": secret}, 201)


@router.get("/webhooks/{name}")
def webhook(visit: VisitParameter, name: Name) -> JsonObject:
    """Return one webhook."""
    return webhook_json(visit.services.webhooks.find(visit.caller, name))


@router.delete("/webhooks/{name}", status_code=204, response_class=Response)
def remove_webhook(visit: VisitParameter, name: Name) -> None:
    """Forget a webhook, and what it was not told yet."""
    visit.services.webhooks.remove(visit.caller, name)


@router.post("/webhooks/{name}/pause")
def pause_webhook(visit: VisitParameter, name: Name) -> JsonObject:
    """Send nothing more until it is resumed; events are kept for it."""
    return webhook_json(visit.services.webhooks.pause(visit.caller, name))


@router.post("/webhooks/{name}/resume")
def resume_webhook(visit: VisitParameter, name: Name) -> JsonObject:
    """Send again, and what failed at once."""
    return webhook_json(visit.services.webhooks.resume(visit.caller, name))


@router.post("/webhooks/{name}/secret")
def renew_secret(visit: VisitParameter, name: Name, body: SecretBody) -> JsonObject:
    """Sign with another secret; for a day the former one signs beside it."""
    secret = visit.services.webhooks.renew_secret(visit.caller, name, body.secret)
    return {"name": name, "secret": secret}


@router.get("/webhooks/{name}/dead-letters")
def dead_letters(visit: VisitParameter, name: Name) -> JsonObject:
    """Return the newest events that were not taken in time."""
    found = visit.services.webhooks.dead_letters(visit.caller, name)
    return {"dead_letters": [dead_letter_json(each) for each in found]}


@router.post("/webhooks/{name}/replay")
def replay(visit: VisitParameter, name: Name, body: ReplayBody) -> JsonObject:
    """Tell dead events again, or everything from an event or a moment on."""
    service = visit.services.webhooks
    if body.dead_letters is not None and body.from_event is None and body.since is None:
        return {"events": service.revive(visit.caller, name, body.dead_letters or None)}
    since_s = read_time(body.since, where="since")
    event_id = body.from_event if body.dead_letters is None else 0
    since = None if since_s is None else int(since_s)
    return {"events": service.replay(visit.caller, name, event_id=event_id, since_s=since)}


@router.post("/webhooks/{name}/test")
def test_webhook(visit: VisitParameter, name: Name) -> JsonObject:
    """Send a message that tells nothing, and return what the receiver answered."""
    tried = visit.services.webhooks.test(visit.caller, name)
    failure = tried.answer.failure
    return {
        "status": tried.answer.status,
        "took_ms": tried.took_ms,
        "failure": failure.stored if failure else None,
    }


@router.get("/schemas/issue-event.v1")
def issue_event_schema() -> JsonObject:
    """Return the JSON schema of what webhooks are told (``dataschema``)."""
    schema: JsonObject = _SCHEMA
    return schema


def webhook_json(view: WebhookView) -> dict[str, Any]:
    """Return a webhook as JSON; its secret is no part of it."""
    times = ("created", "taken", "failed", "due")
    return {
        "name": view.name,
        "url": view.url.shown,
        **view.selection.values(),
        "is_paused": view.pause_reason is not None,
        "pause_reason": view.pause_reason,
        "is_out": view.is_out,
        "cursor_event": view.cursor_event,
        "above": view.above,
        "waiting": view.waiting,
        "dead": view.dead,
        "lag_s": view.lag_s,
        "taken": view.taken,
        "failure": view.failure,
        **{f"{name}_at": moment_text(getattr(view, f"{name}_at_s")) for name in times},
    }


def dead_letter_json(row: Any) -> dict[str, Any]:
    """Return a dead event as JSON."""
    return {
        "event": row["event_id"],
        "issue_id": row["issue_id"],
        "kind": row["kind"],
        "recorded_at": moment_text(row["recorded_at_s"]),
        "tries": row["tries"],
        "first_try_at": moment_text(row["first_try_s"]),
        "failure": row["failure"],
    }
