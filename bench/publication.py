"""Publishing a redraw of a street that holds 50,000 open issues, and what intake pays for it."""

import tempfile
from itertools import count, cycle

import numpy as np
import shapely

from bench.rounds import heading, interleaved, row, timed
from geo_service.app import create_services
from geo_service.demo.places import x_street
from geo_service.layers.area import Boundaries, Floats
from geo_service.services.boundaries.publications import Publication, publish
from geo_service.services.callers import LOCAL_ADMINISTRATOR, SCHEDULE
from geo_service.services.service_set import ServiceSet
from geo_service.settings import Settings

OPEN_ISSUES = 50_000
BATCH = 1_000
ROUNDS = 7
SHIFT_DEG = 3e-5
"""About three meters."""


def main() -> None:
    """Print one table of publications and one of what the look at due editions costs."""
    before = dict(x_street().boundaries)
    with tempfile.TemporaryDirectory() as folder:
        services = create_services(settings_in(folder))
        fill(services, before)
        heading(f"Publishing in a street of 155 grids with {OPEN_ISSUES:,} open issues")
        for size in (5, 50):
            _print(services, f"{size} grids, borders moved by 3 m", before, _moved(before, size))
            _print(services, f"{size} grids, each in another's place", before, turned(before, size))
        _print(services, "the same again", before, before)
        heading("Intake beside the look at what is due")
        _print_intake(services, before)
        services.close()


def settings_in(folder: str) -> Settings:
    """Return the settings of a service whose database lies in a folder."""
    return Settings(database_url=f"sqlite:///{folder}/street.db", profile="x-street")


def fill(services: ServiceSet, boundaries: Boundaries) -> None:
    """Publish a street and report the open issues in it."""
    publish_boundaries(services, boundaries)
    for start in range(0, OPEN_ISSUES, BATCH):
        _report(services, boundaries, start)


def _print(services: ServiceSet, name: str, before: Boundaries, after: Boundaries) -> None:
    """Publish there and back; the locator is built anew each time."""
    contents = cycle([after, before])

    def work() -> None:
        services.workspace.forget_locators()
        publish_boundaries(services, next(contents))

    seconds = timed(work, rounds=ROUNDS - 1)
    with services.workspace.database.read() as connection:
        located, reassigned = connection.exec_driver_sql(
            "SELECT located, reassigned FROM relocations ORDER BY id DESC LIMIT 1"
        ).one()
    row(name, seconds, f"{located:,} located, {reassigned:,} with another owner")


def _print_intake(services: ServiceSet, boundaries: Boundaries) -> None:
    starts = count(OPEN_ISSUES, BATCH)
    works = {
        f"a batch of {BATCH:,}": lambda: _report(services, boundaries, next(starts)),
        "the look alone, 100 times": lambda: [
            services.schedule.apply_due_editions(SCHEDULE) for _ in range(100)
        ],
    }
    for name, seconds in interleaved(works, rounds=ROUNDS).items():
        row(name, seconds)


def publish_boundaries(services: ServiceSet, boundaries: Boundaries) -> None:
    number = len(services.editions.editions(LOCAL_ADMINISTRATOR))
    with services.workspace.database.write() as connection:
        now_s = int(services.workspace.now_s())
        made = Publication(boundaries, number, now_s, False, "bench")
        publish(services.workspace, connection, LOCAL_ADMINISTRATOR, made)


def _report(services: ServiceSet, boundaries: Boundaries, start: int) -> None:
    west, south, east, north = shapely.total_bounds(boundaries["street"].geometries)
    draw = np.random.default_rng(start)
    rows = [
        {
            "source": "complaint",
            "external_id": str(start + i),
            "reported_at": "2026-11-01 08:00",
            "frame": "EPSG:4490",
            "x": x,
            "y": y,
        }
        for i, (x, y) in enumerate(
            zip(
                draw.uniform(west, east, BATCH).tolist(),
                draw.uniform(south, north, BATCH).tolist(),
                strict=True,
            )
        )
    ]
    services.issues.batch(LOCAL_ADMINISTRATOR, rows, is_updating=False)


def _chosen(boundaries: Boundaries, size: int) -> list[int]:
    """Return the grids nearest to the first one."""
    centers = shapely.centroid(boundaries["micro_grid"].geometries)
    nearest = np.argsort(shapely.distance(centers, centers[0]), kind="stable")
    return sorted(nearest[:size].tolist())


def _moved(boundaries: Boundaries, size: int) -> Boundaries:
    """Return the boundaries with all nodes inside the chosen grids' union moved alike."""
    chosen = shapely.union_all(boundaries["micro_grid"].geometries[_chosen(boundaries, size)])
    inside = chosen.buffer(-4 * SHIFT_DEG)
    shapely.prepare(inside)

    def move(vertices: Floats) -> Floats:
        is_inside = shapely.contains_xy(inside, *vertices.T)
        return vertices + SHIFT_DEG * is_inside[:, None]

    return {
        name: areas.with_geometries(shapely.transform(areas.geometries, move))
        for name, areas in boundaries.items()
    }


def turned(boundaries: Boundaries, size: int) -> Boundaries:
    """Return the boundaries with every chosen grid's outline at the next one's code."""
    grids = boundaries["micro_grid"]
    at = np.arange(len(grids))
    chosen = _chosen(boundaries, size)
    at[chosen] = np.roll(chosen, 1)
    turned = grids.with_geometries(grids.geometries[at])
    parents = [grids.parents[i] for i in at]
    return {**boundaries, "micro_grid": turned.with_parents(parents)}


if __name__ == "__main__":
    main()
