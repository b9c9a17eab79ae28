"""A house that has lived: editions, a redraw, corrections, agreements, issues of all kinds.

Issues 1 to 24 stand in grids row by row; what became of each is written where it is made.
"""

from pathlib import Path

from geo_service.governance.delivery.lane import Waiting
from geo_service.governance.delivery.selection import Selection
from geo_service.governance.delivery.signature import new_secret
from geo_service.layers.area import area_set
from geo_service.services.bounds_texts.told import BoundsText
from geo_service.services.callers import SCHEDULE
from geo_service.services.service_set import ServiceSet
from geo_service.storage import references, webhooks
from geo_service.storage.figures import Figure
from tests.houses import (
    CALLER,
    LONG_AGO_S,
    NOW_S,
    SOUTH,
    STEP,
    WEST,
    Clock,
    center,
    grid_code,
    open_house,
    publish_areas,
    square,
    street_boundaries,
)
from tests.overlays import overlay_areas, profile_file

DAY_S = 86_400
ROAD = {
    "layer": "grid",
    "first_code": grid_code(2, 0),
    "second_code": grid_code(3, 0),
    "owner_code": "乙",
    "within_m": 15.0,
    "document": "示例街〔2026〕12号",
}


def furnish(folder: Path) -> None:
    """Make the house in a folder, and close it."""
    clock = Clock(NOW_S - 10 * DAY_S)
    house = open_house(folder, profile=profile_file(folder), clock=clock)
    publish_areas(house, _areas(), on=0, effective_from_s=LONG_AGO_S)
    _add_surroundings(house)
    for number in range(1, 21):
        _report(house, number)
    clock.now_s += DAY_S
    _report(house, 2, status="办结", closed_at="2026-11-11 09:00")
    _report(house, 3, category_major="市容秩序", title="改过的标题")
    _report(house, 4, status="办结")
    _report(house, 5, x=center(3, 1)[0], y=center(3, 1)[1])
    clock.now_s += DAY_S
    _report(house, 4)
    house.agreements.record(CALLER, ROAD)
    publish_areas(house, _areas(is_redrawn=True), on=1, effective_from_s=clock.now_s)
    clock.now_s += DAY_S
    correction = _areas(B2=square(0, 1, 1, 1))
    publish_areas(house, correction, on=2, effective_from_s=LONG_AGO_S + 1, is_correction=True)
    publish_areas(house, _areas(), on=3, effective_from_s=clock.now_s + DAY_S)
    clock.now_s += DAY_S
    house.schedule.apply_due_editions(SCHEDULE)
    house.agreements.record(CALLER, ROAD | {"owner_code": "甲", "stretch": _stretch()})
    house.agreements.withdraw(CALLER, 1)
    pending = _areas(is_redrawn=True)
    publish_areas(house, pending, on=4, effective_from_s=clock.now_s + 30 * DAY_S)
    for number in range(21, 25):
        _report(house, number)
    house.issues.report(CALLER, _cells(25), is_updating=False, idempotency_key="k-1")
    house.issues.report(CALLER, _cells(26), is_updating=False, idempotency_key="k-2")
    _add_webhook(house)
    house.close()


def _add_webhook(house: ServiceSet) -> None:
    """Add one that two events of issue 4 wait for, and that did not take the first of issue 1."""
    events = {}
    for number in (1, 4):
        events[number] = [each["id"] for each in house.issues.issue(CALLER, number)["events"]]
    with house.workspace.database.write() as connection:
        added = webhooks.add_webhook(
            connection,
            name="上级平台",
            url="https://events.example.org/in",
            secret=new_secret(),
            selection=Selection(kinds=("closed",)).values(),
            created_at_s=NOW_S,
        )
        first, second, *_ = events[4]
        failed = Waiting(first, 4, 2, NOW_S, NOW_S + 60, 0, "status 500")
        webhooks.put_waiting(connection, added, [failed, Waiting(second, 4)])
        dead = Waiting(events[1][0], 1, 9, NOW_S, None, None, "timeout 10")
        webhooks.put_waiting(connection, added, [dead], is_dead=True)


def _areas(*, is_redrawn: bool = False, **dedicated):
    areas = {**street_boundaries(), **overlay_areas(**dedicated)}
    if is_redrawn:  # the first grid takes the second one's ground
        grids = areas["grid"]
        kept = grids.take([i for i, code in enumerate(grids.codes) if code != grid_code(1, 0)])
        shapes = kept.geometries.copy()
        shapes[0] = square(0, 0, 2, 1)
        areas["grid"] = area_set(
            "grid",
            codes=kept.codes,
            names=kept.names,
            parents=kept.parents,
            geometries=shapes,
        )
    return areas


def _cells(number: int, **cells):
    lon, lat = center(number % 4, number // 4 % 2)
    given = {
        "source": "patrol",
        "external_id": f"A-{number}",
        "reported_at": "2026-11-10 08:00",
        "x": lon,
        "y": lat,
        "frame": "EPSG:4490",
        "title": f"标题 {number}",
        "description": "两行\n文字" if number % 2 else None,
    }
    given |= _SPECIAL.get(number, {}) | cells
    return {name: value for name, value in given.items() if value is not None}


_SPECIAL = {
    6: {"x": None, "y": None, "frame": None},
    7: {"accuracy_m": 60.0},
    8: {"accuracy_m": 0.0, "category_major": "市容秩序", "category_minor": "流动商贩"},
    9: {"frame": "GCJ02"},
    10: {"x": WEST - STEP / 10},  # outside, near enough
    11: {"x": WEST - 4 * STEP},  # nobody's
    12: {"x": WEST + 3 * STEP - STEP / 20, "y": SOUTH + STEP / 2},  # on the road of the agreement
    13: {"x": WEST + 2 * STEP},  # on a border
    14: {"status": "办结", "closed_at": "2026-11-10 20:00"},
    15: {"status": "办结", "reported_at": "2020-01-01 08:00"},  # before the first edition
    16: {"x": WEST - STEP / 10, "accuracy_m": 900.0},
    17: {"accuracy_m": -0.0},
}


def _report(house: ServiceSet, number: int, **cells) -> None:
    house.issues.report(CALLER, _cells(number, **cells), is_updating=True)


def _stretch() -> str:
    x = WEST + 3 * STEP
    return f"LINESTRING ({x} {SOUTH}, {x} {SOUTH + STEP / 2})"


def _add_surroundings(house: ServiceSet) -> None:
    house.figures.add(
        CALLER,
        [
            Figure("grid", grid_code(0, 0), "residents", "120", LONG_AGO_S, "示例"),
            Figure("grid", "999", "residents", "7", LONG_AGO_S, "示例"),
        ],
    )
    house.bounds_texts.write(CALLER, "grid", grid_code(0, 1), BoundsText("东至示例路", "East"))
    _add_registers(house)
    outlines = street_boundaries()["grid"].geometries[:2]
    with house.workspace.database.write() as connection:
        references.replace_references(
            connection, kind="water", names=["", "河"], geometries=outlines
        )


def _add_registers(house: ServiceSet) -> None:
    area = grid_code(3, 1)
    body = {"code": "P1", "name": "示例党支部", "kind": "党支部", "layer": "grid", "area": area}
    house.registers.record(CALLER, "party_organisation", body)
    house.registers.record(CALLER, "party_organisation", {**body, "members": 12})
    house.registers.record(CALLER, "unit", {**body, "code": "U1", "kind": "物业"})
    house.activities.record(CALLER, {"organisation": "P1", "held_on": "2026-01-05"})
    house.registers.withdraw(CALLER, "unit", "U1")
