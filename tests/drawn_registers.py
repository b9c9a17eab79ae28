"""Registers drawn by chance on the small street, with an overlay and a second family over it.

Counts are small in one of three. A third of the entries has other counts, or ends, from a day on,
and some begin then.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from geo_service.layers.area import area_set
from tests.houses import (
    LONG_AGO_S,
    SOUTH,
    STEP,
    WEST,
    grid_code,
    open_house,
    publish_areas,
    square,
    street_boundaries,
)
from tests.registers import EAST_COMMUNITY, STREET, WEST_COMMUNITY, body, record, unit

DAYS = ("2026-03-01", "2026-09-01")
CHANGED = "2026-06-01"
LADDER = ("district", "street", "community", "grid")
PROFILE = """
[[layers]]
name = "district"
bodies = ["committee"]

[[layers]]
name = "street"
parent = "district"
bodies = ["working_committee"]

[[layers]]
name = "community"
parent = "street"
bodies = ["committee"]

[[layers]]
name = "grid"
parent = "community"
bodies = ["branch"]

[[layers]]
name = "police_area"
bodies = ["branch"]

[[layers]]
name = "estate"
overlay = true
bodies = ["branch"]
"""
BLOCKS = {
    "police_area": {"P1": (0, 0, 4, 1), "P2": (0, 1, 4, 1)},
    "estate": {"E1": (0, 0, 1, 1), "E2": (1, 0, 2, 2)},
}
LAYERS = (*LADDER, *BLOCKS)
FIELDS = {
    "party_organisation": ("members",),
    "unit": ("full_members",),
    "facility": ("staff", "staff_members", "registered_members"),
}


def area_of(entry, layer: str) -> str | None:
    """Return where an entry lies: by its code upward, else by its place."""
    place = None
    if entry["lon"] is not None:
        place = int((entry["lon"] - WEST) / STEP), int((entry["lat"] - SOUTH) / STEP)
    if layer in BLOCKS:
        held = [c for c, block in BLOCKS[layer].items() if place and _holds(block, place)]
        return held[0] if held else None
    if entry["areas"]:
        length = {"district": 6, "street": 8, "community": 10, "grid": 12}[layer]
        code = entry["areas"][0]
        return code[:length] if len(code) >= length else None
    return {"district": STREET[:6], "street": STREET}.get(layer) or (
        grid_code(*place) if layer == "grid" else grid_code(*place)[:10]
    )


def _holds(block: tuple[int, int, int, int], place: tuple[int, int]) -> bool:
    column, row, columns, rows = block
    return column <= place[0] < column + columns and row <= place[1] < row + rows


def fill(folder: Path, seed: int, told: Callable[[str, Any], Any]) -> None:
    """Publish the street in a folder, and record what is drawn, each cell as it is to be told."""
    draw = np.random.default_rng(seed)
    path = folder / "p.toml"
    path.write_text(PROFILE, encoding="utf-8")
    house = open_house(folder, profile=str(path))
    areas = street_boundaries() | {
        layer: area_set(layer, codes=list(blocks), geometries=[square(*b) for b in blocks.values()])
        for layer, blocks in BLOCKS.items()
    }
    publish_areas(house, areas, on=0, effective_from_s=LONG_AGO_S)
    registers = {
        "party_organisation": [_organisation(draw, i) for i in range(40)],
        "unit": [unit(f"U{i}", *_cell(draw), full_members=_few(draw, 3)) for i in range(20)],
        "facility": [_site(draw, i) for i in range(24)],
    }
    for register, rows in registers.items():
        cells = [
            {name: told(name, cell) for name, cell in row.items()}
            for row in (*rows, *_later(draw, register, rows))
        ]
        for found in record(house, register, *cells):
            assert hasattr(found, "kind"), found
    house.close()


def _later(draw, register: str, rows: list[dict]) -> list[dict]:
    """Return other counts from a day on, entries that end then and such that begin."""
    changed = draw.choice(len(rows), len(rows) // 3, replace=False)
    found = [
        {**rows[i], "from": CHANGED}
        | {
            name: _few(draw, 5)
            for name in set(FIELDS[register]) - {"staff", "staff_members"}
            if name in rows[i]
        }
        for i in changed[::2]
    ]
    found += [{**rows[i], "from": CHANGED, "dissolved": CHANGED} for i in changed[1::4]]
    new = draw.choice(len(rows), 4, replace=False)
    return found + [{**rows[i], "code": f"N{rows[i]['code']}", "founded": CHANGED} for i in new]


def _organisation(draw, i: int) -> dict:
    column, row = _cell(draw)
    area, layer = [
        (grid_code(column, row), "grid"),
        (grid_code(column, row), "grid"),
        ([WEST_COMMUNITY, EAST_COMMUNITY][column // 2], "community"),
        (None, "grid"),
    ][i % 4]
    told = {"members": _few(draw, 3)} if i % 9 else {}
    if layer == "grid":
        told |= {k: v for k, v in unit("", column, row).items() if k in {"x", "y", "frame"}}
    return body(f"D{i}", area, layer=layer, **told)


def _site(draw, i: int) -> dict:
    staff = int(draw.integers(1, 5) if i % 7 == 0 else draw.integers(7, 14))
    told = {
        "staff": staff,
        "staff_members": min(_few(draw, 5), staff),
        "registered_members": _few(draw, 5),
    }
    kind = ["互助站", "党群服务中心"][i % 2]
    return {**unit(f"F{i}", *_cell(draw)), "kind": kind, **told}


def _cell(draw) -> tuple[int, int]:
    return int(draw.integers(4)), int(draw.integers(2))


def _few(draw, limit: int) -> int:
    """Return a count that is small in one of three."""
    return int(draw.integers(limit) if draw.random() < 1 / 3 else draw.integers(limit, 30))
