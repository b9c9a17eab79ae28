"""The coverage desk as a page and as one standalone file."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from geo_service.governance.moment import SHANGHAI
from geo_service.layers.edition import EditionChoice
from geo_service.layers.files import writing_aside
from geo_service.maps.assets import Assets
from geo_service.maps.coverage.view import (
    LIST_ROWS,
    Compared,
    CoverageLinks,
    CoverageView,
    LevelFacts,
    NoticeFacts,
    ReachFacts,
    RegisterFacts,
    StationFacts,
)
from geo_service.maps.drawings import Drawing
from geo_service.maps.view import Option
from geo_service.maps.wording import words
from geo_service.services.callers import Caller
from geo_service.services.coverage.changes import CoverageChangeService
from geo_service.services.coverage.checks.service import RegisterCheckService
from geo_service.services.coverage.demand import demand_of
from geo_service.services.coverage.desk import facts
from geo_service.services.coverage.desk.registers import register_facts
from geo_service.services.coverage.layer_coverage import (
    CoverageQuery,
    CoverageService,
    LayerCoverage,
)
from geo_service.services.coverage.lists import blank_spots, due_units
from geo_service.services.coverage.picture import Picture
from geo_service.services.coverage.reach import ReachQuery, ReachService
from geo_service.services.coverage.tables import or_dash
from geo_service.services.kept import Kept
from geo_service.services.organisations.cells import count_text
from geo_service.services.page_facts import PageFacts, ground_of, references_under
from geo_service.services.workspaces import Workspace
from geo_service.storage import references, registers, revisions
from geo_service.storage.databases import Transaction

MOST_INSIDE = 5_000
"""More organisations and sites than this do not go with the page: it asks for them when a card or
symbols are wanted."""

_PAGES_KEPT = 16
_DRAWINGS_KEPT = 8
_REGISTERS_KEPT = 4
_WHOLES_KEPT = 2


@dataclass(frozen=True)
class CoverageLook:
    """How the numbers are shown, and the day they are compared with.

    ``site_kind`` narrows reach and symbols to the sites of one kind, by any word for it.
    """

    language: str = "zh"
    mode: str = "state"
    before_s: float | None = None
    site_kind: str | None = None


@dataclass(frozen=True, eq=False)
class _Whole:
    """What a page tells of all layers, whatever it shows; its picture is kept so that its id is."""

    picture: Picture
    levels: Sequence[LevelFacts]
    notices_by_kind: Mapping[str, Sequence[NoticeFacts]]


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
        self._registers = Kept[str](_REGISTERS_KEPT)
        self._wholes = Kept[_Whole](_WHOLES_KEPT)

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
        key = self._rests_on(query, (query, look, links))
        return self._pages.get(
            key, lambda: self._render(caller, query, look, links, standalone=False)
        )

    def registers(self, caller: Caller, query: CoverageQuery, look: CoverageLook) -> str:
        """Return as JSON whom the desk's cards and symbols tell of, where its page does not."""
        from geo_service.maps.coverage.register_columns import registers_text

        def make() -> str:
            found = self._coverage.coverage(caller, query)
            return registers_text(self._register_facts(found, look), words(look.language))

        asked = (query, look.language, look.site_kind)
        return self._registers.get(self._rests_on(query, asked), make)

    def _rests_on(self, query: CoverageQuery, asked: Hashable) -> Hashable:
        """Return what tells whether an answer to what is asked is still the same."""
        workspace = self._workspace.standing_still()
        with workspace.database.read() as connection:
            edition = workspace.governing(connection, query.choice)
            return (
                asked,
                edition.number if edition else 0,
                registers.revision(connection),
                revisions.revision(connection),
                _day(workspace.now_s()),
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
        reached = self._reached(caller, found, look) if look.mode == "reach" else None
        picture = found.picture
        told = len(picture.organisations) + len(picture.facilities)
        is_inside = standalone or told <= MOST_INSIDE
        register = self._register_facts(found, look) if is_inside else None
        with self._workspace.database.read() as connection:
            view = self._view(connection, found, look, links, compared, reached)
            latest = references.latest_reference_id(connection)
        edition, profile = found.picture.edition.content_hash, self._workspace.profile.hash
        drawing = self._drawings.get(
            (edition, profile, view.layer.name, latest), lambda: drawing_of(view)
        )
        assets = Assets(self._facts.static_folder)
        view = replace(view, registers=register)
        return render_coverage(view, standalone=standalone, assets=assets, drawing=drawing)

    def _register_facts(self, found: LayerCoverage, look: CoverageLook) -> RegisterFacts:
        ground = ground_of(found.picture.locator, found.query.layer)
        above = [each.layer.name for each in ground.ancestors]
        kind = self._site_kind(look)
        return register_facts(found, above, kind=kind, language=look.language)

    def _site_kind(self, look: CoverageLook) -> str | None:
        """Return the name of the kind of sites asked for; raises InvalidValue as reach does."""
        if look.site_kind is None:
            return None
        return self._reach.kinds((look.site_kind,))[0]

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
            changes=[facts.change(each, at[each.code]) for each in both.changes if each.code in at],
        )

    def _reached(self, caller: Caller, found: LayerCoverage, look: CoverageLook) -> ReachFacts:
        kinds = None if look.site_kind is None else (look.site_kind,)
        query = ReachQuery(found.query.layer, found.query.choice, kinds)
        told = self._reach.gaps(caller, query)
        measured, counted = told.found.reach, told.found.facilities
        return ReachFacts(
            ground_share=measured.ground_share,
            residents=measured.residents_share,
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
        ground = ground_of(picture.locator, layer.name)
        demand = demand_of(self._workspace, connection, found)
        due, blank = due_units(found), blank_spots(found)
        whole = self._wholes.get(id(picture), lambda: self._whole(found))
        return CoverageView(
            language=look.language,
            place=ground.place,
            layer=layer,
            areas=found.areas,
            ancestors=ground.ancestors,
            mode=look.mode,
            day=picture.day,
            is_today=found.query.choice.as_of_s is None,
            edition=picture.edition.number,
            effective_from=_day(picture.edition.effective_from_s),
            layers=self._layer_options(layer.name, look.language),
            site_kinds=self._site_kinds(look),
            states=found.area_coverage.state,
            lives=found.area_coverage.life,
            unit_cover=found.units.cover,
            unit_duty=found.units.duty,
            members=[
                or_dash(count_text(found.members.told(i), look.language))
                for i in range(len(found.areas))
            ],
            levels=whole.levels,
            units=facts.units(found),
            due=[facts.due(found, each, look.language) for each in due[:LIST_ROWS]],
            due_count=len(due),
            blank=[facts.blank(each) for each in blank[:LIST_ROWS]],
            blank_count=len(blank),
            issues=demand.issues,
            issue_days=demand.days,
            residents=demand.residents,
            demand=demand.classes,
            thinness=facts.thinness(found),
            is_rate=demand.is_rate,
            active_days=picture.rules.limits.active_days,
            reach=reached,
            notices_by_kind=whole.notices_by_kind,
            stations=self._stations(found, look.language),
            compared=compared,
            references=references_under(connection),
            is_fictional=ground.is_fictional,
            notices=self._facts.notices(look.language),
            map_unit=self._facts.map_unit,
            review_number=self._facts.review_number,
            links=links,
        )

    def _layer_options(self, selected: str, language: str) -> list[Option]:
        bodies = self._workspace.profile.organisations.bodies
        return [
            Option(layer.name, layer.title(language), layer.name == selected)
            for layer in self._workspace.layers
            if layer.name in bodies
        ]

    def _site_kinds(self, look: CoverageLook) -> list[Option]:
        """Return the kinds of sites that have a reach."""
        chosen = self._site_kind(look)
        return [
            Option(kind.name, kind.title(look.language), kind.name == chosen)
            for kind in self._workspace.profile.organisations.facility_kinds
        ]

    def _whole(self, found: LayerCoverage) -> _Whole:
        return _Whole(found.picture, self._levels(found), self._notices(found))

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


def _day(moment_s: float) -> date:
    return datetime.fromtimestamp(moment_s, SHANGHAI).date()


def _day_of(moment_s: int | None) -> date | None:
    return None if moment_s is None else _day(moment_s)
