"""`geo-service editions adjustments` and `geo-service draw adjustments`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.commands.terminal import FirstDay, LastDay, Terminal, chosen, day_of, terminal
from geo_service.errors import InvalidValue

if TYPE_CHECKING:
    from geo_service.services.adjustments.pack import PackQuery
    from geo_service.services.adjustments.period import PeriodAsked

_LANGUAGES = ("zh", "en")
_SHOWN = (2, 3, 4, 5, 6, 22, 24)
"""Columns of the changes that a terminal has room for."""

Year = Annotated[int | None, typer.Option(help="年份，默认今年到现在 / a whole year")]
Before = Annotated[int | None, typer.Option(help="调整前的版本号 / the edition before")]
After = Annotated[int | None, typer.Option(help="调整后的版本号，默认现行 / the edition after")]
LayerName = Annotated[str | None, typer.Option(help="公示单和楼栋清单的图层 / layer of sheets")]
Language = Annotated[str | None, typer.Option(help="zh 或 en")]


def tell_adjustments(
    context: typer.Context,
    year: Year = None,
    first: FirstDay = None,
    last: LastDay = None,
    before: Before = None,
    after: After = None,
    layer: LayerName = None,
    out: Annotated[
        Path | None,
        typer.Option(help="写入 .xlsx；或一个文件夹，每表一个 CSV / workbook or folder"),
    ] = None,
    language: Language = None,
) -> None:
    """一个时段或两版之间的网格调整：总表、新旧编码、楼栋清单、合计。What a period changed."""
    from geo_service.services.adjustments.pack import PackQuery

    desk = terminal(context)
    spoken = chosen(language or desk.language, _LANGUAGES, where="--language")
    query = PackQuery(_period(year, first, last, before, after), layer=layer, language=spoken)
    service = desk.services.adjustments
    if out is None:
        _tell(desk, query)
        return
    if out.suffix == ".xlsx":
        counts = service.write_workbook(desk.caller, query, out)
    elif not out.suffix or out.is_dir():
        counts = service.write_lists(desk.caller, query, out)
    else:
        raise InvalidValue("--out", ".xlsx 文件，或一个文件夹", "a file .xlsx, or a folder")
    told = "、".join(f"{title} {count}" for title, count in counts.items())
    desk.say(f"{told} 行，已写入 {out}", f"{told} rows, written to {out}")


def draw_adjustments(
    context: typer.Context,
    out: Annotated[
        Path,
        typer.Option(help="一个 .html 文件；或文件夹，总表和每张公示单各一个文件 / file or folder"),
    ],
    year: Year = None,
    first: FirstDay = None,
    last: LastDay = None,
    before: Before = None,
    after: After = None,
    layer: LayerName = None,
    parent: Annotated[
        str | None, typer.Option(help="只印这个上级之下的公示单 / sheets under this area alone")
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="没有调整的网格也印 / sheets of every area")
    ] = False,
    language: Language = None,
) -> None:
    """把网格调整的总表（A3）和公示单（A4）写成自带一切的 HTML。Write tables and sheets to post."""
    from geo_service.services.adjustments.pack import PackQuery

    desk = terminal(context)
    spoken = chosen(language or desk.language, _LANGUAGES, where="--language")
    query = PackQuery(_period(year, first, last, before, after), layer, parent, every, spoken)
    if out.suffix not in ("", ".html") and not out.is_dir():
        raise InvalidValue("--out", ".html 文件，或一个文件夹", "a file .html, or a folder")
    count = desk.services.adjustments.draw(desk.caller, query, out)
    desk.say(f"{count} 张公示单，已写入 {out}", f"{count} sheets, written to {out}")


def _period(
    year: int | None, first: str | None, last: str | None, before: int | None, after: int | None
) -> "PeriodAsked":
    from geo_service.services.adjustments.period import PeriodAsked

    days = day_of(first, where="--from"), day_of(last, where="--to")
    return PeriodAsked(year, *days, before, after)


def _tell(desk: Terminal, query: "PackQuery") -> None:
    table = desk.services.adjustments.tables(desk.caller, query)["changes"]
    for note in table.notes:
        desk.say(f"· {note}", f"· {note}")
    desk.table(
        [table.headings[i] for i in _SHOWN], [[row[i] for i in _SHOWN] for row in table.rows]
    )
