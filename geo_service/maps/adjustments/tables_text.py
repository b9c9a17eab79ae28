"""The tables of the pack as they stand on paper: editions, sums, changes, the list of sheets."""

from collections.abc import Callable, Sequence

from geo_service.maps.adjustments.layout import Column, PaperTable
from geo_service.maps.adjustments.text import (
    UNKNOWN,
    count,
    day,
    days,
    moved,
    number,
    reasons,
    shares,
)
from geo_service.maps.adjustments.view import AreaChange, ChangeSide, PackView, SumLine
from geo_service.maps.wording import Words, words

MOST_ROWS = 2_000
"""So many changed areas, and sheets, are listed on paper; the workbook has all that changed."""


def paper_tables(view: PackView) -> list[PaperTable]:
    """Return the tables of a pack; those without a row are left out."""
    w = words(view.language)
    tables = [
        _history(view, w),
        _sums_table(view, w),
        _changes(view, w),
        _sheets(view, w),
    ]
    return [table for table in tables if table.rows]


def _history(view: PackView, w: Words) -> PaperTable:
    columns = [
        Column(w["adj_edition"], 24.0),
        Column(w["adj_effective"], 26.0),
        Column(w["adj_reason"], 160.0),
        Column(w["adj_consulted"], 95.0),
        Column(w["adj_approval"], 95.0),
    ]
    rows = [
        (
            f"{each.number}{w['adj_correction'] if each.is_correction else ''}",
            day(each),
            each.reason,
            each.consulted,
            each.approval,
        )
        for each in view.period.editions
    ]
    return PaperTable("editions", w["adj_history"], columns, rows)


def _sums_table(view: PackView, w: Words) -> PaperTable:
    numbers = ("adj_before", "adj_after", "adj_difference", "adj_to_nobody", "adj_from_nobody")
    columns = [
        Column(w["adj_layer"], 60.0),
        Column("", 60.0),
        Column(w["adj_what"], 55.0),
        *(Column(w[name], 38.0, is_number=True) for name in numbers),
        Column(w["adj_unknown"], 35.0, is_number=True),
    ]
    rows = [
        _sum_row(line, each.layer.title(view.language), w)
        for each in view.sums
        for line in each.lines
    ]
    return PaperTable("sums", w["adj_sums"], columns, rows, w["adj_sums_note"])


def _sum_row(line: SumLine, title: str, w: Words) -> Sequence[str]:
    difference = UNKNOWN if line.difference is None else f"{line.difference:+,.0f}"
    is_none = line.difference is not None and round(line.difference) == 0
    return (
        title,
        w["adj_of_all"] if line.is_all else w["adj_of_changed"],
        w[f"adj_{line.what}"],
        number(line.pair.before),
        number(line.pair.after),
        "0" if is_none else difference,
        "" if line.to_nobody is None else number(line.to_nobody),
        "" if line.from_nobody is None else number(line.from_nobody),
        "" if line.unknown is None else f"{line.unknown[0]} / {line.unknown[1]}",
    )


def _changes(view: PackView, w: Words) -> PaperTable:
    columns = [
        Column(w["ord_number"], 10.0),
        Column(w["adj_layer"], 18.0),
        Column(w["ord_old_code"], 34.0),
        Column(w["ord_old_name"], 36.0),
        Column(w["ord_new_code"], 34.0),
        Column(w["ord_new_name"], 36.0),
        Column(w["ord_kind"], 24.0),
        Column(w["adj_parent"], 34.0),
        Column(w["adj_from_to"], 46.0),
        Column(w["adj_area"], 26.0, is_number=True),
        Column(w["adj_households"], 20.0, is_number=True),
        Column(w["adj_residents"], 22.0, is_number=True),
        Column(w["adj_effective"], 22.0),
        Column(w["adj_reason"], 38.0),
    ]
    rows = [_change(row, view.language, w) for row in view.rows[:MOST_ROWS]]
    notes = [w["adj_changes_note"]]
    if len(view.rows) > MOST_ROWS:
        notes.append(w["adj_cut"].format(n=len(view.rows) - MOST_ROWS))
    return PaperTable("changes", w["adj_changes"], columns, rows, " ".join(notes))


def _change(row: AreaChange, language: str, w: Words) -> Sequence[str]:
    old, new = row.sides
    there = new or old
    shared = [
        w[name].format(shares=shares(told, w))
        for name, told in (("adj_from", row.origins), ("adj_to", row.heirs))
        if any(each.code != row.code for each in told)
    ]
    return (
        str(row.number),
        row.layer.title(language),
        w["sheet_comma"].join(row.codes[0]),
        w["sheet_comma"].join(row.names[0]),
        w["sheet_comma"].join(row.codes[1]),
        w["sheet_comma"].join(row.names[1]),
        w["sheet_comma"].join(row.kinds),
        moved(_parent(old or there), _parent(new or there), w),
        w["adj_semicolon"].join(shared),
        _both(old, new, lambda side: number(side.area_m2), w),
        _both(old, new, lambda side: count(side.households, w), w),
        _both(old, new, lambda side: count(side.residents, w), w),
        days(row.editions, w),
        reasons(row.editions, w),
    )


def _both(
    old: ChangeSide | None, new: ChangeSide | None, told: Callable[[ChangeSide], str], w: Words
) -> str:
    """Return a figure of both sides, once where it is the same; nothing where it is not there."""
    return moved(told(old) if old else "", told(new) if new else "", w).strip()


def _parent(side: ChangeSide | None) -> str:
    return "" if side is None else side.parent_name or side.parent


def _sheets(view: PackView, w: Words) -> PaperTable:
    title = w["adj_sheets"].format(layer=view.layer.title(view.language), n=len(view.names))
    columns = [
        Column(w["ord_number"], 12.0),
        Column(w["ord_new_code"], 60.0),
        Column(w["ord_new_name"], 128.0),
        Column(w["adj_parent"], 100.0),
        Column(w["ord_kind"], 100.0),
    ]
    rows = [
        (
            str(i),
            each.code,
            each.name,
            each.parent,
            w["sheet_comma"].join(each.kinds) or w["adj_same"],
        )
        for i, each in enumerate(view.names[:MOST_ROWS], start=1)
    ]
    return PaperTable("sheets", title, columns, rows)
