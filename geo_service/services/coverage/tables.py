"""Coverage and what is to be done as tables to take away."""

from collections.abc import Sequence

from geo_service.governance.organisations.coverage import AreaState, Life
from geo_service.governance.organisations.ratio import Ratio
from geo_service.services.coverage.layer_coverage import FormationRate, LayerCoverage
from geo_service.services.coverage.lists import BlankSpot, DueUnit, Near
from geo_service.services.organisations.cells import count_text, shown_cells, shown_text
from geo_service.services.organisations.register_tables import Table, points_of

STATES_ZH = {
    AreaState.OWN: "已单独建",
    AreaState.JOINT: "联合覆盖",
    AreaState.UNCOUNTED: "空白点·仅有不计入的组织",
    AreaState.LINKED: "空白点·已有联系、未建组织",
    AreaState.NONE: "空白点",
}
STATES_EN = {
    AreaState.OWN: "own",
    AreaState.JOINT: "joint",
    AreaState.UNCOUNTED: "blank: organisations that do not count",
    AreaState.LINKED: "blank: linked, no organisation",
    AreaState.NONE: "blank",
}
LIVES_ZH = {Life.ACTIVE: "活跃", Life.OVERDUE: "超期未登记活动", Life.UNKNOWN: "活动情况未知"}
LIVES_EN = {Life.ACTIVE: "active", Life.OVERDUE: "activity overdue", Life.UNKNOWN: "unknown"}


def coverage_table(found: LayerCoverage, language: str) -> Table:
    """Return every area with its state and its units."""
    is_english = language == "en"
    states = STATES_EN if is_english else STATES_ZH
    lives = LIVES_EN if is_english else LIVES_ZH
    bodies = organisations_by_area(found)
    rows = []
    for i, code in enumerate(found.areas.codes):
        life = int(found.area_coverage.life[i])
        names = [found.picture.organisations[o].name for o in bodies.get(i, [])]
        rows.append(
            [
                code,
                found.areas.names[i],
                found.areas.parents[i],
                states[AreaState(int(found.area_coverage.state[i]))],
                "、".join(names),
                lives[Life(life)] if life >= 0 else None,
                *(int(each) for each in (found.units.total[i], *found.units.cover[i])),
                *(int(each) for each in found.units.duty[i]),
                count_text(found.members.told(i), language),
            ]
        )
    headings = _COVERAGE_EN if is_english else _COVERAGE_ZH
    return Table(
        title="Coverage" if is_english else "党组织覆盖",
        notes=coverage_notes(found, language),
        headings=headings,
        rows=rows,
        text_columns=(headings[0], headings[2]),
        places=found.areas.geometries,
    )


_COVERAGE_ZH = (
    "编码",
    "名称",
    "上级编码",
    "覆盖状态",
    "党组织",
    "活动状态",
    "单位数",
    "单位：有组织",
    "单位：仅工作覆盖",
    "单位：空白点",
    "已建",
    "应建未建",
    "暂不具备条件",
    "未摸清",
    "党员数",
)
_COVERAGE_EN = (
    "code",
    "name",
    "parent",
    "state",
    "organisations",
    "activity",
    "units",
    "units with organisation",
    "units reached by work only",
    "units blank",
    "built",
    "due",
    "not due",
    "unknown",
    "members",
)


def blank_table(found: LayerCoverage, spots: Sequence[BlankSpot], language: str) -> Table:
    """Return the blank areas with who is nearest."""
    states = STATES_EN if language == "en" else STATES_ZH
    headings = (
        ("code", "name", "parent", "state", *_NEAR_EN)
        if language == "en"
        else ("编码", "名称", "上级编码", "状态", *_NEAR_ZH)
    )
    rows = [
        [
            found.areas.codes[spot.position],
            found.areas.names[spot.position],
            found.areas.parents[spot.position],
            states[spot.state],
            *near_cells(spot.organisation),
            *near_cells(spot.facility),
        ]
        for spot in spots
    ]
    return Table(
        title="Blank spots" if language == "en" else "空白点清单",
        notes=coverage_notes(found, language),
        headings=headings,
        rows=rows,
        text_columns=(headings[0], headings[2]),
        places=found.areas.geometries[[spot.position for spot in spots]],
    )


