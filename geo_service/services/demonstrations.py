"""Filling an empty house with a fictional street, through the same doors as real data."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from geo_service.demo.addresses import FRAME, address_table
from geo_service.demo.city import City
from geo_service.demo.demand import demand_mix
from geo_service.demo.files import boundaries_readme, boundary_files
from geo_service.demo.issues import issues
from geo_service.demo.organisations.profile_registers import profile_registers
from geo_service.demo.organisations.registers import (
    DemoRegisters,
    n_street_registers,
    x_street_registers,
)
from geo_service.demo.places import hotline_district, n_street, x_street
from geo_service.demo.profile_places import profile_place
from geo_service.errors import DemonstrationRefused, RefusedValue
from geo_service.governance.issue import RowError
from geo_service.governance.moment import SHANGHAI, day_start, epoch_s
from geo_service.layers.files import write_csv, writing_aside
from geo_service.services.addresses.lists import PlaceFileOptions, PlaceListService
from geo_service.services.boundaries.publications import Publication, publish
from geo_service.services.callers import Caller
from geo_service.services.figures import FigureService
from geo_service.services.issues.files.options import IssueFileOptions
from geo_service.services.issues.lists import IssueService
from geo_service.services.organisations.activities import ActivityService
from geo_service.services.organisations.registers import RegisterService
from geo_service.services.organisations.taking import ADDED
from geo_service.services.workspaces import Workspace
from geo_service.storage import editions, issue_queries, places, references, registers
from geo_service.storage.databases import Transaction
from geo_service.storage.figures import Figure

CITIES = {"x-street": x_street, "n-street": n_street, "beijing-12345": hotline_district}
"""Places whose counts are printed; every other profile gets one made from its layers."""
REGISTERS = {"x-street": x_street_registers, "n-street": n_street_registers}
WITHOUT_REGISTERS = frozenset({"beijing-12345"})
REFERENCE_KINDS = {"main": "road_main", "side": "road_side", "river": "water"}
_LOADED_LAST = "building"
"""References of this kind tell that loading was not interrupted."""

REASON = "虚构演示数据 / fictional demo data"
EFFECTIVE_FROM = date(2025, 1, 1)
SEED = 20260101
ISSUES_A_YEAR = 18_000


@dataclass(frozen=True)
class Demonstration:
    """What stands in the house after loading; ``is_new`` tells whether it was loaded now."""

    edition: int
    areas: int
    issues: int
    organisations: int
    units: int
    facilities: int
    places: int
    is_new: bool


class DemonstrationService:
    """Loading the demo of the profile in use."""

    def __init__(
        self,
        workspace: Workspace,
        issue_service: IssueService,
        figure_service: FigureService,
        register_service: RegisterService,
        activity_service: ActivityService,
    ) -> None:
        self._workspace = workspace
        self._place_lists = PlaceListService(workspace)
        self._registers = register_service
        self._activities = activity_service
        self._issues = issue_service
        self._figures = figure_service

    def load(self, caller: Caller, *, total: int = ISSUES_A_YEAR) -> Demonstration:
        """Load the demo where the house is empty; a second call finds it and adds nothing.

        Raises
        ------
        DemonstrationRefused
            The house holds boundaries that are not the demo's.
        InvalidValue
            The profile has overlays alone.
        """
        with self._workspace.database.read() as connection:
            stored = editions.all_editions(connection)
            has_surroundings = bool(stored) and _LOADED_LAST in references.read_kinds(connection)
            has_registers = not self._wants_registers or (
                bool(stored) and _has_activities(connection)
            )
            has_addresses = bool(places.revision(connection))
        if stored and stored[0].reason != REASON:
            raise DemonstrationRefused(edition=stored[0].number, reason=stored[0].reason)
        is_complete = has_surroundings and has_registers and has_addresses
        if not is_complete:
            city = self._city()
            if not stored:
                self._publish(caller, city)
            if not has_registers:
                self._add_registers(caller, city)
            if not has_surroundings:
                self._add_issues(caller, city, total)
                self._add_surroundings(caller, city)
            if not has_addresses:
                self._add_addresses(caller, city)
        return self._told(caller, is_new=not is_complete)

    @property
    def _wants_registers(self) -> bool:
        """Whether the demo has organisations: where the profile gives any layer a body."""
        profile = self._workspace.profile
        return profile.name not in WITHOUT_REGISTERS and any(profile.organisations.bodies.values())

    def _city(self) -> City:
        profile = self._workspace.profile
        if profile.name in CITIES:
            return CITIES[profile.name]()
        return profile_place(profile.name, self._workspace.layers, figures=profile.figures)

    def write_boundaries(self, _caller: Caller, folder: Path) -> list[Path]:
        """Write the demo's boundary files with their README; return the paths."""
        files = boundary_files()
        readme = boundaries_readme(files, written_on=_day(self._workspace.now_s())).encode()
        paths = []
        for name, content in {**files, "README.md": readme}.items():
            with writing_aside(folder / name) as aside:
                aside.write_bytes(content)
            paths.append(folder / name)
        return paths

    def _publish(self, caller: Caller, city: City) -> None:
        with self._workspace.database.write() as connection:
            publish(
                self._workspace,
                connection,
                caller,
                Publication(
                    boundaries=city.areas,
                    prepared_on=0,
                    effective_from_s=epoch_s(day_start(EFFECTIVE_FROM)),
                    is_correction=False,
                    reason=REASON,
                ),
            )

    def _add_registers(self, caller: Caller, city: City) -> None:
        """Record what is not there yet: each register was recorded as a whole or not at all.

        Days are told from the day the boundaries were published, so that what an interrupted
        loading left fits what is recorded on a later day. Activities come last.
        """
        with self._workspace.database.read() as connection:
            published_at_s = editions.all_editions(connection)[0].published_at_s
        made = self._made_registers(city, _day(published_at_s))
        for register, rows in made.entries.items():
            if not rows:
                continue
            with self._workspace.database.read() as connection:
                is_there = bool(registers.versions(connection, register, _code(rows[0])))
            if not is_there:
                _check(self._registers.record_many(caller, register, rows))
        _check(self._activities.record_many(caller, made.activities))

    def _made_registers(self, city: City, until: date) -> DemoRegisters:
        profile = self._workspace.profile
        if profile.name in REGISTERS:
            return REGISTERS[profile.name](city, seed=SEED, until=until)
        return profile_registers(city, profile.organisations, seed=SEED, until=until)

    def _add_surroundings(self, caller: Caller, city: City) -> None:
        known = {figure.name for figure in self._workspace.profile.figures}
        self._figures.add(
            caller,
            [
                Figure(
                    layer=figure.layer,
                    code=figure.code,
                    figure=figure.figure,
                    value=str(figure.value),
                    from_s=epoch_s(day_start(figure.valid_from)),
                    source=figure.source,
                )
                for figure in city.figures
                if figure.figure in known
            ],
        )
        for kind in sorted(set(city.roads.kinds)):
            at = [i for i, each in enumerate(city.roads.kinds) if each == kind]
            self._figures.replace_references(
                caller,
                REFERENCE_KINDS[kind],
                names=[city.roads.names[i] for i in at],
                geometries=city.roads.geometries[at],
            )
        self._figures.replace_references(
            caller,
            _LOADED_LAST,
            names=city.buildings.names,
            geometries=city.buildings.geometries,
        )

    def _add_issues(self, caller: Caller, city: City, total: int) -> None:
        columns = issues(
            city,
            seed=SEED,
            until=_day(self._workspace.now_s()),
            days=365,
            total=total,
            categories=self._categories(),
        )
        with _list(columns, "issues.csv") as path:
            self._issues.import_file(caller, path, IssueFileOptions())

    def _categories(self) -> Mapping[str, float]:
        """Return the printed mix of what the profile knows, else all that it knows alike."""
        known = [category.name for category in self._workspace.profile.categories]
        mix = {name: n for name, n in demand_mix().weights.items() if name in known}
        return mix or dict.fromkeys(known, 1.0)

    def _add_addresses(self, caller: Caller, city: City) -> None:
        with _list(address_table(city, seed=SEED), "addresses.csv") as path:
            self._place_lists.import_file(caller, path, PlaceFileOptions(frame=FRAME))

    def _told(self, caller: Caller, *, is_new: bool) -> Demonstration:
        with self._workspace.database.read() as connection:
            edition = self._workspace.edition(connection)
            areas = editions.counts_by_layer(connection, edition.number)
            count = issue_queries.count_issues(connection)
        entries = {
            register: len(self._registers.entries(caller, register))
            for register in ("party_organisation", "unit", "facility")
        }
        return Demonstration(
            edition=edition.number,
            areas=sum(areas.values()),
            issues=count,
            organisations=entries["party_organisation"],
            units=entries["unit"],
            facilities=entries["facility"],
            places=sum(each.places for each in self._place_lists.lists(caller)),
            is_new=is_new,
        )


