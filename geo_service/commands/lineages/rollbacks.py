"""`geo-service editions restore | revert`."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.commands.editions import ApprovedBy, ApprovedOn, Document
from geo_service.commands.terminal import Terminal, moment_s, terminal

if TYPE_CHECKING:
    from geo_service.services.rollbacks.issues import IssuesTakenBack
    from geo_service.services.rollbacks.rollbacks import Rollback, RollbackOptions

_SHOWN = 20

Reason = Annotated[str, typer.Option(help="原因 / why")]
From = Annotated[str | None, typer.Option(help="生效日期，默认现在 / takes effect")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="只看会怎样，不存入 / only look")]


def restore(
    context: typer.Context,
    number: int,
    reason: Reason,
    effective_from: From = None,
    dry_run: DryRun = False,
    approved_by: ApprovedBy = "",
    document: Document = "",
    approved_on: ApprovedOn = "",
) -> None:
    """把一个旧版本的全部内容作为新版本发布。All of an older edition again, as a new one."""
    desk = terminal(context)
    approval = {"authority": approved_by, "document": document, "date": approved_on}
    options = _options(reason, effective_from, approval, is_dry_run=dry_run)
    _tell(desk, desk.services.rollbacks.restore(desk.caller, number, options))


def revert(
    context: typer.Context,
    number: int,
    reason: Reason,
    effective_from: From = None,
    dry_run: DryRun = False,
    approved_by: ApprovedBy = "",
    document: Document = "",
    approved_on: ApprovedOn = "",
) -> None:
    """只撤回一个版本的改动，作为新版本发布。Undo one edition's changes alone, as a new edition."""
    desk = terminal(context)
    approval = {"authority": approved_by, "document": document, "date": approved_on}
    options = _options(reason, effective_from, approval, is_dry_run=dry_run)
    _tell(desk, desk.services.rollbacks.revert(desk.caller, number, options))


def _options(
    reason: str, effective_from: str | None, approval: Mapping[str, str], *, is_dry_run: bool
) -> "RollbackOptions":
    from geo_service.services.rollbacks.rollbacks import RollbackOptions

    moment = moment_s(effective_from, where="--effective-from")
    return RollbackOptions(reason, moment, is_dry_run, approval)


def _tell(desk: Terminal, done: "Rollback") -> None:
    if not done.is_needed:
        desk.say(
            f"第 {done.governing} 版已是这样，没有发布新版本",
            f"edition {done.governing} stands so already: nothing was published",
        )
        return
    _tell_changes(desk, done)
    if done.carried:
        numbers = "、".join(map(str, done.carried))
        desk.say(
            f"· 待生效的第 {numbers} 版在新内容上重新发布",
            f"· pending editions published again on it: {numbers}",
        )
    _tell_issues(desk, done.issues)
    if done.edition is None:
        desk.say("试运行，未存入", "dry run, nothing was stored")
    else:
        desk.say(
            f"已发布第 {done.edition.number} 版", f"published as edition {done.edition.number}"
        )


def _tell_changes(desk: Terminal, done: "Rollback") -> None:
    for layer in done.differences:
        told = [
            desk.word(f"{zh} {_some(codes)}", f"{en} {_some(codes)}")
            for zh, en, codes in (
                ("恢复", "back", layer.added),
                ("撤销", "gone", layer.removed),
                ("改回", "changed", layer.changed),
                ("改名", "renamed", layer.renamed),
                ("换上级", "to another parent", layer.moved),
                ("清单调整", "list changed", layer.relisted),
            )
            if codes
        ]
        if layer.renoded:
            count = len(layer.renoded)
            told.append(desk.word(f"仅补节点 {count}", f"{count} renoded"))
        parts = desk.word("；", "; ").join(told)
        title = desk.layer(layer.layer)
        desk.say(f"{title}：{parts}", f"{title}: {parts}")


def _some(codes: Sequence[str]) -> str:
    shown = ", ".join(codes[:_SHOWN]) + (", …" if len(codes) > _SHOWN else "")
    return f"{len(codes)} ({shown})"


def _tell_issues(desk: Terminal, issues: "IssuesTakenBack") -> None:
    if not issues.reassigned:
        return
    if issues.returned is None:
        desk.say(
            f"· 其改派的未办结工单 {issues.reassigned} 件，生效时重新归属",
            f"· {issues.reassigned} open issues that it re-assigned are located again with effect",
        )
    else:
        desk.say(
            f"· 其改派的未办结工单 {issues.reassigned} 件，{issues.returned} 件回到原归属",
            f"· of {issues.reassigned} open issues that it re-assigned {issues.returned} are back",
        )
    if issues.touched:
        desk.say(
            f"· 改派后有人处理过的 {len(issues.touched)} 件，请逐件核对：",
            f"· {len(issues.touched)} were handled since; look at each:",
        )
        desk.table(
            [
                desk.word("工单", "issue"),
                desk.word("来源编号", "number"),
                desk.word("做过", "done"),
                desk.word("现归属", "owner now"),
            ],
            [
                (
                    each.issue_id,
                    f"{each.source} {each.external_id}",
                    each.what,
                    "/".join(each.owner) if each.owner else "—",
                )
                for each in issues.touched[:_SHOWN]
            ],
        )
