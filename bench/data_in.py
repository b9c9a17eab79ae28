"""Data in: importing and fully checking 20,000 areas, and 180,000 issues from CSV."""

import tempfile
from datetime import date
from pathlib import Path

from bench.rounds import heading, row, timed
from geo_service.app import create_services
from geo_service.demo.issues import issues
from geo_service.demo.places import city, x_street
from geo_service.layers.files import write_csv, write_features
from geo_service.layers.preparation import Plan
from geo_service.services.boundaries.files import BoundaryOptions
from geo_service.services.boundaries.imports import EditionOptions
from geo_service.services.callers import LOCAL_ADMINISTRATOR
from geo_service.services.issues.files import IssueFileOptions
from geo_service.settings import Settings

ISSUES = 180_000


def main() -> None:
    """Print both tables."""
    with tempfile.TemporaryDirectory() as folder:
        heading("Boundaries in: file to published edition, whole check included")
        _boundaries(Path(folder))
        heading("Issues in: CSV to stored and assigned, synchronous=FULL")
        _issues(Path(folder))


def _boundaries(folder: Path) -> None:
    areas = city().boundaries["grid"]
    path = folder / "grid.gpkg"
    write_features(
        path,
        columns={"code": list(areas.codes), "name": list(areas.names)},
        geometries=areas.geometries,
        layer_name="grid",
    )
    services = create_services(Settings(database_url=f"sqlite:///{folder}/boundaries.db"))

    def load() -> None:
        report = services.boundaries.import_file(
            LOCAL_ADMINISTRATOR,
            path,
            BoundaryOptions(layer="grid", frame="EPSG:4490"),
            plan=Plan(is_replacing=True),
            edition_options=EditionOptions(),
        )
        if not report.is_clean:
            raise SystemExit(f"{len(report.preparation.defects)} defects")

    row(f"{len(areas):,} areas, GeoPackage", timed(load, rounds=3), "goal: 30 s")
    services.close()


def _issues(folder: Path) -> None:
    columns = issues(x_street(), seed=1, until=date(2026, 11, 1), total=ISSUES)
    path = folder / "issues.csv"
    write_csv(path, headings=list(columns), rows=zip(*columns.values(), strict=True))
    seconds = []
    for round_number in range(3):
        url = f"sqlite:///{folder}/issues{round_number}.db"
        services = create_services(Settings(database_url=url, profile="x-street"))
        services.demonstrations.load(LOCAL_ADMINISTRATOR, total=100)

        def load() -> None:
            services.issues.import_file(LOCAL_ADMINISTRATOR, path, IssueFileOptions())  # noqa: B023 (called at once, in this round)

        seconds += timed(load, rounds=1)
        services.close()
    row(f"{ISSUES:,} issues, CSV", seconds, "goal: 40 s")


if __name__ == "__main__":
    main()
