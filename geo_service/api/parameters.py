"""What several endpoints ask for: the caller, the services, a moment, a box.

Dependencies are async though they wait for nothing: each plain one would cost a change of threads.
"""

import time
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal
from urllib.parse import unquote_to_bytes

from fastapi import Depends, Query, Request
from fastapi import Path as PathParameter

from geo_service.errors import InvalidValue
from geo_service.governance.moment import read_moment
from geo_service.layers.edition import EditionChoice
from geo_service.services.callers import LOCAL_ADMINISTRATOR, Caller
from geo_service.services.service_set import ServiceSet

Box = tuple[float, float, float, float]

LARGEST_NUMBER = 2**63 - 1
"""The largest whole number that a database holds."""

_MAX_LON, _MAX_LAT = 180, 90


@dataclass(frozen=True)
class Visit:
    """One request: who asks, what can be asked, and the request itself."""

    caller: Caller
    services: ServiceSet
    request: Request

    @property
    def language(self) -> str:
        """The language of pages without ``?lang=``: the office's, whatever the browser prefers."""
        found: str = self.request.app.state.settings.language
        return found


async def visit(request: Request) -> Visit:
    """Return the request with its caller: the local administrator, until access control exists.

    Raises
    ------
    InvalidValue
        The address holds what is no text: it would be looked for as something else.
    """
    spelled = (request.scope.get("raw_path") or b"", request.scope["query_string"])
    if not all(map(_is_text, spelled)):
        raise InvalidValue(
            where="URL",
            expected_zh="按 UTF-8 编码的文字（如 %E7%BD%91%E6%A0%BC），不含空字符",
            expected_en="text encoded in UTF-8 (such as %E7%BD%91%E6%A0%BC) without NUL",
        )
    return Visit(LOCAL_ADMINISTRATOR, request.app.state.services, request)


def read_time(value: str | None, *, where: str) -> float | None:
    """Return seconds since 1970 of a typed moment; a date means 00:00 Asia/Shanghai."""
    if value is None:
        return None
    try:
        return read_moment(value).timestamp()
    except ValueError as error:
        raise InvalidValue(
            where=where,
            expected_zh="日期或时间，如 2026-11-21 或 2026-11-21T08:00:00+08:00",
            expected_en="a date or time such as 2026-11-21 or 2026-11-21T08:00:00+08:00",
        ) from error


def read_bbox(value: str | None) -> Box | None:
    """Return west, south, east, north in degrees (RFC 7946 section 5) of ``w,s,e,n``."""
    if value is None:
        return None
    try:
        west, south, east, north = (float(part) for part in value.split(","))
    except ValueError:
        west, south, east, north = float("nan"), 0.0, 0.0, 0.0
    if not (-_MAX_LON <= west <= east <= _MAX_LON and -_MAX_LAT <= south <= north <= _MAX_LAT):
        raise InvalidValue(
            where="bbox",
            expected_zh="西,南,东,北（度），西不大于东，南不大于北",
            expected_en="west,south,east,north in degrees, west ≤ east and south ≤ north",
        )
    return west, south, east, north


async def edition_choice(
    as_of: Annotated[str | None, Query(description="The moment that counts; default now.")] = None,
    known_at: Annotated[str | None, Query(description="As it was known then.")] = None,
) -> EditionChoice:
    """Return which edition is asked for."""
    return EditionChoice(read_time(as_of, where="as_of"), read_time(known_at, where="known_at"))


async def bbox(
    value: Annotated[
        str | None, Query(alias="bbox", description="west,south,east,north in degrees.")
    ] = None,
) -> Box | None:
    """Return the box that is asked for."""
    return read_bbox(value)


def moment_text(seconds: float | None) -> str | None:
    """Return an ISO 8601 text in UTC of seconds since 1970."""
    return None if seconds is None else time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


VisitParameter = Annotated[Visit, Depends(visit)]
ChoiceParameter = Annotated[EditionChoice, Depends(edition_choice)]
BboxParameter = Annotated[Box | None, Depends(bbox)]
LanguageParameter = Annotated[Literal["zh", "en"] | None, Query(alias="lang")]
FirstDay = Annotated[date | None, Query(alias="from", description="First day.")]
LastDay = Annotated[date | None, Query(alias="to", description="Last day, included.")]
CategoryName = Annotated[str | None, Query(max_length=200)]
SourceName = Annotated[str | None, Query(max_length=200)]
BasisName = Literal["recounted", "kept"]
RowNumber = Annotated[int, PathParameter(ge=0, le=LARGEST_NUMBER)]
JsonObject = dict[str, Any]


def _is_text(spelled: bytes) -> bool:
    """Tell whether a part of an address spells text that a database can keep and look for."""
    found = unquote_to_bytes(spelled)
    try:
        found.decode()
    except UnicodeDecodeError:
        return False
    return b"\0" not in found
