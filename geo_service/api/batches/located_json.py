"""Places in and owners out as JSON, in columns or in rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, cast

import numpy as np
import orjson

from geo_service.api.parameters import JsonObject
from geo_service.errors import InvalidValue, LimitExceeded
from geo_service.layers.points.column import (
    PROBLEMS,
    UNKNOWN_FIELD,
    UNREADABLE,
    Coded,
    Lists,
    json_members,
    numbers_of,
    plain_numbers,
)
from geo_service.layers.points.located import RULES, STATUSES, LocatedFamily
from geo_service.layers.points.place import Places, places_of
from geo_service.layers.points.table import (
    Column,
    explanation_columns,
    located_columns,
)
from geo_service.services.places.files import SWAPPED
from geo_service.services.places.locations import LocatedBatch

MOST_POINTS = 1_000_000
"""Of one batch in JSON, which is held in memory; CSV, NDJSON and Arrow are read in pieces."""

_COLUMNS = ("lon", "lat", "accuracy_m")
_FIELDS = frozenset({*_COLUMNS, "id"})


@dataclass(frozen=True, eq=False)
class AskedPlaces:
    """The places of a body; ``ids`` stands in the rows' order, None where columns were sent."""

    places: Places
    ids: Sequence[Any] | None


def read_places(body: bytes) -> AskedPlaces:
    """Return the places of a JSON body in columns or rows.

    Raises
    ------
    InvalidValue
        No JSON, or neither of the two forms.
    LimitExceeded
        More than MOST_POINTS.
    """
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidValue("body", f"JSON（{error}）", f"JSON ({error})") from error
    if isinstance(found, dict) and found.keys() == {"points"}:
        return _read_rows(found["points"])
    if isinstance(found, dict) and {"lon", "lat"} <= found.keys() <= set(_COLUMNS):
        return AskedPlaces(_read_columns(found, body), None)
    raise InvalidValue(
        "body",
        '{"lon": […], "lat": […], "accuracy_m": […]}，或 {"points": [{"lon": …, "lat": …}]}',
        '{"lon": […], "lat": […], "accuracy_m": […]}, or {"points": [{"lon": …, "lat": …}]}',
    )


def columns_body(found: LocatedBatch) -> bytes:
    """Return the answer in columns as JSON: a table of codes, and positions in it, -1 for none."""
    points = found.points
    invalid = np.flatnonzero(points.problem)
    told = {
        **_head(found),
        "families": {family.family: _family_json(family) for family in points.families},
        "overlays": {layer: _overlay_json(codes) for layer, codes in points.overlays.items()},
        "invalid": {
            "row": invalid,
            "problem": [PROBLEMS[code] for code in points.problem[invalid].tolist()],
        },
    }
    return orjson.dumps(told, option=orjson.OPT_SERIALIZE_NUMPY)


def rows_body(found: LocatedBatch, ids: Sequence[Any]) -> bytes:
    """Return the answer in rows, each with the id that came along, as JSON.

    Each distinct text is encoded once: a dict for every row would take most of the time.
    """
    columns = located_columns(found.points, found.layers)
    pieces = [[b'{"id":' + orjson.dumps(each) for each in ids]]
    pieces += [json_members(name, column) for name, column in columns.items()]
    rows = b"},".join(map(b",".join, zip(*pieces, strict=True)))
    end = b"}]}" if ids else b"]}"
    return b"".join([orjson.dumps(_head(found))[:-1], b',"points":[', rows, end])


def _read_columns(found: JsonObject, body: bytes) -> Places:
    for name, column in found.items():
        if not isinstance(column, list):
            raise InvalidValue(name, "一列数字", "a list of numbers")
        if len(column) != len(found["lon"]):
            raise InvalidValue(name, "与 lon 一样长的一列", "as long as lon")
    _check_count(len(found["lon"]))
    read = plain_numbers if _is_plain(found, body) else numbers_of
    accuracy_m = found.get("accuracy_m")
    given = None if accuracy_m is None else read(accuracy_m)
    return places_of(read(found["lon"]), read(found["lat"]), given)


