"""What a redraw would change, at the terminal: of editions, and of whatever is not one yet."""

from collections.abc import Sequence
from dataclasses import asdict

from geo_service.analysis.impact import Balance
from geo_service.commands.redraws.balance import MEASURE_WORDS
from geo_service.commands.terminal import Terminal
from geo_service.governance.organisations.ratio import Ratio
from geo_service.services.impact.result import (
    AreaFacts,
    Impact,
    LayerImpact,
    OwnerChange,
    OwnerChanges,
    PersonCount,
    TouchedArea,
)

_KINDS = {
    "added": ("新增", "added"),
    "removed": ("撤销", "removed"),
    "changed": ("改动", "changed"),
    "moved": ("换上级", "moved"),
    "renamed": ("改名", "renamed"),
    "relisted": ("清单调整", "list changed"),
}
_COLUMNS = (
    ("户数", "households"),
    ("居民", "residents"),
    ("单位", "units"),
    ("党组织", "bodies"),
    ("党员", "members"),
    ("力量", "staff"),
    ("在办", "open"),
    ("近一年", "a year"),
    ("工作量 h", "workload h"),
    ("面积 m²", "area m²"),
    ("周长 m", "perimeter m"),
    ("紧凑度", "compactness"),
)
_REGISTERS = {
    "party_organisation": ("党组织", "organisations"),
    "unit": ("单位", "units"),
    "facility": ("阵地", "facilities"),
}


def show_impact(desk: Terminal, found: Impact, *, as_json: bool) -> None:
    """Tell what a redraw would change: every touched area before and after, and what follows."""
    if as_json:
        desk.json(asdict(found))
        return
    if not found.layers:
        desk.say(
            f"没有区域受影响（仅补节点 {found.renoded}）",
            f"no area is touched ({found.renoded} renoded)",
        )
    for layer in found.layers:
        _show_layer(desk, layer)
    if found.owners is not None:
        _show_owners(desk, found.owners)
    for register, total in found.moves_total.items():
        zh, en = _REGISTERS[register]
        desk.say(f"{zh}换区域 {total}：", f"{total} {en} change area:")
        for move in found.moves:
            if move.register == register:
                title = desk.layer(move.layer)
                told = f"  {move.code} {move.name}  {title} {move.old or '—'} → {move.new or '—'}"
                desk.say(told, told)


def _show_layer(desk: Terminal, layer: LayerImpact) -> None:
    title = desk.layer(layer.layer)
    desk.say(f"【{title}】", f"[{title}]")
    for area in layer.areas:
        _show_area(desk, area)
    _show_sums(desk, layer)
    rows = [
        (
            each.parent,
            desk.word(*MEASURE_WORDS[each.measure]),
            _even(each.before),
            _even(each.after),
        )
        for each in layer.balances
    ]
    if rows:
        words = ("上级 parent", "均衡 balance", "前：最小–最大，倍数", "后")
        words_en = ("parent", "balance", "before: least–most, ratio", "after")
        desk.table([desk.word(zh, en) for zh, en in zip(words, words_en, strict=True)], rows)


def _show_area(desk: Terminal, area: TouchedArea) -> None:
    """Tell one area in two lines: a table of so many columns is wider than a terminal."""
    kinds = "、".join(desk.word(*_KINDS[kind]) for kind in area.kinds)
    named = area.after or area.before
    desk.say(f"{area.code} {named.name if named else ''}（{kinds}）", f"{area.code} ({kinds})")
    sides = [None if facts is None else _cells(desk, facts) for facts in (area.before, area.after)]
    told = [f"{desk.word(zh, en)} {_between(sides, at)}" for at, (zh, en) in enumerate(_COLUMNS)]
    desk.say(f"  {' · '.join(told)}", f"  {' · '.join(told)}")


def _between(sides: Sequence[Sequence[str] | None], at: int) -> str:
    before, after = ("—" if side is None else side[at] for side in sides)
    return after if before == after else f"{before} → {after}"


