"""The sheet of one area: both halves of its governance, as of one moment."""

from dataclasses import dataclass, replace

import shapely

from geo_service.errors import AreaNotFound
from geo_service.governance.organisations.suppression import ToldTotals
from geo_service.layers.area import AreaSet
from geo_service.layers.edition import IN_FORCE, EditionChoice
from geo_service.maps.area_sheet.view import (
    AreaSheetView,
    DatedFigure,
    GroundFacts,
    HoldingFacts,
    PartyFacts,
    SheetFoot,
    SheetMap,
    Stamp,
    WrittenBounds,
    shown_box,
)
from geo_service.maps.coverage.view import OrganisationFacts
from geo_service.services.areas import bodies, ground
from geo_service.services.areas.asked import AskedArea
from geo_service.services.areas.bodies import day
from geo_service.services.areas.ground import KnownSurroundings, Surroundings
from geo_service.services.areas.history import history
from geo_service.services.areas.issues import issue_facts
from geo_service.services.areas.registers import (
    asset_kinds,
    members_of_layer,
    members_text,
    placed_assets,
    sites_inside,
    units_inside,
)
from geo_service.services.bounds_texts.standing import Standing, standing_of
from geo_service.services.building_lists.knowledge import BuildingKnowledge
from geo_service.services.callers import Caller
from geo_service.services.coverage.layer_coverage import CoverageService
from geo_service.services.coverage.placement import Placement
from geo_service.services.kept import Kept
from geo_service.services.page_facts import PageFacts, is_fictional
from geo_service.services.workspaces import Workspace
from geo_service.storage import areas, bounds_texts, figures
from geo_service.storage.bounds_texts import BoundsTextRow

BUILDINGS_LISTED = 60
MOST_INSIDE = 60
"""With more organisations inside, the small map would be nothing but them: the list tells them."""
_KEPT = 4


@dataclass(frozen=True)
class SheetQuery:
    """Which area, as of when, and in which language its titles are."""

    layer: str
    code: str
    choice: EditionChoice = IN_FORCE
    language: str = "zh"


class AreaSheetService:
    """What is known of one area, from everything the house holds."""

    def __init__(
        self,
        workspace: Workspace,
        coverage: CoverageService,
        facts: PageFacts,
        surroundings: KnownSurroundings,
        buildings: BuildingKnowledge,
    ) -> None:
        self._workspace = workspace
        self._coverage = coverage
        self._facts = facts
        self._surroundings, self._buildings = surroundings, buildings
        self._assets = Kept[Placement](1)
        self._members = Kept[ToldTotals | None](_KEPT)

    def sheet(self, _caller: Caller, query: SheetQuery) -> AreaSheetView:
        """Return the sheet of an area.

        Raises
        ------
        UnknownLayer, AreaNotFound
            There is no such layer, or its areas have no such code in that edition.
        EditionNotFound
            Nothing was published for that moment.
        """
        workspace = self._workspace.standing_still()
        layer = workspace.layers[query.layer]
        with workspace.database.read() as connection:
            picture = self._coverage.picture(connection, query.choice, workspace)
            position = picture.locator.areas(layer.name).position_by_code.get(query.code)
            if position is None:
                raise AreaNotFound(
                    layer=layer.name, code=query.code, edition=picture.edition.number
                )
            asked = AskedArea(workspace, connection, picture, layer, position, query.language)
            return self._view(asked, query.choice)

    def _view(self, asked: AskedArea, choice: EditionChoice) -> AreaSheetView:
        km2, known = _km2(asked), _figures(asked)
        residents = known.get("residents")
        people = float(residents.value) if residents else None
        around, beside = self._surroundings.read(asked.connection), ground.neighbors(asked)
        root_layer, root = asked.chain[-1]
        roots = asked.picture.locator.areas(root_layer.name).take([root])
        return AreaSheetView(
            language=asked.language,
            layer=asked.layer,
            code=asked.code,
            name=asked.areas.names[asked.position],
            parents=[asked.name_of(*each) for each in asked.chain[:0:-1]],
            km2=km2,
            stamp=_stamp(asked, choice),
            issues=issue_facts(asked, residents=people, km2=km2),
            figures=known,
            party=self._party(asked),
            holdings=self._holdings(asked),
            ground=self._ground(asked, beside, around, choice.known_at_s),
            history=history(asked),
            map=_map(asked, beside, around),
            foot=SheetFoot(
                is_fictional(roots),
                self._facts.notices(asked.language),
                self._facts.map_unit,
                self._facts.review_number,
            ),
        )

    def _party(self, asked: AskedArea) -> PartyFacts:
        persons = self._members.get(
            (asked.picture, asked.layer.name), lambda: members_of_layer(asked)
        )
        return PartyFacts(
            levels=bodies.levels(asked),
            liaison=bodies.liaison(asked),
            members=members_text(asked, persons),
            inside=bodies.organisations_inside(asked)[0],
            units=units_inside(asked),
            active_days=asked.picture.rules.limits.active_days,
        )

    def _holdings(self, asked: AskedArea) -> HoldingFacts:
        kinds, lines, _ = sites_inside(asked)
        placed = self._assets.get(asked.picture, lambda: placed_assets(asked))
        return HoldingFacts(lines, kinds, asset_kinds(asked, placed))

    def _ground(
        self,
        asked: AskedArea,
        beside: AreaSet,
        around: Surroundings,
        known_at_s: float | None,
    ) -> GroundFacts:
        bounds = ground.bounds(asked, beside, around)
        on_list = ground.listed_buildings(asked, self._buildings)
        names = ground.buildings(asked, around) if on_list is None else on_list
        standing = _standing(asked, known_at_s)
        told = standing.text(asked.language)
        return GroundFacts(
            building_count=len(names),
            buildings=names[:BUILDINGS_LISTED],
            bounds=bounds,
            bounds_text=told or ground.bounds_told(asked, bounds),
            entered=_written(standing.entered if told else None),
            earlier=_written(standing.earlier),
            is_listed=on_list is not None,
        )