@contextmanager
def _list(columns: Mapping[str, Sequence[Any]], name: str) -> Iterator[Path]:
    """Write a list for as long as it is read."""
    with tempfile.TemporaryDirectory(prefix="geo_service_") as folder:
        path = Path(folder) / name
        write_csv(path, headings=list(columns), rows=zip(*columns.values(), strict=True))
        yield path


def _has_activities(connection: Transaction) -> bool:
    return registers.revision(connection)[1] > 0


def _day(moment_s: float) -> date:
    return datetime.fromtimestamp(moment_s, SHANGHAI).date()


def _code(row: Mapping[str, Any]) -> str:
    """Return the code that a row has once it is recorded; a liaison's is that of its area."""
    return str(row["code"] if "code" in row else f"{row['layer']}/{row['area']}")


def _check(outcomes: Sequence[RowError | tuple[Any, ...]]) -> None:
    """Refuse to go on where a row was not added.

    Raises
    ------
    RefusedValue
        With the first of them: it cannot be read, or somebody recorded the same before.
    """
    for outcome in outcomes:
        if isinstance(outcome, RowError):
            raise RefusedValue(outcome.field, outcome.reason_zh, outcome.reason_en)
        if outcome[0] != ADDED:
            raise RefusedValue("code", "已有登记", "is recorded already")
