"""Rates of 180,000 handled issues in 155 grids, beside the driver that reads the same rows.

``python -m bench.rates [issues]``. The issues are written past their services: moments, answers
and tiers are drawn at random, half of the issues are closed, each has stood with two tiers.
"""

import sqlite3
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import shapely

from bench.rounds import heading, interleaved, row
from geo_service.app import create_services
from geo_service.demo.places import district
from geo_service.governance.rates.measures import IssueMeasures, TierSpell
from geo_service.layers.area import AreaSet
from geo_service.services.boundaries.publications import Publication, publish
from geo_service.services.callers import LOCAL_ADMINISTRATOR
from geo_service.services.rates.counts import RateQuery
from geo_service.services.rates.tables import table_cells
from geo_service.services.service_set import ServiceSet
from geo_service.settings import Settings
from geo_service.storage import rates
from geo_service.storage.databases.rows import insert_rows
from geo_service.storage.tables import assignments, issues

ISSUES = 180_000
ROUNDS = 7
_DAYS = 365
_DAY_S = 86_400
_PIECE = 10_000


def main() -> None:
    """Print times by the clock."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else ISSUES
    boundaries = dict(district().boundaries)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(database_url=f"sqlite:///{folder}/rates.db", profile="generic")
        services = create_services(settings)
        with services.workspace.database.write() as connection:
            made = Publication(boundaries, 0, 0, False, "bench")
            publish(services.workspace, connection, LOCAL_ADMINISTRATOR, made)
        layer = services.workspace.profile.hotspots.layer
        fill(services, boundaries[layer], number)
        _print(services, layer, number)
        services.close()


def _print(services: ServiceSet, layer: str, number: int) -> None:
    last = datetime.fromtimestamp(services.workspace.now_s(), UTC).date()
    query = RateQuery(layer, last - timedelta(_DAYS + 1), last)
    asked = {
        "ours": query,
        "ours, by category": _changed(query, group="category"),
        "ours, by category and source": _changed(query, group="category_source"),
        "ours, with hours by tier": _changed(query, with_tier_hours=True),
        "ours, by event": _changed(query, by="event"),
        "ours, owners as kept": _changed(query, basis="kept"),
    }
    works = {name: _work(services, each) for name, each in asked.items()}
    works["the driver alone"] = lambda: _rows(services)
    for work in works.values():
        work()
    seconds = interleaved(works, rounds=ROUNDS)
    areas = services.rates.rates(LOCAL_ADMINISTRATOR, query).areas
    heading(f"Rates: {number:,} issues, {len(areas)} grids")
    for name in works:
        row(name, seconds[name], "goal 1.0" if name.startswith("ours") else "")


def _changed(query: RateQuery, **others: object) -> RateQuery:
    return RateQuery(**{**vars(query), **others})


def _work(services: ServiceSet, query: RateQuery) -> Callable[[], object]:
    return lambda: table_cells(services.rates.rates(LOCAL_ADMINISTRATOR, query), "zh")


def _rows(services: ServiceSet) -> int:
    path = services.workspace.database.url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(Path(path))) as driver:
        query = "SELECT * FROM issues LEFT JOIN issue_measures ON issue_id = id"
        return len(driver.execute(query).fetchall())


def fill(services: ServiceSet, areas: AreaSet, number: int) -> None:
    """Store issues and what handling told of them."""
    draw = np.random.default_rng(1)
    inner = shapely.point_on_surface(areas.geometries)[draw.integers(0, len(areas), number)]
    lon, lat = shapely.get_x(inner), shapely.get_y(inner)
    now_s = int(services.workspace.now_s())
    reported = now_s - draw.integers(2 * _DAY_S, _DAYS * _DAY_S, number)
    spent = draw.integers(3600, 20 * _DAY_S, number)
    categories = [each.name for each in services.workspace.profile.categories]
    tiers = list(services.workspace.profile.workflow.tiers)
    for start in range(0, number, _PIECE):
        rows, measures = [], {}
        for i in range(start, min(start + _PIECE, number)):
            at, is_closed = int(reported[i]), i % 2 == 0
            rows.append(
                {
                    "id": i + 1,
                    "source": "complaint" if i % 5 else "patrol",
                    "external_id": str(i),
                    "content_hash": "",
                    "reported_at_s": at,
                    "closed_at_s": at + int(spent[i]) if is_closed else None,
                    "status": "closed" if is_closed else "open",
                    "category_major": categories[i % len(categories)],
                    "lon": float(lon[i]),
                    "lat": float(lat[i]),
                    "due_s": at + 7 * _DAY_S,
                    "is_late": bool(is_closed and spent[i] > 7 * _DAY_S),
                    "is_provisional": False,
                }
            )
            measures[i + 1] = _measures(i, at, tiers, is_closed=is_closed)
        with services.workspace.database.write() as connection:
            insert_rows(connection, issues, rows)
            kept = [
                {"issue_id": each["id"], "family": "grid", "rule": "assigned", "status": "assigned"}
                for each in rows
            ]
            insert_rows(connection, assignments, kept)
            rates.put_measures(connection, measures)


def _measures(i: int, at: int, tiers: list[str], *, is_closed: bool) -> IssueMeasures:
    answers = ("satisfied", "mostly_satisfied", "dissatisfied", "not_reached", "refused")
    first, second = tiers[i % len(tiers)], tiers[(i + 1) % len(tiers)]
    return IssueMeasures(
        accepted_s=at + 600,
        responded_s=at + 1200 + 60 * (i % 100),
        response_due_s=at + 3600,
        answered_s=at + 3 * _DAY_S if is_closed else None,
        resolved=("yes", "no")[i % 3 == 0] if is_closed else None,
        satisfaction=answers[i % 5] if is_closed else None,
        tier=second,
        spells=(TierSpell(first, 5000, None), TierSpell(second, 100, None if is_closed else at)),
    )


if __name__ == "__main__":
    main()
