"""What happened to an issue, told in the words of its office."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from geo_service.governance.handling.attachment import KIND_BY_NAME
from geo_service.governance.handling.facts import RESOLVED, SATISFACTION, TRIAGE
from geo_service.governance.handling.workflow import Workflow
from geo_service.governance.moment import epoch_s, local_text, read_moment
from geo_service.governance.word import Word

EVENT_WORDS: Mapping[str, Word] = MappingProxyType(
    {
        word.name: word
        for word in (
            Word("reported", "上报", "reported"),
            Word("updated", "来源更新", "told otherwise by its source"),
            Word("closed", "来源办结", "closed by its source"),
            Word("reopened", "来源重开", "reopened by its source"),
            Word("reassigned", "归属变更", "another owner after boundaries changed"),
            Word("recomputed", "时限重算", "deadlines computed again"),
            Word("attached", "附照片", "a photo attached"),
            Word("erased", "抹除", "private parts erased"),
        )
    }
)
"""Every kind of event that is no step."""

_FACT_WORDS = {
    word.name: word
    for word in (
        Word("triage", "分类", "triage"),
        Word("condition", "缓急", "condition"),
        Word("tier", "层级", "tier"),
        Word("unit", "承办", "unit"),
        Word("departments", "部门", "departments"),
        Word("department", "部门", "department"),
        Word("reason", "理由", "reason"),
        Word("rule", "依据", "rule"),
        Word("until", "至", "until"),
        Word("issue", "原件", "original"),
        Word("resolved", "是否解决", "resolved"),
        Word("satisfaction", "满意度", "satisfaction"),
    )
}
"""In the order in which they are told."""
_CLOSED_LISTS: Mapping[str, Sequence[Word]] = {
    "triage": TRIAGE,
    "resolved": RESOLVED,
    "satisfaction": SATISFACTION,
}


def event_title(workflow: Workflow, kind: str, payload: Mapping[str, Any], language: str) -> str:
    """Return what an event is called: the step, or the kind of what is none.

    A step that the profile does not know any more is told by its name.
    """
    if kind == "step":
        step = workflow.steps.get(payload["step"])
        return step.title(language) if step else str(payload["step"])
    word = EVENT_WORDS.get(kind)
    return word.title(language) if word else kind


def state_title(workflow: Workflow, kind: str, payload: Mapping[str, Any], language: str) -> str:
    """Return the state that a step led to; nothing for an event that is none."""
    if kind != "step":
        return ""
    state = workflow.states.get(payload["state"])
    return state.title(language) if state else str(payload["state"])


def told_text(workflow: Workflow, kind: str, payload: Mapping[str, Any], language: str) -> str:
    """Return who took a step and what was told with it, or the kind of an attached photo.

    Names of tiers, conditions, reasons and answers are those of the profile; what it does not know
    any more stands as it was stored.
    """
    if kind == "attached":
        photo = KIND_BY_NAME.get(str(payload.get("kind")))
        return photo.title(language) if photo else ""
    if kind != "step":
        return ""
    role = workflow.roles.get(payload["role"])
    colon, stop = (": ", "; ") if language == "en" else ("：", "；")
    facts = [
        f"{word.title(language)}{colon}{_value(workflow, payload, name, language)}"
        for name, word in _FACT_WORDS.items()
        if payload.get(name) is not None
    ]
    return stop.join([role.title(language) if role else str(payload["role"]), *facts])


def _value(workflow: Workflow, payload: Mapping[str, Any], name: str, language: str) -> str:
    value = payload[name]
    if isinstance(value, list):
        return ("、" if language == "zh" else ", ").join(map(str, value))
    if name == "until":
        return local_text(epoch_s(read_moment(value)))
    known = {word.name: word for word in _words(workflow, payload, name)}
    return known[value].title(language) if value in known else str(value)


def _words(workflow: Workflow, payload: Mapping[str, Any], name: str) -> Sequence[Word]:
    """Return the words that a fact may be."""
    if name == "tier":
        return list(workflow.tiers.values())
    if name == "condition":
        return list(workflow.conditions.values())
    if name == "reason":
        step = workflow.steps.get(payload["step"])
        return step.reasons if step else ()
    return _CLOSED_LISTS.get(name, ())
