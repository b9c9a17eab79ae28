"""`geo-service drafts`: begun, shown, undone, checked, rebased, published."""

from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.commands.editions import (
    ApprovedBy,
    ApprovedOn,
    Document,
    tell_differences,
    tell_uncorrected,
)
from geo_service.commands.terminal import Terminal, moment_s, terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geo_service.layers.topology import Defect
    from geo_service.services.drafts.drafts import Step
    from geo_service.services.drafts.publishing import DraftCheck
    from geo_service.storage.drafts import DraftRow

app = typer.Typer(help="边界草案 / drafts of boundaries", no_args_is_help=True)

Number = Annotated[int, typer.Argument(min=1, help="草案编号 / number of the draft")]
Seen = Annotated[
    int | None,
    typer.Option("--seen", min=0, help="看到的修订号；期间被别人改动则不做 / revision you saw"),
]
AsOf = Annotated[str | None, typer.Option(help="基于哪一天施行的边界 / boundaries of which day")]
Whole = Annotated[bool, typer.Option("--whole", help="全部区域重查 / judge every area")]
_STATES = {"open": "起草中", "published": "已发布", "discarded": "已搁置"}
_STEP_STATES = {"done": "已做", "undone": "已撤销"}


@app.command("begin")
def begin(
    context: typer.Context,
    name: str,
    as_of: AsOf = None,
) -> None:
    """新建草案，基于现行版本。Begin a draft on the edition in force."""
    desk = terminal(context)
    moment = moment_s(as_of, where="--as-of")
    draft = desk.services.drafts.begin(desk.caller, name, as_of_s=moment).row
    desk.say(
        f"草案 {draft.id}：{draft.name}，基于第 {draft.base_edition} 版",
        f"draft {draft.id}: {draft.name}, on edition {draft.base_edition}",
    )


@app.command("list")
def list_drafts(context: typer.Context) -> None:
    """列出全部草案，最近改动的在前。List drafts, the one changed last first."""
    desk = terminal(context)
    headings = [("草案", "draft"), ("名称", "name"), ("基于", "on"), ("状态", "status")]
    rows = [
        (row.id, row.name, row.base_edition, _state(desk, row.status), row.edition)
        for row in desk.services.drafts.drafts(desk.caller)
    ]
    desk.table([desk.word(*each) for each in (*headings, ("发布为", "became"))], rows)


@app.command("show")
def show(context: typer.Context, number: Number) -> None:
    """显示一个草案的每一步。Show the steps of a draft."""
    from geo_service.maps.wording import words

    desk = terminal(context)
    draft = desk.services.drafts.draft(desk.caller, number)
    row = draft.row
    every = desk.services.drafts.operations(desk.caller, number).rows
    steps = [step for step in every if step.state in _STEP_STATES]
    desk.say(
        f"草案 {row.id}：{row.name}，基于第 {row.base_edition} 版，修订 {row.revision}，"
        f"{_state(desk, row.status)}",
        f"draft {row.id}: {row.name}, on edition {row.base_edition}, revision {row.revision}, "
        f"{row.status}",
    )
    tell_note(desk, row)
    headings = [("步骤", "step"), ("操作", "operation"), ("涉及区域", "areas"), ("状态", "state")]
    desk.table(
        [desk.word(*each) for each in headings],
        [
            (
                at,
                # as the planner desk calls it; what only programs do keeps its own name
                words(desk.language).get(f"js_pln_op_{step.kind}", step.kind),
                " ".join(code for _, code in step.touched),
                desk.word(_STEP_STATES[step.state], step.state),
            )
            for at, step in enumerate(steps, 1)
        ],
    )


@app.command("undo")
def undo(context: typer.Context, number: Number, seen: Seen = None) -> None:
    """撤销最后一步。Undo the last step."""
    desk = terminal(context)
    tell_step(desk, desk.services.drafts.undo(desk.caller, number, seen=seen))


@app.command("redo")
def redo(context: typer.Context, number: Number, seen: Seen = None) -> None:
    """重做刚撤销的一步。Do the step again that was undone last."""
    desk = terminal(context)
    tell_step(desk, desk.services.drafts.redo(desk.caller, number, seen=seen))


