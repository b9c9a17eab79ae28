"""How one office handles issues: the states, the steps between them and the tiers, from a profile.

A step is legal in the states it starts from. It leads to a state, or leaves the state as it is; it
may move the issue to another tier, and needs facts to be told (``facts`` module).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from geo_service.governance.word import Word, names_by_word, word_fields, word_key

OPEN, WAITING, CLOSED = "open", "waiting", "closed"
PHASES = (OPEN, WAITING, CLOSED)
"""While it is ``waiting`` (挂账) its clocks stand still."""

SAME, UP, NAMED = "same", "up", "named"
"""Where a step leaves an issue: on its tier, on the upper one, on the one that is told."""

CHECK_IN, RELEASE = "check_in", "release"
EXEMPT, EXCLUDE, INCLUDE = "exempt", "exclude", "include"
MERGE, UNMERGE, RETURN = "merge", "unmerge", "return"
EFFECTS = (CHECK_IN, RELEASE, EXEMPT, EXCLUDE, INCLUDE, MERGE, UNMERGE, RETURN)
"""What a step means besides: for one department that was summoned, for the appraisal (to exempt,
超期免责, leaves it a fact that it was overdue), for the issue that this one is a duplicate of; or
that a unit gives it back (退单)."""


@dataclass(frozen=True)
class Tier(Word):
    """Who handles: a level of the ladder or a line of departments; ``upper`` is the next one.

    ``of_residents``: a body of residents, to which no duty that the law gives a department may be
    handed (事项准入).
    """

    upper: str | None = None
    of_residents: bool = False


@dataclass(frozen=True)
class Condition(Word):
    """How pressing an issue is, as far as limits hang on it."""

    urgent: bool = False


@dataclass(frozen=True)
class State(Word):
    """Where an issue stands; its ``phase`` is one of PHASES."""

    phase: str = OPEN


@dataclass(frozen=True)
class Step(Word):
    """What somebody may do with an issue that stands in one of ``sources``.

    ``target`` is None where the state stays. ``needs`` are the facts that must be told, ``may``
    those that may be told besides. ``at_most`` limits how often it is taken in one life,
    ``after`` tells how often other steps must have been taken before, ``within`` names a deadline
    after whose end it is too late, ``requires`` which kinds of photos must be attached
    (``attachment`` module).
    """

    sources: tuple[str, ...] = ()
    target: str | None = None
    roles: tuple[str, ...] = ()
    tier: str = SAME
    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    reasons: tuple[Word, ...] = ()
    effect: str | None = None
    at_most: int | None = None
    after: Mapping[str, int] | None = None
    within: str | None = None
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Workflow:
    """All of it; ``start`` is the state of a new issue."""

    start: str
    conditions: Mapping[str, Condition]
    tiers: Mapping[str, Tier]
    states: Mapping[str, State]
    steps: Mapping[str, Step]
    roles: Mapping[str, Word]

    def step_of(self, text: str) -> Step | None:
        """Return the step that an office's word means; None when nobody knows it."""
        name = self._step_by_word.get(word_key(text))
        return None if name is None else self.steps[name]

    def role_of(self, text: str) -> str | None:
        """Return the name of the role that a word means; None when nobody knows it."""
        return self._role_by_word.get(word_key(text))

    @cached_property
    def closed_state(self) -> str:
        """The first closed state: that of an issue whose source says no more than closed."""
        return next(state.name for state in self.states.values() if state.phase == CLOSED)

    @cached_property
    def returns(self) -> Sequence[str]:
        """The steps by which a unit gives an issue back."""
        return [step.name for step in self.steps.values() if step.effect == RETURN]

    @cached_property
    def _step_by_word(self) -> Mapping[str, str]:
        return names_by_word(self.steps.values())

    @cached_property
    def _role_by_word(self) -> Mapping[str, str]:
        return names_by_word(self.roles.values())


def workflow(tables: Mapping[str, Any]) -> Workflow:
    """Return the workflow of a profile's tables, which have been checked."""
    return Workflow(
        start=tables["handling"]["start"],
        conditions=_by_name(Condition(**word_fields(table)) for table in tables["conditions"]),
        tiers=_by_name(Tier(**word_fields(table)) for table in tables["tiers"]),
        states=_by_name(State(**word_fields(table)) for table in tables["states"]),
        steps=_by_name(_step(table, tables["states"]) for table in tables["steps"]),
        roles=_by_name(Word(**word_fields(table)) for table in tables["roles"]),
    )


def sources_of(step: Mapping[str, Any], states: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the states that a step starts from: those it names, and those of its phases."""
    phases = step.get("from_phases", ())
    of_phases = [state["name"] for state in states if state.get("phase", OPEN) in phases]
    return list(dict.fromkeys([*step.get("from", ()), *of_phases]))


def _step(table: Mapping[str, Any], states: Sequence[Mapping[str, Any]]) -> Step:
    told = {k: v for k, v in word_fields(table).items() if k not in {"from", "from_phases"}}
    for name in ("roles", "needs", "may", "requires"):
        told[name] = tuple(told.get(name, ()))
    told["reasons"] = tuple(Word(**word_fields(each)) for each in told.get("reasons", ()))
    sources = tuple(sources_of(table, states))
    return Step(sources=sources, target=told.pop("to", None), **told)


def _by_name(words: Any) -> Mapping[str, Any]:
    return {word.name: word for word in words}


def reachable(steps: Sequence[tuple[Sequence[str], str]], starts: set[str]) -> set[str]:
    """Return the states that steps, each from some states to one, lead to from ``starts``."""
    found = set(starts)
    while more := {to for sources, to in steps if found.intersection(sources)} - found:
        found |= more
    return found
