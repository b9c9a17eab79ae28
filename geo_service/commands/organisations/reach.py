"""`geo-service coverage reach`: which ground and residents facilities reach, and the gaps."""

from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.commands.terminal import Terminal, moment_s, terminal

if TYPE_CHECKING:
    from geo_service.services.coverage.reach import LayerGaps, LayerReach

_BASES_ZH = {"households": "按楼栋户数", "areal": "按面积", "mixed": "部分按户数、部分按面积"}


def tell_reach(
    context: typer.Context,
    layer: Annotated[str, typer.Argument(help="图层名 / layer")],
    kind: Annotated[list[str] | None, typer.Option(help="阵地类别，可重复 / kinds")] = None,
    out: Annotated[
        Path | None, typer.Option(help="把盲区写成文件，扩展名定格式 / write the gaps")
    ] = None,
    as_of: Annotated[str | None, typer.Option(help="哪一天")] = None,
    known_at: Annotated[str | None, typer.Option(help="按当时所知")] = None,
) -> None:
    """阵地覆盖了多少面积、多少居民。Which share of ground and residents facilities reach."""
    from geo_service.layers.edition import EditionChoice
    from geo_service.services.coverage.reach import ReachQuery

    desk = terminal(context)
    choice = EditionChoice(moment_s(as_of, where="--as-of"), moment_s(known_at, where="--known-at"))
    query = ReachQuery(layer, choice, tuple(kind) if kind else None)
    if out is None:
        _tell(desk, desk.services.reach.reach(desk.caller, query))
    else:
        found = desk.services.reach.write_gaps(desk.caller, query, out)
        _tell(desk, found.found)
        _tell_gaps(desk, found, out)


def _tell(desk: Terminal, found: "LayerReach") -> None:
    measured, facilities = found.reach, found.facilities
    desk.table(
        [
            desk.word("编码", "code"),
            desk.word("名称", "name"),
            desk.word("面积可达", "ground"),
            desk.word("居民可达", "residents"),
            desk.word("依据", "basis"),
        ],
        [
            (
                code,
                found.areas.names[i],
                _percent(measured.ground_share[i]),
                _percent(measured.residents_share[i]),
                _basis(desk, measured.basis(i)),
            )
            for i, code in enumerate(found.areas.codes)
        ],
    )
    ground, residents = measured.whole_ground_share, measured.whole_residents_share
    basis = _basis(desk, measured.whole_basis)
    desk.say(
        f"阵地 {len(facilities.entries)} 处：面积可达 {_percent(ground)}，居民可达 "
        f"{_percent(residents)}（{basis or '人口不明'}）",
        f"{len(facilities.entries)} facilities reach {_percent(ground)} of the ground and "
        f"{_percent(residents)} of the residents ({basis or 'residents unknown'})",
    )
    for entries, zh, en in (
        (facilities.without_place, "没有坐标", "have no place"),
        (facilities.without_radius, "没有服务半径", "have no radius"),
    ):
        if entries:
            codes = [entry.code for entry in entries]
            desk.say(
                f"· 未计入：{len(codes)} 处{zh}（{'、'.join(codes)}）",
                f"· left out: {len(codes)} {en} ({', '.join(codes)})",
            )


def _tell_gaps(desk: Terminal, found: "LayerGaps", out: Path) -> None:
    left = found.gaps
    count = sum(each is not None for each in left.geometries)
    desk.say(
        f"{count} 个区域有盲区，共 {left.area_m2.sum():,.0f} 平方米，已写入 {out}；"
        f"另有 {left.slivers} 处碎片共 {left.sliver_m2:.1f} 平方米未写",
        f"{count} areas have gaps, {left.area_m2.sum():,.0f} m² in all, written to {out}; "
        f"{left.slivers} slivers of {left.sliver_m2:.1f} m² in all were left out",
    )


def _percent(share: float | None) -> str:
    return "—" if share is None or isnan(share) else f"{share:.2%}"


def _basis(desk: Terminal, basis: str | None) -> str:
    return "" if basis is None else desk.word(_BASES_ZH[basis], basis)