@app.command("rename")
def rename(context: typer.Context, number: Number, name: str) -> None:
    """给草案改名。Give a draft another name."""
    desk = terminal(context)
    from geo_service.services.drafts.drafts import DraftNote

    row = desk.services.drafts.note(desk.caller, number, DraftNote(name)).row
    desk.say(f"草案 {row.id}：{row.name}", f"draft {row.id}: {row.name}")


@app.command("note")
def note(
    context: typer.Context,
    number: Number,
    reason: Annotated[str | None, typer.Option(help="为什么调整 / why")] = None,
    consulted: Annotated[str | None, typer.Option(help="征求过谁的意见 / who was asked")] = None,
    seen: Seen = None,
) -> None:
    """记下调整原因、征求意见，印在变更单上，发布时用；空文字为清除。Note why, and who was asked."""
    from geo_service.services.drafts.drafts import DraftNote

    desk = terminal(context)
    asked = DraftNote(reason=reason, consulted=consulted)
    row = desk.services.drafts.note(desk.caller, number, asked, seen=seen).row
    tell_note(desk, row)


@app.command("discard")
def discard(context: typer.Context, number: Number) -> None:
    """搁置草案，留存可查。Put a draft aside; it stays to be read."""
    desk = terminal(context)
    desk.services.drafts.discard(desk.caller, number)
    desk.say(f"草案 {number} 已搁置", f"draft {number} was put aside")


@app.command("check")
def check(
    context: typer.Context,
    number: Number,
    whole: Whole = False,
) -> None:
    """检查草案：妨碍发布的、需要看的、会改变的。有缺陷时退出码为 1。Check a draft."""
    from geo_service.services.drafts.findings import LISTED

    desk = terminal(context)
    found = desk.services.draft_publications.check(desk.caller, number, is_whole=whole)
    tell_differences(desk, found.differences)
    for defect in found.defects[:LISTED] if whole else ():
        desk.tell(defect, "✗")
    if whole and len(found.defects) > LISTED:
        count = len(found.defects)
        desk.say(f"✗ … 共 {count} 处", f"✗ … {count} in all")
    _tell_findings(desk, found.findings)
    for layer in found.needs_approval:
        title = desk.layer(layer.layer)
        desk.say(f"! {title} 是法定界线，发布须有批准", f"! {title} needs an approval")
    _tell_gone(desk, found)
    if found.is_publishable:
        desk.say("可以发布", "ready to publish")
    if found.defects:
        raise typer.Exit(1)


@app.command("impact")
def tell_impact(
    context: typer.Context,
    number: Number,
    as_json: Annotated[bool, typer.Option("--json", help="写成 JSON / as JSON")] = False,
) -> None:
    """发布之前看影响：人口、单位、工单、均衡、归属变化。What a draft would change."""
    from geo_service.commands.redraws.impact import show_impact
    from geo_service.services.impact.look import ImpactOptions

    desk = terminal(context)
    found = desk.services.draft_impact.impact(desk.caller, number, ImpactOptions())
    show_impact(desk, found, as_json=as_json)


@app.command("fix")
def fix(
    context: typer.Context,
    number: Number,
    finding: Annotated[int, typer.Argument(min=0, help="检查里的序号 / number of the finding")],
    take: Annotated[
        int | None, typer.Option(min=0, help="采用第几个办法；不给则列出 / which one to do")
    ] = None,
    whole: Whole = False,
) -> None:
    """一处问题有哪些办法，或采用其中一个。What would put a finding right; or do it."""
    from geo_service.services.drafts.offers.proposals import FixAsked

    desk = terminal(context)
    proposals = desk.services.draft_proposals
    seen = desk.services.drafts.draft(desk.caller, number).row.revision
    if take is not None:
        asked = FixAsked(finding, take, whole)
        tell_step(desk, proposals.fix(desk.caller, number, asked, seen=seen))
        return
    found = proposals.fixes(desk.caller, number, finding, seen=seen, is_whole=whole)
    for at, each in enumerate(found):
        desk.tell(each, f"[{at}]")
    if not found:
        desk.say("没有现成的办法，请重画", "nothing fits: draw it otherwise")


