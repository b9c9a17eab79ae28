"""What the editions did to one area, the latest first."""

from collections.abc import Mapping, Sequence

import numpy as np
import shapely

from geo_service.layers.edition import Edition
from geo_service.layers.topology import compare_outlines
from geo_service.maps.area_sheet.view import HistoryFacts
from geo_service.services.areas.asked import AskedArea
from geo_service.services.areas.bodies import day
from geo_service.storage import area_versions, areas, editions
from geo_service.storage.area_versions import AreaVersion

_LEAST_SHARE = 0.01
_MOST_SOURCES = 5
_EVERY_AREA = 100_000


def history(asked: AskedArea) -> list[HistoryFacts]:
    """Return each edition known then that changed the area's name, parent or outline.

    One that only put nodes on its border did nothing to it. What happened is told against the
    edition stored before.
    """
    known = {
        each.number: each
        for each in editions.all_editions(asked.connection)
        if each.published_at_s <= asked.picture.known_at_s
    }
    found: list[HistoryFacts] = []
    before: AreaVersion | None = None
    stored = area_versions.versions(asked.connection, layer=asked.layer.name, code=asked.code)
    for version in stored:
        if before is not None and _end(before) < version.first_edition:
            found += _gone(asked, known, before)
            before = None
        if version.first_edition in known:
            found += _started(asked, known[version.first_edition], before, version)
        before = version
    if before is not None and before.last_edition is not None:
        found += _gone(asked, known, before)
    return found[::-1]


def _end(version: AreaVersion) -> int:
    """Return the first edition that an ended row is not valid in any more."""
    assert version.last_edition is not None  # noqa: S101  # only the last row of an area is open
    return version.last_edition + 1


def _gone(asked: AskedArea, known: Mapping[int, Edition], last: AreaVersion) -> list[HistoryFacts]:
    number = _end(last)
    if number not in known:
        return []
    return [_facts(asked, known[number], ("gone",), last)]


def _started(
    asked: AskedArea, edition: Edition, before: AreaVersion | None, version: AreaVersion
) -> list[HistoryFacts]:
    if before is None:
        sources = _sources(asked, version)
        return [_facts(asked, edition, ("new",), version, sources=sources)]
    outlines = np.array([before.outline, version.outline], dtype=object)
    old, new = shapely.from_wkb(outlines)
    [shape] = compare_outlines(np.array([old]), np.array([new]))
    events = {
        "changed": shape == "changed",
        "renamed": before.name != version.name,
        "moved": before.parent != version.parent,
    }
    happened = tuple(name for name, is_so in events.items() if is_so)
    if not happened:
        return []
    return [_facts(asked, edition, happened, version, before=before)]


def _facts(
    asked: AskedArea,
    edition: Edition,
    events: tuple[str, ...],
    version: AreaVersion,
    *,
    before: AreaVersion | None = None,
    sources: Sequence[tuple[str, str, float]] = (),
) -> HistoryFacts:
    return HistoryFacts(
        edition=edition.number,
        effective_from=day(edition.effective_from_s),
        is_ahead=edition.effective_from_s > asked.picture.as_of_s,
        events=events,
        km2=None if events == ("gone",) else (version.area_m2 or 0.0) / 1e6,
        name=version.name,
        parent=version.parent or "",
        old_name=before.name if before else "",
        old_parent=(before.parent or "") if before else "",
        sources=sources,
    )


def _sources(asked: AskedArea, version: AreaVersion) -> list[tuple[str, str, float]]:
    """Return whose ground a new area took in the edition before: code, name, share of it."""
    outline = shapely.from_wkb(version.outline)
    rows = areas.areas_page(
        asked.connection,
        edition=version.first_edition - 1,
        layer=asked.layer.name,
        after_code=None,
        limit=_EVERY_AREA,
        bbox=outline.bounds,
    )
    if not rows or asked.is_line:
        return []
    old = shapely.from_wkb(np.array([row.outline for row in rows], dtype=object))
    parts = shapely.area(shapely.intersection(old, outline)) / shapely.area(outline)
    shares = [(row.code, row.name, float(part)) for row, part in zip(rows, parts, strict=True)]
    largest = sorted(shares, key=lambda each: (-each[2], each[0]))[:_MOST_SOURCES]
    return [each for each in largest if each[2] >= _LEAST_SHARE]
