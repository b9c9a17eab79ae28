"""What a profile may say about the handling of issues, and what it must not contradict."""

from collections.abc import Mapping, Sequence
from typing import Any

from geo_service.governance.handling import duplicates
from geo_service.governance.handling.attachment import KIND_BY_NAME
from geo_service.governance.handling.facts import FACTS
from geo_service.governance.handling.workflow import (
    CHECK_IN,
    CLOSED,
    EFFECTS,
    EXCLUDE,
    EXEMPT,
    MERGE,
    NAMED,
    PHASES,
    RELEASE,
    SAME,
    UP,
    reachable,
    sources_of,
)
from geo_service.governance.profile_file import (
    FLAG,
    TABLE,
    TABLES,
    TEXT,
    WORD_KEYS,
    WORDS,
    Kind,
    Place,
    ProfileFile,
    is_cycle,
    one_of,
)

_TIMES = Kind(
    "1 到 9 之间的整数",
    "a whole number from 1 to 9",
    lambda v: type(v) is int and v in range(1, 10),
)
_COUNTS = Kind(
    "步骤到次数的表，如 { return = 1 }",
    "a table from steps to how often, as { return = 1 }",
    lambda v: isinstance(v, dict) and bool(v) and all(map(_TIMES.is_valid, v.values())),
)

SECTIONS: Mapping[str, Mapping[str, Kind]] = {
    "roles": WORD_KEYS,
    "tiers": {**WORD_KEYS, "upper": TEXT, "of_residents": FLAG},
    "states": {**WORD_KEYS, "phase": one_of(*PHASES)},
    "steps": {
        **WORD_KEYS,
        "from": WORDS,
        "from_phases": WORDS,
        "to": TEXT,
        "roles": WORDS,
        "tier": TEXT,
        "needs": WORDS,
        "may": WORDS,
        "reasons": TABLES,
        "effect": one_of(*EFFECTS),
        "at_most": _TIMES,
        "after": _COUNTS,
        "within": TEXT,
        "requires": WORDS,
    },
}
"""The keys of each list of tables."""

_NEEDED = {
    CHECK_IN: "department",
    RELEASE: "department",
    EXEMPT: "reason",
    EXCLUDE: "reason",
    MERGE: "issue",
}
"""What a step of some effect must be told."""

HANDLING = {"start": TEXT, "deadline": TEXT, "response": TEXT}
"""The keys of the one table about all of it."""


DISPATCH = {"steps": WORDS, "role": TEXT, "told": TABLE, "tiers": TABLE, **duplicates.KEYS}
"""The keys of the one table about what dispatchers are offered."""


def check_handling(file: ProfileFile, tables: Mapping[str, Any]) -> None:
    """Refuse steps that name what the complete profile has not, and states that lead nowhere.

    Raises
    ------
    InvalidProfile
        With file, line, key and reason: an unknown state, step, tier, role or fact; tiers whose
        upper ones form a cycle; a state that nothing leads to, or that no closed one follows.
    """
    names = {
        section: [table["name"] for table in tables[section]]
        for section in ("roles", "tiers", "states", "steps", "conditions")
    }
    start = tables["handling"]["start"]
    file.check_known(Place("handling", key="start"), start, names["states"])
    _check_tiers(file, tables["tiers"], names["tiers"])
    for index, step in enumerate(tables["steps"]):
        _check_step(file, index, step, names)
        _check_effect(file, index, step)
    _check_ways(file, tables, start)
    _check_dispatch(file, tables, names)


def _check_dispatch(
    file: ProfileFile, tables: Mapping[str, Any], names: Mapping[str, Sequence[str]]
) -> None:
    table = tables["dispatch"]
    file.check_keys(Place("dispatch"), table, DISPATCH)
    duplicates.check_duplicates(file, table)
    for step in table.get("steps", ()):
        file.check_known(Place("dispatch", key="steps", word=step), step, names["steps"])
    if table.get("steps"):
        role = table.get("role", "")
        file.check_known(Place("dispatch", key="role"), role, names["roles"])
    for fact in table.get("told", {}):
        file.check_known(Place("dispatch", key="told", word=fact), fact, list(FACTS))
    layers = [layer["name"] for layer in tables["layers"]]
    for layer, tier in table.get("tiers", {}).items():
        file.check_known(Place("dispatch", key="tiers", word=layer), layer, layers)
        file.check_known(Place("dispatch", key="tiers", word=layer), tier, names["tiers"])