@app.command("rebase")
def rebase(
    context: typer.Context,
    number: Number,
    as_of: AsOf = None,
) -> None:
    """把草案移到现行版本上。Put a draft on the edition in force."""
    desk = terminal(context)
    moment = moment_s(as_of, where="--as-of")
    row = desk.services.draft_publications.rebase(desk.caller, number, as_of_s=moment).row
    desk.say(
        f"草案 {row.id} 现基于第 {row.base_edition} 版",
        f"draft {row.id} stands on edition {row.base_edition} now",
    )


@app.command("publish")
def publish(
    context: typer.Context,
    number: Number,
    reason: Annotated[
        str | None, typer.Option(help="为什么调整；不给则用草案里记下的 / why; else as noted")
    ] = None,
    effective_from: Annotated[str | None, typer.Option(help="生效日期 / takes effect")] = None,
    correction: Annotated[bool, typer.Option("--correction", help="更正过去 / the past")] = False,
    consulted: Annotated[
        str | None, typer.Option(help="征求过谁的意见；不给则同上 / who was asked; else as noted")
    ] = None,
    approved_by: ApprovedBy = "",
    document: Document = "",
    approved_on: ApprovedOn = "",
) -> None:
    """发布草案为新版本；重复发布仍是同一版。Publish a draft; again it is the same edition."""
    from geo_service.services.drafts.publishing import PublicationAsked

    desk = terminal(context)
    asked = PublicationAsked(
        reason,
        moment_s(effective_from, where="--effective-from"),
        correction,
        consulted,
        {"authority": approved_by, "document": document, "date": approved_on},
    )
    edition = desk.services.draft_publications.publish(desk.caller, number, asked)
    desk.say(
        f"草案 {number} 已发布为第 {edition.number} 版",
        f"draft {number} is edition {edition.number}",
    )
    tell_uncorrected(desk, edition.uncorrected)


def tell_note(desk: Terminal, row: "DraftRow") -> None:
    """Tell why a draft is made, and who was asked; what nobody told is a dash."""
    reason, consulted = row.reason or "—", row.consulted or "—"
    desk.say(f"  调整原因：{reason}", f"  reason: {reason}")
    desk.say(f"  征求意见：{consulted}", f"  consulted: {consulted}")


def tell_step(desk: Terminal, step: "Step") -> None:
    """Tell which areas are other than before, which are no more, and what to look at."""
    row = step.draft.row
    desk.say(f"草案 {row.id}，修订 {row.revision}", f"draft {row.id}, revision {row.revision}")
    for layer, areas in step.areas.items():
        if len(areas):
            codes = " ".join(areas.codes)
            title = desk.layer(layer)
            desk.say(f"  {title} 改动：{codes}", f"  {title} changed: {codes}")
    for layer, code in step.ended:
        title = desk.layer(layer)
        desk.say(f"  {title} 撤销：{code}", f"  {title} no more: {code}")
    _tell_findings(desk, step.state.findings, indent="  ")


def _tell_findings(desk: Terminal, findings: "Sequence[Defect]", *, indent: str = "") -> None:
    from geo_service.layers.topology.defect import QUESTIONS
    from geo_service.services.drafts.findings import LISTED

    for at, finding in enumerate(findings[:LISTED]):
        mark = f"{indent}{'?' if finding.kind in QUESTIONS else '!'} [{at}]"
        desk.tell(finding, mark)
    if len(findings) > LISTED:
        count = len(findings)
        desk.say(f"{indent}… 共 {count} 处", f"{indent}… {count} in all")


def _tell_gone(desk: Terminal, found: "DraftCheck") -> None:
    for each in found.entered:
        if each.gone:
            area = f"{desk.layer(each.row.layer)} {each.row.code}"
            told = f"{area} {each.row.figure} {each.row.value}"
            desk.say(
                f"! 录入的 {told} 不再适用，不会发布",
                f"! what was entered no longer applies and is not published: {told}",
            )


def _state(desk: Terminal, state: str) -> str:
    return desk.word(_STATES[state], state)
