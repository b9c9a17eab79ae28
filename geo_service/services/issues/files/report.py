"""What became of the rows of one ticket list."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from geo_service.governance.headings import Columns
from geo_service.governance.word import Word
from geo_service.layers.frame_evidence import PointEvidence
from geo_service.services.issues.intake import ADDED, UNCHANGED, UPDATED
from geo_service.services.lists.rejections import Rejection, rejections_json, write_rejected


class ToldWord(NamedTuple):
    """How many rows say a word of a follow-up (回访), or of how pressing their issue is."""

    field: str
    word: Word
    rows: int


@dataclass(frozen=True)
class IssueFileReport:
    """What became of the rows of one file; the counts add up to ``rows``.

    Where an import that was broken off went on, ``continued_after`` is the row it had come to, and
    the counts are of both together. ``located_by_address`` are new ones without coordinates whose
    address means one known place. ``told`` counts the words of follow-ups and of how pressing the
    issues are, among the rows that are not rejected.
    """

    file: str
    encoding: str | None
    notes: Sequence[tuple[str, str]]
    columns: Columns
    rows: int
    added: int
    updated: int
    unchanged: int
    rejections: list[Rejection]
    without_coordinates: int
    without_category: int
    frame_warnings: Sequence[PointEvidence] = ()
    continued_after: int | None = None
    located_by_address: int = 0
    told: Sequence[ToldWord] = ()


def report_json(report: IssueFileReport, language: str, *, listed: int) -> dict[str, Any]:
    """Return the report as values that JSON can hold, with the first ``listed`` rejections."""
    return {
        "file": report.file,
        "encoding": report.encoding,
        "notes": [note[1 if language == "en" else 0] for note in report.notes],
        "columns": dict(report.columns.heading_by_field),
        "guessed_columns": list(report.columns.guessed),
        "ambiguous_columns": {k: list(v) for k, v in report.columns.ambiguous.items()},
        "dropped_columns": list(report.columns.dropped),
        "times_without_a_zone": "Asia/Shanghai",
        "rows": report.rows,
        "continued_after_row": report.continued_after,
        "counts": {
            ADDED: report.added,
            UPDATED: report.updated,
            UNCHANGED: report.unchanged,
            "rejected": len(report.rejections),
        },
        "without_coordinates": report.without_coordinates,
        "located_by_address": report.located_by_address,
        "without_category": report.without_category,
        "told": [
            {"field": field, "word": word.name, "title": word.title(language), "rows": rows}
            for field, word, rows in report.told
        ],
        "frame_warnings": [
            {**vars(each), "text": each.text(language)} for each in report.frame_warnings
        ],
        **rejections_json(report.rejections, listed=listed),
    }


def write_rejections(path: Path, report: IssueFileReport) -> None:
    """Write the rejected rows as CSV: row number, field, reason in both languages."""
    write_rejected(path, report.rejections)
