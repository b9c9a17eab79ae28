"""What organisations held in the year before the end: most are alive, some overdue, some unknown.

By turns one in 11 held its last general meeting more than 100 days ago, and of one in 13 none is
recorded at all; what else it held proves nothing. Committees tell their last meeting themselves.
"""

from datetime import date, timedelta

from geo_service.demo.organisations.street import Row, Street

_YEAR_DAYS = 365
_ACTIVE, _OVERDUE = (3, 88), (104, 330)
_QUARTER = (88, 92)
_MONTH = (27, 33)
_OVERDUE_TURN, _UNKNOWN_TURN = (11, 3), (13, 5)
_PARTY_DAY_TURN, _LECTURE_TURN = (3, 0), (5, 1)
"""One in how many, and which of them."""


def activities(street: Street, organisations: list[Row]) -> list[Row]:
    """Return what every organisation held while it stood, the last things first."""
    found: list[Row] = []
    for turn, row in enumerate(organisations):
        for kind, days in _held(street, row, turn):
            day = street.until - timedelta(days=days)
            if _stood(row, day):
                found.append(
                    {"organisation": row["code"], "kind": kind, "held_on": day.isoformat()}
                )
        founded = date.fromisoformat(row["founded"])
        if (street.until - founded).days < _YEAR_DAYS:
            found.append(
                {
                    "organisation": row["code"],
                    "kind": "general_meeting",
                    "held_on": row["founded"],
                }
            )
    return found


def _held(street: Street, row: Row, turn: int) -> list[tuple[str, int]]:
    """Return kinds and how many days ago: meetings in rhythm, party days of one in three."""
    if row.get("last_meeting") is not None:
        return _rhythm(street, "committee_meeting", street.number(_MONTH), _MONTH)
    meetings = "group_meeting" if _is_building_group(row) else "general_meeting"
    found: list[tuple[str, int]] = []
    if not _is_its(turn, _UNKNOWN_TURN):
        last = street.number(_OVERDUE if _is_its(turn, _OVERDUE_TURN) else _ACTIVE)
        found += _rhythm(street, meetings, last, _QUARTER)
    if _is_its(turn, _PARTY_DAY_TURN):
        found += _rhythm(street, "party_day", street.number(_ACTIVE), _MONTH)
    if _is_its(turn, _LECTURE_TURN):
        found.append(("lecture", street.number((20, 300))))
    return found


def _is_its(turn: int, one_in: tuple[int, int]) -> bool:
    return turn % one_in[0] == one_in[1]


def _is_building_group(row: Row) -> bool:
    return row["kind"] == "group" and row.get("layer") is None and row["mode"] == "own"


def _rhythm(
    street: Street, kind: str, last: int, apart_days: tuple[int, int]
) -> list[tuple[str, int]]:
    found = []
    days = last
    while days < _YEAR_DAYS:
        found.append((kind, days))
        days += street.number(apart_days)
    return found


def _stood(row: Row, day: date) -> bool:
    gone = row.get("dissolved")
    return date.fromisoformat(row["founded"]) <= day and (
        gone is None or day < date.fromisoformat(gone)
    )
