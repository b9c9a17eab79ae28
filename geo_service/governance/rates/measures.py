"""What the events of one issue add up to for rates: first and last moments, answers, tiers.

Where an issue stands (``handling.life``) begins anew when its source says otherwise of it. What was
accepted, answered and spent stays what it was: rates are made of it.

What a list tells of a follow-up counts beside the steps taken here. Its answers are answers, the
last one counts. That somebody responded, or nobody did, counts where no step here says so: with its
report the list took the issue in, and it does not tell when the response was due.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from geo_service.governance.event import (
    ANSWERED,
    CLOSED_EVENT,
    REOPENED,
    REPORTED,
    STEP,
    UPDATED,
)
from geo_service.governance.handling.workflow import CLOSED
from geo_service.governance.moment import epoch_s
from geo_service.governance.rates.rules import RateRules

RESPONSE, ANSWER = "response", "answer"
"""The events whose owner has the credit for them."""


class TierSpell(NamedTuple):
    """How long an issue has been with a tier in all, and since when it is there now (if it is)."""

    tier: str
    used_s: int
    entered_s: int | None


class IssueMeasures(NamedTuple):
    """What rates ask of one issue that was handled or followed up; seconds since 1970 UTC.

    ``accepted_s`` and ``responded_s`` are the first times, ``response_due_s`` is when the response
    was due then (None: no limit). ``resolved``, ``satisfaction`` and ``answered_s`` are the last
    answers. ``tier`` is the last one, which settled the issue where it is closed; None where a
    source reopened it since. ``is_excluded`` (考核剔除) stays until it is taken back.
    """

    accepted_s: int | None = None
    responded_s: int | None = None
    response_due_s: int | None = None
    answered_s: int | None = None
    resolved: str | None = None
    satisfaction: str | None = None
    tier: str | None = None
    is_excluded: bool = False
    is_exempted: bool = False
    duplicate_of: int | None = None
    spells: tuple[TierSpell, ...] = ()


_ASKED = ("resolved", "satisfaction")
"""What the caller answers."""
_KEPT = (*_ASKED, "is_excluded", "is_exempted", "duplicate_of")
"""What the last step that told it has said."""


def measures_of(events: Iterable[Mapping[str, Any]], rules: RateRules) -> IssueMeasures | None:
    """Return what events add up to, in the order they were recorded; None without step or answer.

    Each has ``kind``, ``at_s`` (seconds since 1970 UTC) and ``payload``.
    """
    story = _Story(rules)
    for event in events:
        story.take(event["kind"], event["at_s"], event["payload"])
    return story.measures if story.is_told else None


@dataclass
class _Story:
    """The measures so far, and how long the issue was with each tier."""

    rules: RateRules
    is_told: bool = False
    reported_s: int | None = None
    listed: str | None = None
    listed_s: int | None = None
    told: IssueMeasures = field(default_factory=IssueMeasures)
    used: dict[str, int] = field(default_factory=dict)
    entered_s: int | None = None

    @property
    def measures(self) -> IssueMeasures:
        spells = [
            TierSpell(tier, used_s, self.entered_s if tier == self.told.tier else None)
            for tier, used_s in self.used.items()
        ]
        accepted_s, responded_s = self.told.accepted_s, self.told.responded_s
        if self.listed is not None and accepted_s is None:
            accepted_s = self.reported_s
        if self.listed == "yes" and responded_s is None:
            responded_s = self.listed_s
        return self.told._replace(
            accepted_s=accepted_s, responded_s=responded_s, spells=tuple(spells)
        )

    def take(self, kind: str, at_s: int, payload: Mapping[str, Any]) -> None:
        if kind == REPORTED:
            self.reported_s = at_s
        elif kind == UPDATED and "reported_at" in payload:
            self.reported_s = epoch_s(datetime.fromisoformat(payload["reported_at"]))
        elif kind == ANSWERED:
            self.is_told = True
            self._answer(at_s, payload)
        elif kind == STEP:
            self.is_told = True
            self._step(payload["at_s"], payload)
        elif kind in {CLOSED_EVENT, REOPENED}:
            self._leave(at_s)
            if kind == REOPENED:
                self.told = self.told._replace(tier=None, duplicate_of=None)

    def _answer(self, at_s: int, payload: Mapping[str, Any]) -> None:
        told: dict[str, Any] = {name: payload[name] for name in _ASKED if name in payload}
        if told:
            self.told = self.told._replace(**told, answered_s=at_s)
        if "responded" in payload:
            self.listed, self.listed_s = payload["responded"], at_s

    def _step(self, at_s: int, payload: Mapping[str, Any]) -> None:
        tier = payload.get("tier", self.told.tier)
        is_closed = payload["phase"] == CLOSED
        if is_closed or tier != self.told.tier:
            self._leave(at_s)
        told: dict[str, Any] = {name: payload[name] for name in _KEPT if name in payload}
        if any(name in payload for name in _ASKED):
            told["answered_s"] = at_s
        self.told = self.told._replace(tier=tier, **told, **self._firsts(at_s, payload))
        if tier is not None and not is_closed and self.entered_s is None:
            self.used.setdefault(tier, 0)
            self.entered_s = at_s

    def _firsts(self, at_s: int, payload: Mapping[str, Any]) -> dict[str, Any]:
        step: str = payload["step"]
        firsts: dict[str, Any] = {}
        if step in self.rules.accepting and self.told.accepted_s is None:
            firsts["accepted_s"] = at_s
        if step in self.rules.responding and self.told.responded_s is None:
            run = payload.get("deadlines", {}).get(self.rules.response, {})
            firsts |= {"responded_s": at_s, "response_due_s": run.get("due_s")}
        return firsts

    def _leave(self, at_s: int) -> None:
        if self.entered_s is not None and self.told.tier is not None:
            self.used[self.told.tier] += max(at_s - self.entered_s, 0)
        self.entered_s = None
