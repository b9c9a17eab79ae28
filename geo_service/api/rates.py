"""How issues are handled, as JSON, CSV and XLSX."""

from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response

from geo_service.api.parameters import (
    BasisName,
    CategoryName,
    FirstDay,
    JsonObject,
    LanguageParameter,
    LastDay,
    SourceName,
    VisitParameter,
    moment_text,
)
from geo_service.api.streams import MEDIA_TYPES, answers, file_response
from geo_service.governance.rates.rate import Rate
from geo_service.services.rates.counts import RateQuery, Rates
from geo_service.services.rates.definitions import DEFINITIONS
from geo_service.services.rates.indicators import indicator_values, missed
from geo_service.services.rates.rows import RateRow, rate_rows, total_row, unassigned_rows
from geo_service.services.rates.tables import stamp_notes

router = APIRouter(tags=["rates"])


def rate_query(
    first: FirstDay = None,
    last: LastDay = None,
    category: CategoryName = None,
    source: SourceName = None,
    basis: BasisName = "recounted",
    by: Annotated[
        Literal["report", "event"], Query(description="What was reported, or what happened then.")
    ] = "report",
    group: Literal["none", "category", "source", "category_source"] = "none",
    tier_hours: Annotated[bool, Query(description="Also how long each tier took.")] = False,
    all_types: Annotated[bool, Query(description="With inquiries and praise.")] = False,
) -> RateQuery:
    """Return what is asked, without its layer; an empty choice is none."""
    what = (category or None, source or None)
    return RateQuery(None, first, last, *what, basis, by, group, tier_hours, all_types)


QueryParameter = Annotated[RateQuery, Depends(rate_query)]


@router.get(
    "/rates/{layer}.{ending}",
    response_class=Response,
    responses=answers(MEDIA_TYPES[".csv"], MEDIA_TYPES[".xlsx"]),
)
def export_rates(
    visit: VisitParameter,
    layer: str,
    ending: Literal["csv", "xlsx"],
    query: QueryParameter,
    language: LanguageParameter = None,
) -> Response:
    """Save the rates of a layer as CSV or XLSX."""
    tables, spoken = visit.services.rate_tables, language or visit.language
    write = partial(tables.write, visit.caller, query.of(layer), language=spoken)
    return file_response(f"办理情况.{ending}", write)


@router.get("/rates/{layer}")
def rates(
    visit: VisitParameter, layer: str, query: QueryParameter, language: LanguageParameter = None
) -> JsonObject:
    """Tell how the issues of a period are handled, area by area."""
    found = visit.services.rates.rates(visit.caller, query.of(layer))
    return rates_json(found, language or visit.language)


def rates_json(found: Rates, language: str) -> JsonObject:
    """Return the rates as the API shows them."""
    return {
        "layer": found.layer.name,
        "edition": found.edition.number,
        "basis": found.query.basis,
        "by": found.query.by,
        "group": found.query.group,
        "from": moment_text(found.period.start_s),
        "to": moment_text(found.period.end_s),
        "as_of": moment_text(found.as_of_s),
        "data_until": moment_text(found.data_until_s),
        "excluded_request_types": list(found.excluded_request_types),
        "tiers": [
            {"name": tier.name, "title_zh": tier.title_zh, "title_en": tier.title_en}
            for tier in found.tiers
        ],
        "definitions": {
            name: {"title": each.title(language), "text": each.text(language)}
            for name, each in DEFINITIONS.items()
        },
        "indicators": indicator_values(found, language),
        "notes": stamp_notes(found, language),
        "total": _row_json(found, total_row(found)),
        "unassigned": [_row_json(found, row) for row in unassigned_rows(found)],
        "rows": [_row_json(found, row) for row in rate_rows(found)],
    }


def _row_json(found: Rates, row: RateRow) -> JsonObject:
    told: dict[str, Any] = {
        "code": row.code,
        "name": row.name,
        "parent": row.parent,
        "category": row.group.category,
        "source": row.group.source,
        **row.counts,
        **row.densities,
        **{name: rate_json(rate) for name, rate in row.rates.items()},
        **row.times,
        "answers": dict(row.answers),
        "settled": [
            {"tier": tier, "count": row.settled[tier], "share": rate.share}
            for tier, rate in row.settled_rates.items()
        ],
        "ranks": dict(row.ranks),
        "missed": missed(found, row),
    }
    if row.tier_hours:
        told["tier_hours"] = [
            {"tier": tier, "issues": number, "hours": hours}
            for tier, (number, hours) in row.tier_hours.items()
        ]
    return told


def rate_json(rate: Rate) -> JsonObject:
    """Return a rate with what it is made of."""
    return {
        "numerator": float(rate.numerator_text),
        "denominator": rate.denominator,
        "share": rate.share,
        "percent": rate.percent_text,
    }
