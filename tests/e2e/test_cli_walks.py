"""One issue per shipped profile at the command line: from report to closing, in office words."""

import json
import re

import pytest

from geo_service.demo.profile_places import profile_place
from geo_service.governance.profile import shipped_profiles
from tests.houses import LONG_AGO_S, open_house, publish_areas
from tests.terminals import refusal, run
from tests.walks import WALKS

FIRST_HOUR = 9


@pytest.fixture(params=WALKS)
def office(request, tmp_path):
    """Publish a place for a profile, and take one ticket in from a list."""
    name = request.param
    house = open_house(tmp_path, profile=name)
    place = profile_place(name, house.workspace.layers)
    publish_areas(house, place.areas, on=0, effective_from_s=LONG_AGO_S)
    house.close()
    spot = place.buildings.geometries[0].centroid
    (tmp_path / "工单.csv").write_text(
        "工单号,来源,上报时间,经度,纬度,坐标系\n"
        f"7,12345,2025-06-10 08:00,{spot.x},{spot.y},EPSG:4490\n",
        encoding="utf-8",
    )
    assert "新增 1" in run(tmp_path, "issues", "import", "工单.csv", profile=name)
    return tmp_path, name, place


def test_every_shipped_profile_is_walked():
    assert sorted(WALKS) == shipped_profiles()


def test_an_issue_goes_from_report_to_closing_in_the_words_of_its_office(office):
    folder, name, place = office
    leaf = place.boundaries[place.leaf_layer]
    owner = run(folder, "issues", "owner", "1", profile=name)
    assert leaf.names[leaf.position_by_code[place.buildings.grids[0]]] in owner
    taken, refusals = [], 0
    for asked in WALKS[name]:
        hour = FIRST_HOUR + len(taken)
        words = ["issues", "step", "1", asked.step, "--role", asked.role]
        words += ["--at", f"2025-06-10 {hour:02d}:00"]
        words += [word for told in asked.told for word in ("--tell", told)]
        if asked.is_refused:
            assert asked.is_refused in refusal(folder, *words, profile=name)
            refusals += 1
            continue
        assert f"现在：{asked.state}；可办：" in run(folder, *words, profile=name)
        taken.append((f"2025-06-10 {hour:02d}:00", asked))
    assert refusals == 1
    check_printed(run(folder, "issues", "history", "1", profile=name), taken)
    found = json.loads(run(folder, "issues", "history", "1", "--json", profile=name))
    assert found["status"] == "closed"
    assert [event["kind"] for event in found["events"]] == ["reported"] + ["step"] * len(taken)


def check_printed(history, taken):
    """Every line in its order: when, which step, the state it led to, by whom, what was told."""
    cells = [
        [cell.strip() for cell in line[1:-1].split("│")]
        for line in history.splitlines()
        if line.startswith("│")
    ]
    assert [row[:3] for row in cells] == [
        ["2025-06-10 08:00", "上报", ""],
        *([at, asked.step, asked.state] for at, asked in taken),
    ]
    for row, (_, asked) in zip(cells[1:], taken, strict=True):
        assert row[3].startswith(asked.role)
        for told in asked.told:
            assert f"：{told.partition('=')[2]}" in row[3]
    # names of the program's own are nobody's words
    assert not re.search("[a-z]", "".join(cell for row in cells for cell in row))
