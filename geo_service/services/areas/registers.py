"""What the registers hold of one area beside its bodies: units, sites, assets, members."""

from collections.abc import Sequence

import numpy as np

from geo_service.governance.organisations.coverage import UnitCover, UnitDuty
from geo_service.governance.organisations.ratio import DatedCount, ratio
from geo_service.governance.organisations.suppression import ToldTotals
from geo_service.maps.area_sheet.view import KindCount, SiteLine, UnitLine, UnitsInside
from geo_service.maps.coverage.view import FacilityFacts
from geo_service.services.areas.asked import AskedArea
from geo_service.services.areas.bodies import LISTED, by_kind, kind_counts
from geo_service.services.coverage.persons import members_by_area
from geo_service.services.coverage.placement import Placement
from geo_service.services.organisations.cells import count_text
from geo_service.storage import registers


def units_inside(asked: AskedArea) -> UnitsInside:
    """Return the units of the area: how they are covered, whether they shall form one."""
    picture = asked.picture
    at = asked.inside(picture.placed_units)
    cover, duty, _ = picture.unit_states
    covers = np.bincount(cover[at], minlength=len(UnitCover)).tolist()
    duties = np.bincount(duty[at], minlength=len(UnitDuty)).tolist()
    entries = [picture.units[i] for i in at]
    titles = {kind.name: kind.title(asked.language) for kind in picture.rules.unit_kinds}
    total = DatedCount(len(at), picture.day)
    return UnitsInside(
        kinds=kind_counts(entries, picture.rules.unit_kinds, asked.language),
        cover=(covers[0], covers[1], covers[2]),
        duty=(duties[0], duties[1], duties[2], duties[3]),
        organisation_coverage=ratio(DatedCount(covers[0], picture.day), total),
        work_coverage=ratio(DatedCount(covers[0] + covers[1], picture.day), total),
        lines=[
            UnitLine(
                picture.units[i].code,
                picture.units[i].name,
                titles.get(picture.units[i].kind, picture.units[i].kind),
                int(cover[i]),
                int(duty[i]),
            )
            for i in sorted(at, key=lambda i: (duty[i] != UnitDuty.DUE, i))[:LISTED]
        ],
    )


def sites_inside(
    asked: AskedArea,
) -> tuple[list[KindCount], list[SiteLine], list[FacilityFacts]]:
    """Return the sites of the area by kind, one by one, and as symbols where they have a place."""
    picture = asked.picture
    kinds = picture.rules.facility_kinds
    found = [picture.facilities[i] for i in asked.inside(picture.placed_facilities)]
    entries = by_kind(found, kinds)
    titles = {kind.name: kind.title(asked.language) for kind in kinds}
    lines = [
        SiteLine(e.code, e.name, titles.get(e.kind, e.kind), e.details.get("duty_phone") or "")
        for e in entries
    ]
    symbols = [
        FacilityFacts(e.code, e.name, titles.get(e.kind, e.kind), e.lon, e.lat)
        for e in entries
        if e.lon is not None and e.lat is not None
    ]
    return kind_counts(entries, kinds, asked.language), lines, symbols


def placed_assets(asked: AskedArea) -> Placement:
    """Return every asset that exists at the picture's moment, on its edition."""
    picture = asked.picture
    known = registers.entries_as_of(
        asked.connection, "asset", as_of_s=picture.as_of_s, known_at_s=picture.known_at_s
    )
    return Placement(picture.locator, [each for each in known if each.exists(picture.as_of_s)])


def asset_kinds(asked: AskedArea, placed: Placement) -> Sequence[KindCount]:
    """Return how many assets of each kind lie in the area."""
    return kind_counts([placed.entries[i] for i in asked.inside(placed)], (), asked.language)


def members_of_layer(asked: AskedArea) -> ToldTotals | None:
    """Return the members of each area of a nested layer; overlays count nobody twice, so none."""
    if asked.layer.is_overlay:
        return None
    return members_by_area(asked.picture, asked.layer.name)


def members_text(asked: AskedArea, members: ToldTotals | None) -> int | str | None:
    """Return the area's members as they may be shown."""
    return None if members is None else count_text(members.told(asked.position), asked.language)
