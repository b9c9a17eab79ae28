"""`geo-service locate`: whose is one place, or every place of a list."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from geo_service.commands.terminal import Terminal, moment_s, terminal
from geo_service.errors import InvalidValue

if TYPE_CHECKING:
    from geo_service.layers.edition import EditionChoice
    from geo_service.services.places.files import PointFileReport
    from geo_service.services.places.locations import Located


@dataclass(frozen=True)
class _Asked:
    """What every form of the command shares."""

    frame: str
    accuracy: str | None
    category: str | None
    choice: "EditionChoice"


def locate(
    context: typer.Context,
    place: Annotated[
        list[str],
        typer.Argument(
            help="经度 纬度；或一个文件：CSV（UTF-8、GBK）、NDJSON、Parquet、Arrow / "
            "LON LAT, or a FILE",
            metavar="LON LAT | FILE",
        ),
    ],
    out: Annotated[
        Path | None, typer.Option(help="结果文件，扩展名定格式 / the file to write")
    ] = None,
    frame: Annotated[str, typer.Option(help="坐标系：EPSG 编号、GCJ02、BD09")] = "EPSG:4490",
    accuracy: Annotated[
        str | None, typer.Option(help="定位精度：米，文件则为列名 / meters, or a column")
    ] = None,
    category: Annotated[
        str | None, typer.Option(help="类别：大类 或 大类/小类，谁负责 / major or major/minor")
    ] = None,
    lon: Annotated[str | None, typer.Option(help="经度或东坐标的列名 / column")] = None,
    lat: Annotated[str | None, typer.Option(help="纬度或北坐标的列名 / column")] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="加上到边界的距离、邻区、候选 / distances, candidates")
    ] = False,
    as_of: Annotated[str | None, typer.Option(help="哪一天的边界")] = None,
    known_at: Annotated[str | None, typer.Option(help="按当时所知")] = None,
) -> None:
    """这个点归谁；或给清单里的每个点落格。Whose is this place, or every place of a list."""
    from geo_service.layers.edition import EditionChoice

    desk = terminal(context)
    choice = EditionChoice(moment_s(as_of, where="--as-of"), moment_s(known_at, where="--known-at"))
    asked = _Asked(frame, accuracy, category, choice)
    if out is None:
        _check_point(place, lon=lon, lat=lat, is_explaining=explain)
        _locate_point(desk, place, asked)
    else:
        _check_file(place, category)
        _locate_file(desk, Path(place[0]), out, asked, (lon, lat, explain))


def _check_point(
    place: Sequence[str], *, lon: str | None, lat: str | None, is_explaining: bool
) -> None:
    if len(place) != len(("LON", "LAT")) or lon or lat or is_explaining:
        raise InvalidValue(
            "locate",
            "“经度 纬度”两个数；给文件落格请写 --out 结果文件",
            "LON LAT, two numbers; to locate a FILE say where its answer goes: --out FILE",
        )


def _check_file(place: Sequence[str], category: str | None) -> None:
    if len(place) != 1 or category is not None:
        raise InvalidValue("locate --out", "一个文件，不带 --category", "one file, no --category")


def _locate_point(desk: Terminal, place: Sequence[str], asked: _Asked) -> None:
    found = desk.services.locations.locate(
        desk.caller,
        x=_number(place[0], "LON"),
        y=_number(place[1], "LAT"),
        frame=asked.frame,
        accuracy_m=None if asked.accuracy is None else _number(asked.accuracy, "--accuracy"),
        category=asked.category,
        choice=asked.choice,
    )
    _tell_point(desk, found)


def _number(text: str, where: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise InvalidValue(where, f"一个数，而不是 {text}", f"a number, not {text}") from error


def _tell_point(desk: Terminal, found: "Located") -> None:
    from geo_service.layers.assignment.reason import reason
    from geo_service.layers.assignment.responsible import responsible_reason

    desk.say(
        f"{found.lon:.8f}, {found.lat:.8f}（EPSG:4490），网格第 {found.edition.number} 版",
        f"{found.lon:.8f}, {found.lat:.8f} (EPSG:4490), edition {found.edition.number}",
    )
    for answer in found.families:
        chain = " › ".join(f"{link.name}（{link.code}）" for link in answer.chain if link.code)
        desk.say(f"[{answer.status}] {chain}", f"[{answer.status}] {chain}")
        desk.say(reason(answer, "zh"), reason(answer, "en"))
        for candidate in answer.candidates:
            area = candidate.area
            desk.say(
                f"  {candidate.share:6.1%} {f'{area.name}（{area.code}）' if area else '界外'}",
                f"  {candidate.share:6.1%} {f'{area.name} ({area.code})' if area else 'outside'}",
            )
    for owner in found.overlays:
        desk.say(f"+ {owner.layer}: {owner.name}（{owner.code}）", f"+ {owner.layer}: {owner.name}")
    told = found.responsibility
    if told.category or told.overrides:
        desk.say(f"→ {responsible_reason(told, 'zh')}", f"→ {responsible_reason(told, 'en')}")
    if found.is_swapped:
        desk.say("提示：把经纬度对调后落在区域内", "hint: exchanged, the two would be in an area")


def _locate_file(
    desk: Terminal,
    path: Path,
    out: Path,
    asked: _Asked,
    columns: tuple[str | None, str | None, bool],
) -> None:
    from geo_service.services.places.files import PointFileOptions

    lon, lat, is_explaining = columns
    options = PointFileOptions(
        frame=asked.frame,
        lon=lon,
        lat=lat,
        accuracy=asked.accuracy,
        is_explaining=is_explaining,
        choice=asked.choice,
    )
    with _progress(path.name) as on_progress:
        report = desk.services.locations.locate_file(
            desk.caller, path, out, options, on_progress=on_progress
        )
    _tell_file(desk, report, out)


@contextmanager
def _progress(name: str) -> Iterator[Callable[[int, int | None], None]]:
    """Yield what moves a bar on a terminal; a file or a pipe gets none."""
    console = Console(stderr=True)
    shown = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.completed:,.0f}"),
        TimeRemainingColumn(),
    )
    bar = Progress(*shown, console=console, transient=True, disable=not console.is_terminal)
    with bar as progress:
        task = progress.add_task(name, total=None)

        def on_progress(rows: int, estimate: int | None) -> None:
            total = None if estimate is None else max(estimate, rows)
            progress.update(task, completed=rows, total=total)

        yield on_progress


def _tell_file(desk: Terminal, report: "PointFileReport", out: Path) -> None:
    columns = [f"{field}={name}" for field, name in report.columns.heading_by_field.items()]
    used = [each for each in columns if each.partition("=")[0] in {"x", "y", "accuracy_m"}]
    desk.say(f"列：{'、'.join(used)}", f"columns: {', '.join(used)}")
    for field, headings in report.columns.ambiguous.items():
        if field in {"x", "y", "accuracy_m"}:
            names = "、".join(headings)
            desk.say(
                f"· {field} 有多列可选（{names}），用了第一个；可用 --lon、--lat、--accuracy 指定",
                f"· {field} could be any of {names}; the first was used "
                "(see --lon, --lat, --accuracy)",
            )
    for zh, en in report.notes:
        desk.say(f"· {zh}", f"· {en}")
    tally, number = report.tally, report.edition.number
    desk.say(
        f"共 {tally.rows:,} 行，坐标系 {report.source_frame}，网格第 {number} 版，已写入 {out}",
        f"{tally.rows:,} rows in {report.source_frame}, edition {number}, written to {out}",
    )
    desk.table(
        [desk.word("图层", "family"), *next(iter(tally.counts.values()), {}), "ambiguous"],
        [
            (family, *(f"{count:,}" for count in counts.values()), f"{tally.ambiguous[family]:,}")
            for family, counts in tally.counts.items()
        ],
    )
    if tally.problems:
        desk.table(
            [desk.word("不是地点的原因", "why rows are no place"), desk.word("行", "rows")],
            [(why, f"{count:,}") for why, count in tally.problems.items()],
        )
