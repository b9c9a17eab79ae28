"""Photos and erasures at the terminal."""

import json

from tests.databases import attachment_folder, rows
from tests.houses import CALLER, center, open_house, publish_street
from tests.photos import photo
from tests.terminals import refusal, run, run_process


def two_years(folder):
    """Return the setting of an office that keeps what is private for two years."""
    path = folder / "two_years.toml"
    layers, above = "", ""
    for name in ("district", "street", "community", "grid"):
        layers += f'[[layers]]\nname = "{name}"\n{above}'
        above = f'parent = "{name}"\n'
    path.write_text(f"{layers}[privacy]\nretention_days = 730\n", encoding="utf-8")
    return {"profile": str(path)}


def test_a_photo_is_attached_listed_and_erased_with_the_issue(tmp_path):
    house = open_house(tmp_path)
    publish_street(house)
    house.close()
    lon, lat = center(0, 0)
    (tmp_path / "a.csv").write_text(
        "工单号,上报时间,办结时间,经度,纬度,标题,坐标系,状态\n"
        f"1,2020-01-01,2020-01-02,{lon},{lat},楼上漏水甲乙,EPSG:4490,办结\n"
        f"2,2020-01-01,,{lon},{lat},路灯不亮丙丁,EPSG:4490,受理\n",
        encoding="utf-8",
    )
    run(tmp_path, "issues", "import", "a.csv", "--source", "12345")
    (tmp_path / "a.jpg").write_bytes(photo())
    (tmp_path / "b.jpg").write_text("不是照片", encoding="utf-8")
    attach = ("issues", "attach", "2")
    how = ("--kind", "处置后", "--role", "网格员")

    said = run(tmp_path, *attach, "a.jpg", *how)
    assert said.startswith("处置后 64×48 ")
    said = run(tmp_path, *attach, "a.jpg", *how)
    assert said.strip().endswith("早已附上")
    as_json = run(tmp_path, *attach, "a.jpg", *how, "--json")
    assert json.loads(as_json)["replayed"] is True
    listed = run(tmp_path, "issues", "attachments", "2")
    assert "处置后" in listed
    assert "承办人" in listed
    [row] = json.loads(run(tmp_path, "issues", "attachments", "2", "--json"))
    assert (row["kind"], row["width"]) == ("after", 64)
    assert "而是文本" in refusal(tmp_path, *attach, "b.jpg", *how)
    assert "没有这个文件" in refusal(tmp_path, *attach, "c.jpg", *how)
    small = {"photo_limit_megapixels": "1", "photo_limit_mb": "1"}
    (tmp_path / "large.jpg").write_bytes(photo(2000, 1000))
    said = refusal(tmp_path, *attach, "large.jpg", *how, **small)
    assert said == "照片的百万像素为 2，超过上限 1"

    office = two_years(tmp_path)
    assert "2020" not in run(tmp_path, "issues", "expire", "--dry-run", **office)
    assert "尚未抹除：1 件" in run(tmp_path, "issues", "expire", "--dry-run", **office)
    assert "抹除了 1 件" in run(tmp_path, "issues", "expire", **office)
    assert "本人要求、误录" in refusal(tmp_path, "issues", "erase", "2", "--reason", "想删")
    erase = ("issues", "erase", "2", "--reason", "request")
    said = run(tmp_path, *erase)
    assert "已抹除问题 2：x、y、title；照片 1 张" in said
    assert "早已抹除" in run(tmp_path, *erase)
    assert json.loads(run(tmp_path, *erase, "--json"))["is_replayed"] is True
    said = run(tmp_path, "issues", "expire", "--compact", **office)
    assert "已重写" in said
    assert rows(tmp_path, "SELECT count(*) FROM issues WHERE title IS NOT NULL") == [(0,)]
    photos = [path for path in attachment_folder(tmp_path).glob("*/*/*") if path.is_file()]
    assert photos == []
    assert "✓ 照片与抹除" in run(tmp_path, "verify")


def test_an_office_may_keep_everything_and_work_tells_what_it_erased(tmp_path):
    house = open_house(tmp_path)
    told = {"source": "complaint", "external_id": "1", "status": "办结", "title": "甲"}
    times = {"reported_at": "2020-01-01", "closed_at": "2020-01-02"}
    house.issues.report(CALLER, {**told, **times}, is_updating=False)
    house.close()
    profile = tmp_path / "office.toml"
    layers = '[[layers]]\nname = "grid"\n'
    assert "未设保存期" in run(tmp_path, "issues", "expire")
    assert "没有到期的工作" in run(tmp_path, "work", "--once")
    assert "抹除了 1 件" in run(tmp_path, "work", "--once", **two_years(tmp_path))
    profile.write_text(layers + "[privacy]\nretention_days = -1\n", encoding="utf-8")
    said = refusal(tmp_path, "profile", "check", "office.toml")
    assert "第 4 行" in said
    assert "retention_days" in said


def test_a_backup_that_lacks_a_photo_is_heard_of_where_its_report_is_thrown_away(tmp_path):
    house = open_house(tmp_path)
    publish_street(house)
    house.close()
    lon, lat = center(0, 0)
    (tmp_path / "a.csv").write_text(
        f"工单号,上报时间,经度,纬度,坐标系\n1,2020-01-01,{lon},{lat},EPSG:4490\n", encoding="utf-8"
    )
    run(tmp_path, "issues", "import", "a.csv", "--source", "12345")
    (tmp_path / "a.jpg").write_bytes(photo())
    run(tmp_path, "issues", "attach", "1", "a.jpg", "--kind", "上报", "--role", "网格员")
    said = run_process(tmp_path, "backup", "whole.zip")
    assert (said.code, said.stderr) == (0, "")
    assert "照片 1 张" in said.stdout

    [kept] = [path for path in attachment_folder(tmp_path).glob("*/*/*") if path.is_file()]
    kept.unlink()
    for words in (("backup", "lacking.zip", "--json"), ("restore", "lacking.zip", "--check")):
        said = run_process(tmp_path, *words)
        assert said.code == 0
        assert said.stderr.startswith("! 1 张照片丢失或已损坏，不在备份里")
