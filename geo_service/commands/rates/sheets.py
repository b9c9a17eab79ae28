"""`geo-service sheets`: 日分析, 周调度, 月点评, 季通报, drawn, signed and printed again."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.commands.terminal import Terminal, chosen, day_of, terminal
from geo_service.governance.moment import local_text

if TYPE_CHECKING:
    from geo_service.services.sheets.figures import SheetQuery

_KINDS = ("day", "week", "month", "quarter")
_ENDINGS = (".html", ".xlsx")

Kind = Annotated[str, typer.Argument(help="day 日分析、week 周调度、month 月点评、quarter 季通报")]
Layer = Annotated[str, typer.Argument(help="图层，如 grid / layer")]
Day = Annotated[str | None, typer.Option(help="期内任一天；默认今天")]
Category = Annotated[str | None, typer.Option(help="只统计这一大类 / one major category")]
Source = Annotated[str | None, typer.Option(help="只统计这一来源 / one source")]
Out = Annotated[Path, typer.Option(help="写入 HTML 或 XLSX 文件")]

app = typer.Typer(help="日周月季表 / sheets", no_args_is_help=True)


@app.command("draw")
def draw(
    context: typer.Context,
    kind: Kind,
    layer: Layer,
    out: Out,
    day: Day = None,
    category: Category = None,
    source: Source = None,
) -> None:
    """画一张未签发的表。Draw a sheet that is not signed."""
    desk = terminal(context)
    query = _query(desk, kind, layer, day, narrow=(category, source))
    sheets = desk.services.sheets
    chosen(out.suffix, _ENDINGS, where="--out")
    is_page = out.suffix == ".html"
    data = sheets.page(desk.caller, query).encode() if is_page else b""
    _write(desk, out, data or sheets.workbook(desk.caller, query))


@app.command("sign")
def sign(
    context: typer.Context,
    kind: Kind,
    layer: Layer,
    day: Day = None,
    category: Category = None,
    source: Source = None,
) -> None:
    """签发：冻结数字并编号；同一期再签即更正版。Freeze a sheet under a number."""
    desk = terminal(context)
    query = _query(desk, kind, layer, day, narrow=(category, source))
    done = desk.services.sheets.sign(desk.caller, query)
    number, digest = done["number"], done["hash"]
    desk.say(f"已签发第 {number} 号，校验 {digest}", f"signed as No. {number}, hash {digest}")
    if done["corrects"]:
        corrects, total = done["corrects"], done["differences"]
        desk.say(
            f"更正第 {corrects} 号，{len(total)} 处不同", f"corrects No. {corrects}: {len(total)}"
        )
        desk.table(
            ["", desk.word("指标", "figure"), desk.word("原", "was"), desk.word("现", "is"), ""],
            [
                [
                    each["name"] or desk.word("全部", "all"),
                    each["figure"],
                    each["was"],
                    each["is"],
                    "" if each["change"] is None else f"{each['change']:+d}",
                ]
                for each in total
            ],
        )


@app.command("list")
def list_sheets(context: typer.Context) -> None:
    """已签发的表，新的在前；以及哪些表该签发。The signed sheets, and what is due."""
    from geo_service.services.sheets.due import due_values

    desk = terminal(context)
    desk.table(
        [
            desk.word(*each)
            for each in (
                ("编号", "number"),
                ("种类", "kind"),
                ("图层", "layer"),
                ("限于", "narrowed to"),
                ("起", "from"),
                ("止", "to"),
                ("签发", "signed"),
                ("更正", "corrects"),
                ("校验", "hash"),
            )
        ],
        [
            [
                each["number"],
                each["kind"],
                each["layer"],
                " ".join(filter(None, (each["narrowed_category"], each["narrowed_source"]))),
                local_text(each["from_s"]),
                local_text(each["to_s"]),
                local_text(each["known_at_s"]),
                each["corrects"],
                each["hash"][:16],
            ]
            for each in desk.services.sheets.all_signed(desk.caller)
        ],
    )
    for each in due_values(desk.services.sheets.due(desk.caller), desk.language):
        line = f"{each['title']}{desk.word('：', ': ')}{each['text']}"
        desk.say(line, line)


@app.command("reprint")
def reprint(
    context: typer.Context,
    number: Annotated[int, typer.Argument(help="编号 / number")],
    out: Out,
) -> None:
    """重印：与签发时逐字节相同。Print a signed sheet again, byte by byte."""
    desk = terminal(context)
    chosen(out.suffix, _ENDINGS, where="--out")
    found = desk.services.sheets.signed(desk.caller, number)
    _write(desk, out, bytes(found["page" if out.suffix == ".html" else "workbook"]))


def _query(
    desk: Terminal,
    kind: str,
    layer: str,
    day: str | None,
    *,
    narrow: tuple[str | None, str | None],
) -> "SheetQuery":
    from geo_service.services.sheets.figures import SheetQuery

    today = date.fromisoformat(local_text(int(desk.services.workspace.now_s()))[:10])
    chosen(kind, _KINDS, where="KIND")
    told = (kind, layer, day_of(day, where="--day") or today, desk.language)
    return SheetQuery(*told, *narrow)


def _write(desk: Terminal, out: Path, data: bytes) -> None:
    from geo_service.layers.files import writing_aside

    with writing_aside(out) as aside:
        aside.write_bytes(data)
    desk.say(f"已写入 {out}", f"written to {out}")
