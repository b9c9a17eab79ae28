"""Crosswalks and carried counts as tables, to read and to take away."""

from collections.abc import Sequence
from typing import Any

from geo_service.layers.area import AreaSet
from geo_service.layers.lineage import CarriedValue, LineageRow
from geo_service.services.lineages.crosswalks import CarriedCounts, Crosswalk
from geo_service.services.organisations.register_tables import Table

_DECIMALS = 9
CROSSWALK_HEADINGS = {
    "zh": (
        "原编码",
        "原名称",
        "新编码",
        "新名称",
        "变化",
        "面积（平方米）",
        "占原区域面积",
        "占新区域面积",
        "占原区域居民",
        "占新区域居民",
        "居民依据",
    ),
    "en": (
        "old code",
        "old name",
        "new code",
        "new name",
        "change",
        "area m²",
        "share of old area",
        "share of new area",
        "share of old residents",
        "share of new residents",
        "residents by",
    ),
}
_CARRIED = {
    "zh": ("编码", "名称", "数值", "估算", "来自", "缺数"),
    "en": ("code", "name", "value", "estimated", "from", "without a value"),
}
_NOBODY = {"zh": "（无归属）", "en": "(nobody)"}


def crosswalk_table(found: Crosswalk, language: str, *, is_every: bool = True) -> Table:
    """Return a crosswalk with every area, or only with those that changed."""
    headings = CROSSWALK_HEADINGS[language]
    rows = found.rows if is_every else found.changes
    return Table(
        title=_title(found, language),
        notes=crosswalk_notes(found, language),
        headings=headings,
        rows=[crosswalk_cells(row, found.old, found.new, language) for row in rows],
        text_columns=(headings[0], headings[2]),
    )


def crosswalk_cells(row: LineageRow, old: AreaSet, new: AreaSet, language: str) -> list[Any]:
    """Return the cells of one row under CROSSWALK_HEADINGS; names are looked up on both sides."""
    shares = (row.share_of_old, row.share_of_new, row.residents_of_old, row.residents_of_new)
    return [
        row.old_code or "",
        name_of(old, row.old_code, language),
        row.new_code or "",
        name_of(new, row.new_code, language),
        row.title(language),
        round(row.area_m2, 2),
        *("" if share is None else round(share, _DECIMALS) for share in shares),
        basis_word(row, language),
    ]


def crosswalk_notes(found: Crosswalk, language: str) -> list[str]:
    """Return how many areas changed, and what shares mean."""
    changed = {row.old_code for row in found.changes} - {None}
    stayed = len(found.old) - len(changed)
    if language == "en":
        return [
            f"{stayed} areas unchanged, {len(changed)} changed or gone",
            "shares of each old area sum to 1, and so do those of each new one; residents by the"
            " households of buildings where known, else estimated by area",
        ]
    return [
        f"未变 {stayed} 个，有变化或已撤销 {len(changed)} 个",
        "同一原区域各行之和为 1，同一新区域亦然；居民占比按楼栋户数，没有户数的按面积估算",
    ]


def short_rows(
    rows: Sequence[LineageRow], old: AreaSet | None, new: AreaSet | None, language: str
) -> tuple[list[str], list[list[Any]]]:
    """Return headings and rows for a terminal: shares in percent, names where areas are given."""
    headings = CROSSWALK_HEADINGS[language]
    chosen = [headings[0], headings[4], headings[2], *headings[6:9], headings[10]]
    found = [
        [
            _called(row.old_code, old, language),
            row.title(language),
            _called(row.new_code, new, language),
            *map(share_text, (row.share_of_old, row.share_of_new, row.residents_of_old)),
            basis_word(row, language, is_old_alone=True),
        ]
        for row in rows
    ]
    return chosen, found


