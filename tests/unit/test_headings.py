"""Guessing which heading holds which field, and never reading columns about persons."""

import pytest

from geo_service.errors import InvalidValue, UnknownColumn
from geo_service.governance.headings import (
    LayerWords,
    agreement_columns,
    area_columns,
    issue_columns,
)
from geo_service.governance.personal import is_about_special_group, personal_columns


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("工单编号", "external_id"), ("案件编号", "external_id"), ("流水号", "external_id"),
        ("编号", "external_id"), ("来源", "source"), ("渠道", "source"),
        ("上报时间", "reported_at"), ("受理时间", "reported_at"), ("诉求时间", "reported_at"),
        ("经度", "x"), ("lon", "x"), ("LNG", "x"), ("X坐标", "x"), ("经度（GCJ02）", "x"),
        ("纬度", "y"), ("lat", "y"), ("Ｙ", "y"), ("坐标系", "frame"),
        ("事件大类", "category_major"), ("小类", "category_minor"), ("诉求类型", "request_type"),
        ("状态", "status"), ("办结时间", "closed_at"), ("标题", "title"), ("内容", "description"),
        ("描述", "description"), ("地址", "address"), ("定位精度(米)", "accuracy_m"),
        ("external_id", "external_id"), ("Reported At", "reported_at"),
    ],
)  # fmt: skip
def test_an_issue_heading_is_recognized(heading, field):
    assert issue_columns([heading]).heading_by_field == {field: heading}


@pytest.mark.parametrize("heading", ["序号", "备注", "所属街道", "办理时限"])
def test_a_heading_that_holds_no_field_stays_unused(heading):
    columns = issue_columns([heading])

    assert columns.heading_by_field == {}
    assert columns.unused == (heading,)


def test_two_candidates_are_told_and_the_more_trusted_is_taken():
    columns = issue_columns(["编号", "工单编号", "上报时间"])

    assert columns.heading_by_field["external_id"] == "工单编号"
    assert columns.ambiguous == {"external_id": ("工单编号", "编号")}
    assert columns.guessed == ("external_id", "reported_at")
    assert columns.unused == ("编号",)


def test_an_override_wins_and_is_no_guess():
    columns = issue_columns(["编号", "工单编号"], overrides={"external_id": "编号"})

    assert columns.heading_by_field == {"external_id": "编号"}
    assert (columns.guessed, columns.ambiguous) == ((), {})


def test_an_override_with_a_column_that_is_not_there_is_refused():
    with pytest.raises(UnknownColumn) as caught:
        issue_columns(["编号"], overrides={"title": "标题"})

    assert caught.value.column == "标题"
    assert list(caught.value.known) == ["编号"]


def test_an_override_with_a_column_about_persons_is_refused():
    with pytest.raises(InvalidValue):
        issue_columns(["编号", "联系人"], overrides={"title": "联系人"})


@pytest.mark.parametrize(
    ("headings", "expected"),
    [
        (["编码", "名称", "上级编码"], ("编码", "名称", "上级编码")),
        (["代码", "名称", "parent"], ("代码", "名称", "parent")),
        (["CODE", "NAME", "PARENT"], ("CODE", "NAME", "PARENT")),
        (["社区编码", "网格编码", "网格名称"], ("网格编码", "网格名称", "社区编码")),
        (["所属社区编码", "网格代码", "网格名称"], ("网格代码", "网格名称", "所属社区编码")),
        (["所属社区编", "网格代码", "网格名称"], ("网格代码", "网格名称", "所属社区编")),
    ],
)
def test_boundary_headings_are_recognized(headings, expected):
    words = LayerWords(layer=("grid", "网格"), parent=("community", "社区"))

    found = area_columns(headings, words=words).heading_by_field

    assert (found["code"], found["name"], found["parent"]) == expected


def test_the_same_heading_is_a_code_in_its_own_layer_and_a_parent_one_below():
    own = area_columns(["社区编码"], words=LayerWords(layer=("community", "社区")))
    below = area_columns(["社区编码"], words=LayerWords(("grid", "网格"), ("community", "社区")))

    assert own.heading_by_field == {"code": "社区编码"}
    assert below.heading_by_field == {"parent": "社区编码"}


PERSONAL = [
    "姓名", "联系人", "手机", "手机号码", "联系电话", "电话", "身份证", "身份证号", "证件号",
    "诉求人", "微信", "来电人", "投诉人姓名", "网格员姓名", "网格员", "网格长", "党支部书记",
    "业主", "户主", "主叫号码", "邮箱", "Phone", "出生日期", "诉求人地址",
]  # fmt: skip
SPECIAL = [
    "社区矫正", "吸毒人员", "精神障碍患者", "信访件", "涉稳", "低保户数", "是否低保", "戒毒",
]  # fmt: skip
HARMLESS = [
    "单位名称", "小区名称", "网格名称", "编号", "工单号码", "来电时间", "电话回访时间",
    "居民户数", "居民委员会", "居民区编码", "网格员人数", "党员人数", "处置单位", "上报人单位",
    "精神文明建设", "手机信号覆盖率", "居民诉求", "名称", "经度",
]  # fmt: skip


@pytest.mark.parametrize("heading", PERSONAL)
def test_a_column_about_a_person_is_recognized(heading):
    assert personal_columns([heading]) == [heading]


@pytest.mark.parametrize("heading", SPECIAL)
def test_a_column_about_a_special_group_is_recognized_even_as_a_count(heading):
    assert is_about_special_group(heading)
    assert personal_columns([heading]) == [heading]


@pytest.mark.parametrize("heading", HARMLESS)
def test_a_column_that_is_about_nobody_stays(heading):
    assert personal_columns([heading]) == []


def test_dropped_columns_are_told_in_their_order_and_never_mapped():
    columns = issue_columns(["联系电话", "工单编号", "姓名", "是否低保"])

    assert columns.dropped == ("联系电话", "姓名", "是否低保")
    assert columns.heading_by_field == {"external_id": "工单编号"}


def test_the_headings_of_a_list_of_border_agreements_are_known_in_both_languages():
    chinese = ["层级", "网格甲", "网格乙", "归属", "半宽(米)", "依据文号", "约定内容"]
    chinese += ["生效", "失效", "线"]
    english = ["layer", "first_code", "second_code", "owner", "within_m", "document", "wording"]
    english += ["effective_from", "effective_to", "stretch"]
    fields = list(agreement_columns(english).heading_by_field)
    assert agreement_columns(chinese).heading_by_field == dict(zip(fields, chinese, strict=True))
