"""`geo-service verify` as an operator runs it: what it covers, what it finds, its exit code."""

import json

import pytest

from tests.databases import change, everything, is_postgresql
from tests.furnished_houses import furnish
from tests.houses import CALLER, open_house
from tests.terminals import refusal, run


@pytest.fixture
def house(tmp_path):
    furnish(tmp_path)
    return tmp_path


def test_every_check_is_told_with_what_it_covered_and_every_finding_with_its_place(house):
    told = run(house, "verify", language="en")
    assert "✓ events: 26 issues, 39 events" in told
    assert "everything was verified, nothing is wrong" in told
    quick = run(house, "verify", "--quick", language="en")
    assert "- events: not verified" in quick
    assert "3 editions of the past were left out" in quick
    change(
        house,
        "UPDATE issues SET title = 'x' WHERE id IN (7, 8, 9)",
        "UPDATE assignments SET chain_id = 2 WHERE issue_id = 24",
    )
    before = everything(house)
    told = run(house, "verify", "--listed", "2", language="en", code=1)
    assert "✗ issues 7: the content hash is not that of the columns and texts" in told
    assert "… 1 more are not listed" in told
    assert "found 4 things wrong; nothing was changed" in told
    told = run(house, "verify", code=1)
    assert "✗ 工单 issues 24：grid 系列存的归属是 grid/999001010203" in told
    assert "DELETE FROM relocations" in told
    assert everything(house) == before


def test_programs_read_the_same_as_json(house):
    change(house, "UPDATE areas SET west = west - 1 WHERE id = 1")
    told = json.loads(run(house, "verify", "--json", code=1))
    assert (told["is_clean"], told["is_quick"], told["profile"]) == (False, False, "overlays")
    [areas] = [check for check in told["checks"] if check["name"] == "areas"]
    assert (areas["covered"], areas["found"]) == ({"area_rows": 24}, 1)
    [finding] = areas["findings"]
    place = {"table": "areas", "id": 1, "layer": "community", "code": "9990010101"}
    assert (finding["kind"], finding["where"]) == ("other_box", place)
    assert finding["en"] == (
        "areas 1, community/9990010101: the bounding box is not that of the outline"
    )


def test_the_demonstration_is_clean_and_the_advice_for_a_wrong_owner_mends_it(tmp_path):
    house = open_house(tmp_path, profile="x-street")
    house.demonstrations.load(CALLER, total=1500)
    house.close()
    assert "未发现问题" in run(tmp_path, "verify", profile="x-street")
    change(
        tmp_path,
        "UPDATE assignments SET chain_id = (SELECT max(id) FROM chains) WHERE issue_id IN"
        " (SELECT id FROM issues WHERE status = 'open')",
        "DELETE FROM relocations",
    )
    run(tmp_path, "work", "--once", profile="x-street")
    assert "未发现问题" in run(tmp_path, "verify", profile="x-street")


def test_what_is_no_database_of_ours_is_told_and_not_made(tmp_path):
    if is_postgresql():
        change(tmp_path, "DROP TABLE alembic_version")
        assert "表结构不是本版本的" in run(tmp_path, "verify", code=1)
    else:
        assert "没有数据库文件" in refusal(tmp_path, "verify")
        assert not (tmp_path / "house.db").exists()
