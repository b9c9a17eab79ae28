"""四至 of areas that a draft changes."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from geo_service.api.bounds_texts import BoundsTextBody, bounds_json
from geo_service.api.handling import IfMatch, seen_event
from geo_service.api.parameters import RowNumber, VisitParameter
from geo_service.services.drafts.bounds_texts import DraftBoundsText

router = APIRouter(tags=["drafts"])


@router.get("/drafts/{draft_id}/bounds-text/{layer}/{code}")
def told(visit: VisitParameter, draft_id: RowNumber, layer: str, code: str) -> JSONResponse:
    """Tell the 四至 of an area as it is in a draft; the ETag is the revision of the draft."""
    service = visit.services.draft_bounds_texts
    return _answer(service.told(visit.caller, draft_id, (layer, code)))


@router.put("/drafts/{draft_id}/bounds-text/{layer}/{code}")
def write(
    visit: VisitParameter,
    draft_id: RowNumber,
    layer: str,
    code: str,
    body: BoundsTextBody,
    if_match: IfMatch = None,
) -> JSONResponse:
    """Put a text before the generated one, for the ground that the area has in the draft.

    With ``If-Match`` it is refused (412) where others changed the area or its text meanwhile.
    """
    service, asked = visit.services.draft_bounds_texts, body.asked()
    seen = seen_event(if_match)
    return _answer(service.write(visit.caller, draft_id, (layer, code), asked, seen=seen))


@router.delete("/drafts/{draft_id}/bounds-text/{layer}/{code}")
def reset(
    visit: VisitParameter, draft_id: RowNumber, layer: str, code: str, if_match: IfMatch = None
) -> JSONResponse:
    """Let the generated text stand again."""
    service, seen = visit.services.draft_bounds_texts, seen_event(if_match)
    return _answer(service.reset(visit.caller, draft_id, (layer, code), seen=seen))


def _answer(found: DraftBoundsText) -> JSONResponse:
    revision = found.draft.row.revision
    content = {
        "draft": found.draft.id,
        "revision": revision,
        "is_redrawn": found.is_redrawn,
        **bounds_json(found.bounds),
    }
    return JSONResponse(content, headers={"ETag": f'"{revision}"'})