def _is_plain(found: JsonObject, body: bytes) -> bool:
    """Tell by its bytes that a body holds no text but its names, no truth value and no null."""
    words = (b"true", b"false", b"null")
    return body.count(b'"') == 2 * len(found) and not any(word in body for word in words)


def _read_rows(points: Any) -> AskedPlaces:
    if not isinstance(points, list):
        raise InvalidValue("points", "一列地点", "a list of places")
    _check_count(len(points))
    try:
        fields = set().union(*points)
        lon, lat = list(map(itemgetter("lon"), points)), list(map(itemgetter("lat"), points))
    except (TypeError, KeyError):  # a row is no object or lacks a coordinate
        return _read_odd_rows(points)
    if not fields <= _FIELDS:
        return _read_odd_rows(points)
    accuracy_m = _cells(points, "accuracy_m") if "accuracy_m" in fields else None
    ids = _cells(points, "id") if "id" in fields else [None] * len(points)
    return AskedPlaces(_places(lon, lat, accuracy_m), ids)


def _read_odd_rows(points: Sequence[Any]) -> AskedPlaces:
    """Read rows of which some are none; these are marked, the others read like any."""
    is_row = [isinstance(point, dict) for point in points]
    rows = [point if is_one else {} for point, is_one in zip(points, is_row, strict=True)]
    places = _places(_cells(rows, "lon"), _cells(rows, "lat"), _cells(rows, "accuracy_m"))
    places.problem[[not _FIELDS.issuperset(row) for row in rows]] = UNKNOWN_FIELD
    places.problem[[not is_one for is_one in is_row]] = UNREADABLE
    return AskedPlaces(places, _cells(rows, "id"))


def _cells(rows: Sequence[JsonObject], name: str) -> list[Any]:
    return [row.get(name) for row in rows]


def _places(lon: Sequence[Any], lat: Sequence[Any], accuracy_m: Sequence[Any] | None) -> Places:
    given = None if accuracy_m is None else numbers_of(accuracy_m)
    return places_of(numbers_of(lon), numbers_of(lat), given)


def _check_count(count: int) -> None:
    if count > MOST_POINTS:
        raise LimitExceeded("一批的点数", "the number of points in a batch", count, MOST_POINTS)


def _head(found: LocatedBatch) -> JsonObject:
    tally = found.tally
    return {
        "edition": found.edition.number,
        "frame": found.source_frame,
        "rows": tally.rows,
        "counts": tally.counts,
        "ambiguous": tally.ambiguous,
        "problems": tally.problems,
        "warnings": [
            *([{"zh": SWAPPED[0], "en": SWAPPED[1]}] if tally.is_swapped else []),
            *({"zh": each.text("zh"), "en": each.text("en")} for each in found.frame_warnings),
        ],
    }


def _family_json(family: LocatedFamily) -> JsonObject:
    told: JsonObject = {
        "layers": {layer: _coded_json(codes) for layer, codes in family.codes.items()},
        "rule": _coded_json(Coded(RULES, family.rule)),
        "status": _coded_json(Coded(STATUSES, family.status)),
    }
    if family.explanations:
        explained = explanation_columns(family.explanations)
        told["explanations"] = {name: _column_json(each) for name, each in explained.items()}
    return told


def _overlay_json(codes: Lists) -> JsonObject:
    """Return a table of codes, and pairs of a row and a position in it: most rows have none."""
    return {**_coded_json(cast("Coded", codes.items)), "row": codes.row}


def _column_json(column: Column) -> Any:
    if isinstance(column, Lists):
        return column.to_list()
    return _coded_json(column) if isinstance(column, Coded) else column


def _coded_json(column: Coded) -> JsonObject:
    return {"codes": column.texts, "position": column.position}
