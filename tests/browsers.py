"""Debian's Chromium on an office screen, its network ending at this machine, any trouble noted.

One Chromium serves all tests of a file; each has contexts of its own, and nothing else is kept.
"""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, Page, Request, expect, sync_playwright

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
PATIENCE_MS = 60_000
"""For everything that is waited for: the first page of a service that just began takes 20 s where
ten processes share a core."""
expect.set_options(timeout=PATIENCE_MS)

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # there is no network outside
]
_GIVEN_UP = "net::ERR_ABORTED"  # by the page itself: it was left, or asks for something else
OFFICE_SCREEN = {"width": 1093, "height": 614}  # 1366 × 768 at 125 %


@dataclass
class Visit:
    """One page with everything that went wrong on it."""

    page: Page
    troubles: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def note_failure(self, request: Request) -> None:
        """Note a request that failed, unless the page gave it up."""
        if request.failure != _GIVEN_UP:
            self.troubles.append(f"{request.failure} {request.url}")

    def open(self, url: str) -> Page:
        """Open a desk and wait until it is ready."""
        self.page.goto(url)
        self.page.wait_for_selector("#desk[data-ready=true]")
        return self.page


_running: dict[Browser, ExitStack] = {}


@contextmanager
def chromium() -> Iterator[Browser]:
    """Give the file's Chromium, started with its first test; every context is closed afterwards."""
    if not _running:
        _start()
    [browser] = _running
    yield browser
    for context in browser.contexts:
        context.close()


def _start() -> None:
    with ExitStack() as begun:
        playwright = begun.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        begun.callback(browser.close)
        _running[browser] = begun.pop_all()


def end_chromium() -> None:
    """End the file's Chromium, if there is one: while it runs, nothing else may run a loop here."""
    while _running:
        _, begun = _running.popitem()
        begun.close()


def settle(page: Page, read: Callable[[], Any], expected: Any) -> None:
    """Wait until a page shows what it is expected to, where no attribute or text tells that."""
    give_up_at = time.monotonic() + PATIENCE_MS / 1000
    while (found := read()) != expected and time.monotonic() < give_up_at:
        page.wait_for_timeout(50)
    assert found == expected


@contextmanager
def watched(browser: Browser, *, has_touch: bool = False) -> Iterator[Visit]:
    """Watch a page; any trouble on it fails the test."""
    context = browser.new_context(viewport=OFFICE_SCREEN, locale="zh-CN", has_touch=has_touch)
    context.set_default_timeout(PATIENCE_MS)
    visit = Visit(context.new_page())
    visit.page.on("request", lambda request: visit.requests.append(request.url))
    visit.page.on(
        "console", lambda m: m.type in {"error", "warning"} and visit.troubles.append(m.text)
    )
    visit.page.on("pageerror", lambda error: visit.troubles.append(str(error)))
    visit.page.on("requestfailed", visit.note_failure)
    visit.page.on(
        "response", lambda r: r.status >= 400 and visit.troubles.append(f"{r.status} {r.url}")
    )
    yield visit
    context.close()
    assert visit.troubles == []
