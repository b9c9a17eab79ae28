"""What a dispatcher is offered for an issue: the steps that the profile takes at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from geo_service.governance.handling.duplicates import DuplicateRules, duplicate_rules
from geo_service.governance.handling.life import Handling, StepTaken, legal_steps
from geo_service.governance.handling.workflow import NAMED, Workflow


@dataclass(frozen=True)
class DispatchRules:
    """Which steps are offered together, who takes them, and what is told where nobody says else.

    ``tiers`` maps the layer of an owner to the tier that handles there; a layer that it does not
    name goes to the tier of its own name, or to the lowest one. Without ``duplicates`` no issue is
    proposed as the duplicate of another.
    """

    steps: tuple[str, ...] = ()
    role: str | None = None
    told: Mapping[str, str] = field(default_factory=dict)
    tiers: Mapping[str, str] = field(default_factory=dict)
    duplicates: DuplicateRules | None = None


def dispatch_rules(tables: Mapping[str, Any]) -> DispatchRules:
    """Return the rules of a profile's tables, which have been checked."""
    table = tables.get("dispatch", {})
    return DispatchRules(
        steps=tuple(table.get("steps", ())),
        role=table.get("role"),
        told=table.get("told", {}),
        tiers=table.get("tiers", {}),
        duplicates=duplicate_rules(table),
    )


def proposed_steps(
    workflow: Workflow,
    rules: DispatchRules,
    standing: Handling,
    owner: tuple[str, str] | None,
    *,
    at_s: int,
) -> list[StepTaken]:
    """Return the steps that are offered for an issue, none where the first is not legal.

    ``owner`` is the layer of the deepest area that owns it and that area's name. Without one
    nothing is offered that has to say where the issue goes.
    """
    legal = {step.name for step in legal_steps(workflow, standing)}
    rest = list(rules.steps)
    while rest and rest[0] not in legal:
        rest.pop(0)
    steps = []
    for name in rest:
        told = _told(workflow, rules, name, owner)
        if told is None:
            break
        steps.append(StepTaken(name, rules.role or "", told, at_s))
    return steps


def _told(
    workflow: Workflow, rules: DispatchRules, name: str, owner: tuple[str, str] | None
) -> dict[str, Any] | None:
    """Return what is told with a step; None where it needs what only a person knows."""
    step = workflow.steps[name]
    known = dict(rules.told)
    if owner is not None:
        layer, area = owner
        known["unit"] = area
        own = layer if layer in workflow.tiers else next(iter(workflow.tiers))
        known["tier"] = rules.tiers.get(layer, own)
    needs = [*step.needs, *(["tier"] if step.tier == NAMED else [])]
    if not known.keys() >= set(needs):
        return None
    return {need: known[need] for need in needs}
