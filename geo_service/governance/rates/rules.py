"""What a profile says about rates: who accepts, who responds, what answers weigh, cadence."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from geo_service.governance.handling.facts import SATISFACTION
from geo_service.governance.handling.workflow import CLOSED, Workflow
from geo_service.governance.profile_file import (
    LENGTH_M,
    TABLE,
    WORDS,
    Kind,
    Place,
    ProfileFile,
    is_number,
)

WHOLE = 1000
"""Weights are kept in thousandths, so that sums of them are exact."""

_FEWEST_REPEATS, _MOST_REPEATS = 3, 1000
_LAST_START = 28

_WEIGHT = Kind(
    "0 到 1 之间、至多三位小数的权重",
    "a weight from 0 to 1 with at most three decimals",
    lambda v: is_number(v) and 0 <= v <= 1 and round(v * WHOLE) == v * WHOLE,
)
_DAY = Kind(
    f"1 到 {_LAST_START} 之间的日",
    f"a day of the month from 1 to {_LAST_START}",
    lambda v: type(v) is int and 1 <= v <= _LAST_START,
)
_REPEATS = Kind(
    f"{_FEWEST_REPEATS} 到 {_MOST_REPEATS} 之间的件数",
    f"a number of issues from {_FEWEST_REPEATS} to {_MOST_REPEATS}",
    lambda v: type(v) is int and _FEWEST_REPEATS <= v <= _MOST_REPEATS,
)

RATES: Mapping[str, Kind] = {
    "accepted_by": WORDS,
    "responded_by": WORDS,
    "patrol": WORDS,
    "weights": TABLE,
    "month_from_day": _DAY,
    "repeat_m": LENGTH_M,
    "repeat_least": _REPEATS,
}
"""The keys of the one table about rates."""


@dataclass(frozen=True)
class RateRules:
    """What rates are counted by.

    ``accepting`` and ``responding`` name steps; without one that responds there is no response
    rate. ``weights`` are thousandths of an answer that counts as satisfied; an answer without a
    weight is none. ``patrol`` names the sources that find issues before anybody complains. An
    appraisal month begins on ``month_from_day`` and is named after the month it ends in. So many
    issues of one category (``repeat_least``) within a square of ``repeat_m`` are a repeat cluster.
    """

    accepting: tuple[str, ...]
    responding: tuple[str, ...]
    response: str | None
    weights: Mapping[str, int]
    patrol: tuple[str, ...]
    month_from_day: int = 1
    repeat_m: float = 100.0
    repeat_least: int = _FEWEST_REPEATS


def check_rates(file: ProfileFile, tables: Mapping[str, Any]) -> None:
    """Refuse what the complete profile does not know, and weights of nothing.

    Raises
    ------
    InvalidProfile
        With file, line, key and reason.
    """
    place, told = Place("rates"), tables["rates"]
    file.check_keys(place, told, RATES)
    steps = [table["name"] for table in tables["steps"]]
    sources = [table["name"] for table in tables["sources"]]
    for key, known in (("accepted_by", steps), ("responded_by", steps), ("patrol", sources)):
        for word in told.get(key, ()):
            file.check_known(Place("rates", key=key, word=word), word, known)
    answers = {word.name: _WEIGHT for word in SATISFACTION}
    file.check_keys(Place("rates", key="weights"), told.get("weights", {}), answers)


def rate_rules(
    tables: Mapping[str, Any], workflow: Workflow, responding: tuple[str, ...]
) -> RateRules:
    """Return the rules of a profile's tables, which have been checked.

    ``responding`` are the steps that meet the deadline of the response. Steps that nobody named as
    accepting are those from the start into another state that is not closed.
    """
    told = tables["rates"]
    known = {table["name"] for table in tables["sources"]}
    return RateRules(
        accepting=tuple(told.get("accepted_by", _accepting(workflow))),
        responding=tuple(told.get("responded_by", responding)),
        response=tables["handling"].get("response"),
        weights={name: round(each * WHOLE) for name, each in told.get("weights", {}).items()},
        patrol=tuple(name for name in told.get("patrol", ("patrol",)) if name in known),
        month_from_day=told.get("month_from_day", 1),
        repeat_m=float(told.get("repeat_m", RateRules.repeat_m)),
        repeat_least=told.get("repeat_least", _FEWEST_REPEATS),
    )


def _accepting(workflow: Workflow) -> list[str]:
    return [
        step.name
        for step in workflow.steps.values()
        if workflow.start in step.sources
        and step.target not in (None, workflow.start)
        and workflow.states[str(step.target)].phase != CLOSED
    ]
