"""`geo-service issues history` and `issues step`: one issue handled at the terminal."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geo_service.commands.terminal import Terminal, terminal
from geo_service.errors import InvalidValue

if TYPE_CHECKING:
    from geo_service.governance.clock.run import Run
    from geo_service.governance.handling.workflow import Workflow
    from geo_service.services.handling.steps import IssueHistory

_WORDS = {
    "zh": {
        "colon": "：",
        "no limit": "无时限",
        "provisional": "（暂定）",
        "paused": "暂停计时",
        "ended": "，已于 {} 完成",
        "ended late": "，{} 才完成，超期",
        "stopped": "，未办此事，随 {} 办结而止",
        "stopped late": "，未办此事，随 {} 办结而止，超期",
    },
    "en": {
        "colon": ": ",
        "no limit": "no limit",
        "provisional": " (provisional)",
        "paused": "stands still",
        "ended": ", met on {}",
        "ended late": ", met late on {}",
        "stopped": ", not met, stopped when it closed on {}",
        "stopped late": ", not met, overdue when it closed on {}",
    },
}
TELL_HELP = "项=内容，可重复；departments 用顿号分隔，如 unit=示例网格"
Number = Annotated[int, typer.Argument(min=1, help="问题编号 / number of the issue")]


def tell_history(
    context: typer.Context,
    issue: Number,
    as_json: Annotated[bool, typer.Option("--json", help="写成 JSON")] = False,
) -> None:
    """一个问题的经过、现在的状态和可办的步骤。What happened to an issue, and what may be done."""
    desk = terminal(context)
    _tell(desk, desk.services.handling.history(desk.caller, issue), as_json=as_json)


def take_step(
    context: typer.Context,
    issue: Number,
    step: Annotated[str, typer.Argument(help="步骤，如 受理 / a step such as accept")],
    role: Annotated[str, typer.Option(help="角色，如 派单员 / a role such as dispatcher")],
    tell: Annotated[
        list[str] | None,
        typer.Option(help=TELL_HELP),
    ] = None,
    at: Annotated[str | None, typer.Option(help="办理时间，默认现在 / when it was done")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="写成 JSON")] = False,
) -> None:
    """办理一步；不能办时说明现在可办什么。Do a step; tells what is possible where it is not."""
    from geo_service.services.handling.steps import StepAsked

    desk = terminal(context)
    asked = StepAsked(step, role, facts_told(tell), at)
    _tell(desk, desk.services.handling.take_step(desk.caller, issue, asked), as_json=as_json)


def facts_told(tell: list[str] | None) -> dict[str, Any]:
    """Return the facts of texts such as ``unit=示例网格``; raises InvalidValue."""
    return dict(map(_fact, tell or ()))


def _fact(text: str) -> tuple[str, Any]:
    name, equals, value = text.partition("=")
    if not (equals and name.strip()):
        raise InvalidValue("--tell", "项=内容，如 unit=示例网格", "name=value, such as unit=G7")
    if name.strip() == "departments":
        return "departments", [each.strip() for each in value.split("、") if each.strip()]
    return name.strip(), value.strip()


def _tell(desk: Terminal, found: "IssueHistory", *, as_json: bool) -> None:
    from geo_service.governance.handling.dues import values_of
    from geo_service.governance.handling.life import to_values

    flow = desk.services.workspace.profile.workflow
    if as_json:
        steps = [step.name for step in found.steps]
        told = {"status": found.status, "standing": to_values(found.standing), "steps": steps}
        told["deadlines"] = values_of(found.deadlines)
        desk.json({"issue_id": found.issue_id, **told, "events": found.events})
        return
    words = (("时间", "time"), ("事项", "event"), ("状态", "state"), ("内容", "what"))
    desk.table(
        [desk.word(*each) for each in words],
        [_row(flow, event, desk.language) for event in found.events],
    )
    rules = desk.services.workspace.profile.deadlines.deadlines
    for name, run in found.deadlines.items():
        title = rules[name].title(desk.language) if name in rules else name
        is_met = name not in rules or _is_met(rules[name].ends, run, found.events)
        desk.say(_deadline(title, run, "zh", is_met), _deadline(title, run, "en", is_met))
    state = flow.states[found.standing.state].title(desk.language)
    possible = "、".join(step.title(desk.language) for step in found.steps)
    desk.say(f"现在：{state}；可办：{possible}", f"now: {state}; possible: {possible}")


def _is_met(ends: Sequence[str], run: "Run", events: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether one of the steps that meet a deadline ended it: closing ends all of them."""
    steps = (each["payload"] for each in events if each["kind"] == "step")
    return any(each["step"] in ends and each["at_s"] == run.ended_s for each in steps)


def _deadline(title: str, run: "Run", language: str, is_met: bool) -> str:
    """Return one sentence on a deadline, as it stands when it was asked."""
    from geo_service.governance.moment import local_text

    words = _WORDS[language]
    due = words["no limit"] if run.due_s is None else local_text(run.due_s)
    if run.is_provisional:
        due += words["provisional"]
    if run.is_paused:
        return f"{title}{words['colon']}{words['paused']}"
    if run.ended_s is None:
        return f"{title}{words['colon']}{due}"
    how = ("ended" if is_met else "stopped") + (" late" if run.ended_late else "")
    ended = words[how].format(local_text(run.ended_s))
    return f"{title}{words['colon']}{due}{ended}"


def _row(flow: "Workflow", event: dict[str, Any], language: str) -> list[str]:
    from geo_service.governance.handling.telling import event_title, state_title, told_text
    from geo_service.governance.moment import local_text

    told = (flow, event["kind"], event["payload"], language)
    return [local_text(event["at_s"]), event_title(*told), state_title(*told), told_text(*told)]
