"""A square among four neighbors as the view of an area's page; full to the brim if wanted."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import shapely

from geo_service.analysis.bounds_text import SIDES, SideBound
from geo_service.governance.organisations.ratio import DatedCount, ratio
from geo_service.layers.area import area_set
from geo_service.layers.layer import Layer
from geo_service.maps.area_sheet.view import (
    AreaName,
    AreaSheetView,
    BodyFacts,
    DatedFigure,
    EntryLine,
    GroundFacts,
    HistoryFacts,
    HoldingFacts,
    Inside,
    IssueFacts,
    KindCount,
    LevelFacts,
    LiaisonFacts,
    PartyFacts,
    SheetFoot,
    SheetLinks,
    SheetMap,
    SiteLine,
    Stamp,
    UnitLine,
    UnitsInside,
    WrittenBounds,
)
from geo_service.maps.coverage.view import FacilityFacts, OrganisationFacts
from geo_service.maps.view import Ancestors, Reference

DAY = date(2026, 11, 21)
WEST, SOUTH, STEP = 118.5, 31.2, 0.003
COMMUNITY = Layer("community", "社区", "community")
GRID = Layer("grid", "网格", "grid", parent="community")
_CELLS = ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1))


def sheet_view(name: str = "甲网格", *, language: str = "zh", times: int = 1) -> AreaSheetView:
    """Return the view; every list is ``times`` long, and every text from outside is ``name``."""
    many = range(times)
    kinds = [KindCount(f"k{i}", name, 1) for i in range(min(times, 7))]
    return AreaSheetView(
        language=language,
        layer=GRID,
        code="999000",
        name=name,
        parents=[AreaName("community", "社区", "9990", name)],
        km2=0.09,
        stamp=Stamp(3, date(2026, 7, 1), DAY, is_today=True),
        issues=IssueFacts(
            7, 30, 4, date(2026, 3, 1), 265, 12.3, None, [(name, 5 - i) for i in range(5)][:times]
        ),
        figures={
            "residents": DatedFigure("residents", "2,440", date(2025, 1, 1), name),
            "community_type": DatedFigure("community_type", name, date(2025, 1, 1), name),
        },
        party=_party(name, times, kinds),
        holdings=HoldingFacts([SiteLine(f"s{i}", name, name, name) for i in many], kinds, kinds),
        ground=GroundFacts(
            times, [name] * times, {side: SideBound("border") for side in SIDES}, name
        ),
        history=_history(name, times),
        map=_map(name),
        foot=SheetFoot(is_fictional=True, notices=[name], map_unit=name),
        links=SheetLinks(coverage="/desk/coverage", json="/api/v1/areas/grid/999000/sheet"),
    )


def with_written_bounds(view: AreaSheetView, text: str) -> AreaSheetView:
    """Return the view with 四至 that a person wrote."""
    entered = WrittenBounds(3, DAY, "local-administrator", text)
    ground = replace(view.ground, bounds_text=text, entered=entered)
    return replace(view, ground=ground)


def _party(name: str, times: int, kinds: Sequence[KindCount]) -> PartyFacts:
    body = BodyFacts(_organisation(name), is_vacant=True, is_term_over=True)
    count = DatedCount(1, DAY)
    lines = [EntryLine(f"o{i}", name, name) for i in range(times)]
    return PartyFacts(
        levels=[
            LevelFacts(AreaName("grid", name, "999000", name), 1, [body] * times),
            LevelFacts(AreaName("community", name, "9990", name), 4, []),
        ],
        liaison=LiaisonFacts("9990-P", name, DAY),
        members="*",
        inside=Inside(kinds, lines),
        units=UnitsInside(
            kinds,
            (1, 0, 2),
            (1, 1, 1, 0),
            ratio(count, DatedCount(3, DAY)),
            ratio(count, DatedCount(0, DAY)),
            [UnitLine(f"u{i}", name, name, 2, 1) for i in range(times)],
        ),
        active_days=100,
    )


def _organisation(name: str) -> OrganisationFacts:
    return OrganisationFacts(
        "999000-P",
        name,
        name,
        "支",
        "joint",
        1,
        DAY,
        post=name,
        duty_phone=name,
        lon=WEST + STEP / 3,
        lat=SOUTH + STEP / 3,
    )


def _history(name: str, times: int) -> list[HistoryFacts]:
    first = HistoryFacts(
        2, date(2026, 1, 1), False, ("new",), 0.1, name, "9990", sources=[("998", name, 0.25)]
    )
    changed = replace(
        first, edition=3, events=("changed", "renamed", "moved"), old_name=name, old_parent=name
    )
    gone = replace(first, edition=4, events=("gone",), km2=None, is_ahead=True, sources=())
    return [gone, changed, first][-times:] + [first] * (times - 3)


def _map(name: str) -> SheetMap:
    boxes = [
        shapely.box(
            WEST + x * STEP, SOUTH + y * STEP, WEST + (x + 1) * STEP, SOUTH + (y + 1) * STEP
        )
        for x, y in _CELLS
    ]
    codes = [f"99900{i}" for i in range(len(boxes))]
    areas = area_set("grid", codes=codes, geometries=boxes, names=[name] * 5, parents=["9990"] * 5)
    above = area_set("community", codes=["9990"], names=[name], geometries=[boxes[0].buffer(STEP)])
    road = shapely.LineString([(WEST, SOUTH - STEP), (WEST, SOUTH + STEP)])
    return SheetMap(
        areas=areas,
        position=0,
        ancestors=[Ancestors(COMMUNITY, above)],
        references=[Reference("road_main", name, np.array([road], dtype=object), [name])],
        organisations=[_organisation(name)],
        facilities=[FacilityFacts("s0", name, name, WEST + STEP / 2, SOUTH + STEP / 2)],
    )