def _stamp(asked: AskedArea, choice: EditionChoice) -> Stamp:
    edition, is_today = asked.picture.edition, choice.as_of_s is None
    return Stamp(edition.number, day(edition.effective_from_s), asked.picture.day, is_today)


def _standing(asked: AskedArea, known_at_s: float | None) -> Standing:
    rows = bounds_texts.published_texts(
        asked.connection, asked.layer.name, [asked.code], known_at_s=known_at_s
    )
    return standing_of(rows, asked.outline)


def _written(row: BoundsTextRow | None) -> WrittenBounds | None:
    if row is None or row.edition is None:
        return None
    return WrittenBounds(row.edition, day(row.recorded_at_s), row.recorded_by, row.zh or "")


def _map(asked: AskedArea, beside: AreaSet, around: Surroundings) -> SheetMap:
    own = bodies.bodies_of(asked, asked.layer, asked.position)
    _, others = bodies.organisations_inside(asked)
    drawn = others if len(others) <= MOST_INSIDE else []
    return SheetMap(
        areas=beside,
        position=beside.position_by_code[asked.code],
        ancestors=ground.ancestors(asked),
        references=around.within(shown_box(asked.outline)),
        organisations=[
            *(_placed(asked, each) for each in bodies.organisation_facts(asked, own)),
            *bodies.organisation_facts(asked, drawn),
        ],
        facilities=sites_inside(asked)[2],
    )


def _placed(asked: AskedArea, facts: OrganisationFacts) -> OrganisationFacts:
    """Return a body of the area with a place: one without its own is drawn inside the area."""
    if facts.lon is not None:
        return facts
    point = shapely.point_on_surface(asked.outline)
    return replace(facts, lon=round(point.x, 6), lat=round(point.y, 6))


def _km2(asked: AskedArea) -> float:
    row = areas.area_row(
        asked.connection,
        edition=asked.picture.edition.number,
        layer=asked.layer.name,
        code=asked.code,
    )
    return (row.area_m2 or 0.0) / 1e6 if row is not None else 0.0


def _figures(asked: AskedArea) -> dict[str, DatedFigure]:
    known = figures.dated_figures(
        asked.connection,
        layer=asked.layer.name,
        code=asked.code,
        as_of_s=asked.picture.as_of_s,
    )
    return {
        name: DatedFigure(name, value, day(since_s), source)
        for name, (value, since_s, source) in known.items()
    }
