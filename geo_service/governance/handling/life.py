"""Where one issue stands, what may be done with it now, and what a step makes of it.

A payload holds everything that results from its step. So the fold of old events never asks the
profile again: what was legal when it happened stays as it is.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from geo_service.errors import (
    DepartmentsMissing,
    IllegalTransition,
    InvalidValue,
    MissingFacts,
)
from geo_service.governance.handling.facts import FACTS, word_among
from geo_service.governance.handling.workflow import (
    CHECK_IN,
    CLOSED,
    NAMED,
    SAME,
    UP,
    WAITING,
    Step,
    Workflow,
)

SUMMONED, CHECKED_IN, RELEASED = "summoned", "checked_in", "released"
_ANSWERS = ("resolved", "satisfaction", "triage")


class Handling(NamedTuple):
    """Where an issue stands.

    ``departments`` maps those that were summoned to what became of it, ``taken`` steps to how often
    they were taken, ``pauses`` are [from, to) in seconds since 1970 UTC, the last one without its
    end while it lasts, ``answers`` is what was told last of ``resolved``, ``satisfaction``,
    ``triage``.
    """

    state: str
    phase: str
    tier: str | None = None
    unit: str | None = None
    departments: Mapping[str, str] = {}
    taken: Mapping[str, int] = {}
    pauses: tuple[tuple[int, int | None], ...] = ()
    answers: Mapping[str, str] = {}


def beginning(workflow: Workflow, *, status: str) -> Handling:
    """Return where an issue stands that nobody has handled here; ``status`` is open or closed."""
    state = workflow.closed_state if status == CLOSED else workflow.start
    return Handling(state, workflow.states[state].phase)


def legal_steps(workflow: Workflow, standing: Handling) -> list[Step]:
    """Return what may be done now, in the order of the profile."""
    return [step for step in workflow.steps.values() if _is_legal(workflow, standing, step)]


def payload_of(
    workflow: Workflow,
    standing: Handling,
    step: str,
    told: Mapping[str, Any],
    *,
    role: str,
    at_s: int,
) -> dict[str, Any]:
    """Return the payload of a step.

    Parameters
    ----------
    step, role
        Names or words of the office.
    told
        The facts by name; ``tier`` beside them where the step asks for it.
    at_s
        When it was done, in seconds since 1970 UTC.

    Raises
    ------
    InvalidValue
        An unknown step, role, tier or fact, or a value that it cannot have.
    IllegalTransition
        It cannot be done now; names what can.
    MissingFacts
        Names what the step needs besides.
    DepartmentsMissing
        It would close the issue while a department has neither come nor been released.
    """
    chosen = _known_step(workflow, step)
    actor = _known_role(workflow, chosen, role)
    if not _is_legal(workflow, standing, chosen):
        legal = [each.title_zh for each in legal_steps(workflow, standing)]
        state = workflow.states[standing.state].title_zh
        raise IllegalTransition(kind=chosen.title_zh, state=state, legal=legal)
    facts = _read(chosen, told)
    state = chosen.target or standing.state
    phase = workflow.states[state].phase
    department = facts.get("department")
    if department is not None:
        _check_summoned(standing, department)
    if phase == CLOSED and (waited_for := _waited_for(standing)):
        raise DepartmentsMissing(departments=waited_for)
    result = {"step": chosen.name, "role": actor, "state": state, "phase": phase, "at_s": at_s}
    payload = {**result, **facts}
    tier = _tier(workflow, standing, chosen, told)
    if tier is not None:
        payload["tier"] = tier
    if department is not None and chosen.effect:
        payload["department_is"] = CHECKED_IN if chosen.effect == CHECK_IN else RELEASED
    return payload


def after_step(standing: Handling | None, payload: Mapping[str, Any]) -> Handling:
    """Return where the issue stands after a step, as its payload tells."""
    before = standing or Handling(payload["state"], payload["phase"])
    departments = {**before.departments, **dict.fromkeys(payload.get("departments", ()), SUMMONED)}
    if "department_is" in payload:
        departments[payload["department"]] = payload["department_is"]
    taken = {**before.taken, payload["step"]: before.taken.get(payload["step"], 0) + 1}
    answers = {name: payload[name] for name in _ANSWERS if name in payload}
    return Handling(
        state=payload["state"],
        phase=payload["phase"],
        tier=payload.get("tier", before.tier),
        unit=payload.get("unit", before.unit),
        departments=departments,
        taken=taken,
        pauses=_pauses(before, payload["phase"], payload["at_s"]),
        answers={**before.answers, **answers},
    )


def to_values(standing: Handling) -> dict[str, Any]:
    """Return it as plain values for JSON, without what is empty."""
    pauses = [list(pause) for pause in standing.pauses]
    values = standing._replace(pauses=())._asdict() | {"pauses": pauses}
    return {name: value for name, value in values.items() if value}


def from_values(values: Mapping[str, Any]) -> Handling:
    """Return what ``to_values`` wrote down."""
    pauses = tuple((from_s, to_s) for from_s, to_s in values.get("pauses", ()))
    return Handling(**{**values, "pauses": pauses})


def _is_legal(workflow: Workflow, standing: Handling, step: Step) -> bool:
    taken = standing.taken
    return (
        standing.state in step.sources
        and (step.at_most is None or taken.get(step.name, 0) < step.at_most)
        and all(taken.get(name, 0) >= count for name, count in (step.after or {}).items())
        and (step.tier != UP or _upper(workflow, standing) is not None)
    )


def _upper(workflow: Workflow, standing: Handling) -> str | None:
    """Return the tier above; that of an issue that has none yet is the lowest one."""
    if standing.tier is None:
        return next(iter(workflow.tiers))
    return workflow.tiers[standing.tier].upper


def _tier(
    workflow: Workflow, standing: Handling, step: Step, told: Mapping[str, Any]
) -> str | None:
    if step.tier == SAME:
        return None
    if step.tier == UP:
        return _upper(workflow, standing)
    if step.tier == NAMED:
        return word_among("tier", told["tier"], tuple(workflow.tiers.values()))
    return step.tier


def _read(step: Step, told: Mapping[str, Any]) -> dict[str, Any]:
    needs = [*step.needs, "tier"] if step.tier == NAMED else list(step.needs)
    odd = [name for name in told if name not in needs]
    if odd:
        raise InvalidValue(
            odd[0],
            "这一步没有的项；可用：" + "、".join(needs),
            "nothing that this step takes; it takes: " + ", ".join(needs),
        )
    missing = [name for name in needs if told.get(name) in (None, "", [])]
    if missing:
        raise MissingFacts(step=step.title_zh, missing=missing)
    facts = {name: FACTS[name](name, told[name]) for name in step.needs}
    if step.reasons:
        facts["reason"] = word_among("reason", facts["reason"], step.reasons)
    return facts


def _known_step(workflow: Workflow, text: str) -> Step:
    step = workflow.step_of(text)
    if step is None:
        raise _unknown("step", workflow.steps.values())
    return step


def _known_role(workflow: Workflow, step: Step, text: str) -> str:
    role = workflow.role_of(text)
    if role is None or (step.roles and role not in step.roles):
        raise _unknown("role", [workflow.roles[name] for name in step.roles or workflow.roles])
    return role


def _unknown(name: str, words: Any) -> InvalidValue:
    known = list(words)
    return InvalidValue(
        name,
        "、".join(word.title_zh for word in known) + " 之一",
        "one of " + ", ".join(word.name for word in known),
    )


def _check_summoned(standing: Handling, department: str) -> None:
    if standing.departments.get(department) != SUMMONED:
        waited_for = _waited_for(standing)
        raise InvalidValue(
            "department",
            "已吹哨、尚未报到的部门：" + ("、".join(waited_for) or "没有"),
            "a department that was summoned and has not come: " + (", ".join(waited_for) or "none"),
        )


def _waited_for(standing: Handling) -> Sequence[str]:
    return [name for name, became in standing.departments.items() if became == SUMMONED]


def _pauses(before: Handling, phase: str, at_s: int) -> tuple[tuple[int, int | None], ...]:
    is_paused = before.phase == WAITING and bool(before.pauses)
    if phase == WAITING and not is_paused:
        return (*before.pauses, (at_s, None))
    if phase != WAITING and is_paused:
        from_s, _ = before.pauses[-1]
        return (*before.pauses[:-1], (from_s, max(at_s, from_s)))
    return before.pauses
