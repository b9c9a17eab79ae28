"""Erasing what is private of an issue."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from geo_service.api.parameters import JsonObject, RowNumber, VisitParameter, moment_text

router = APIRouter(tags=["privacy"])


class ErasureBody(BaseModel):
    """Why: one of a few words, so that nothing private is written down once more."""

    model_config = ConfigDict(extra="forbid", strict=True)

    reason: Annotated[
        str,
        Field(
            max_length=60,
            description="本人要求, 误录, 依法删除, 保存期满, or request, mistake, law, retention",
        ),
    ]


@router.post("/issues/{issue_id}/erasure")
def erase(visit: VisitParameter, issue_id: RowNumber, body: ErasureBody) -> JsonObject:
    """Erase title, description, address, exact place and photos for good.

    Owner, category, times, events and every count stay. Lists that bring the text again are
    compared without it. Backups that were made before still hold it.
    """
    done = visit.services.erasures.erase(visit.caller, issue_id, body.reason)
    return {
        "issue_id": done.issue_id,
        "erased_at": moment_text(done.erased_at_s),
        "fields": list(done.fields),
        "attachments": done.attachments,
        "replayed": done.is_replayed,
    }
