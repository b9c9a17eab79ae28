"""The coverage desk as a page and as one standalone file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geo_service.governance.moment import SHANGHAI
from geo_service.layers.edition import EditionChoice
from geo_service.layers.files import writing_aside
from geo_service.maps.assets import Assets
from geo_service.maps.coverage.view import (
    BlankFacts,
    ChangeFacts,
    Compared,
    CoverageLinks,
    CoverageView,
    DueFacts,
    FacilityFacts,
    LevelFacts,
    NoticeFacts,
    OrganisationFacts,
    ReachFacts,
    StationFacts,
    UnitFacts,
)
from geo_service.maps.drawings import Drawing
from geo_service.maps.view import Ancestors, Option, Reference
from geo_service.services.callers import Caller
from geo_service.services.coverage.changes import CoverageChange, CoverageChangeService
from geo_service.services.coverage.checks.service import RegisterCheckService
from geo_service.services.coverage.demand import demand_of
from geo_service.services.coverage.layer_coverage import (
    CoverageQuery,
    CoverageService,
    LayerCoverage,
)
from geo_service.services.coverage.lists import BlankSpot, DueUnit, Near, blank_spots, due_units
from geo_service.services.coverage.picture import Picture
from geo_service.services.coverage.reach import ReachQuery, ReachService
from geo_service.services.coverage.tables import or_dash, organisations_by_area
from geo_service.services.kept import Kept
from geo_service.services.organisations.cells import count_text, shown_cells, shown_text
from geo_service.services.page_facts import PageFacts, is_fictional
from geo_service.services.workspaces import Workspace
from geo_service.storage import references, registers, revisions
from geo_service.storage.databases import Transaction

_PAGES_KEPT = 16
_DRAWINGS_KEPT = 8


@dataclass(frozen=True)
class CoverageLook:
    """How the numbers are shown, and the day they are compared with."""

    language: str = "zh"
    mode: str = "state"
    before_s: float | None = None


class CoveragePageService:
    """Pages and files of the coverage desk."""

    def __init__(
        self,
        workspace: Workspace,
        coverage: CoverageService,
        changes: CoverageChangeService,
        reach: ReachService,
        checks: RegisterCheckService,
        facts: PageFacts,
    ) -> None:
        self._workspace = workspace
        self._coverage = coverage
        self._changes = changes
        self._reach = reach
        self._checks = checks
        self._facts = facts
        self._pages = Kept[str](_PAGES_KEPT)
        self._drawings = Kept[Drawing](_DRAWINGS_KEPT)

    def default_layer(self) -> str:
        """Return the layer the desk opens with: the hotspot desk's, or the deepest with a ladder.

        Raises
        ------
        LayerWithoutLadder
            The profile names no bodies for any layer.
        """
        bodies = self._workspace.profile.organisations.bodies
        own = self._workspace.profile.hotspots.layer
        return self._coverage.layer(own if own in bodies or not bodies else list(bodies)[-1])

    def page(
        self, caller: Caller, query: CoverageQuery, look: CoverageLook, *, links: CoverageLinks
    ) -> str:
        """Return the desk as HTML; an unchanged one is not drawn again."""
        workspace = self._workspace.standing_still()
        with workspace.database.read() as connection:
            edition = workspace.governing(connection, query.choice)
            key = (
                (query, look, links),
                edition.number if edition else 0,
                registers.revision(connection),
                revisions.revision(connection),
                _day(workspace.now_s()),
            )
        return self._pages.get(
            key, lambda: self._render(caller, query, look, links, standalone=False)
        )

    def draw(self, caller: Caller, query: CoverageQuery, look: CoverageLook, path: Path) -> None:
        """Write the map as one file that opens from a USB stick."""
        html = self._render(caller, query, look, CoverageLinks(), standalone=True)
        with writing_aside(path) as aside:
            aside.write_text(html, encoding="utf-8")

    def _render(
        self,
        caller: Caller,
        query: CoverageQuery,
        look: CoverageLook,
        links: CoverageLinks,
        *,
        standalone: bool,
    ) -> str:
        from geo_service.maps.coverage.page import drawing_of, render_coverage  # folium is slow

        found = self._coverage.coverage(caller, query)
        compared = self._compared(caller, found, look)
        reached = self._reached(caller, found) if look.mode == "reach" else None
        with self._workspace.database.read() as connection:
            view = self._view(connection, found, look, links, compared, reached)
            latest = references.latest_reference_id(connection)
        edition, profile = found.picture.edition.content_hash, self._workspace.profile.hash
        drawing = self._drawings.get(
            (edition, profile, view.layer.name, latest), lambda: drawing_of(view)
        )
        assets = Assets(self._facts.static_folder)
        return render_coverage(view, standalone=standalone, assets=assets, drawing=drawing)

    def _compared(
        self, caller: Caller, found: LayerCoverage, look: CoverageLook
    ) -> Compared | None:
        if look.before_s is None:
            return None
        before = EditionChoice(look.before_s, found.query.choice.known_at_s)
        both = self._changes.changes(caller, found.query.layer, before, found.query.choice)
        at = found.areas.position_by_code
        return Compared(
            day=both.before.picture.day,
            nominal=both.before.nominal,
            changes=[_change(each, at[each.code]) for each in both.changes if each.code in at],
        )

    def _reached(self, caller: Caller, found: LayerCoverage) -> ReachFacts:
        query = ReachQuery(found.query.layer, found.query.choice)
        told = self._reach.gaps(caller, query)
        measured, counted = told.found.reach, told.found.facilities
        return ReachFacts(
            ground_share=measured.ground_share,
            whole_share=measured.whole_ground_share,
            residents_share=measured.whole_residents_share,
            facilities=len(counted.entries),
            left_out=len(counted.without_place) + len(counted.without_radius),
            gaps=told.gaps.geometries,
        )

    def _view(
        self,
        connection: Transaction,
        found: LayerCoverage,
        look: CoverageLook,
        links: CoverageLinks,
        compared: Compared | None,
        reached: ReachFacts | None,
    ) -> CoverageView:
        picture, layer = found.picture, self._workspace.layers[found.query.layer]
        above = self._ancestors(picture, layer.name)
        root = above[-1].areas if above else found.areas
        demand = demand_of(self._workspace, connection, found)
        bodies = organisations_by_area(found)
        return CoverageView(
            language=look.language,
            place="、".join(root.names[:3]),
            layer=layer,
            areas=found.areas,
            ancestors=above,
            mode=look.mode,
            day=picture.day,
            is_today=found.query.choice.as_of_s is None,
            edition=picture.edition.number,
            effective_from=_day(picture.edition.effective_from_s),
            layers=self._layer_options(layer.name, look.language),
            states=found.area_coverage.state,
            lives=found.area_coverage.life,
            unit_cover=found.units.cover,
            unit_duty=found.units.duty,
            members=[
                or_dash(count_text(found.members.told(i), look.language))
                for i in range(len(found.areas))
            ],
            organisations=_organisations(picture, look.language),
            bodies=[bodies.get(i, []) for i in range(len(found.areas))],
            chains=self._chains(picture, above),
            facilities=_facilities(picture, look.language),
            levels=self._levels(found),
            units=_units(found),
            due=[_due(found, each, look.language) for each in due_units(found)],
            blank=[_blank(each) for each in blank_spots(found)],
            issues=demand.issues,
            issue_days=demand.days,
            residents=demand.residents,
            demand=demand.classes,
            thinness=_thinness(found),
            is_rate=demand.is_rate,
            active_days=picture.rules.limits.active_days,
            reach=reached,
            notices_by_kind=self._notices(found),
            stations=self._stations(found, look.language),
            compared=compared,
            references=_references(connection),
            is_fictional=is_fictional(root),
            notices=self._facts.notices(look.language),
            map_unit=self._facts.map_unit,
            review_number=self._facts.review_number,
            links=links,
        )

    def _ancestors(self, picture: Picture, layer: str) -> list[Ancestors]:
        chain = self._workspace.layers.chain(layer)[:-1]
        return [
            Ancestors(above, picture.locator.areas(above.name))
            for above in reversed(chain)
            if len(picture.locator.areas(above.name))
        ]

    def _layer_options(self, selected: str, language: str) -> list[Option]:
        bodies = self._workspace.profile.organisations.bodies
        return [
            Option(layer.name, layer.title(language), layer.name == selected)
            for layer in self._workspace.layers
            if layer.name in bodies
        ]

    def _chains(
        self, picture: Picture, above: Sequence[Ancestors]
    ) -> Mapping[str, Mapping[str, Sequence[int]]]:
        found: dict[str, dict[str, list[int]]] = {}
        for level in above:
            organisations, areas = picture.placed_organisations.pairs(level.layer.name)
            by_code = found.setdefault(level.layer.name, {})
            for organisation, area in zip(organisations.tolist(), areas.tolist(), strict=True):
                by_code.setdefault(level.areas.codes[area], []).append(organisation)
        return found

    def _notices(self, found: LayerCoverage) -> Mapping[str, Sequence[NoticeFacts]]:
        """Return reminders, faults of the ladder and old bindings by kind, empty kinds left out."""
        by_kind: dict[str, list[NoticeFacts]] = {}
        for each in self._checks.reminders_of(found.picture):
            facts = NoticeFacts(each.organisation.name, _day_of(each.day_s), each.days_left)
            by_kind.setdefault(each.kind, []).append(facts)
        names = found.picture.organisation_at
        for fault in self._checks.ladder_of(found.picture).faults:
            at = names.get(fault.code)  # a liaison may name one that does not exist
            name = fault.code if at is None else found.picture.organisations[at].name
            facts = NoticeFacts(name, others=" → ".join(fault.others))
            by_kind.setdefault(fault.kind, []).append(facts)
        for binding in self._checks.old_bindings_of(found.picture):
            codes = [*binding.gone, *binding.changed]
            facts = NoticeFacts(binding.entry.name, others="、".join(codes))
            by_kind.setdefault("old_binding", []).append(facts)
        return by_kind

    def _stations(self, found: LayerCoverage, language: str) -> list[StationFacts]:
        rules = found.picture.rules
        titles = {kind.name: kind.title(language) for kind in rules.facility_kinds}
        return [
            StationFacts(
                titles.get(each.kind, each.kind),
                each.count,
                each.member_leaders,
                each.staff_members,
                or_dash(each.registered_units),
                or_dash(count_text(each.registered_members, language)),
            )
            for each in self._checks.stations_of(found.picture)
        ]

    def _levels(self, found: LayerCoverage) -> list[LevelFacts]:
        bodies = found.picture.rules.bodies
        levels = []
        for layer in self._workspace.layers:
            if layer.name in bodies and len(found.picture.locator.areas(layer.name)):
                query = replace(found.query, layer=layer.name)
                one = self._coverage.of_picture(query, found.picture)
                levels.append(LevelFacts(layer, one.nominal, one.active))
        return levels


def _organisations(picture: Picture, language: str) -> list[OrganisationFacts]:
    kinds = {kind.name: kind for kind in picture.rules.party_kinds}
    placed = picture.placed_organisations
    lon, lat = placed.shown_places()
    last_s = picture.last_meetings_s
    return [
        OrganisationFacts(
            code=entry.code,
            name=entry.name,
            kind=kinds[entry.kind].title(language) if entry.kind in kinds else entry.kind,
            symbol=kinds[entry.kind].symbol if entry.kind in kinds else entry.kind[:1],
            mode=entry.details.get("mode", "own"),
            life=int(picture.life[i]),
            last=None if np.isnan(last_s[i]) else _day(float(last_s[i])),
            post=entry.details.get("post", ""),
            duty_phone=entry.details.get("duty_phone", ""),
            lon=None if np.isnan(lon[i]) else round(float(lon[i]), 6),
            lat=None if np.isnan(lat[i]) else round(float(lat[i]), 6),
        )
        for i, entry in enumerate(picture.organisations)
    ]


def _facilities(picture: Picture, language: str) -> list[FacilityFacts]:
    kinds = {kind.name: kind.title(language) for kind in picture.rules.facility_kinds}
    return [
        FacilityFacts(
            entry.code,
            entry.name,
            kinds.get(entry.kind, entry.kind),
            round(entry.lon, 6),
            round(entry.lat, 6),
        )
        for entry in picture.facilities
        if entry.lon is not None and entry.lat is not None
    ]


def _units(found: LayerCoverage) -> UnitFacts:
    counts = np.bincount(found.picture.unit_states[1], minlength=4).tolist()
    return UnitFacts(
        (counts[0], counts[1], counts[2], counts[3]),
        found.organisation_coverage,
        found.work_coverage,
        found.active_units,
    )


def _due(found: LayerCoverage, due: DueUnit, language: str) -> DueFacts:
    rules = found.picture.rules
    kinds = {kind.name: kind.title(language) for kind in rules.unit_kinds}
    partner, facility = _near(due.partner), _near(due.facility)
    return DueFacts(
        due.area,
        due.unit.code,
        due.unit.name,
        kinds.get(due.unit.kind, due.unit.kind),
        shown_text(shown_cells(due.unit, rules.limits), "full_members", language),
        *partner,
        *facility,
    )


def _blank(spot: BlankSpot) -> BlankFacts:
    return BlankFacts(
        spot.position, int(spot.state), *_near(spot.organisation), *_near(spot.facility)
    )


def _near(near: Near | None) -> tuple[str, int | None]:
    return ("", None) if near is None else (near.entry.name, round(near.distance_m))


def _thinness(found: LayerCoverage) -> NDArray[np.int64]:
    """Return 0 for areas with an active body, 1 on paper only, 2 for blank ones."""
    coverage = found.area_coverage
    return np.where(coverage.is_active, 0, np.where(coverage.is_covered, 1, 2)).astype(np.int64)


def _change(change: CoverageChange, index: int) -> ChangeFacts:
    return ChangeFacts(
        index,
        -1 if change.before is None else int(change.before),
        -1 if change.after is None else int(change.after),
    )


def _references(connection: Transaction) -> list[Reference]:
    stored = references.read_references(connection)
    return [Reference(kind, kind, shapes, names) for kind, (names, shapes) in stored.items()]


def _day(moment_s: float) -> date:
    return datetime.fromtimestamp(moment_s, SHANGHAI).date()


def _day_of(moment_s: int | None) -> date | None:
    return None if moment_s is None else _day(moment_s)
