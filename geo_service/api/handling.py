"""Handling of issues: what happened, what may be done now, and doing it."""

from typing import Annotated, Any

from fastapi import APIRouter, Header
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from geo_service.api.parameters import JsonObject, RowNumber, VisitParameter, moment_text
from geo_service.governance.clock.run import Run
from geo_service.governance.handling.life import to_values
from geo_service.governance.handling.workflow import NAMED, Step
from geo_service.services.handling.steps import IssueHistory, StepAsked

router = APIRouter(tags=["handling"])

Text = Annotated[str, Field(max_length=500)]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description='The ETag of the history that the decision rests on, such as `"17"`.',
        pattern=r'^"[0-9]{1,18}"$',
    ),
]


class StepBody(BaseModel):
    """A step by its name or the office's word, and what it needs to be told."""

    model_config = ConfigDict(extra="forbid", strict=True)

    step: Text
    role: Text
    at: Annotated[str | None, Field(max_length=40, description="When; now if it is not told.")] = (
        None
    )
    tier: Text | None = None
    unit: Text | None = None
    reason: Text | None = None
    rule: Annotated[Text | None, Field(description="The clause that a ruling cites.")] = None
    until: Text | None = None
    departments: Annotated[list[Text] | None, Field(max_length=100)] = None
    department: Text | None = None
    resolved: Text | None = None
    satisfaction: Text | None = None
    triage: Text | None = None
    condition: Annotated[Text | None, Field(description="How pressing it is.")] = None
    issue: Annotated[
        int | None, Field(ge=1, le=2**63 - 1, description="What it is a duplicate of.")
    ] = None

    def asked(self, newest_event: int | None) -> StepAsked:
        """Return the step as the service knows it."""
        told = self.model_dump(exclude_none=True, exclude={"step", "role", "at", "issues"})
        return StepAsked(self.step, self.role, told, self.at, newest_event)


@router.get("/issues/{issue_id}/events")
def events(visit: VisitParameter, issue_id: RowNumber) -> JSONResponse:
    """Return the events of an issue, where it stands, and which steps are possible now."""
    return _answer(visit.services.handling.history(visit.caller, issue_id), 200)


@router.post("/issues/{issue_id}/events", responses={201: {"description": "It was done"}})
def take_step(
    visit: VisitParameter, issue_id: RowNumber, body: StepBody, if_match: IfMatch = None
) -> JSONResponse:
    """Do a step. With ``If-Match`` it is refused (412) where somebody else was faster."""
    asked = body.asked(seen_event(if_match))
    return _answer(visit.services.handling.take_step(visit.caller, issue_id, asked), 201)


def seen_event(if_match: str | None) -> int | None:
    """Return the event that a history's ETag names, None where none is told."""
    return None if if_match is None else int(if_match.strip('"'))


def _answer(history: IssueHistory, status: int) -> JSONResponse:
    body: JsonObject = {
        "issue_id": history.issue_id,
        "status": history.status,
        "standing": to_values(history.standing),
        "deadlines": [_deadline_json(name, run) for name, run in history.deadlines.items()],
        "attached": list(history.attached),
        "steps": [step_json(step) for step in history.steps],
        "proposal": [{"step": each.step, **each.told} for each in history.proposal],
        "events": [_event_json(each) for each in history.events],
    }
    return JSONResponse(body, status, headers={"ETag": f'"{history.newest_event}"'})


def _deadline_json(name: str, run: Run) -> dict[str, Any]:
    limit = run.limit
    times = {key: getattr(run, f"{key}_s") for key in ("from", "due", "ended")}
    return {
        "name": name,
        **{key: None if at_s is None else moment_text(at_s) for key, at_s in times.items()},
        "limit": None if limit is None else {"counted_in": limit.clock, "amount": limit.amount},
        "is_provisional": run.is_provisional,
        "is_paused": run.is_paused,
        "ended_late": run.ended_late,
        "late_before": run.late_before,
    }


def step_json(step: Step) -> dict[str, Any]:
    """Return a step as a desk offers it: its words, who takes it, what has to be told."""
    needs = [*step.needs, "tier"] if step.tier == NAMED else list(step.needs)
    return {
        "name": step.name,
        "title_zh": step.title_zh,
        "title_en": step.title_en,
        "roles": list(step.roles),
        "needs": needs,
        "may": list(step.may),
        "requires": list(step.requires),
        "effect": step.effect,
        "reasons": [
            {"name": each.name, "title_zh": each.title_zh, "title_en": each.title_en}
            for each in step.reasons
        ],
    }


def _event_json(event: dict[str, Any]) -> dict[str, Any]:
    times = {name: moment_text(event[f"{name}_s"]) for name in ("at", "recorded_at")}
    return {
        "id": event["id"],
        "kind": event["kind"],
        **times,
        "actor": event["actor"],
        "payload": event["payload"],
    }
