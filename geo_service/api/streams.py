"""Answers that are not plain JSON: GeoJSON with an ETag, and files to save."""

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
from fastapi import Request, Response
from starlette.background import BackgroundTask
from starlette.responses import FileResponse

from geo_service.layers import file_format

MEDIA_TYPES = {
    **file_format.media_types(),
    ".ndjson": "application/x-ndjson",
    ".arrows": "application/vnd.apache.arrow.stream",
    ".html": "text/html; charset=utf-8",
}


def answers(*media_types: str, **others: str) -> dict[int | str, dict[str, Any]]:
    """Return how the interface's description promises an answer that is not plain JSON."""
    content: dict[str, Any] = {name.partition(";")[0]: {"schema": {}} for name in media_types}
    told: dict[int | str, dict[str, Any]] = {200: {"description": "As asked", "content": content}}
    return told | {int(code[1:]): {"description": text} for code, text in others.items()}


def geojson_response(request: Request, body: Any, *, tag: str | None) -> Response:
    """Return GeoJSON; with a tag, the same request again costs a 304."""
    headers = {}
    if tag is not None:
        headers["ETag"] = entity_tag(tag, str(request.url.query))
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
    return Response(orjson.dumps(body), media_type="application/geo+json", headers=headers)


def entity_tag(*parts: str) -> str:
    """Return an ETag that changes when any of the parts does."""
    return f'"{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:32]}"'


def file_response(name: str, write: Callable[[Path], object]) -> Response:
    """Return a file to save, as ``write`` makes it; its name may be Chinese (RFC 6266).

    The ending of the name tells the format; the file is removed when it was sent.
    """
    handle, place = tempfile.mkstemp(prefix="geo_service_", suffix=Path(name).suffix)
    os.close(handle)
    path = Path(place)
    try:
        write(path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return FileResponse(
        path,
        media_type=MEDIA_TYPES[path.suffix],
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"},
        background=BackgroundTask(path.unlink, missing_ok=True),
    )
