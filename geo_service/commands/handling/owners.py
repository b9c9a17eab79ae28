"""`geo-service issues owner`, `decide` and `undecide`: whose an issue is, and saying so."""

from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.commands.handling.steps import Number
from geo_service.commands.terminal import Terminal, terminal
from geo_service.errors import GeoServiceError

if TYPE_CHECKING:
    from geo_service.services.handling.deciding import IssueOwner

Role = Annotated[str, typer.Option(help="角色，如 派单员 / a role such as dispatcher")]


def tell_owner(context: typer.Context, issue: Number) -> None:
    """一个问题归哪个网格，是否由人定。Whose an issue is, and whether a person said so."""
    desk = terminal(context)
    _tell(desk, desk.services.decisions.owner(desk.caller, issue))


def decide(
    context: typer.Context,
    issues: Annotated[list[int], typer.Argument(min=1, help="问题编号 / numbers of issues")],
    layer: Annotated[str, typer.Option(help="图层 / layer")],
    code: Annotated[str, typer.Option(help="区域代码 / code of the area")],
    reason: Annotated[
        str, typer.Option(help="理由，如 现场核实 / a reason: checked, building, agreed, …")
    ],
    role: Role,
    cites: Annotated[str | None, typer.Option(help="依据 / what it rests on")] = None,
) -> None:
    """由人定归属（可多件）；区域还在就不再改变。Say whose issues are, while that area lives."""
    from geo_service.services.handling.deciding import DecisionAsked

    desk = terminal(context)
    asked = DecisionAsked(layer, code, reason, role, cites)
    chosen = [(number, None) for number in issues]
    results = desk.services.decisions.decide_each(desk.caller, chosen, asked)
    refused = 0
    for number, result in zip(issues, results, strict=True):
        if isinstance(result, GeoServiceError):
            refused += 1
            desk.say(f"{number}：{result.text('zh')}", f"{number}: {result.text('en')}")
        else:
            _tell(desk, result)
    if refused:
        raise typer.Exit(1)


def withdraw(context: typer.Context, issue: Number, role: Role) -> None:
    """撤回人工归属，按位置重新判断。Let the place say again whose an issue is."""
    desk = terminal(context)
    found = desk.services.decisions.withdraw(desk.caller, issue, role=role, newest_event=None)
    _tell(desk, found)


def _tell(desk: Terminal, found: "IssueOwner") -> None:
    from geo_service.governance.handling.decision import reason_title
    from geo_service.governance.moment import local_text

    names = " › ".join(area.name for area in found.chain) or "—"
    desk.say(f"{found.issue_id}：{names}", f"{found.issue_id}: {names}")
    decision = found.decision
    if decision is None:
        return
    who = f"{decision.role} {decision.actor}, {local_text(decision.decided_at_s)}"
    cites = f" {decision.cites}" if decision.cites else ""
    zh, en = (reason_title(decision.reason, language) for language in ("zh", "en"))
    desk.say(f"  人工归属：{zh}{cites}（{who}）", f"  decided: {en}{cites} ({who})")
    if not found.is_standing:
        area = f"{decision.layer} {decision.code}"
        desk.say(f"  {area} 已不存在，须重新定", f"  {area} is no more: decide again")
    elif decision.is_questioned:
        desk.say("  此后地点有变，须复核", "  its place changed since: look at it again")
