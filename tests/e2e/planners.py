"""What tests of the planner desk do with mouse, finger and keys."""

import httpx2
from playwright.sync_api import Page, expect


def ask(address, path):
    """Return what the interface answers."""
    return httpx2.get(f"{address}/api/v1{path}", timeout=60).json()


def tell(address, path, body):
    """Send something and return the answer; it has to be taken."""
    answer = httpx2.post(f"{address}/api/v1{path}", json=body, timeout=60)
    assert answer.status_code < 300, answer.text
    return answer.json()


def drafted(address, *operations, name="试改"):
    """Begin a draft with some operations on grids; return its number."""
    number = tell(address, "/drafts", {"name": name})["id"]
    for operation in operations:
        tell(address, f"/drafts/{number}/operations", {"layer": "grid", **operation})
    return number


def published(address, draft, **told):
    """Publish a draft and return the number of the edition."""
    body = {"reason": "调整网格", **told}
    return tell(address, f"/drafts/{draft}/publication", body)["number"]


def opened(page: Page, address, draft=None) -> Page:
    """Open the desk, with a draft where one is named."""
    page.goto(f"{address}/desk/planner" + (f"#draft={draft}" if draft else ""))
    expect(page.locator("#desk")).to_have_attribute("data-ready", "true")
    return page


def opened_to_begin(page: Page, address) -> Page:
    """Open the desk and begin a draft on the first edition, as a planner does."""
    opened(page, address).locator(".begin").click()
    page.locator(".ask .primary").click()
    expect(page.locator(".state")).to_contain_text("基于第 1 版")
    return page


def box(page, code):
    """Return the square of a grid on the screen."""
    return page.locator(f'path[data-code="{code}"]').bounding_box()


def middle(one):
    """Return the middle of a box."""
    return one["x"] + one["width"] / 2, one["y"] + one["height"] / 2


def choose(page, code, *, more=False):
    """Click a grid in its middle, beside what is chosen where there is ``more``."""
    if more:
        page.keyboard.down("Shift")
    page.mouse.click(*middle(box(page, code)))
    if more:
        page.keyboard.up("Shift")


class Finger:
    """A finger on a touch screen."""

    def __init__(self, page: Page) -> None:
        self._session = page.context.new_cdp_session(page)

    def drag(self, start, to):
        """Put the finger down, move it, and lift it."""
        self._touch("touchStart", start)
        for part in (0.25, 0.5, 0.75, 1):
            place = [a + (b - a) * part for a, b in zip(start, to, strict=True)]
            self._touch("touchMove", place)
        self._touch("touchEnd")

    def _touch(self, kind, at=None):
        points = [{"x": at[0], "y": at[1]}] if at else []
        self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
