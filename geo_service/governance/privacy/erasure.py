"""Erasing what is private of an issue: what that is, and why it is done."""

from collections.abc import Sequence
from typing import Any

from geo_service.governance.event import PRIVATE_FIELDS
from geo_service.governance.handling.facts import word_among
from geo_service.governance.issue import IssueReport
from geo_service.governance.word import Word

RETENTION = "retention"

REASONS = (
    Word(RETENTION, "保存期满", "the retention period is over", ("期满", "到期")),
    Word("request", "本人要求", "asked for by the person", ("本人申请", "撤回同意")),
    Word("mistake", "误录", "recorded by mistake", ("错录", "不应录入")),
    Word("law", "依法删除", "ordered by law", ("依法",)),
)
"""A closed list: a sentence that somebody types might tell again what is to be erased."""


def reason_named(text: str) -> str:
    """Return the name of the reason that a word means; raises InvalidValue."""
    return word_among("reason", text, REASONS)


def without_private(report: IssueReport, *, place_of: IssueReport | None = None) -> IssueReport:
    """Return a report as it is compared and kept once what is private of it was erased.

    Parameters
    ----------
    place_of
        The report that is kept, where this one came later: frame and accuracy stay those of it,
        since they say nothing without coordinates.
    """
    kept = place_of or report
    emptied: dict[str, Any] = dict.fromkeys(PRIVATE_FIELDS)
    return report._replace(**emptied, source_frame=kept.source_frame, accuracy_m=kept.accuracy_m)


def erased_payload(reason: str, fields: Sequence[str], attachments: int) -> dict[str, Any]:
    """Return what the event of an erasure tells: names and a number, nothing that was erased."""
    return {"reason": reason, "fields": list(fields), "attachments": attachments}
