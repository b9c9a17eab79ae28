"""The tables of a period's changes, for a workbook or one list each."""

from collections.abc import Mapping, Sequence
from typing import Any

from geo_service.governance.moment import local_text
from geo_service.maps.adjustments.view import (
    AreaChange,
    ChangeSide,
    EditionFacts,
    PackSums,
    Share,
)
from geo_service.services.adjustments.changes import Changes
from geo_service.services.adjustments.headings import (
    BUILDINGS,
    CHANGES,
    DEFINITIONS,
    OF_ALL,
    OF_CHANGED,
    SUMMED,
    SUMS,
    TITLES,
)
from geo_service.services.adjustments.pack import Pack
from geo_service.services.lineages.tables import CROSSWALK_HEADINGS, crosswalk_cells, name_of
from geo_service.services.organisations.register_tables import Rows, Table

_LAYER = ("图层", "layer")
_NOBODY = ("（无归属）", "(nobody)")
_YES = ("是", "yes")
_COMMAS, _SEMICOLONS = ("、", ", "), ("；", "; ")
_DAY = len("2026-11-22")
_PLACES = 6
_CODED = (2, 4, 7, 9, 27, 28)
"""The columns of changes that hold codes of areas or buildings."""


def pack_tables(pack: Pack, notes: Sequence[str], language: str) -> Mapping[str, Table]:
    """Return the tables by their names, each with what is compared and ``notes`` above it."""
    english = int(language == "en")
    told = [*period_notes(pack, language), *notes]
    made: dict[str, tuple[Sequence[str], Rows, Sequence[int]]] = {
        "changes": (CHANGES[language], [_change(row, english) for row in pack.rows], _CODED),
        "codes": (
            [_LAYER[english], *CROSSWALK_HEADINGS[language]],
            _codes(pack.changes, pack.rows, language),
            (1, 3),
        ),
        "buildings": (BUILDINGS[language], _buildings(pack, language), (1, 4, 6)),
        "sums": (SUMS[language], _sums(pack.sums, english), ()),
    }
    return {
        name: Table(
            title=TITLES[name][english],
            notes=[*told, *DEFINITIONS[name][english]],
            headings=headings,
            rows=cells,
            text_columns=[headings[i] for i in texts],
        )
        for name, (headings, cells, texts) in made.items()
    }


def period_notes(pack: Pack, language: str) -> list[str]:
    """Return what is compared, and what passed unseen."""
    changes, period = pack.changes, pack.period
    before, after = period.before, period.after
    days = f"{period.first} — {period.last}"
    if language == "en":
        told = [
            f"edition {before.number} ({_day(before)}) → edition {after.number} ({_day(after)})"
        ]
        told = [f"{days}: {told[0]}"] if period.first else told
        if after.is_ahead:
            told.append(f"edition {after.number} is not in force yet")
        if changes.passing:
            told.append(f"{changes.passing} areas changed meanwhile and are not listed: at the end")
            told[-1] += " they stand as at the beginning, or are no more"
        return told
    told = [f"第 {before.number} 版（{_day(before)} 起）→ 第 {after.number} 版（{_day(after)} 起）"]
    told = [f"{days}：{told[0]}"] if period.first else told
    if after.is_ahead:
        told.append(f"第 {after.number} 版尚未生效")
    if changes.passing:
        told.append(
            f"另有 {changes.passing} 个区域期间有变动、期末与期初相同（或期间新设又撤销），未列"
        )
    return told


def shares_text(shares: Sequence[Share], attribute: str, english: int) -> str:
    """Return shares of ``ground`` or ``residents``, the largest first; nothing for none."""
    ordered = sorted(shares, key=lambda each: -float(getattr(each, attribute)))
    return _SEMICOLONS[english].join(
        f"{each.code or _NOBODY[english]} {getattr(each, attribute):.2%}" for each in ordered
    )


def dates_text(editions: Sequence[EditionFacts], english: int) -> str:
    """Return the days from which an area was another one."""
    return _COMMAS[english].join(dict.fromkeys(_day(each) for each in editions))


def reasons_text(editions: Sequence[EditionFacts], english: int) -> str:
    """Return why an area was changed, each reason once."""
    return _SEMICOLONS[english].join(dict.fromkeys(each.reason for each in editions if each.reason))


