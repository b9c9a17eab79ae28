"""What every request passes: host and origin, the size of its body, headers on the answer."""

from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from geo_service.api.problems import known_problem
from geo_service.errors import ForeignOrigin, LimitExceeded

LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})

BYTES_PER_MB = 1_000_000

_PHOTOS = "/attachments"
_FORM_BYTES = 100_000
"""So much may stand beside the photo in its form."""

CONTENT_POLICY = (
    "default-src 'self'; script-src 'self'{scripts}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'self'"
)
"""Leaflet and the pages set styles inline; inline scripts need the hash of their text."""

_HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY.format(scripts=""),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class OriginGuard:
    """ASGI middleware: Host must name this machine; a write's Origin must be this service."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 403 or pass the request on."""
        if scope["type"] == "http" and (refusal := _refusal(Request(scope))):
            await refusal(scope, receive, send)
            return
        await self._app(scope, receive, send)


class BodyLimit:
    """ASGI middleware: a larger body is refused before it is stored anywhere.

    Where a photo goes less is taken, beside what a form adds to it.
    """

    def __init__(self, app: ASGIApp, *, limit_mb: int, photo_limit_mb: int) -> None:
        self._app = app
        self._limit = limit_mb * BYTES_PER_MB
        self._photo_limit = min(self._limit, photo_limit_mb * BYTES_PER_MB)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 413 by the announced length, or count the bytes as they come."""
        is_photo = scope.get("path", "").endswith(_PHOTOS)
        limit = self._photo_limit if is_photo else self._limit
        most = limit + _FORM_BYTES if is_photo else limit
        announced = _announced(scope)
        if announced > most:
            refusal = known_problem(Request(scope), _too_large(announced, limit))
            await refusal(scope, receive, send)
            return
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > most:
                # FastAPI passes on this kind alone; others become "error parsing the body"
                raise HTTPException(413) from _too_large(taken, limit)
            return message

        await self._app(scope, counted, send)


class SafeHeaders:
    """ASGI middleware: every answer tells browsers what it may load, and what it is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and add to the answer's headers those that it lacks."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, with_headers)


def _refusal(request: Request) -> Response | None:
    host = request.headers.get("host", "")
    if _name(f"//{host}") not in LOOPBACK_NAMES:
        return known_problem(request, ForeignOrigin(header="Host", value=host))
    origin = request.headers.get("origin")
    is_write = request.method not in {"GET", "HEAD", "OPTIONS"}
    if is_write and origin is not None and _place(origin) != host.lower():
        return known_problem(request, ForeignOrigin(header="Origin", value=origin))
    return None


def _too_large(requested: int, limit: int) -> LimitExceeded:
    return LimitExceeded("上传的字节数", "the upload in bytes", requested, limit)


def _announced(scope: Scope) -> int:
    length = dict(scope.get("headers", ())).get(b"content-length", b"0")
    return int(length) if length.isdigit() else 0


def _name(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _place(url: str) -> str:
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""
