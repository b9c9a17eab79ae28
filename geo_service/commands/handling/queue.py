"""`geo-service issues queue`, `accept` and `step-each`: what waits, and doing it for several."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geo_service.commands.handling.steps import TELL_HELP, facts_told
from geo_service.commands.terminal import Terminal, terminal
from geo_service.errors import GeoServiceError

if TYPE_CHECKING:
    from geo_service.governance.event import IssueState

_REASONS = {
    "urgent": ("紧急", "urgent"),
    "overdue": ("超期", "overdue"),
    "today": ("今日到期", "due today"),
    "due_soon": ("临期", "due soon"),
    "new": ("未受理", "new"),
    "unassigned": ("未落格", "unassigned"),
    "ambiguous": ("归属待定", "ambiguous"),
    "boundary": ("边界", "boundary"),
    "questioned": ("人工归属须复核", "decided owner in question"),
    "check_in": ("待报到", "waiting for check-in"),
    "returned": ("退单", "returned"),
    "marked": ("催办督办", "marked"),
    "suspended": ("挂账", "suspended"),
}


def tell_queue(
    context: typer.Context,
    view: Annotated[str | None, typer.Option(help="为什么等待，如 overdue / why they wait")] = None,
    limit: Annotated[int, typer.Option(min=1, max=500, help="最多几件 / at most so many")] = 20,
) -> None:
    """待办队列：紧急和今日到期在前，其余按时限。What waits: what presses first."""
    from geo_service.governance.moment import local_text

    desk = terminal(context)
    found = desk.services.queue.page(desk.caller, view=view, limit=limit)
    flow = desk.services.workspace.profile.workflow

    def row(queued: Any) -> list[Any]:
        issue, state = queued.row, flow.states.get(queued.row["state"] or flow.start)
        due_s = issue["next_due_s"]
        return [
            issue["id"],
            issue["external_id"],
            "/".join(filter(None, (issue["category_major"], issue["category_minor"]))),
            queued.chain[-1].name if queued.chain else None,
            state.title(desk.language) if state else issue["state"],
            None if due_s is None else local_text(due_s),
        ]

    headings = ("编号", "工单号", "类别", "归属", "状态", "时限")
    in_english = ("id", "number", "category", "owner", "state", "due")
    pairs = zip(headings, in_english, strict=True)
    desk.table([desk.word(*pair) for pair in pairs], [row(each) for each in found.issues])
    told = [
        f"{desk.word(*words)} {found.counts[name]}"
        for name, words in _REASONS.items()
        if found.counts[name]
    ]
    total = found.counts["all"]
    desk.say(f"在办 {total} 件；" + "、".join(told), f"{total} open; " + ", ".join(told))


def accept(
    context: typer.Context,
    issues: Annotated[list[int], typer.Argument(min=1, help="问题编号 / numbers of issues")],
) -> None:
    """按建议受理并派出（可多件）。Accept what is proposed, for one issue or more."""
    desk = terminal(context)
    results = desk.services.queue.accept(desk.caller, [(number, None) for number in issues])
    _tell_each(
        desk,
        issues,
        results,
        lambda done: (f"已派往 {done.get('unit', '')}", f"sent to {done.get('unit', '')}"),
    )


def take_each(
    context: typer.Context,
    step: Annotated[str, typer.Argument(help="步骤，如 退单 / a step such as return")],
    issues: Annotated[list[int], typer.Argument(min=1, help="问题编号 / numbers of issues")],
    role: Annotated[str, typer.Option(help="角色，如 派单员 / a role such as dispatcher")],
    tell: Annotated[list[str] | None, typer.Option(help=TELL_HELP)] = None,
    at: Annotated[str | None, typer.Option(help="办理时间，默认现在 / when it was done")] = None,
) -> None:
    """对多件办同一步，逐件说明结果。Do one step for several issues; each has its result."""
    from geo_service.services.handling.steps import StepAsked

    desk = terminal(context)
    asked = StepAsked(step, role, facts_told(tell), at)
    chosen = [(number, None) for number in issues]
    results = desk.services.handling.take_each(desk.caller, chosen, asked)
    states = desk.services.workspace.profile.workflow.states

    def state(done: Mapping[str, Any]) -> tuple[str, str]:
        now = states[done["state"]]
        return f"已办，现在{now.title_zh}", f"done, now {now.title_en}"

    _tell_each(desk, issues, results, state)


def _tell_each(
    desk: Terminal,
    issues: Sequence[int],
    results: Sequence["IssueState | GeoServiceError"],
    told: Callable[[Mapping[str, Any]], tuple[str, str]],
) -> None:
    """Say what became of each; the command fails where any was refused."""
    for number, result in zip(issues, results, strict=True):
        if isinstance(result, GeoServiceError):
            desk.say(f"{number}：{result.text('zh')}", f"{number}: {result.text('en')}")
        else:
            zh, en = told(result.handling or {})
            desk.say(f"{number}：{zh}", f"{number}: {en}")
    if any(isinstance(result, GeoServiceError) for result in results):
        raise typer.Exit(1)
