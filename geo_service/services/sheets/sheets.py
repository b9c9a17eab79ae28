"""Sheets that are drawn at any time, and signed once: what was signed is printed as it was."""

import hashlib
import io
import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from geo_service.errors import SheetNotFound, SheetUnchanged
from geo_service.governance.moment import day_start, epoch_s
from geo_service.maps.pages import SheetChoice
from geo_service.services.callers import Caller
from geo_service.services.page_facts import PageFacts, is_fictional
from geo_service.services.rates.counts import RateService
from geo_service.services.sheets.choices import sheet_choice
from geo_service.services.sheets.differences import differences, is_same
from geo_service.services.sheets.due import DueSheet, due_sheets
from geo_service.services.sheets.figures import SheetQuery, sheet_figures
from geo_service.services.sheets.narrowing import narrowed_to
from geo_service.services.sheets.workbooks import (
    WORDS,
    change_lines,
    rank_change,
    sheet_title,
    sheet_workbook,
    stamp_lines,
)
from geo_service.services.workspaces import Workspace
from geo_service.storage import sheets
from geo_service.storage.databases import Transaction

_LISTED = 500


class SheetService:
    """日分析, 周调度, 月点评, 季通报."""

    def __init__(self, workspace: Workspace, rates: RateService, facts: PageFacts) -> None:
        self._workspace = workspace
        self._rates = rates
        self._facts = facts

    def draw(self, _caller: Caller, query: SheetQuery) -> dict[str, Any]:
        """Return the figures of a sheet as they are now; it is a draft until it is signed.

        Raises
        ------
        InvalidValue, UnknownLayer, InvalidPeriod
            What is asked makes no sense.
        EditionNotFound
            Nothing was published yet.
        """
        workspace = self._workspace.standing_still()
        with workspace.database.read() as connection:
            return self._figures(workspace, connection, query)

    def page(self, caller: Caller, query: SheetQuery, *, leads_on: bool = False) -> str:
        """Return a draft as a page for A4; one that leads on to other sheets needs the service."""
        figures = self.draw(caller, query)
        return _rendered(figures, "", self._choice(query, figures) if leads_on else None)

    def _choice(self, query: SheetQuery, figures: Mapping[str, Any]) -> SheetChoice:
        narrow = narrowed_to(figures)
        with self._workspace.database.read() as connection:
            return sheet_choice(
                self._workspace,
                connection,
                query.language,
                layer=query.layer,
                day=query.day,
                narrow=(narrow.get("category"), narrow.get("source")),
            )

    def workbook(self, caller: Caller, query: SheetQuery) -> bytes:
        """Return a draft as a workbook."""
        return _packed(self.draw(caller, query), "")

    def sign(self, caller: Caller, query: SheetQuery) -> dict[str, Any]:
        """Freeze a sheet under the next number, with its hash; return its figures.

        Another one of the same period, narrowed to the same, is a correction (更正版) of the last,
        and tells what differs.

        Raises
        ------
        SheetUnchanged
            A sheet of the period was signed and nothing has changed since.
        """
        workspace = self._workspace.standing_still()
        with workspace.database.write() as connection:
            figures = self._figures(workspace, connection, query)
            period = {"from_s": _start_s(figures), "to_s": _end_s(figures)}
            named = {"kind": figures["kind"], "layer": figures["layer"], **period}
            before = _latest_like(connection, figures, **named)
            number = sheets.next_number(connection)
            frozen = {**figures, "number": number, "signed_by": caller.name}
            if before is not None:
                old = json.loads(before["figures"])
                if is_same(old, figures):
                    raise SheetUnchanged(number=before["number"])
                frozen["corrects"] = before["number"]
                frozen["differences"] = differences(old, figures)
            text = _canonical(frozen)
            digest = hashlib.sha256(text.encode()).hexdigest()
            row = {**named, "number": number, "known_at_s": int(workspace.now_s())}
            row |= {"signed_by": caller.name, "corrects": frozen["corrects"], "hash": digest}
            row |= {"figures": text, "page": _rendered(frozen, digest).encode()}
            sheets.add_sheet(connection, {**row, "workbook": _packed(frozen, digest)})
        return {**frozen, "hash": digest}

    def signed(self, _caller: Caller, number: int) -> Mapping[str, Any]:
        """Return a signed sheet with its ``figures``, ``page`` and ``workbook``, as it was frozen.

        Raises
        ------
        SheetNotFound
            No sheet was signed under this number.
        """
        with self._workspace.database.read() as connection:
            found = sheets.sheet(connection, number) if 0 < number < 2**31 else None
        if found is None:
            raise SheetNotFound(number=number)
        return found

    def all_signed(self, _caller: Caller) -> Sequence[Mapping[str, Any]]:
        """Return the signed sheets, newest first, without what was frozen."""
        with self._workspace.database.read() as connection:
            return sheets.all_sheets(connection, limit=_LISTED)

    def due(self, _caller: Caller) -> list[DueSheet]:
        """Return which sheets of the profile's cadence are due, and which were signed last."""
        with self._workspace.database.read() as connection:
            return due_sheets(self._workspace, connection)

    def _figures(
        self, workspace: Workspace, connection: Transaction, query: SheetQuery
    ) -> dict[str, Any]:
        figures = sheet_figures(workspace, connection, self._rates, query)
        edition = workspace.edition(connection)
        root = workspace.layers.root(figures["layer"]).name
        areas = workspace.locator(connection, edition).areas(root)
        return figures | {
            "place": "、".join(areas.names[:3]),
            "is_fictional": is_fictional(areas),
            "unit": self._facts.map_unit,
            "notices": self._facts.notices(query.language),
            "number": None,
            "signed_by": "",
            "corrects": None,
            "differences": [],
        }


def _latest_like(
    connection: Transaction, figures: Mapping[str, Any], **period: Any
) -> Mapping[str, Any] | None:
    """Return the newest sheet of a period that is narrowed to the same."""
    wanted = narrowed_to(figures)
    signed = sheets.sheets_of(connection, **period)
    alike = (each for each in signed if narrowed_to(json.loads(each["figures"])) == wanted)
    return next(alike, None)


def _rendered(figures: Mapping[str, Any], digest: str, choice: SheetChoice | None = None) -> str:
    from geo_service.maps.rate_sheet.page import render_sheet  # jinja2 loads when it is asked for

    texts = {
        "title": sheet_title(figures),
        "stamp": stamp_lines(figures, digest),
        "w": WORDS[figures["language"]],
        "changes": change_lines(figures),
        "moved": {line["code"]: rank_change(line) for line in figures["rows"]},
    }
    return render_sheet(figures, texts=texts, choice=choice)


def _packed(figures: Mapping[str, Any], digest: str) -> bytes:
    target = io.BytesIO()
    sheet_workbook(figures, digest, target)
    return target.getvalue()


def _canonical(figures: Mapping[str, Any]) -> str:
    return json.dumps(figures, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _start_s(figures: Mapping[str, Any]) -> int:
    return epoch_s(day_start(date.fromisoformat(figures["days"][0][0])))


def _end_s(figures: Mapping[str, Any]) -> int:
    return epoch_s(day_start(date.fromisoformat(figures["days"][0][1]) + timedelta(1)))
