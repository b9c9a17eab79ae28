"""四至 of areas: read, written in the words of the office, given back to the generator."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Header
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from geo_service.analysis.bounds_text import LONGEST_EN, LONGEST_ZH
from geo_service.api.parameters import (
    ChoiceParameter,
    JsonObject,
    VisitParameter,
    moment_text,
)
from geo_service.services.bounds_texts.standing import of_ground
from geo_service.services.bounds_texts.told import AreaBoundsText, BoundsText
from geo_service.storage.bounds_texts import BoundsTextRow

router = APIRouter(tags=["areas"])

_IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description='The ETag of the text that was looked at, such as `"3-17"`.',
        pattern=r'^"[0-9]{1,9}-[0-9]{1,18}"$',
    ),
]


class BoundsTextBody(BaseModel):
    """The text in Chinese, and in English; without one the English text is generated."""

    model_config = ConfigDict(extra="forbid", strict=True)

    zh: Annotated[str, Field(min_length=1, max_length=LONGEST_ZH)]
    en: Annotated[str | None, Field(max_length=LONGEST_EN)] = None

    def asked(self) -> BoundsText:
        """Return the text as the service knows it."""
        return BoundsText(self.zh, self.en)


@router.get("/areas/{layer}/{code}/bounds-text")
def told(visit: VisitParameter, layer: str, code: str, choice: ChoiceParameter) -> JSONResponse:
    """Tell the 四至 of an area: the text that stands, the generated one, and what was written."""
    return _answer(visit.services.bounds_texts.told(visit.caller, layer, code, choice))


@router.put("/areas/{layer}/{code}/bounds-text")
def write(
    visit: VisitParameter, layer: str, code: str, body: BoundsTextBody, if_match: _IfMatch = None
) -> JSONResponse:
    """Put a text before the generated one, for the ground that the area has in force.

    No edition is made. With ``If-Match`` it is refused (412) where somebody else was faster.
    """
    seen = _seen(if_match)
    asked = body.asked()
    return _answer(visit.services.bounds_texts.write(visit.caller, layer, code, asked, seen=seen))


@router.delete("/areas/{layer}/{code}/bounds-text")
def reset(visit: VisitParameter, layer: str, code: str, if_match: _IfMatch = None) -> JSONResponse:
    """Let the generated text stand again; what was written is kept as history."""
    seen = _seen(if_match)
    return _answer(visit.services.bounds_texts.reset(visit.caller, layer, code, seen=seen))


def bounds_json(found: AreaBoundsText) -> JsonObject:
    """Return the text that stands, how it came to be, and all that was written."""
    written = found.written
    own = {row.id for row in of_ground(written.rows, written.outline)}
    return {
        "layer": written.layer,
        "code": written.code,
        "edition": written.edition,
        "version": written.version,
        "text": _texts(found),
        "generated": dict(found.generated),
        "entered": _row_json(written.standing.entered),
        "earlier": _row_json(written.standing.earlier),
        "history": [
            {**_row_values(row), "is_of_this_ground": row.id in own} for row in written.rows
        ],
    }


def _texts(found: AreaBoundsText) -> Mapping[str, str]:
    return {language: found.text(language) for language in found.generated}


def _row_json(row: BoundsTextRow | None) -> dict[str, Any] | None:
    return None if row is None else _row_values(row)


def _row_values(row: BoundsTextRow) -> dict[str, Any]:
    return {
        "zh": row.zh,
        "en": row.en,
        "edition": row.edition,
        "draft": row.draft_id,
        "known_from": None if row.known_from_s is None else moment_text(row.known_from_s),
        "written_at": moment_text(row.recorded_at_s),
        "written_by": row.recorded_by,
    }


def _seen(if_match: str | None) -> str | None:
    return None if if_match is None else if_match.strip('"')


def _answer(found: AreaBoundsText) -> JSONResponse:
    headers = {"ETag": f'"{found.written.version}"'}
    return JSONResponse(bounds_json(found), headers=headers)