def carried_table(found: CarriedCounts, language: str, *, is_every: bool = True) -> Table:
    """Return the counts on the areas of the other edition, or only those that are not as before."""
    headings = _CARRIED[language]
    values = [each for each in found.carried.values if is_every or not _is_as_before(each)]
    return Table(
        title=_title(found.crosswalk, language),
        notes=carried_notes(found, language),
        headings=headings,
        rows=[_carried_cells(each, found.crosswalk.new, language) for each in values],
        text_columns=(headings[0], headings[4], headings[5]),
    )


def carried_notes(found: CarriedCounts, language: str) -> list[str]:
    """Return what was given and where it is, so that nothing is lost unseen."""
    carried = found.carried
    known = [each.value for each in carried.values if each.value is not None]
    nobody = sum(value for _, value in carried.to_nobody)
    estimated = sum(each.is_estimated for each in carried.values)
    lost = "、".join(f"{code} {_number(value)}" for code, value in carried.to_nobody)
    sums = (_number(found.total), _number(sum(known)), _number(nobody))
    if language == "en":
        basis = "residents" if found.asked.basis == "residents" else "area"
        told = [f"given {sums[0]} = carried {sums[1]} + nobody {sums[2]}, shared out by {basis}"]
        told += [f"to nobody: {lost}"] if lost else []
        told += [f"{len(found.unknown)} areas had no value"] if found.unknown else []
        return told + ([f"{estimated} values are estimated by area"] if estimated else [])
    basis = "居民" if found.asked.basis == "residents" else "面积"
    told = [f"合计 {sums[0]} = 结转 {sums[1]} + 无归属 {sums[2]}，按{basis}分摊"]
    told += [f"无归属：{lost}"] if lost else []
    told += [f"{len(found.unknown)} 个原区域没有数值"] if found.unknown else []
    return told + ([f"{estimated} 个数值按面积估算"] if estimated else [])


def share_text(share: float | None) -> str:
    """Return a share with the house's two decimals; nothing for none."""
    return "" if share is None else f"{share:.2%}"


def name_of(areas: AreaSet, code: str | None, language: str) -> str:
    """Return the name of an area, or that it is nobody."""
    at = None if code is None else areas.position_by_code.get(code)
    return _NOBODY[language] if at is None else areas.names[at]


def basis_word(row: LineageRow, language: str, *, is_old_alone: bool = False) -> str:
    """Return what the shares of residents of a row rest on, or that of the old area alone."""
    is_estimated = row.is_old_estimated or (row.is_new_estimated and not is_old_alone)
    if language == "en":
        return "area (estimated)" if is_estimated else ""
    return "面积（估算）" if is_estimated else ""


def _title(found: Crosswalk, language: str) -> str:
    numbers = found.before.number, found.after.number
    if language == "en":
        return f"{found.layer}: edition {numbers[0]} to {numbers[1]}"
    return f"{found.layer} 第 {numbers[0]} 版与第 {numbers[1]} 版对照"


def _carried_cells(each: CarriedValue, areas: AreaSet, language: str) -> list[Any]:
    return [
        each.code,
        name_of(areas, each.code, language),
        "" if each.value is None else _cell(each.value),
        ("yes" if language == "en" else "估算") if each.is_estimated else "",
        _listed([f"{code} {_number(value)}" for code, value in each.sources]),
        _listed(each.missing),
    ]


def _called(code: str | None, areas: AreaSet | None, language: str) -> str:
    if code is None:
        return _NOBODY[language]
    return code if areas is None else f"{code} {name_of(areas, code, language)}"


def _is_as_before(each: CarriedValue) -> bool:
    """Whether an area got its own value and no other, or has none as before."""
    sources = {code for code, _ in each.sources} | set(each.missing)
    return sources <= {each.code} and not each.is_estimated


def _cell(value: float) -> float | int:
    """Return a number as a cell holds it, whole ones without a fraction."""
    rounded = round(value, 6)
    return int(rounded) if rounded.is_integer() else rounded


def _listed(parts: Sequence[str]) -> str:
    return "；".join(parts)


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
