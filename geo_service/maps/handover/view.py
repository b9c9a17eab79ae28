"""What the sheet of a handover tells; moments are seconds since 1970 UTC."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from geo_service.governance.clock.shifts import Turn


@dataclass(frozen=True)
class NamedCount:
    """How many there are of something that the office has a word for."""

    name: str
    title: str
    count: int


@dataclass(frozen=True)
class ShiftFigures:
    """What happened since the shift began.

    ``received`` and ``closed`` go by when it happened, as the list of issues does, ``merged`` of
    those closed are duplicates; what was recorded later than its shift is ``received_before`` and
    ``closed_before``. ``accepted`` and ``returned`` are issues, ``steps`` and ``events`` (by kind)
    what was recorded. ``became_overdue`` still waits.
    """

    received: int
    received_before: int
    accepted: int
    closed: int
    merged: int
    closed_before: int
    returned: int
    became_overdue: int
    steps: Sequence[NamedCount]
    events: Mapping[str, int]


@dataclass(frozen=True)
class EditionNews:
    """An edition that takes effect between the beginning of the shift and the next handover."""

    number: int
    effective_from_s: int
    is_ahead: bool


@dataclass(frozen=True)
class WaitingIssue:
    """One issue that presses.

    ``owners`` are the names of the areas that own it, root first; ``place_status`` and ``rule`` are
    those of its assignment, ``is_questioned`` tells that a person decided and has to decide again.
    ``deadline`` is the title of what is due at ``due_s``.
    """

    id: int
    source: str
    external_id: str
    category_major: str | None
    category_minor: str | None
    owners: Sequence[str]
    unit: str | None
    state: str
    place_status: str | None
    rule: str | None
    is_questioned: bool
    waited_for: int
    marks: Sequence[str]
    deadline: str | None
    due_s: int | None
    is_urgent: bool
    is_provisional: bool


@dataclass(frozen=True)
class WaitingGroup:
    """Issues that wait for one reason: how many, and the numbers of the most urgent of them."""

    name: str
    count: int
    numbers: Sequence[str]
    parts: Sequence[NamedCount] = ()


@dataclass(frozen=True)
class Trouble:
    """What is not well with the service itself, in both languages."""

    name: str
    text_zh: str
    text_en: str

    def text(self, language: str) -> str:
        """Return the sentence in ``zh`` or ``en``."""
        return self.text_en if language == "en" else self.text_zh


@dataclass(frozen=True)
class HandoverView:
    """All that one sheet tells.

    ``counts`` are those of the queue, and of the sheet's own conditions; ``issues`` the first of
    the ``counts["listed"]`` that press, most urgent first.
    """

    language: str
    place: str
    edition: int | None
    now_s: int
    turn: Turn
    figures: ShiftFigures
    editions: Sequence[EditionNews]
    counts: Mapping[str, int]
    groups: Sequence[WaitingGroup]
    issues: Sequence[WaitingIssue]
    troubles: Sequence[Trouble]
    unit: str = ""
    is_fictional: bool = False
    notices: Sequence[str] = ()
