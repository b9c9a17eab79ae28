"""Texts that not every database can keep, NUL above all, are refused at every door."""

import json

import pytest

from geo_service.errors import RefusedValue
from tests.databases import everything
from tests.doors import geojson, open_door, problem_of
from tests.houses import CALLER, grid_code

NUL = "a\x00b"
NAMED = {"source": "complaint", "reported_at": "2026-11-20 08:00"}


def with_property(name, value):
    read = json.loads(geojson("grid"))
    read["features"][2]["properties"][name] = value
    return json.dumps(read).encode()


def test_a_text_that_not_every_database_keeps_is_refused_with_the_place_where_it_stands(
    tmp_path,
):
    with open_door(tmp_path) as door:
        before = everything(tmp_path)
        post = door.post
        one = {**NAMED, "external_id": "1", "title": NUL}
        for file, where in (
            (with_property("name", NUL), "网格.geojson #3 name"),
            (with_property("code", NUL), "网格.geojson #3 code"),
            (with_property("备注", NUL), "网格.geojson #3 备注"),
        ):
            answer = post("/api/v1/boundaries/grid", files={"file": ("网格.geojson", file)})
            assert problem_of(answer, 422, "refused-value")["where"] == where
        agreement = {"layer": "grid", "owner_code": "甲", "within_m": 5, "document": "x"}
        sides = {"first_code": grid_code(0, 0), "second_code": grid_code(1, 0)}
        for path, value, where in (
            ("issues", one, "title"),
            ("issues", {**one, "title": None, "external_id": NUL}, "external_id"),
            ("agreements", {**agreement, **sides, "wording": NUL}, "wording"),
        ):
            answer = post(f"/api/v1/{path}", json=value)
            assert problem_of(answer, 422, "refused-value")["where"] == where
        answer = post("/api/v1/issues/batch", json={"issues": [one]})
        assert answer.json()["counts"]["rejected"] == 1
        figures = door.app.state.services.figures
        path = tmp_path / "水系.geojson"
        path.write_bytes(with_property("name", NUL))
        with pytest.raises(RefusedValue, match="#3 name"):
            figures.import_references(CALLER, path, "water", None)
        assert everything(tmp_path) == before


def test_a_list_and_a_reason_with_nul_are_refused(tmp_path):
    with open_door(tmp_path) as door:
        listed = f"工单编号,来源,上报时间,标题\n1,complaint,2026-11-20 08:00,{NUL}\n"
        listed += "2,complaint,2026-11-20 08:00,路灯\n"
        answer = door.post("/api/v1/issues/import", files={"file": ("a.csv", listed.encode())})
        assert (answer.json()["counts"]["added"], answer.json()["counts"]["rejected"]) == (1, 1)
        answer = door.post(
            "/api/v1/boundaries/grid",
            data={"reason": NUL},
            files={"file": ("网格.geojson", geojson("grid"))},
        )
        assert problem_of(answer, 422, "refused-value")["where"] == "reason"
        path = tmp_path / "figures.csv"
        path.write_text(f"layer,code,figure,value,from,source\ngrid,A,note,{NUL},2023-01-01,x")
        with pytest.raises(RefusedValue):
            door.app.state.services.figures.import_file(CALLER, path)
