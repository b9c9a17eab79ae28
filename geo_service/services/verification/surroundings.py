"""What stands beside areas and issues: agreements, figures, references, registers, webhooks."""

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from typing import Any

import orjson
import shapely
from shapely import GeometryType

from geo_service.errors import InvalidValue
from geo_service.governance.delivery.lane import headed
from geo_service.governance.delivery.selection import selection_from_values
from geo_service.governance.delivery.signature import read_secret
from geo_service.governance.delivery.target import read_url
from geo_service.governance.organisations.register import REGISTERS
from geo_service.layers.agreement import MOST_WITHIN_M
from geo_service.services.figures import NUMBERS
from geo_service.services.verification.findings import CheckReport, Words
from geo_service.services.verification.houses import House, read_outline
from geo_service.storage import logged_events, verification_rows, webhooks

_LINES = (GeometryType.LINESTRING, GeometryType.MULTILINESTRING)
_SAME = ("甲、乙是同一个编码", "both sides are the same code")
_OWNER = ("归属方不是甲、乙之一", "the owner is neither of the two")
_WITHIN = ("距离超出范围", "the distance is out of range")
_DATES = ("失效不晚于生效", "it ends before it begins")
_WITHDRAWN = ("撤回早于录入", "it was withdrawn before it was recorded")
_LAYER = ("没有这个图层", "there is no such layer")
_STRETCH = ("界线段读不出", "its stretch cannot be read")
_EMPTY = ("没有编码或指标名", "it names no code or no figure")
_NUMBER = ("值不是数字", "the value is no number")
_REGISTER = ("没有这个台账", "there is no such register")
_AREAS = ("区域编码读不出", "its codes of areas cannot be read")
_DETAILS = ("内容读不出", "its details cannot be read")
_EDITION = ("没有写明编码属于哪个版本", "no edition is named for its codes")
_CODE = ("所绑定的版本里没有这个编码", "its edition has not this code")
_DATES = ("撤销不晚于成立", "it ends before it begins")
_NOBODY = ("没有这个党组织", "there is no such organisation")
_TERMS = ("网址、密钥或筛选条件读不出", "its URL, secret or selection cannot be read")
_AHEAD = ("游标在最新事件之后，会漏送", "its cursor is past the newest event: some would be missed")
_NOT_YET = ("事件在游标之后，会送两遍", "the event is past the cursor: it would go out twice")
_OTHER = ("事件不是这个问题的", "the event is of another issue")
_TURN = ("轮次不对：会乱序或不再送", "its turn is wrong: out of order, or never")

_Lives = Mapping[tuple[str, str], Sequence[tuple[int, int | None]]]
"""The ranges of editions that each area (layer, code) has, the last one open."""


def check_agreements(house: House, report: CheckReport) -> set[int]:
    """Check that agreements still make sense; return those that do not.

    Codes that no edition has are allowed: such an agreement has no effect.
    """
    layers = {name for each in house.layers_by_profile.values() for name in each.names}
    areas = _areas(house)
    waiting, bad = 0, set()
    for row in verification_rows.all_rows(house.connection, "agreements"):
        report.cover(agreements=1)
        where = {"table": "agreements", "id": row.number}
        for reason in _wrong_terms(row, layers):
            report.add("bad_agreement", where, reason=reason)
            bad.add(row.number)
        waiting += not {(row.layer, row.first_code), (row.layer, row.second_code)} <= areas
    if waiting:
        report.notes.append(
            (
                f"{waiting} 条约定里有任何版本都没有的编码（允许，约定不起作用）",
                f"{waiting} agreements name codes that no edition has (allowed, they have no"
                " effect)",
            )
        )
    return bad


def check_surroundings(house: House, report: CheckReport) -> None:
    """Check figures, references and the record of relocations."""
    areas = _areas(house)
    strange = 0
    for row in verification_rows.all_rows(house.connection, "figures"):
        report.cover(figures=1)
        where = {"table": "figures", "id": row.id, "layer": row.layer, "code": row.code}
        if not row.code or not row.figure:
            report.add("bad_figure", where, reason=_EMPTY)
        elif row.figure in NUMBERS and not _is_number(row.value):
            report.add("bad_figure", where, reason=_NUMBER)
        strange += (row.layer, row.code) not in areas
    if strange:
        report.notes.append(
            (
                f"{strange} 个指标的编码任何版本都没有（允许）",
                f"{strange} figures are of codes that no edition has (allowed)",
            )
        )
    for row in verification_rows.all_rows(house.connection, "reference_features"):
        report.cover(references=1)
        if read_outline(row.outline) is None:
            where = {"table": "reference_features", "id": row.id}
            report.add("unreadable_geometry", where)
    _check_relocations(house, report)