def _cells(desk: Terminal, facts: AreaFacts) -> Sequence[str]:
    return (
        _person(desk, facts.households),
        _person(desk, facts.residents),
        str(facts.units),
        str(facts.organisations),
        _unknown(facts.members),
        _unknown(facts.staff),
        str(facts.open_issues),
        str(facts.year_issues),
        "—" if facts.workload_h is None else f"{facts.workload_h:.0f}",
        f"{facts.area_m2:.0f}",
        f"{facts.perimeter_m:.0f}",
        "—" if facts.compactness is None else f"{facts.compactness:.2f}",
    )


def _show_sums(desk: Terminal, layer: LayerImpact) -> None:
    for figure, found in layer.sums.items():
        zh, en = MEASURE_WORDS[figure]
        nobody = f"，无人接收 {found.to_nobody}" if found.to_nobody else ""
        nobody_en = f", {found.to_nobody} to nobody" if found.to_nobody else ""
        desk.say(
            f"{zh}合计 {_unknown(found.before)} → {_unknown(found.after)}{nobody}",
            f"{en} in all {_unknown(found.before)} → {_unknown(found.after)}{nobody_en}",
        )
        if found.difference:
            desk.say(
                f"! {zh}录入后合计比调整前差 {found.difference:+d}",
                f"! {en}: with what was entered the sum differs by {found.difference:+d}",
            )
    if layer.to_nobody_m2 or layer.from_nobody_m2:
        desk.say(
            f"! 无归属用地：让出 {layer.to_nobody_m2:.0f} m²，新占 {layer.from_nobody_m2:.0f} m²",
            f"! ground of nobody: {layer.to_nobody_m2:.0f} m² given up, "
            f"{layer.from_nobody_m2:.0f} m² taken",
        )
    if layer.staff_waiting:
        desk.say(
            f"! 撤销区域的力量 {layer.staff_waiting} 人待安排",
            f"! {layer.staff_waiting} staff of areas that are no more have no area",
        )
    if layer.area_coverage is not None:
        _show_coverage(desk, ("区域组织覆盖", "areas covered"), layer.area_coverage)
    _show_coverage(desk, ("单位组织覆盖", "organisation coverage"), layer.organisation_coverage)
    _show_coverage(desk, ("单位工作覆盖", "work coverage"), layer.work_coverage)


def _show_coverage(desk: Terminal, words: tuple[str, str], pair: tuple[Ratio, Ratio]) -> None:
    told = " → ".join(
        f"{each.numerator.value}/{each.denominator.value}"
        + (f" ({each.percent_text} %)" if each.percent_text else "")
        for each in pair
    )
    desk.say(f"{words[0]} {told}", f"{words[1]} {told}")


def _show_owners(desk: Terminal, found: OwnerChanges) -> None:
    desk.say(
        f"在办问题：{found.other_owner} 件换归属，{found.total} 件会写入改派记录；"
        f"人工裁定 {found.decided_kept} 件不动，{len(found.released)} 件因区域撤销转入待裁定",
        f"open issues: {found.other_owner} change owner, {found.total} get a record; "
        f"{found.decided_kept} decided by persons stay, {len(found.released)} wait for a decision",
    )
    for change in found.listed:
        if change.is_other_owner:
            told = f"  {change.source} {change.external_id}  {_owner(change)}"
            desk.say(told, told)


def _owner(change: OwnerChange) -> str:
    return f"{change.old[1] if change.old else '—'} → {change.new[1] if change.new else '—'}"


def _person(desk: Terminal, count: PersonCount) -> str:
    estimated = desk.word("（估算）", " (est.)") if count.is_estimated else ""
    return f"{_unknown(count.value)}{estimated}"


def _unknown(value: int | str | None) -> str:
    return "—" if value is None else str(value)


def _even(found: Balance | None) -> str:
    if found is None or found.least is None or found.most is None:
        return "—"
    ratio = f"，{found.ratio:.2f}" if found.ratio is not None else ""
    return f"{found.least:.0f}–{found.most:.0f}{ratio}"
