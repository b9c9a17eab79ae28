"""Planners of a service that is killed under them: they draw, publish, and take editions back.

Others publish meanwhile, so a corner may be elsewhere and an edition be overtaken at any moment: a
refusal is an answer as good as any other.
"""

import random
from string import ascii_lowercase

from tests.crashes import CONFLICT, CREATED, DONE, MISSING, UNAVAILABLE, Promises, Service
from tests.houses import SOUTH, STEP, WEST, street_boundaries

_CORNERS = [[WEST + STEP, SOUTH + STEP], [WEST + 1.3 * STEP, SOUTH + 0.7 * STEP]]
"""Where the corner of the four western grids is, and where it is moved."""
_TAKEN_BACK = 0.3
"""Of the editions that a planner published."""


def new_name(draw: random.Random, kind: str) -> str:
    """Return a name that nobody has; letters alone, for digits may make a phone number: refused."""
    return f"{kind}-{''.join(draw.choices(ascii_lowercase, k=15))}"


def draw_on(service: Service, promises: Promises, draw: random.Random, _number: int) -> None:
    """Draw one more step in the one draft that is never published."""
    if promises.draft is None:
        promises.draft = _begun(service, promises, "反复断电")
        return
    name = new_name(draw, "drawn")
    code = draw.choice(street_boundaries()["grid"].codes)
    asked = {"kind": "rename", "layer": "grid", "code": code, "name": name}
    status, body = service.post(f"/drafts/{promises.draft}/operations", asked)
    promises.answer(status)
    assert status in {CREATED, UNAVAILABLE}, body
    if status == CREATED:
        promises.draw(body["draft"]["operations"][-1]["id"], name)


def publish_drawn(service: Service, promises: Promises, draw: random.Random, _number: int) -> None:
    """Move a corner in a draft of its own, publish that, and take some of the editions back."""
    reason = new_name(draw, "redraw")
    draft = _begun(service, promises, reason)
    if draft is None or not _moved(service, draft):
        return
    edition = _edition(service, promises, f"/drafts/{draft}/publication", reason)
    if edition is not None and draw.random() < _TAKEN_BACK:
        _edition(service, promises, f"/editions/{edition}/revert", f"back-{reason}")


def _begun(service: Service, promises: Promises, name: str) -> int | None:
    status, body = service.post("/drafts", {"name": name})
    promises.answer(status)
    assert status in {CREATED, UNAVAILABLE}, body
    return int(body["id"]) if status == CREATED else None


def _moved(service: Service, draft: int) -> bool:
    """Move the corner from wherever it is; no answer of these two is a promise."""
    where = f"lon={WEST + STEP / 4}&lat={SOUTH + STEP / 4}"
    status, body, _ = service.ask("GET", f"/locate?{where}")
    if status != DONE:
        return False
    code = body["families"][0]["chain"][-1]["code"]
    step = {"kind": "move-junction", "layer": "grid", "code": code}
    for place, to in (_CORNERS, _CORNERS[::-1]):
        asked = {**step, "place": place, "to": to}
        status, body = service.post(f"/drafts/{draft}/operations", asked)
        assert status in {CREATED, MISSING, UNAVAILABLE}, body  # 404: it is not there
        if status == CREATED:
            return True
    return False


def _edition(service: Service, promises: Promises, path: str, reason: str) -> int | None:
    status, body = service.post(path, {"reason": reason})
    promises.answer(status)
    assert status in {DONE, CREATED, CONFLICT, UNAVAILABLE}, body  # 409: another one was first
    told = body if status == CREATED else body.get("edition")
    if told is None:
        return None
    promises.publish(told["number"], reason)
    return int(told["number"])
