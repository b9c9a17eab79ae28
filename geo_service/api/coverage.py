"""Coverage of a layer by party organisations, what is to be done about it, and the ladder."""

from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response

from geo_service.api.parameters import (
    ChoiceParameter,
    JsonObject,
    LanguageParameter,
    VisitParameter,
    moment_text,
    read_time,
)
from geo_service.api.registers import entry_json
from geo_service.api.streams import MEDIA_TYPES, answers, file_response
from geo_service.governance.organisations.coverage import AreaState, Life, UnitCover, UnitDuty
from geo_service.governance.organisations.ratio import Ratio
from geo_service.layers.edition import EditionChoice
from geo_service.services.coverage.bindings import OldBinding
from geo_service.services.coverage.changes import CoverageChange
from geo_service.services.coverage.checks.reminders import Reminder
from geo_service.services.coverage.checks.stations import StationIndicators
from geo_service.services.coverage.layer_coverage import CoverageQuery, FormationRate, LayerCoverage
from geo_service.services.coverage.lists import (
    BlankSpot,
    DueUnit,
    Near,
    blank_spots,
    due_units,
)
from geo_service.services.coverage.tables import (
    blank_table,
    coverage_table,
    due_table,
    organisations_by_area,
)
from geo_service.services.organisations.cells import day_text, shown_cells
from geo_service.services.organisations.register_tables import write_table

router = APIRouter(tags=["coverage"])

_FILES = answers(*(MEDIA_TYPES[ending] for ending in (".csv", ".xlsx", ".geojson")))
Ending = Literal["csv", "xlsx", "geojson"]


def coverage_query(
    layer: str,
    choice: ChoiceParameter,
    denominator_as_of: Annotated[
        str | None, Query(description="Count all areas and units as of another day.")
    ] = None,
    across_days: Annotated[
        bool, Query(description="Divide counts of two days on purpose; both days are told.")
    ] = False,
) -> CoverageQuery:
    """Return what is asked."""
    other_s = read_time(denominator_as_of, where="denominator_as_of")
    return CoverageQuery(layer, choice, other_s, across_days)


QueryParameter = Annotated[CoverageQuery, Depends(coverage_query)]


@router.get("/coverage/{layer}.{ending}", response_class=Response, responses=_FILES)
def export_coverage(
    visit: VisitParameter,
    query: QueryParameter,
    ending: Ending,
    language: LanguageParameter = None,
) -> Response:
    """Save every area of a layer with its state and its units."""
    found = visit.services.coverage.coverage(visit.caller, query)
    table = coverage_table(found, language or visit.language)
    return file_response(f"党组织覆盖.{ending}", partial(write_table, table=table))


@router.get("/coverage/{layer}/blank-spots.{ending}", response_class=Response, responses=_FILES)
def export_blank_spots(
    visit: VisitParameter,
    query: QueryParameter,
    ending: Ending,
    language: LanguageParameter = None,
) -> Response:
    """Save the areas without a body that counts (空白点)."""
    found = visit.services.coverage.coverage(visit.caller, query)
    table = blank_table(found, blank_spots(found), language or visit.language)
    return file_response(f"空白点清单.{ending}", partial(write_table, table=table))


@router.get("/coverage/{layer}/due-units.{ending}", response_class=Response, responses=_FILES)
def export_due_units(
    visit: VisitParameter,
    query: QueryParameter,
    ending: Ending,
    language: LanguageParameter = None,
) -> Response:
    """Save the units that shall form an organisation and have none (应建未建)."""
    found = visit.services.coverage.coverage(visit.caller, query)
    table = due_table(found, due_units(found), language or visit.language)
    return file_response(f"应建未建清单.{ending}", partial(write_table, table=table))


@router.get("/coverage/{layer}/blank-spots")
def list_blank_spots(visit: VisitParameter, query: QueryParameter) -> JsonObject:
    """List the areas without a body that counts, with the nearest organisation and site."""
    found = visit.services.coverage.coverage(visit.caller, query)
    return {**_stamp(found), "items": [_blank_json(found, each) for each in blank_spots(found)]}


@router.get("/coverage/{layer}/due-units")
def list_due_units(visit: VisitParameter, query: QueryParameter) -> JsonObject:
    """List the units that shall form an organisation, with the nearest joint candidate and site."""
    found = visit.services.coverage.coverage(visit.caller, query)
    return {**_stamp(found), "items": [_due_json(found, each) for each in due_units(found)]}