def due_table(found: LayerCoverage, units: Sequence[DueUnit], language: str) -> Table:
    """Return the units that shall form an organisation with who is nearest."""
    headings = (
        ("code", "name", "kind", "area", "area name", "full members", *_PARTNER_EN)
        if language == "en"
        else (
            "单位编码",
            "单位名称",
            "单位类别",
            "所在区域编码",
            "所在区域",
            "正式党员数",
            *_PARTNER_ZH,
        )
    )
    rules = found.picture.rules
    kinds = {kind.name: kind.title(language) for kind in rules.unit_kinds}
    rows = []
    for due in units:
        shown = shown_cells(due.unit, rules.limits)
        area = due.area
        rows.append(
            [
                due.unit.code,
                due.unit.name,
                kinds.get(due.unit.kind, due.unit.kind),
                found.areas.codes[area] if area >= 0 else None,
                found.areas.names[area] if area >= 0 else None,
                shown_text(shown, "full_members", language),
                *near_cells(due.partner),
                *near_cells(due.facility),
            ]
        )
    return Table(
        title="Units that shall form an organisation" if language == "en" else "应建未建清单",
        notes=coverage_notes(found, language),
        headings=headings,
        rows=rows,
        text_columns=(headings[0], headings[3]),
        places=points_of([due.unit for due in units]),
    )


_NEAR_ZH = ("最近的党组织", "距离（米）", "最近的阵地", "阵地距离（米）")
_NEAR_EN = ("nearest organisation", "distance m", "nearest facility", "facility distance m")
_PARTNER_ZH = ("最近的联合组建对象", "距离（米）", "最近的阵地", "阵地距离（米）")
_PARTNER_EN = ("nearest joint candidate", "distance m", "nearest facility", "facility distance m")


def coverage_notes(found: LayerCoverage, language: str) -> list[str]:
    """Return what stands above a table: the definition, both counts of each ratio, the day."""
    edition, day = found.picture.edition.number, found.picture.day
    if language == "en":
        return [
            f"As of {day}, edition {edition}. Coverage of areas: {ratio_text(found.nominal)}, "
            f"active: {ratio_text(found.active)} (own and joint organisations; temporary and "
            "functional ones do not count)",
            f"Units: organisation coverage {ratio_text(found.organisation_coverage)}, work "
            f"coverage {ratio_text(found.work_coverage)}",
            *(_rate_note(rate, is_english=True) for rate in found.rates),
        ]
    return [
        f"数据截至 {day}，边界第 {edition} 版。区域组织覆盖率 {ratio_text(found.nominal)}，"
        f"其中活跃 {ratio_text(found.active)}（口径：单独或联合组建；临时、功能型不计入）",
        f"单位组织覆盖率 {ratio_text(found.organisation_coverage)}，工作覆盖率 "
        f"{ratio_text(found.work_coverage)}",
        *(_rate_note(rate, is_english=False) for rate in found.rates),
    ]


def _rate_note(rate: FormationRate, *, is_english: bool) -> str:
    """Return how many areas have a unit of some kinds, and whether that is what it shall be."""
    told = f"{rate.target.title('en' if is_english else 'zh')} {ratio_text(rate.ratio)}"
    reached = None if rate.percent is None else rate.ratio.reaches(rate.percent)
    if rate.percent is None or reached is None:
        return told
    if is_english:
        return f"{told}, target {rate.percent:g}%: {'reached' if reached else 'missed'}"
    return f"{told}，目标 {rate.percent:g}%，{'已达到' if reached else '未达到'}"


def ratio_text(found: Ratio) -> str:
    """Return a share with both of its counts; 0 as denominator has none."""
    counts = f"{found.numerator.value}/{found.denominator.value}"
    return counts if found.percent_text is None else f"{found.percent_text}%（{counts}）"


def organisations_by_area(found: LayerCoverage) -> dict[int, list[int]]:
    """Return the organisations bound to each area, those that count most first."""
    bindings = found.bindings
    pairs = zip(
        bindings.area.tolist(), bindings.state.tolist(), bindings.organisation.tolist(), strict=True
    )
    bodies: dict[int, list[int]] = {}
    for area, _, organisation in sorted(pairs):
        bodies.setdefault(area, []).append(organisation)
    return bodies


def or_dash(known: int | str | None) -> int | str:
    """Return what is known, a dash where nothing is."""
    return "—" if known is None else known


def near_cells(near: Near | None) -> tuple[str | None, int | None]:
    """Return a name and a distance in whole meters."""
    return (None, None) if near is None else (near.entry.name, round(near.distance_m))
