"""Tables to take away as CSV, XLSX or GeoJSON; registers as lists that can be read in again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from geo_service.governance.organisations.register import MODES, REGISTERS, Entry
from geo_service.governance.organisations.rules import OrganisationRules
from geo_service.governance.personal import heading_words
from geo_service.layers.area import Geometries
from geo_service.layers.files import write_csv, write_features, write_xlsx
from geo_service.services.organisations.cells import day_text, shown_cells, shown_text

Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Table:
    """A table with what stands above it; ``places`` are points of its rows or outlines."""

    title: str
    notes: Sequence[str]
    headings: Sequence[str]
    rows: Rows
    text_columns: Sequence[str]
    places: Geometries | None = None


def write_table(path: Path, table: Table) -> None:
    """Write a table as CSV, XLSX or GeoJSON, by the path's ending."""
    if path.suffix == ".xlsx":
        write_xlsx(
            path,
            title=table.title,
            notes=table.notes,
            headings=table.headings,
            rows=table.rows,
            text_columns=table.text_columns,
        )
    elif path.suffix == ".csv":
        write_csv(path, headings=table.headings, rows=table.rows)
    else:
        columns = zip(*table.rows, strict=True) if table.rows else [()] * len(table.headings)
        places = table.places
        write_features(
            path,
            columns={
                name: list(cells) for name, cells in zip(table.headings, columns, strict=True)
            },
            geometries=np.full(len(table.rows), None) if places is None else places,
            layer_name=table.title,
        )


def register_table(
    register: str, entries: Sequence[Entry], rules: OrganisationRules, language: str
) -> Table:
    """Return a register as a list that can be read in again; small counts of persons as 不足3人."""
    fields = register_headings(register, language)
    words: Mapping[str, Mapping[str, str]] = {"kind": {}, "mode": {}}
    if language != "en":  # English titles are no words of the lists, names are
        words = {
            "kind": {kind.name: kind.title_zh for kind in rules.kinds(register)},
            "mode": {mode.name: mode.title_zh for mode in MODES},
        }
    rows = [
        [_cell(field, shown, words, entry, language) for field in fields]
        for entry, shown in ((e, shown_cells(e, rules.limits)) for e in entries)
    ]
    texts = {"code", "area", "parent", "party_organisation", "organisation", "duty_phone"}
    return Table(
        title=REGISTERS[register].title(language),
        notes=(),
        headings=list(fields.values()),
        rows=rows,
        text_columns=[heading for field, heading in fields.items() if field in texts],
        places=points_of(entries),
    )


def register_headings(register: str, language: str) -> dict[str, str]:
    """Return field → heading in the order of columns; the importer knows every one of them."""
    words: Mapping[str, Sequence[str]] = heading_words()[register]
    placed: Mapping[str, Sequence[str]] = heading_words()["placed"]
    order = ["code", "name", "kind", "mode", "layer", "area"]
    fields = [
        *(f for f in order if f in words or f in placed),
        *(f for f in words if f not in order),
        *(f for f in placed if f not in order),
    ]
    chinese = 0 if language == "en" else 1
    known = {**words, **placed}
    return {field: known[field][min(chinese, len(known[field]) - 1)] for field in fields}


def _cell(
    field: str,
    shown: Mapping[str, Any],
    words: Mapping[str, Mapping[str, str]],
    entry: Entry,
    language: str,
) -> Any:
    if field == "from":
        return day_text(entry.from_s)
    if field == "area":
        return "、".join(entry.areas) or None
    value = shown_text(shown, field, language)
    if field in words:
        return words[field].get(value, value)
    if isinstance(value, bool) and language != "en":
        return "是" if value else "否"
    return value


def points_of(entries: Iterable[Entry]) -> Geometries:
    """Return the places of entries as points (EPSG:4490), None for none."""
    found = [
        None if e.lon is None or e.lat is None else shapely.Point(e.lon, e.lat) for e in entries
    ]
    points = np.empty(len(found), dtype=object)
    points[:] = found
    return points
