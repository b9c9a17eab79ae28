"""What the planner's guide walks through, line by line, on the demo it names."""

import shlex
from pathlib import Path

import pytest

from tests.terminals import run

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "planner.md"
BUSIEST, PARTS = "999001001016007", ("999001001016010", "999001001016011")
MOVED_FROM = "999001001016006"

pytestmark = pytest.mark.sqlite


def lines():
    """Return the commands of the walk, without their comments."""
    [block] = [each for each in GUIDE.read_text("utf-8").split("```") if each.startswith("sh\n")]
    return [line for line in block.splitlines()[1:] if not line.startswith("#")]


def test_the_walk_from_the_busiest_grid_to_taking_its_split_back(tmp_path):
    house = {"profile": "x-street"}
    run(tmp_path, "demo", "load", **house)
    told = {line: run(tmp_path, *shlex.split(line)[1:], **house) for line in lines()}

    def of(words):
        return [text for line, text in told.items() if words in line]

    assert f"最多 {busiest(of('balance')[0])} {BUSIEST}" in of("balance")[0]
    assert "切开" in of("reshape")[0]  # the question that the fix answers
    [pieces] = of("impact")
    assert all(code in pieces for code in (BUSIEST, *PARTS))
    assert (tmp_path / "变更单.html").stat().st_size
    now, then = of("locate")
    assert PARTS[1] in now.splitlines()[1]
    assert MOVED_FROM in then.splitlines()[1]
    assert "试运行，未存入" in of("--dry-run")[0]
    assert "已发布第 3 版" in of("revert")[-1]
    assert "全部核对未发现问题" in of("verify")[0]
    again = run(tmp_path, "locate", "118.501232", "33.595348", **house)
    assert MOVED_FROM in again.splitlines()[1]


def busiest(told):
    """Return the highest number of the last line, which is of all areas."""
    return told.splitlines()[-1].split("最多 ")[1].split()[0]
