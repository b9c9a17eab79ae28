"""Redrawing at the terminal: every operation, undo, fixes, impact, publication, taking it back."""

import pytest

from tests.doors import publish_street_in
from tests.drafting import A, B, C, D, at
from tests.houses import center, grid_code
from tests.terminals import refusal, run

EAST = "9990010102"
E, F = grid_code(2, 0), grid_code(3, 0)


@pytest.fixture
def street(tmp_path):
    publish_street_in(tmp_path)
    run(tmp_path, "drafts", "begin", "三季度调整")
    return tmp_path


def places(*spots):
    return " ".join("{:.12f},{:.12f}".format(*at(*spot)) for spot in spots)


def owner(street, *, when=()):
    lon, lat = center(0, 0)
    return run(street, "locate", str(lon), str(lat), *when).splitlines()[1]


def test_a_grid_is_split_published_looked_at_yesterday_and_taken_back(street):
    said = run(street, "drafts", "split", "1", "grid", A, "--line", places((0.75, -1), (0.75, 2)))
    # codes that nobody named follow those beside: 999001010101, 02, 05 and 06 are given
    assert "网格 改动：999001010105 999001010107 999001010108" in said
    assert f"网格 撤销：{A}" in said
    assert "可以发布" in run(street, "drafts", "check", "1")
    impact = run(street, "drafts", "impact", "1")
    assert f"{A} 第1网格（撤销）" in impact
    assert "面积 m² 10200 → —" in impact
    said = run(street, "drafts", "publish", "1", "--reason", "拆分最忙的网格")
    assert "草案 1 已发布为第 2 版" in said
    assert "999001010107" in owner(street)
    assert A in owner(street, when=("--as-of", "2025-01-01"))
    said = run(street, "editions", "revert", "2", "--reason", "试行收回")
    assert f"恢复 1 ({A})" in said
    assert A in owner(street)
    assert "已发布" in run(street, "drafts", "list")


def test_every_operation_is_a_command(street):
    def draw(kind, *words):
        return run(street, "drafts", kind, "1", "grid", *words)

    draw("recode", A, "--to", "N1", "--name", "一")
    draw("move-junction", B, "--place", places((1, 1)), "--to", places((1.1, 1.1)))
    assert draw("borders", E).count("999001010203") >= 1  # F is on the other side of one
    notch = places((2.75, 0.25), (3.5, 0.25), (3.5, 0.75), (2.75, 0.75))
    draw("give", E, F, "--outline", notch)
    draw("merge", "N1", B, "--into", "N2", "--name", "合")
    draw("retire", C)
    assert "N2" in draw("give-gap", "N2", "--place", places((0.5, 1.5)))
    draw("retire", F)
    south = ("--outline", places((3, 0), (4, 0), (4, 0.25), (3, 0.25)))
    draw("add", "N3", *south, "--parent", f"community/{EAST}", "--name", "新")
    draw("give-gap", E, "--place", places((3.5, 0.75)))
    draw("retire", "N3", "--leaves")
    draw("annex", E, *south)
    draw("reparent", D, f"community/{EAST}")
    told = run(street, "drafts", "show", "1")
    kinds = ("改名改码", "移动交会点", "划给邻格", "合并", "撤销区域", "补空隙", "划入", "新设")
    assert all(kind in told for kind in kinds)  # as the planner desk calls them
    for _ in range(3):
        run(street, "drafts", "undo", "1")
    assert "已撤销" in run(street, "drafts", "show", "1")
    run(street, "drafts", "redo", "1")


def test_a_gap_is_told_with_what_would_fill_it(street):
    run(street, "drafts", "retire", "1", "grid", A)
    said = run(street, "drafts", "check", "1", code=1)
    assert "! [0]" in said
    assert "空隙" in said
    assert "✗" in run(street, "drafts", "check", "1", "--whole", code=1)
    assert f"[0] 把空地划给 网格 {B}" in run(street, "drafts", "fix", "1", "0")
    assert "缺陷" in refusal(street, "drafts", "publish", "1", "--reason", "有空隙")
    run(street, "drafts", "fix", "1", "0", "--take", "0")
    assert "可以发布" in run(street, "drafts", "check", "1")


def test_what_cannot_be_is_one_line(street):
    def draw(*words):
        return refusal(street, "drafts", *words)

    assert "没有编号为 9 的草案" in draw("show", "9")
    assert "经度,纬度" in draw("give-gap", "1", "grid", A, "--place", "nowhere")
    assert "图层/代码" in draw("reparent", "1", "grid", A, EAST)
    assert "没有可以 undo 的步骤" in draw("undo", "1")
    assert "没有不同" in draw("publish", "1", "--reason", "空")
    run(street, "drafts", "recode", "1", "grid", A, "--name", "一")
    stale = draw("recode", "1", "grid", A, "--name", "二", "--seen", "0")
    assert f"涉及 网格 {A}：" in stale
    assert f"图层 网格 的 {A}、{F} 没有共同边界" in draw("merge", "1", "grid", A, F, "--into", "N9")
    statutory = ("move-junction", "1", "grid", B)
    moved = ("--place", places((2, 1)), "--to", places((2.2, 1)))
    run(street, "drafts", *statutory, *moved)
    assert "法定界线" in draw("publish", "1", "--reason", "社区调整")
    approved = ("--approved-by", "区政府", "--document", "1号", "--approved-on", "2026-11-20")
    run(street, "drafts", "publish", "1", "--reason", "社区调整", *approved)
    run(street, "drafts", "begin", "又一个")
    run(street, "drafts", "rename", "2", "换个名称")
    assert "换个名称" in run(street, "drafts", "list")
    run(street, "drafts", "discard", "2")
    assert "已不能改动" in draw("undo", "2")


def test_a_draft_goes_to_a_file_and_back_and_onto_a_newer_edition(street):
    run(street, "drafts", "recode", "1", "grid", A, "--name", "一")
    run(street, "drafts", "export", "1", "--layer", "grid", "--out", "grids.gpkg")
    said = run(street, "drafts", "import", "1", "grids.gpkg", "--layer", "grid")
    assert "没有变化" in said
    run(street, "drafts", "begin", "别人的")
    run(street, "drafts", "recode", "2", "grid", D, "--name", "四")
    run(street, "drafts", "publish", "2", "--reason", "别人先发布")
    assert "请先变基" in refusal(street, "drafts", "publish", "1", "--reason", "后到")
    assert "草案 1 现基于第 2 版" in run(street, "drafts", "rebase", "1")
    assert "第 3 版" in run(street, "drafts", "publish", "1", "--reason", "后到")