def check_registers(house: House, report: CheckReport) -> None:
    """Check every version of every entry, and that activities have their organisation."""
    lives = _lives(house)
    organisations = set()
    for row in verification_rows.all_rows(house.connection, "register_entries"):
        report.cover(entries=1)
        where = {"table": "register_entries", "id": row.id}
        for reason in _faults(row, lives):
            report.add("bad_entry", where, reason=reason)
        if row.register == "party_organisation":
            organisations.add(row.code)
    for row in verification_rows.all_rows(house.connection, "activities"):
        report.cover(activities=1)
        if row.organisation not in organisations:
            where = {"table": "activities", "id": row.id}
            report.add("bad_entry", where, reason=_NOBODY)


def check_webhooks(house: House, report: CheckReport) -> None:
    """Check that no event is missed, and that what waits keeps the order of its issue."""
    newest = logged_events.newest_event(house.connection)
    for row in verification_rows.all_rows(house.connection, "webhooks"):
        report.cover(webhooks=1)
        where = {"table": "webhooks", "id": row.id}
        if not _are_terms(row):
            report.add("bad_webhook", where, reason=_TERMS)
        if row.cursor_event > newest:
            report.add("bad_webhook", where, reason=_AHEAD)
        waiting = webhooks.waiting_events(house.connection, row.id)
        fair = {each.event_id: each for each in headed(waiting, 0)}
        issue_ids = webhooks.issues_of_events(house.connection, row.id)
        for each in [*waiting, *webhooks.dead_rows(house.connection, row.id, None)]:
            report.cover(webhook_events=1)
            told = {"table": "webhook_events", "id": f"{row.id}/{each.event_id}"}
            if each.event_id > row.cursor_event:
                report.add("bad_webhook", told, reason=_NOT_YET)
            if issue_ids.get(each.event_id) != each.issue_id:
                report.add("bad_webhook", told, reason=_OTHER)
            if (
                each.next_try_s
                != fair.get(each.event_id, each._replace(next_try_s=None)).next_try_s
            ):
                report.add("bad_webhook", told, reason=_TURN)


def _are_terms(row: Any) -> bool:
    try:
        read_url(row.url)
        read_secret(row.secret)
        selection_from_values(orjson.loads(row.selection))
    except (InvalidValue, KeyError, TypeError, AttributeError, ValueError):
        return False
    return True


def _check_relocations(house: House, report: CheckReport) -> None:
    known = {str(number) for number in verification_rows.agreement_numbers(house.connection)}
    for row in verification_rows.all_rows(house.connection, "relocations"):
        report.cover(relocations=1)
        if not set((row.agreements or "").split(",")) - {""} <= known:
            report.add("bad_relocation", {"table": "relocations", "id": row.id})


def _areas(house: House) -> set[tuple[str, str]]:
    return {(row.layer, row.code) for row in verification_rows.area_lives(house.connection)}


def _wrong_terms(row: Any, layers: set[str]) -> Iterator[Words]:
    if layers and row.layer not in layers:
        yield _LAYER
    if not _is_line(row.stretch):
        yield _STRETCH
    if row.first_code == row.second_code:
        yield _SAME
    if row.owner_code not in (row.first_code, row.second_code):
        yield _OWNER
    if not 0.0 < row.within_m <= MOST_WITHIN_M:
        yield _WITHIN
    if row.effective_to_s is not None and row.effective_to_s <= row.effective_from_s:
        yield _DATES
    if row.withdrawn_at_s is not None and row.withdrawn_at_s < row.recorded_at_s:
        yield _WITHDRAWN


def _is_line(stretch: bytes | None) -> bool:
    if stretch is None:
        return True
    line = read_outline(stretch)
    return shapely.get_type_id(line) in _LINES  # -1 for none


def _is_number(text: str) -> bool:
    try:
        return isfinite(float(text))
    except ValueError:
        return False


def _faults(row: Any, lives: _Lives) -> Iterator[Words]:
    if row.register not in REGISTERS:
        yield _REGISTER
    if not isinstance(_read(row.details), dict):
        yield _DETAILS
    if None not in (row.founded_s, row.dissolved_s) and row.dissolved_s <= row.founded_s:
        yield _DATES
    codes = _read(row.areas)
    if not isinstance(codes, list) or not all(isinstance(code, str) for code in codes):
        yield _AREAS
    elif codes and row.edition is None:
        yield _EDITION
    elif not all(_is_in(lives.get((row.layer, code), ()), row.edition) for code in codes):
        yield _CODE


def _is_in(ranges: Sequence[tuple[int, int | None]], edition: int) -> bool:
    return any(first <= edition and (last is None or edition <= last) for first, last in ranges)


def _lives(house: House) -> _Lives:
    found: dict[tuple[str, str], list[tuple[int, int | None]]] = {}
    for row in verification_rows.area_lives(house.connection):
        ranges = found.setdefault((row.layer, row.code), [])
        ranges.append((row.first_edition, row.last_edition))
    return found


def _read(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
