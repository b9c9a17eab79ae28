"""Refusing requests that a foreign page makes the browser send, and foreign host names."""

from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from geo_service.api.problems import known_problem
from geo_service.errors import ForeignOrigin

LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "::1"})


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


def _refusal(request: Request) -> Response | None:
    host = request.headers.get("host", "")
    if _name(f"//{host}") not in LOOPBACK_NAMES:
        return known_problem(request, ForeignOrigin(header="Host", value=host))
    origin = request.headers.get("origin")
    is_write = request.method not in {"GET", "HEAD", "OPTIONS"}
    if is_write and origin is not None and urlsplit(origin).netloc != host:
        return known_problem(request, ForeignOrigin(header="Origin", value=origin))
    return None


def _name(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
