"""Debian's Chromium on an office screen, its network ending at this machine, any trouble noted."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Browser, Page, expect, sync_playwright

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
# as patient as every other wait: expect has a time of its own, which two busy cores outlast
expect.set_options(timeout=15_000)

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
OFFICE_SCREEN = {"width": 1093, "height": 614}  # 1366 × 768 at 125 %


@dataclass
class Visit:
    """One page with everything that went wrong on it."""

    page: Page
    troubles: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def open(self, url: str) -> Page:
        """Open a desk and wait until it is ready."""
        self.page.goto(url)
        self.page.wait_for_selector("#desk[data-ready=true]")
        return self.page


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def watched(
    browser: Browser, *, timeout_ms: int = 15_000, has_touch: bool = False
) -> Iterator[Visit]:
    """Watch a page; any trouble on it fails the test."""
    context = browser.new_context(viewport=OFFICE_SCREEN, locale="zh-CN", has_touch=has_touch)
    context.set_default_timeout(timeout_ms)
    visit = Visit(context.new_page())
    visit.page.on("request", lambda request: visit.requests.append(request.url))
    visit.page.on(
        "console", lambda m: m.type in {"error", "warning"} and visit.troubles.append(m.text)
    )
    visit.page.on("pageerror", lambda error: visit.troubles.append(str(error)))
    visit.page.on("requestfailed", lambda request: visit.troubles.append(request.url))
    visit.page.on(
        "response", lambda r: r.status >= 400 and visit.troubles.append(f"{r.status} {r.url}")
    )
    yield visit
    context.close()
    assert visit.troubles == []
