"""`geo-service issues nearby`: what may be duplicates of an issue."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from geo_service.commands.terminal import terminal

if TYPE_CHECKING:
    from geo_service.services.handling.nearby import NearIssue


def tell_nearby(
    context: typer.Context,
    issue: Annotated[int, typer.Argument(min=1, help="问题编号 / number of the issue")],
) -> None:
    """可能的重复件：同类、相距不远、上报时间相近的问题。What may be duplicates of an issue."""
    desk = terminal(context)
    found = desk.services.nearby.around_issue(desk.caller, issue)
    flow = desk.services.workspace.profile.workflow

    def row(near: "NearIssue") -> list[Any]:
        told = near.row
        state = flow.states.get(told["state"] or flow.start)
        closed = desk.word("已办结", "closed") if told["status"] == "closed" else None
        category = "/".join(filter(None, (told["category_major"], told["category_minor"])))
        at = closed or (state.title(desk.language) if state else told["state"])
        merge = near.merge and f"{near.merge.issue} → {near.merge.into}"
        about = told["title"] or told["address"]
        reason = near.likeness.text(desk.language)
        return [told["id"], told["external_id"], category, about, at, reason, merge]

    headings = ("编号", "工单号", "类别", "事由", "状态", "为何可能重复", "可并案")
    in_english = ("id", "number", "category", "about", "state", "why", "merge")
    if found.found:
        pairs = zip(headings, in_english, strict=True)
        desk.table([desk.word(*pair) for pair in pairs], [row(each) for each in found.found])
    left_out = found.left_out
    desk.say(
        found.text_zh + (f"，另有 {left_out} 件未列出" if left_out else ""),
        found.text_en + (f", {left_out} more are not listed" if left_out else ""),
    )