@router.get("/coverage/{layer}/changes")
def coverage_changes(
    visit: VisitParameter,
    layer: str,
    before: Annotated[str, Query(description="The earlier day.")],
    after: Annotated[str | None, Query(description="The later day; default now.")] = None,
    known_at: Annotated[str | None, Query(description="As it was known then.")] = None,
) -> JsonObject:
    """Compare two days: each share beside its day, and every area whose state changed."""
    known_at_s = read_time(known_at, where="known_at")
    first = EditionChoice(read_time(before, where="before"), known_at_s)
    second = EditionChoice(read_time(after, where="after"), known_at_s)
    found = visit.services.coverage_changes.changes(visit.caller, layer, first, second)
    return {
        "layer": found.before.query.layer,
        "before": _summary_json(found.before),
        "after": _summary_json(found.after),
        "items": [_change_json(each) for each in found.changes],
    }


@router.get("/coverage/{layer}")
def coverage(visit: VisitParameter, query: QueryParameter) -> JsonObject:
    """Tell which areas of a layer have their body and how its units are covered, on one day."""
    found = visit.services.coverage.coverage(visit.caller, query)
    bodies = organisations_by_area(found)
    return {
        **_summary_json(found),
        "items": [_area_json(found, i, bodies.get(i, [])) for i in range(len(found.areas))],
    }


@router.get("/ladder")
def ladder(visit: VisitParameter, choice: ChoiceParameter) -> JsonObject:
    """Check the ladder: a body on every level, parents that fit, no cycles, no orphans."""
    found = visit.services.register_checks.ladder(visit.caller, choice)
    return {
        "edition": found.picture.edition.number,
        "as_of": found.picture.day.isoformat(),
        "levels": [{"layer": layer, "bodies": ratio_json(share)} for layer, share in found.levels],
        "faults": [
            {"kind": each.kind, "organisation": each.code, "others": list(each.others)}
            for each in found.faults
        ],
    }


@router.get("/reminders")
def reminders(visit: VisitParameter, choice: ChoiceParameter) -> JsonObject:
    """List what is due: terms that end or ended, activities overdue or unknown, vacant posts."""
    found = visit.services.register_checks.reminders(visit.caller, choice)
    return {"items": [_reminder_json(each) for each in found]}


@router.get("/stations")
def stations(visit: VisitParameter, choice: ChoiceParameter) -> JsonObject:
    """Tell who runs the sites of each kind, and who registered at them (双报到).

    Where a total would tell a small count of one site, its bounds are told, and a share is null.
    Where some sites do not tell a count the total is ``≥185``; ``untold`` says how many.
    """
    found = visit.services.register_checks.stations(visit.caller, choice)
    return {"items": [_station_json(each) for each in found]}


@router.get("/old-bindings")
def old_bindings(visit: VisitParameter, choice: ChoiceParameter) -> JsonObject:
    """List entries bound by codes to areas that were redrawn since: a person has to decide."""
    found = visit.services.register_checks.old_bindings(visit.caller, choice)
    return {"items": [_binding_json(each) for each in found]}


def ratio_json(found: Ratio) -> JsonObject:
    """Return a share with its counts and their days; null where the denominator is 0."""
    return {
        "numerator": found.numerator.value,
        "denominator": found.denominator.value,
        "numerator_as_of": found.numerator.day.isoformat(),
        "denominator_as_of": found.denominator.day.isoformat(),
        "share": found.share,
        "percent": found.percent_text,
    }


def _stamp(found: LayerCoverage) -> JsonObject:
    picture = found.picture
    return {
        "layer": found.query.layer,
        "edition": picture.edition.number,
        "as_of": picture.day.isoformat(),
        "known_at": moment_text(picture.known_at_s),
    }


