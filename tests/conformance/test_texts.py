"""Texts nobody sends on purpose, in every place of the interface that takes text."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from tests.doors import STANDARD, open_door, problem_of
from tests.houses import center, grid_code

_VALUES = {
    "layer": "grid",
    "code": grid_code(0, 0),
    "ending": "csv",
    "issue_id": "1",
    "draft_id": "1",
    "figure": "households",
    "table": "changes",
    "to": "2",
    "finding": "0",
    "revision": "0",
}
_VALUES |= {"digest": "0" * 64, "role": "值班长"}
_VALUES |= {"register": "party_organisation", "organisation": "A"}
_VALUES |= {"number": "1", "before": "1", "after": "1", "lon": "120", "lat": "30"}

_DIGITS = "9" * 5000
_TEXTS = [
    *("9" * 20, _DIGITS, f"-{_DIGITS}", f"{'9' * 20}-1", f"1-{_DIGITS}", f"{_DIGITS}:1", "1e999"),
    *("99999-12-31", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00+23:59", "nan", "٣٣"),
    *("grid:", "x" * 20_000, "%s", "'", "\\", "../..", "\u202e", "\U0001f6a7"),
]
_UNSOUND = ["%ED%A0%80", "a%ED%B0%80", "%FF", "%C3", "%00"]
"""Half of a surrogate pair, bytes that are no UTF-8, and a NUL, as an address spells them."""
_JSON_UNSOUND = [r'"\ud800"', r'"a\udc00"', r'"\ud800:x"', r'"\u0000"']


@pytest.fixture(scope="module")
def door(tmp_path_factory):
    client = open_door(tmp_path_factory.mktemp("texts"))
    assert client.post("/api/v1/issues", json=_issue()).status_code == 201
    return client


def _issue() -> dict[str, Any]:
    lon, lat = center(0, 0)
    place = {"lon": lon, "lat": lat, "frame": "EPSG:4490"}
    return {"source": "12345", "external_id": "A1", "reported_at": "2025-06-10", **place}


def _operations(door) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in door.app.openapi()["paths"].items():
        for method, operation in item.items():
            yield method.upper(), path, operation


def _takes_text(schema: dict[str, Any]) -> bool:
    kinds = schema.get("anyOf", [schema])
    return any(
        kind.get("type") == "string" or kind.get("items", {}).get("type") == "string"
        for kind in kinds
    )


def _address(path: str, **changes: str) -> str:
    values = _VALUES | changes
    return re.sub(r"\{(\w+)\}", lambda name: values[name[1]], path)


def _requests(door, where: str) -> Iterator[tuple[str, str, str]]:
    """Yield (method, address up to the value, what follows it) of every text parameter."""
    for method, path, operation in _operations(door):
        parameters = operation.get("parameters", [])
        needed = [each["name"] for each in parameters if each["in"] == "query" and each["required"]]
        for each in parameters:
            if each["in"] != where or not (_takes_text(each["schema"]) or where == "path"):
                continue
            others = "&".join(f"{name}={_VALUES[name]}" for name in needed if name != each["name"])
            if where == "query":
                yield method, f"{_address(path)}?{others}&{each['name']}=", ""
            else:
                start, end = _address(path, **{each["name"]: "\0"}).split("\0")
                yield method, start, f"{end}?{others}"


def _is_answered(answer, *, refused: bool = False) -> None:
    assert answer.status_code < 500, (answer.request.method, str(answer.request.url)[:200])
    if refused or answer.status_code >= 400:
        assert answer.status_code in {400, 404, 405, 409, 413, 422}
        assert answer.headers["content-type"] == "application/problem+json"
        told = json.loads(answer.content.decode())
        assert told.keys() >= STANDARD
        assert told["detail"]


@pytest.mark.parametrize("where", ["query", "path"])
def test_odd_texts_in_addresses_are_answered(door, where):
    asked = list(_requests(door, where))
    assert len(asked) > 8
    for method, start, end in asked:
        for text in _TEXTS:
            _is_answered(door.request(method, f"{start}{quote(text, safe='')}{end}"))


@pytest.mark.parametrize("where", ["query", "path"])
@pytest.mark.parametrize("spelled", _UNSOUND)
def test_what_is_no_text_in_an_address_is_refused(door, where, spelled):
    for method, start, end in _requests(door, where):
        _is_answered(door.request(method, f"{start}{spelled}{end}"), refused=True)


def test_odd_texts_in_an_idempotency_key_are_answered(door):
    texts = [text.encode()[:200] for text in _TEXTS]
    for i, key in enumerate([*texts, b"\xed\xa0\x80", b"\xff", "键".encode(), b" ", b""]):
        body = _issue() | {"external_id": f"key {i}"}
        _is_answered(door.post("/api/v1/issues", json=body, headers={"Idempotency-Key": key}))
        rows = {"issues": [body]}
        headers = {"Idempotency-Key": key}
        _is_answered(door.post("/api/v1/issues/batch", json=rows, headers=headers))
    key = {"Idempotency-Key": b"\xed\xa0\x80"}
    told = problem_of(
        door.post("/api/v1/issues", json=_issue(), headers=key), 422, "invalid-request"
    )
    assert [each["pointer"] for each in told["errors"]] == ["/header/Idempotency-Key"]


def _json_bodies(value: str) -> Iterator[tuple[str, str]]:
    """Yield (address, body) with a value, as JSON spells it, in every place and as a name."""
    for name in _issue() | {"title": "", "category_major": "", "status": "", "closed_at": ""}:
        members = _issue() | {name: "@"}
        body = json.dumps(members).replace('"@"', value)
        yield "/api/v1/issues", body
        yield "/api/v1/issues/batch", f'{{"issues": [{body}]}}'
    if value.startswith('"'):
        body = json.dumps(_issue() | {"@": 1}).replace('"@"', value)
        yield "/api/v1/issues", body
        yield "/api/v1/issues/batch", f'{{"issues": [{body}]}}'
        yield "/api/v1/issues/batch", f'{{"issues": [], {value}: 1}}'
        yield "/api/v1/issues", f"{{{value}: {{{value}: {value}}}}}"


@pytest.mark.parametrize(
    "value",
    [*_JSON_UNSOUND, _DIGITS, f"-{_DIGITS}.5", "1e999", "9" * 300, *map(json.dumps, _TEXTS)],
)
def test_odd_texts_in_bodies_are_answered_and_unsound_ones_stored_nowhere(door, value):
    before = door.get("/api/v1/issues?limit=1000").json()["items"]
    for path, body in _json_bodies(value):
        answer = door.post(path, content=body, headers={"Content-Type": "application/json"})
        if path.endswith("batch") and answer.status_code == 200:
            is_refused = answer.json()["counts"]["rejected"] == 1
            assert is_refused or value not in _JSON_UNSOUND
        else:
            _is_answered(answer, refused=value in _JSON_UNSOUND)
    if value in _JSON_UNSOUND:
        assert door.get("/api/v1/issues?limit=1000").json()["items"] == before


def _fields(door, path: str) -> list[str]:
    body = door.app.openapi()["paths"][path]["post"]["requestBody"]["content"]
    schema = body["multipart/form-data"]["schema"]["$ref"].rpartition("/")[2]
    properties = door.app.openapi()["components"]["schemas"][schema]["properties"]
    return [name for name in properties if name != "file"]


@pytest.mark.parametrize("path", ["/api/v1/boundaries/{layer}", "/api/v1/issues/import"])
@pytest.mark.parametrize("charset", ["utf-8", "utf-7"])
def test_odd_texts_in_forms_are_answered(door, path, charset):
    unsound = [b"\xed\xa0\x80", b"\xff", b"a\x00b", b"+2AA-"]  # the last is a surrogate in UTF-7
    fields = _fields(door, path)
    assert len(fields) > 4
    for name in fields:
        for text in [*unsound, *(each.encode() for each in _TEXTS)]:
            _is_answered(_form(door, _address(path), charset, {name: text}))


@pytest.mark.parametrize(
    "name", ["\ud800.csv", "a\0b.csv", "长" * 300 + ".csv", "/", "", "a\n.csv"]
)
def test_odd_names_of_files_are_answered(door, name):
    for path in ("/api/v1/boundaries/grid", "/api/v1/issues/import"):
        spelled = name.encode("utf-8", "surrogatepass").replace(b"\n", b"%0A")
        _is_answered(_form(door, path, "utf-8", {}, file_name=spelled))


def _form(door, path, charset, fields, *, file_name=b"a.csv"):
    parts = [
        b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), value)
        for name, value in fields.items()
    ]
    content = b"external_id,source\r\nA1,12345\r\n"
    parts += [
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="%s"\r\n\r\n' % file_name,
        content + b"\r\n--x--\r\n",
    ]
    headers = {"Content-Type": f"multipart/form-data; boundary=x; charset={charset}"}
    return door.post(path, content=b"".join(parts), headers=headers)