def _check_tiers(
    file: ProfileFile, tables: Sequence[Mapping[str, Any]], names: Sequence[str]
) -> None:
    upper_by_name = {table["name"]: table.get("upper") for table in tables}
    for index, table in enumerate(tables):
        place, at = Place("tiers", index, "upper"), table.get("upper")
        if at is None:
            continue
        file.check_known(place, at, names)
        if is_cycle(table["name"], upper_by_name):
            raise file.error(place, zh="上级关系成环", en="the upper tiers form a cycle")


def _check_step(
    file: ProfileFile, index: int, step: Mapping[str, Any], names: Mapping[str, Sequence[str]]
) -> None:
    def known(key: str, values: Sequence[str], among: Sequence[str]) -> None:
        for value in values:
            file.check_known(Place("steps", index, key, word=value), value, among)

    known("from", step.get("from", ()), names["states"])
    known("from_phases", step.get("from_phases", ()), PHASES)
    known("to", [step["to"]] if "to" in step else [], names["states"])
    known("roles", step.get("roles", ()), names["roles"])
    known("tier", [step.get("tier", SAME)], [SAME, UP, NAMED, *names["tiers"]])
    known("needs", step.get("needs", ()), list(FACTS))
    known("may", step.get("may", ()), list(FACTS))
    if not names["conditions"] and "condition" in (*step.get("needs", ()), *step.get("may", ())):
        raise file.error(
            Place("steps", index, word="condition"),
            zh="要告知紧急程度，却没有任何 [[conditions]]",
            en="it needs a condition, and there are no [[conditions]]",
        )
    known("requires", step.get("requires", ()), list(KIND_BY_NAME))
    known("after", list(step.get("after", {})), names["steps"])
    for reason in step.get("reasons", ()):
        at = Place("steps", index, word=str(reason.get("name", "reasons")))
        file.check_keys(at, reason, WORD_KEYS, required=["name"])
    needs = step.get("needs", ())
    if step.get("reasons") and "reason" not in needs:
        raise file.error(
            Place("steps", index, "reasons"),
            zh='列出了理由，needs 里却没有 "reason"',
            en='it lists reasons, and needs lacks "reason"',
        )
    if not (step.get("from") or step.get("from_phases")):
        raise file.error(
            Place("steps", index, "name"),
            zh="要写明从哪些状态（from）或阶段（from_phases）开始",
            en="tell the states (from) or phases (from_phases) that it starts from",
        )


def _check_effect(file: ProfileFile, index: int, step: Mapping[str, Any]) -> None:
    effect, needs = step.get("effect"), step.get("needs", ())
    if effect in _NEEDED and _NEEDED[effect] not in needs:
        raise file.error(
            Place("steps", index, "effect"),
            zh=f'这样的步骤要告知 {_NEEDED[effect]}，needs 里却没有 "{_NEEDED[effect]}"',
            en=f'such a step has to be told {_NEEDED[effect]}, and needs lacks "{_NEEDED[effect]}"',
        )


def _check_ways(file: ProfileFile, tables: Mapping[str, Any], start: str) -> None:
    states = tables["states"]
    ways = [(sources_of(step, states), step["to"]) for step in tables["steps"] if "to" in step]
    closed = {state["name"] for state in states if state.get("phase") == CLOSED}
    if not closed:
        raise file.error(
            Place("states"), zh='没有办结状态（phase = "closed"）', en="no state is closed"
        )
    found = reachable(ways, {start})
    backwards = [([to], source) for sources, to in ways for source in sources]
    ending = reachable(backwards, closed)
    for index, state in enumerate(states):
        name = state["name"]
        if name not in found:
            raise file.error(
                Place("states", index, "name"),
                zh=f"“{name}”到不了：没有步骤从“{start}”走到它",
                en=f"'{name}' is never reached: no steps lead to it from '{start}'",
            )
    for index, state in enumerate(states):
        name = state["name"]
        if name not in ending:
            raise file.error(
                Place("states", index, "name"),
                zh=f"“{name}”出不去：从它走不到任何办结状态",
                en=f"'{name}' is a dead end: no closed state follows it",
            )