def _summary_json(found: LayerCoverage) -> JsonObject:
    life = found.area_coverage.life
    cover, duty, _ = found.picture.unit_states
    return {
        **_stamp(found),
        "areas": {
            **found.area_coverage.counts(),
            "organisation_coverage": ratio_json(found.nominal),
            "active_coverage": ratio_json(found.active),
            "activity_unknown": int((life == Life.UNKNOWN).sum()),
            "activity_overdue": int((life == Life.OVERDUE).sum()),
            "organisations": found.organisation_count,
        },
        "units": {
            **{each.name: int((cover == each).sum()) for each in UnitCover},
            **{each.name.lower(): int((duty == each).sum()) for each in UnitDuty},
            "organisation_coverage": ratio_json(found.organisation_coverage),
            "work_coverage": ratio_json(found.work_coverage),
            "active_coverage": ratio_json(found.active_units),
            "outside_of_areas": found.unplaced_units,
        },
        "formation_rates": [_rate_json(each) for each in found.rates],
    }


def _rate_json(rate: FormationRate) -> JsonObject:
    return {
        "name": rate.target.name,
        "rate": ratio_json(rate.ratio),
        "target_percent": rate.percent,
        "is_reached": None if rate.percent is None else rate.ratio.reaches(rate.percent),
    }


def _area_json(found: LayerCoverage, i: int, bodies: list[int]) -> JsonObject:
    life, units = int(found.area_coverage.life[i]), found.units
    total = int(units.total[i])
    return {
        "code": found.areas.codes[i],
        "name": found.areas.names[i],
        "parent": found.areas.parents[i],
        "state": AreaState(int(found.area_coverage.state[i])).name.lower(),
        "activity": Life(life).name.lower() if life >= 0 else None,
        "organisations": [found.picture.organisations[each].code for each in bodies],
        "members": found.members.told(i),
        "registered_members": found.registered_members.told(i),
        "units": {
            "total": total,
            **{each.name: int(units.cover[i, each]) for each in UnitCover},
            **{each.name.lower(): int(units.duty[i, each]) for each in UnitDuty},
            "active": int(units.active[i]),
            "organisation_share": units.cover[i, 0].item() / total if total else None,
            "work_share": units.cover[i, :2].sum().item() / total if total else None,
        },
    }


def _blank_json(found: LayerCoverage, spot: BlankSpot) -> JsonObject:
    return {
        "code": found.areas.codes[spot.position],
        "name": found.areas.names[spot.position],
        "parent": found.areas.parents[spot.position],
        "state": spot.state.name.lower(),
        "nearest_organisation": _near_json(spot.organisation),
        "nearest_facility": _near_json(spot.facility),
    }


def _due_json(found: LayerCoverage, due: DueUnit) -> JsonObject:
    return {
        **entry_json(due.unit, shown_cells(due.unit, found.picture.rules.limits)),
        "area": found.areas.codes[due.area] if due.area >= 0 else None,
        "joint_candidate": _near_json(due.partner),
        "nearest_facility": _near_json(due.facility),
    }


def _change_json(change: CoverageChange) -> JsonObject:
    return {
        "code": change.code,
        "name": change.name,
        "before": None if change.before is None else change.before.name.lower(),
        "after": None if change.after is None else change.after.name.lower(),
        "members_difference": change.members_difference,
    }


def _near_json(near: Near | None) -> JsonObject | None:
    if near is None:
        return None
    return {
        "register": near.entry.register,
        "code": near.entry.code,
        "name": near.entry.name,
        "distance_m": round(near.distance_m, 1),
    }


def _reminder_json(reminder: Reminder) -> JsonObject:
    return {
        "kind": reminder.kind,
        "organisation": reminder.organisation.code,
        "name": reminder.organisation.name,
        "day": day_text(reminder.day_s),
        "days_left": reminder.days_left,
        "within_days": reminder.within_days,
    }


def _station_json(found: StationIndicators) -> JsonObject:
    staff = found.staff_members
    return {
        "kind": found.kind,
        "count": found.count,
        "member_leaders": ratio_json(found.member_leaders),
        "staff_members": None if staff is None else ratio_json(staff),
        "registered_units": found.registered_units,
        "registered_members": found.registered_members,
        "untold": dict(found.untold),
    }


def _binding_json(found: OldBinding) -> JsonObject:
    return {
        "register": found.entry.register,
        "code": found.entry.code,
        "name": found.entry.name,
        "layer": found.entry.layer,
        "bound_on_edition": found.entry.edition,
        "gone": list(found.gone),
        "changed": [{"code": code, "kept_share": share} for code, share in found.changed.items()],
        "proposals": [{"code": code, "share": share} for code, share in found.proposals],
        "follows_by_place": found.follows_by_place,
    }
