"""Where one issue stands, what may be done with it now, and what a step makes of it.

A payload holds everything that results from its step. So the fold of old events never asks the
profile again: what was legal when it happened stays as it is.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from geo_service.errors import (
    DepartmentsMissing,
    IllegalTransition,
    InvalidValue,
    MissingFacts,
    NotAdmitted,
    StepTooLate,
)
from geo_service.governance.handling.facts import FACTS, word_among
from geo_service.governance.handling.workflow import (
    CHECK_IN,
    CLOSED,
    EXCLUDE,
    EXEMPT,
    INCLUDE,
    MERGE,
    NAMED,
    RELEASE,
    SAME,
    UNMERGE,
    UP,
    WAITING,
    Step,
    Tier,
    Workflow,
)
from geo_service.governance.moment import local_text
from geo_service.governance.word import Category

SUMMONED, CHECKED_IN, RELEASED = "summoned", "checked_in", "released"
_ANSWERS = ("resolved", "satisfaction", "triage", "condition")
_MARKS = ("is_exempted", "is_excluded", "duplicate_of")
_RESULTS: Mapping[str, Mapping[str, Any]] = {
    EXEMPT: {"is_exempted": True},
    EXCLUDE: {"is_excluded": True},
    INCLUDE: {"is_excluded": False},
    UNMERGE: {"duplicate_of": None},
}
"""What steps of some effects leave, whatever is told."""


class Handling(NamedTuple):
    """Where an issue stands.

    ``departments`` maps those that were summoned to what became of it, ``taken`` steps to how often
    they were taken, ``pauses`` are [from, to) in seconds since 1970 UTC, the last one without its
    end while it lasts, ``answers`` is what was told last of ``resolved``, ``satisfaction``,
    ``triage``, ``condition``. ``is_exempted``: it does not count that it was overdue;
    ``is_excluded``: it is no part of the appraisal (考核剔除); ``duplicate_of`` is another issue.
    """

    state: str
    phase: str
    tier: str | None = None
    unit: str | None = None
    departments: Mapping[str, str] = {}
    taken: Mapping[str, int] = {}
    pauses: tuple[tuple[int, int | None], ...] = ()
    answers: Mapping[str, str] = {}
    is_exempted: bool = False
    is_excluded: bool = False
    duplicate_of: int | None = None


def beginning(workflow: Workflow, *, status: str, condition: str | None = None) -> Handling:
    """Return where an issue stands that nobody has handled here; ``status`` is open or closed.

    ``condition`` is how pressing its source said that it is.
    """
    state = workflow.closed_state if status == CLOSED else workflow.start
    return Handling(state, workflow.states[state].phase, answers=_answers_by(condition))


def legal_steps(
    workflow: Workflow, standing: Handling, *, too_late: Collection[str] = ()
) -> list[Step]:
    """Return what may be done now, in the order of the profile.

    ``too_late`` names the deadlines after whose end something else may no longer be done.
    """
    return [
        step
        for step in workflow.steps.values()
        if _is_legal(workflow, standing, step) and step.within not in too_late
    ]


class StepTaken(NamedTuple):
    """A step as somebody takes it: the step and the role by their names or words of the office.

    ``told`` holds the facts by name, and ``tier`` beside them where the step asks for it. ``at_s``
    is when it was done, in seconds since 1970 UTC.
    """

    step: str
    role: str
    told: Mapping[str, Any]
    at_s: int


def payload_of(
    workflow: Workflow,
    standing: Handling,
    taken: StepTaken,
    *,
    too_late: Mapping[str, int] | None = None,
    duty: Category | None = None,
) -> dict[str, Any]:
    """Return the payload of a step.

    Parameters
    ----------
    too_late
        The deadlines that are over when it is taken, and when each of them was.
    duty
        The category of the issue, as far as the profile knows it.

    Raises
    ------
    InvalidValue
        An unknown step, role, tier or fact, or a value that it cannot have.
    IllegalTransition
        It cannot be done now; names what can.
    MissingFacts
        Names what the step needs besides.
    StepTooLate
        The time for it is over.
    NotAdmitted
        It would hand a department's duty to a body of residents.
    DepartmentsMissing
        It would close the issue while a department has neither come nor been released.
    """
    chosen = _known_step(workflow, taken.step)
    actor = _known_role(workflow, chosen, taken.role)
    _check_possible(workflow, standing, chosen, too_late or {})
    facts = _read(workflow, chosen, taken.told)
    state = chosen.target or standing.state
    phase = workflow.states[state].phase
    if "department" in facts:
        _check_summoned(standing, facts["department"])
    if phase == CLOSED and (waited_for := _waited_for(standing)):
        raise DepartmentsMissing(departments=waited_for)
    where = {"step": chosen.name, "role": actor, "state": state, "phase": phase}
    payload = {**where, "at_s": taken.at_s, **facts, **_results(chosen, facts)}
    tier = _tier(workflow, standing, chosen, taken.told)
    if tier is not None:
        _check_admitted(workflow.tiers[tier], duty)
        payload["tier"] = tier
    return payload


def check_told(workflow: Workflow, taken: StepTaken) -> None:
    """Refuse a step that can be taken of no issue at all, wherever it stands.

    Raises
    ------
    InvalidValue, MissingFacts
        As ``payload_of`` raises them for step, role and facts.
    """
    step = _known_step(workflow, taken.step)
    _known_role(workflow, step, taken.role)
    _read(workflow, step, taken.told)


def after_step(
    standing: Handling | None, payload: Mapping[str, Any], *, condition: str | None = None
) -> Handling:
    """Return where the issue stands after a step, as its payload tells.

    ``condition`` is how pressing its source said that it is; it counts with the first step, and
    what was told of it last afterwards.
    """
    before = standing or Handling(
        payload["state"], payload["phase"], answers=_answers_by(condition)
    )
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
        **{name: payload.get(name, getattr(before, name)) for name in _MARKS},
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


def _answers_by(condition: str | None) -> dict[str, str]:
    return {} if condition is None else {"condition": condition}


def _check_possible(
    workflow: Workflow, standing: Handling, step: Step, too_late: Mapping[str, int]
) -> None:
    if not _is_legal(workflow, standing, step):
        legal = [each.title_zh for each in legal_steps(workflow, standing, too_late=too_late)]
        state = workflow.states[standing.state].title_zh
        raise IllegalTransition(kind=step.title_zh, state=state, legal=legal)
    if step.within is not None and step.within in too_late:
        raise StepTooLate(step=step.title_zh, since=local_text(too_late[step.within]))


def _results(step: Step, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a step leaves besides the facts that were told."""
    if step.effect in {CHECK_IN, RELEASE}:
        return {"department_is": CHECKED_IN if step.effect == CHECK_IN else RELEASED}
    if step.effect == MERGE:
        return {"duplicate_of": facts["issue"]}
    return dict(_RESULTS.get(step.effect or "", {}))


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


def _read(workflow: Workflow, step: Step, told: Mapping[str, Any]) -> dict[str, Any]:
    needs = [*step.needs, "tier"] if step.tier == NAMED else list(step.needs)
    possible = [*needs, *step.may]
    odd = [name for name in told if name not in possible]
    if odd:
        raise InvalidValue(
            odd[0],
            "这一步没有的项；可用：" + "、".join(possible),
            "nothing that this step takes; it takes: " + ", ".join(possible),
        )
    missing = [name for name in needs if told.get(name) in (None, "", [])]
    if missing:
        raise MissingFacts(step=step.title_zh, missing=missing)
    given = [name for name in (*step.needs, *step.may) if told.get(name) not in (None, "", [])]
    facts = {name: FACTS[name](name, told[name]) for name in given}
    if "condition" in facts:
        conditions = tuple(workflow.conditions.values())
        facts["condition"] = word_among("condition", facts["condition"], conditions)
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


def _check_admitted(tier: Tier, duty: Category | None) -> None:
    """Refuse what a body of residents need not do (事项准入)."""
    if tier.of_residents and duty is not None and duty.statutory:
        raise NotAdmitted(category=duty.title_zh, tier=tier.title_zh, department=duty.department)


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