def _change(row: AreaChange, english: int) -> list[Any]:
    sides = row.sides
    counts = [
        "" if (value := getattr(side, figure).value if side else None) is None else value
        for figure in ("households", "residents")
        for side in sides
    ]
    return [
        row.number,
        row.layer.title("en" if english else "zh"),
        _COMMAS[english].join(row.codes[0]),
        _COMMAS[english].join(row.names[0]),
        _COMMAS[english].join(row.codes[1]),
        _COMMAS[english].join(row.names[1]),
        _COMMAS[english].join(row.kinds),
        *(
            cell
            for side in sides
            for cell in ((side.parent, side.parent_name) if side else ("", ""))
        ),
        shares_text(row.origins, "ground", english),
        shares_text(row.heirs, "ground", english),
        shares_text(row.origins, "residents", english),
        shares_text(row.heirs, "residents", english),
        *(_m2(side) for side in sides),
        *counts,
        _YES[english] if any(side and _is_estimated(side) for side in sides) else "",
        dates_text(row.editions, english),
        _COMMAS[english].join(str(each.number) for each in row.editions),
        reasons_text(row.editions, english),
        _SEMICOLONS[english].join(
            dict.fromkeys(each.consulted for each in row.editions if each.consulted)
        ),
        _SEMICOLONS[english].join(
            dict.fromkeys(each.approval for each in row.editions if each.approval)
        ),
        *(_COMMAS[english].join(words) for words in row.lists),
    ]


def _codes(changes: Changes, rows: Sequence[AreaChange], language: str) -> list[list[Any]]:
    found = []
    for layer in changes.layers:
        old, new = (each.areas(layer.name) for each in changes.locators)
        title = layer.title(language)
        found += [
            [title, *crosswalk_cells(row, old, new, language)]
            for row in changes.lineage
            if row.layer == layer.name
        ]
        found += [
            [title, *_without_ground(row, int(language == "en"))]
            for row in rows
            if row.layer == layer
            and not row.origins
            and not row.heirs
            and not _keeps_its_ground(changes, row)
        ]
    return found


def _keeps_its_ground(changes: Changes, row: AreaChange) -> bool:
    """Tell whether an area has its ground and code as before; lineage told of another name."""
    kinds = changes.redrawing.kinds(row.layer.name, row.code)
    told = changes.told.rows(row.layer.name, row.code)
    return kinds == ("relisted",) or any(each.kind == "renamed" for each in told)


def _without_ground(row: AreaChange, english: int) -> list[Any]:
    """Return the cells of an area whose ground nobody else has, or that is a line."""
    before, after = row.sides
    is_whole = before is not None and after is not None and after.area_m2 is not None
    return [
        row.code if before else "",
        before.name if before else "",
        row.code if after else "",
        after.name if after else "",
        _COMMAS[english].join(row.kinds),
        _m2(after),
        *([1.0] * 4 if is_whole else [""] * 4),
        "",
    ]


def _buildings(pack: Pack, language: str) -> list[list[Any]]:
    layer = pack.layer.name
    changed = [row.code for row in pack.rows if row.layer.name == layer]
    old, new = (each.areas(layer) for each in pack.changes.locators)
    other = "yes" if language == "en" else "是"
    return [
        [
            number,
            row.code,
            row.name,
            "" if row.households is None else row.households,
            row.before or "",
            name_of(old, row.before, language),
            row.after or "",
            name_of(new, row.after, language),
            other if row.before != row.after else "",
            round(row.lon, _PLACES),
            round(row.lat, _PLACES),
        ]
        for number, row in enumerate(pack.placed.rows(changed), start=1)
    ]


def _sums(sums: Sequence[PackSums], english: int) -> list[list[Any]]:
    return [
        [
            each.layer.title("en" if english else "zh"),
            OF_ALL[english] if line.is_all else OF_CHANGED[english],
            SUMMED[line.what][english],
            *(
                "" if value is None else value
                for value in (
                    line.pair.before,
                    line.pair.after,
                    line.difference,
                    line.to_nobody,
                    line.from_nobody,
                    *(line.unknown or (None, None)),
                )
            ),
        ]
        for each in sums
        for line in each.lines
    ]


def _is_estimated(side: ChangeSide) -> bool:
    return side.households.is_estimated or side.residents.is_estimated


def _m2(side: ChangeSide | None) -> float | str:
    return "" if side is None or side.area_m2 is None else round(side.area_m2, 2)


def _day(edition: EditionFacts) -> str:
    return local_text(edition.effective_from_s)[:_DAY]
