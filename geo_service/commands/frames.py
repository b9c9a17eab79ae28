"""`geo-service frame`: what frame a boundary file seems to be in."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.commands.terminal import Terminal, moment_s, terminal
from geo_service.layers.file_format import READABLE

if TYPE_CHECKING:
    from geo_service.services.frames.trust import FrameReport


def examine_frame(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help=READABLE)],
    layer: Annotated[
        str | None, typer.Option(help="只与这个图层比对 / compare with this layer")
    ] = None,
    frame: Annotated[str | None, typer.Option(help="声明的坐标系 / the declared frame")] = None,
    table: Annotated[
        str | None, typer.Option(help="文件中的哪个图层或工作表 / which table or sheet")
    ] = None,
    as_of: Annotated[str | None, typer.Option(help="哪一天的边界 / boundaries of a day")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="写成 JSON")] = False,
) -> None:
    """看一个边界文件像是哪种坐标系：与现有边界比对，只问不改。Ask what frame a file is in."""
    from geo_service.layers.edition import EditionChoice
    from geo_service.services.frames.trust import examination_json

    desk = terminal(context)
    report = desk.services.frames.examine_file(
        desk.caller,
        file,
        frame=frame,
        table=table,
        layer=layer,
        choice=EditionChoice(moment_s(as_of, where="--as-of")),
    )
    if as_json:
        desk.json(examination_json(report, desk.language))
    else:
        _tell(desk, report)
    declared = report.examination.evidence.declared
    raise typer.Exit(1 if declared and report.examination.evidence.is_contradicting else 0)


def _tell(desk: Terminal, report: "FrameReport") -> None:
    found = report.examination
    evidence = found.evidence
    desk.say(
        f"{report.file}：{report.areas} 个图形，声明的坐标系 {evidence.declared or '无'}",
        f"{report.file}: {report.areas} shapes, declared frame {evidence.declared or 'none'}",
    )
    desk.say(found.text("zh"), found.text("en"))
    if evidence.fits:
        desk.table(
            [
                desk.word("坐标系", "frame"),
                desk.word("重合", "matched"),
                desk.word("中位相距（米）", "median distance (m)"),
                desk.word("偏移（米）", "shift (m)"),
            ],
            [
                (
                    fit.label(desk.language),
                    f"{fit.matched_share:.1%}",
                    "" if fit.distance_m is None else f"{fit.distance_m:.1f}",
                    f"{fit.shift_m:.0f}",
                )
                for fit in evidence.fits
            ],
        )
    if evidence.best:
        desk.say(
            f"把握 {evidence.confidence:.2f}；{evidence.within_m:.0f} 米以内算重合，随意平移时 "
            f"{evidence.chance_share:.0%} 重合。若依据的边界本身有错，这里也会错",
            f"confidence {evidence.confidence:.2f}; within {evidence.within_m:.0f} m counts as "
            f"matched, {evidence.chance_share:.0%} do after an arbitrary shift. If the boundaries "
            "this rests on are wrong, so is this",
        )
