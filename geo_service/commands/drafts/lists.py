"""`geo-service drafts derive` and `buildings`: areas from building lists, and the lists."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.commands.drafts.drafts import Number, Seen, tell_step
from geo_service.commands.terminal import Terminal, chosen, terminal

if TYPE_CHECKING:
    from geo_service.errors import UnfitBuildingLists
    from geo_service.services.building_lists.standing import AreaBuildings

Layer = Annotated[str, typer.Argument(help="图层 / layer")]
_OTHERS = ("refuse", "nearest")


def derive(
    context: typer.Context,
    number: Number,
    layer: Layer,
    file: Annotated[Path, typer.Argument(help="楼栋清单 CSV（UTF-8、GBK）、XLSX、NDJSON")],
    parent: Annotated[
        str | None, typer.Option(help="上级编码或名称，清单没有此列时 / parent of all rows")
    ] = None,
    others: Annotated[
        str, typer.Option(help="漏列的楼栋：refuse 不做，nearest 归最近的 / buildings on no list")
    ] = "refuse",
    retire: Annotated[
        bool, typer.Option("--retire", help="清单里没有的网格即撤销 / unlisted areas go")
    ] = False,
    roads: Annotated[
        bool, typer.Option("--roads", help="能沿道路就沿道路 / along roads where they part lists")
    ] = False,
    sheet: Annotated[str | None, typer.Option(help="XLSX 的工作表 / sheet")] = None,
    column: Annotated[
        list[str] | None, typer.Option(help="字段=列名，可重复，如 building=楼号")
    ] = None,
    rejects: Annotated[Path | None, typer.Option(help="问题清单的文件名 / faults as CSV")] = None,
    seen: Seen = None,
) -> None:
    """按楼栋清单划出上级内的全部网格，作为一步。Derive areas from their building lists."""
    from geo_service.services.building_lists.plans import DeriveOptions
    from geo_service.services.building_lists.rows import FIELDS, ListFileOptions
    from geo_service.services.lists.cells import named_columns

    columns = named_columns(column or [], FIELDS, example="building=楼号", where="--column")
    given = chosen(others, _OTHERS, where="--others")
    options = DeriveOptions(layer, given, retire, parent, "road" if roads else None)
    desk = terminal(context)
    with _faults_told(desk, rejects or file.with_name(f"{file.stem}.退回.csv")):
        done = desk.services.draft_derivations.derive_file(
            desk.caller, number, file, options, file=ListFileOptions(sheet, columns), seen=seen
        )
    tell_step(desk, done)


def buildings(
    context: typer.Context,
    number: Number,
    layer: Layer,
    code: Annotated[str | None, typer.Argument(help="只看一个区域 / one area alone")] = None,
) -> None:
    """列出草案里各网格的楼栋清单。Building lists of a draft."""
    desk = terminal(context)
    tell_buildings(desk, desk.services.building_lists.of_draft(desk.caller, number, layer, code))


def tell_buildings(desk: Terminal, found: "list[AreaBuildings]") -> None:
    """Tell the buildings of areas, and what contradicts their lists."""
    bases = {"list": desk.word("清单", "list"), "ground": desk.word("实地", "ground")}
    headings = [("网格", "area"), ("依据", "basis"), ("栋数", "count"), ("楼栋", "buildings")]
    desk.table(
        [desk.word(*each) for each in (*headings, ("与实地不符", "contradicts the ground"))],
        [
            (
                each.code,
                bases[each.basis],
                len(each.buildings),
                " ".join(building.building for building in each.buildings),
                " ".join(_doubtful(each)),
            )
            for each in found
        ],
    )


def _doubtful(area: "AreaBuildings") -> list[str]:
    away = [
        f"{each.building}→{each.stands_in or '?'}"
        for each in area.buildings
        if each.stands_in != area.code
    ]
    return [*away, *(f"+{each.building}" for each in area.unlisted)]


@contextmanager
def _faults_told(desk: Terminal, path: Path) -> Iterator[None]:
    """Write what is wrong with lists to a file, beside the line that says so."""
    from geo_service.errors import UnfitBuildingLists

    try:
        yield
    except UnfitBuildingLists as error:
        _tell_faults(desk, error, path)
        raise


def _tell_faults(desk: Terminal, error: "UnfitBuildingLists", path: Path) -> None:
    from geo_service.services.lists.rejections import Rejection, write_rejected

    found = [
        Rejection(each["row"] or 0, each["field"], each["reason"]["zh"], each["reason"]["en"])
        for each in error.faults
    ]
    write_rejected(path, found)
    desk.say(f"问题清单：{path}", f"faults: {path}")


COMMANDS: dict[str, Callable[..., None]] = {"derive": derive, "buildings": buildings}
