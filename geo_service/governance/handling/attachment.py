"""Photos that belong to an issue: what they show, and which of them a step wants.

A photo shows how it was reported, how it stood before and after it was dealt with, or what was
found when somebody checked. What counts for a step was attached in the same run of the work: when
an issue is reopened or given to a unit, only the photos of the report go on counting.
"""

from collections.abc import Collection, Iterable

from geo_service.errors import AttachmentsMissing
from geo_service.governance.handling.facts import word_among
from geo_service.governance.handling.workflow import Step
from geo_service.governance.word import Word

REPORT, BEFORE, AFTER, CHECK = "report", "before", "after", "check"

KINDS = (
    Word(REPORT, "上报", "as reported", ("上报照片", "现场")),
    Word(BEFORE, "处置前", "before", ("处置前照片", "处理前")),
    Word(AFTER, "处置后", "after", ("处置后照片", "处理后")),
    Word(CHECK, "核查", "check", ("核查照片", "核实")),
)
"""A closed list, since steps ask for them."""

KIND_BY_NAME = {kind.name: kind for kind in KINDS}
_EARLIER = frozenset({REPORT, BEFORE})


def kind_named(text: str) -> str:
    """Return the name of the kind that a word means; raises InvalidValue."""
    return word_among("kind", text, KINDS)


def are_on_two_sides(one: str, other: str) -> bool:
    """Tell whether one kind shows what was before the work, and the other what was after."""
    return (one in _EARLIER) != (other in _EARLIER)


def with_kind(attached: tuple[str, ...], kind: str) -> tuple[str, ...]:
    """Return the kinds that count once a photo of ``kind`` is attached."""
    return attached if kind in attached else (*attached, kind)


def without_evidence(attached: Iterable[str]) -> tuple[str, ...]:
    """Return the kinds that go on counting when the work begins anew."""
    return tuple(kind for kind in attached if kind == REPORT)


def check_attached(step: Step, attached: Collection[str]) -> None:
    """Refuse a step whose photos are not there; raises AttachmentsMissing, naming them."""
    missing = [kind for kind in step.requires if kind not in attached]
    if missing:
        titles = [KIND_BY_NAME[kind].title_zh for kind in missing]
        raise AttachmentsMissing(step.title_zh, step.title_en, missing, titles)
