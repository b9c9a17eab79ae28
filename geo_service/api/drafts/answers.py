"""The answer to a step of a draft: what it led to, and if asked for what would change with it."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Query
from fastapi.responses import JSONResponse

from geo_service.api.drafts.views import keys_json, step_json
from geo_service.api.impact_json import impact_json
from geo_service.api.parameters import JsonObject, Visit
from geo_service.api.problems import reader_of
from geo_service.errors import GeoServiceError
from geo_service.services.drafts.drafts import Step
from geo_service.services.drafts.impact import StepImpact
from geo_service.services.impact.look import ImpactOptions

BESIDE = 200
"""So many areas around the siblings still let balance be told while somebody draws."""

WithImpact = Annotated[
    bool, Query(description="Tell what would change around the step, too, in `impact`.")
]

_AROUND = ImpactOptions(listed=0, most_beside=BESIDE)


def step_answer(
    visit: Visit, step: Step, *, status: int = 200, with_impact: bool = False
) -> JSONResponse:
    """Return a step as the API shows it; the ETag is the draft's revision."""
    content = step_json(step, reader_of(visit.request))
    if with_impact:
        content["impact"] = impact_around(
            lambda options: visit.services.draft_impact.around(visit.caller, step, options)
        )
    headers = {"ETag": f'"{step.draft.row.revision}"'}
    return JSONResponse(content, status_code=status, headers=headers)


def impact_around(ask: Callable[[ImpactOptions], StepImpact]) -> JsonObject | None:
    """Return what would change around a step; None where `GET …/impact` says why it cannot be told.

    The step is stored, whatever is told of it.
    """
    try:
        found = ask(_AROUND)
    except GeoServiceError:
        return None
    return {**impact_json(found.impact), "about": keys_json(sorted(found.about))}
