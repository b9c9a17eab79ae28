"""What a profile may say about the handling of issues, and what it must not contradict."""

from collections.abc import Mapping, Sequence
from typing import Any

from geo_service.governance.handling.facts import FACTS
from geo_service.governance.handling.workflow import (
    CLOSED,
    EFFECTS,
    NAMED,
    PHASES,
    SAME,
    UP,
    reachable,
)
from geo_service.governance.profile_file import (
    TABLES,
    TEXT,
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
_TITLES = {"name": TEXT, "title_zh": TEXT, "title_en": TEXT, "aliases": WORDS}

SECTIONS: Mapping[str, Mapping[str, Kind]] = {
    "roles": _TITLES,
    "tiers": {**_TITLES, "upper": TEXT},
    "states": {**_TITLES, "phase": one_of(*PHASES)},
    "steps": {
        **_TITLES,
        "from": WORDS,
        "to": TEXT,
        "roles": WORDS,
        "tier": TEXT,
        "needs": WORDS,
        "reasons": TABLES,
        "effect": one_of(*EFFECTS),
        "at_most": _TIMES,
        "after": _COUNTS,
    },
}
"""The keys of each list of tables."""

HANDLING = {"start": TEXT}
"""The keys of the one table about all of it."""


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
        for section in ("roles", "tiers", "states", "steps")
    }
    start = tables["handling"]["start"]
    file.check_known(Place("handling", key="start"), start, names["states"])
    _check_tiers(file, tables["tiers"], names["tiers"])
    for index, step in enumerate(tables["steps"]):
        _check_step(file, index, step, names)
    _check_ways(file, tables, start)


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

    known("from", step["from"], names["states"])
    known("to", [step["to"]] if "to" in step else [], names["states"])
    known("roles", step.get("roles", ()), names["roles"])
    known("tier", [step.get("tier", SAME)], [SAME, UP, NAMED, *names["tiers"]])
    known("needs", step.get("needs", ()), list(FACTS))
    known("after", list(step.get("after", {})), names["steps"])
    for reason in step.get("reasons", ()):
        at = Place("steps", index, word=str(reason.get("name", "reasons")))
        file.check_keys(at, reason, _TITLES, required=["name"])
    needs = step.get("needs", ())
    if step.get("reasons") and "reason" not in needs:
        raise file.error(
            Place("steps", index, "reasons"),
            zh='列出了理由，needs 里却没有 "reason"',
            en='it lists reasons, and needs lacks "reason"',
        )
    if step.get("effect") and "department" not in needs:
        raise file.error(
            Place("steps", index, "effect"),
            zh='是对一个部门的，needs 里却没有 "department"',
            en='it is about one department, and needs lacks "department"',
        )


def _check_ways(file: ProfileFile, tables: Mapping[str, Any], start: str) -> None:
    states = tables["states"]
    ways = [(step["from"], step["to"]) for step in tables["steps"] if "to" in step]
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
