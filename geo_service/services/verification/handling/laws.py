"""Handled issues: what queues and rates read of them is what their events add up to."""

import hashlib
import zlib
from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from typing import Any, NamedTuple
from zipfile import BadZipFile, ZipFile

import orjson

from geo_service.errors import GeoServiceError
from geo_service.governance.event import ANSWERED, STEP, TOLD_BY_SOURCE, state_from_values
from geo_service.governance.rates.measures import IssueMeasures, TierSpell, measures_of
from geo_service.services.handling.standings import kept_standing
from geo_service.services.sheets.narrowing import narrowed_to
from geo_service.services.verification.findings import CheckReport, Words
from geo_service.services.verification.houses import House
from geo_service.storage import verification_rows
from geo_service.storage.standings import StandingRow
from geo_service.storage.verification_rows import IssuePiece

_PAGE: Words = ("页面", "page")
_WORKBOOK: Words = ("工作簿", "workbook")
_PLAIN = [name for name in IssueMeasures._fields if name != "spells"]


class _Kept(NamedTuple):
    """What is kept of the handled issues of a piece, by their numbers."""

    standings: Mapping[int, StandingRow]
    measures: Mapping[int, IssueMeasures]

    @classmethod
    def of(cls, piece: IssuePiece) -> "_Kept":
        spells: dict[int, list[TierSpell]] = {}
        for row in piece.spells:
            spells.setdefault(row.issue_id, []).append(
                TierSpell(row.tier, row.used_s, row.entered_s)
            )
        return cls(
            {row.issue_id: StandingRow(*row) for row in piece.standings},
            {
                row.issue_id: IssueMeasures(
                    **{name: getattr(row, name) for name in _PLAIN},
                    spells=tuple(sorted(spells.pop(row.issue_id, []))),
                )
                for row in piece.measures
            },
        )


class HandlingLaws:
    """What must hold of any issue that somebody has handled here.

    Both are read off its events by the profile it was handled under. Where that is another one than
    today's they say what they said; such issues are left alone.
    """

    def __init__(self, house: House, report: CheckReport) -> None:
        self._profile = house.workspace.profile
        self._report = report

    def check(self, piece: IssuePiece, events: Mapping[int, Sequence[Any]]) -> None:
        """Check the issues of a piece; their events stand under their numbers, in order."""
        kept = _Kept.of(piece)
        for issue in piece.issues:
            own = events.get(issue.id, [])
            steps = [event for event in own if event.kind in {STEP, ANSWERED} or _is_pressed(event)]
            has_any = issue.id in kept.standings or issue.id in kept.measures
            if any(step.profile_hash != self._profile.hash for step in steps):
                continue
            if steps or has_any:
                self._report.cover(handled=1)
                self._check_one(issue.id, own, kept)

    def _check_one(self, number: int, events: Sequence[Any], kept: _Kept) -> None:
        try:
            standing, measures = self._standing(number, events), self._measures(events)
        except (GeoServiceError, KeyError, TypeError, ValueError, AttributeError):
            return  # what is wrong with events is told by the check of events
        where = {"table": "issue_standings", "id": number}
        if kept.standings.get(number) != standing:
            self._report.add("other_standing", where)
        where = {"table": "issue_measures", "id": number}
        if number not in kept.measures and measures is not None:
            self._report.add("no_measures", where)
        elif kept.measures.get(number) != measures:
            self._report.add("other_measures", where)

    def _standing(self, number: int, events: Sequence[Any]) -> StandingRow | None:
        if not events:
            return None
        state = state_from_values(orjson.loads(events[-1].state))
        return kept_standing(number, state, self._profile)

    def _measures(self, events: Sequence[Any]) -> IssueMeasures | None:
        told = [
            {"kind": each.kind, "at_s": each.at_s, "payload": orjson.loads(each.payload)}
            for each in events
        ]
        found = measures_of(told, self._profile.rates)
        return found and found._replace(spells=tuple(sorted(found.spells)))


def _is_pressed(event: Any) -> bool:
    """Whether a source told how pressing its issue is."""
    return event.kind in TOLD_BY_SOURCE and '"condition":"' in event.payload


def check_sheets(house: House, report: CheckReport) -> None:
    """Check that signed sheets are as they were signed, each number once, corrections in order."""
    signed: dict[int, Any] = {}
    for row in verification_rows.all_rows(house.connection, "signed_sheets"):
        report.cover(sheets=1)
        where = {"table": "signed_sheets", "id": row.number}
        if hashlib.sha256(row.figures.encode()).hexdigest() != row.hash:
            report.add("other_sheet", where)
        elif not _is_of_its_figures(row):
            report.add("other_row", where)
        for part in _spoiled(row):
            report.add("spoiled_sheet", where, part=part)
        corrected = signed.get(row.corrects)
        if row.corrects is not None and not (corrected and _is_same_period(corrected, row)):
            report.add("odd_correction", where, number=row.corrects)
        signed[row.number] = row
    missing = set(range(1, max(signed, default=0))) - signed.keys()
    for number in sorted(missing):
        report.add("lost_sheet", {"table": "signed_sheets", "id": number})


def _is_of_its_figures(row: Any) -> bool:
    """Return whether what a sheet is found by is what its signed figures say."""
    told = orjson.loads(row.figures)
    names = ("number", "kind", "layer", "signed_by", "corrects")
    return all(told.get(name) == getattr(row, name) for name in names)


def _spoiled(row: Any) -> Iterator[Words]:
    """Yield what of a signed sheet cannot be handed out any more; neither has a hash of its own."""
    page = row.page.decode(errors="replace")
    if row.hash not in page or not page.rstrip().endswith("</html>"):
        yield _PAGE
    try:
        with ZipFile(BytesIO(row.workbook)) as packed:
            is_whole = packed.testzip() is None
    except (BadZipFile, zlib.error, EOFError, ValueError):
        is_whole = False
    if not is_whole:
        yield _WORKBOOK


def _is_same_period(one: Any, other: Any) -> bool:
    names = ("kind", "layer", "from_s", "to_s")
    if any(getattr(one, name) != getattr(other, name) for name in names):
        return False
    return _narrowed_to(one) == _narrowed_to(other)


def _narrowed_to(row: Any) -> Mapping[str, Any] | None:
    """Return what a sheet is narrowed to; None where its figures cannot be read any more."""
    try:
        return narrowed_to(orjson.loads(row.figures))
    except (ValueError, AttributeError):
        return None
