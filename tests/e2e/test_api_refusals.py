"""Every refusal is an RFC 9457 problem; foreign pages, hosts and large bodies stay outside."""

import re

import pytest

from tests.doors import geojson, open_door, problem_of

_ISSUES = "/api/v1/issues"


@pytest.fixture(scope="module")
def door(tmp_path_factory):
    return open_door(tmp_path_factory.mktemp("refusals"), upload_limit_mb=1)


def test_an_unknown_address_is_a_problem(door):
    problem_of(door.get("/api/v1/nothing"), 404, "not-found")
    problem_of(door.get("/static/app/nothing.js"), 404, "not-found")


def test_a_wrong_method_is_a_problem_that_names_the_right_ones(door):
    answer = door.delete("/api/v1/layers")
    problem_of(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == "GET"


def test_a_failure_of_ours_is_a_problem_without_its_secrets(door, monkeypatch):
    def fail(*_: object) -> None:
        raise ZeroDivisionError("a secret path")

    monkeypatch.setattr(type(door.app.state.services.locations), "layers", fail)
    answer = door.get("/api/v1/layers")
    problem_of(answer, 500, "internal-error")
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"\xff", b"1", b'"x"', b"null", b'{"source": "a", "source": 2}']
)
def test_a_body_that_is_no_issue_is_a_problem(door, body):
    answer = door.post(_ISSUES, content=body, headers={"Content-Type": "application/json"})
    problem_of(answer, answer.status_code, "invalid-request")
    assert answer.status_code in {400, 422}


def test_a_multipart_body_that_is_broken_is_a_problem(door):
    answer = door.post(
        "/api/v1/boundaries/grid",
        content=b"--x\r\nbroken",
        headers={"Content-Type": "multipart/form-data; boundary=x"},
    )
    problem_of(answer, answer.status_code, "invalid-request")
    assert answer.status_code in {400, 422}


def test_a_problem_points_at_the_place_in_the_request(door):
    body = problem_of(door.get("/api/v1/areas/grid?limit=0"), 422, "invalid-request")
    assert [each["pointer"] for each in body["errors"]] == ["/query/limit"]


def test_problems_speak_the_language_that_was_asked_for(door):
    path = "/api/v1/areas/lane"
    chinese = door.get(path).json()["detail"]
    english = door.get(path, headers={"Accept-Language": "en-GB,en;q=0.9"}).json()["detail"]
    assert "没有图层" in chinese
    assert english.startswith("no layer 'lane'")
    assert door.get(f"{path}?lang=en").json()["detail"] == english


@pytest.mark.parametrize(
    "host", ["example.test", "127.0.0.1.example.test", "192.168.1.5:8000", "[::1", "localhost@x"]
)
def test_a_foreign_host_name_is_refused_even_for_reading(door, host):
    answer = door.get("/api/v1/layers", headers={"Host": host})
    assert problem_of(answer, 403, "foreign-origin")["header"] == "Host"


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "[::1]:8000", "LOCALHOST"])
def test_this_machine_by_any_of_its_names_is_served(door, host):
    assert door.get("/api/v1/layers", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "origin",
    ["http://example.test", "null", "http://127.0.0.1:9", "http://[", "http://127.0.0.1.x"],
)
def test_a_write_from_a_foreign_page_is_refused(door, origin):
    answer = door.post(_ISSUES, json={}, headers={"Origin": origin})
    assert problem_of(answer, 403, "foreign-origin")["value"] == origin
    assert door.get("/api/v1/layers", headers={"Origin": origin}).status_code == 200


def test_a_write_from_our_own_page_is_let_through(door):
    answer = door.post(_ISSUES, json={}, headers={"Origin": "http://127.0.0.1"})
    problem_of(answer, 422, "invalid-request")


def _large(parts: int):
    yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.geojson"\r\n\r\n'
    for _ in range(parts):
        yield b" " * 100_000


@pytest.mark.parametrize("path", ["/api/v1/boundaries/grid", "/api/v1/issues/batch"])
def test_a_body_above_the_limit_is_refused_whether_its_length_is_announced_or_not(door, path):
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    for content in (b"".join(_large(11)), _large(11)):
        body = problem_of(door.post(path, content=content, headers=headers), 413, "limit-exceeded")
        assert body["limit"] == 1_000_000
        assert body["requested"] > 1_000_000


def test_a_body_just_under_the_limit_is_read(door):
    blanks = b" " * (999_000 - len(geojson("grid")))
    answer = door.post(
        "/api/v1/boundaries/grid",
        files={"file": ("a.geojson", geojson("grid") + blanks)},
        data={"dry_run": "true"},
    )
    assert answer.status_code == 200, answer.text


def test_every_problem_type_leads_to_a_section_that_says_what_to_do(door):
    page = door.get("/problems")
    assert page.status_code == 200
    sections = re.findall(r'<h2 id="([\w-]+)">', page.text)
    assert {"unknown-layer", "not-found", "limit-exceeded", "internal-error"} <= set(sections)
    assert "What to do" in page.text
    assert "怎么办" in page.text


def test_every_answer_tells_browsers_to_load_nothing_from_outside(door):
    for path in ("/desk/hotspots", "/api/v1/layers", "/api/v1/nothing", "/static/app/page.css"):
        headers = door.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'self'; script-src 'self'")
        assert "http" not in policy
        assert "unsafe" not in policy.partition("style-src")[0]
