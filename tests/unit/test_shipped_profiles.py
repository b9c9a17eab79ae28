"""One issue for each shipped profile, from report to closing in the words of its office."""

import pytest

from geo_service.errors import DepartmentsMissing, IllegalTransition, NotAdmitted
from geo_service.governance.profile import parse_profile, shipped_profile, shipped_profiles
from tests.deadlines import Issue

# Each line is a moment, a step, a role and what is told; then the end: state, deadlines as
# (due, whether it ended late). Every due is counted by hand from office hours and limits;
# 2026-11-16 is a Monday and no holiday is near.
REPLAYS = {
    "generic": (
        ("2026-11-16 10:00", "养老"),
        """
        2026-11-16 10:30 受理 派单员 triage=小事
        2026-11-16 11:00 派单 派单员 tier=网格 unit=示例网格
        2026-11-16 11:20 先行联系 网格员
        2026-11-17 10:00 处置 网格员
        2026-11-17 11:00 反馈 网格员
        2026-11-18 09:00 回访 派单员 resolved=已解决 satisfaction=满意
        """,
        "办结",
        {"acceptance": ("2026-11-16 12:00", False), "handling": ("2026-11-24 00:00", False)},
    ),
    "n-street": (
        ("2026-11-16 09:00", "邻里与治安"),
        """
        2026-11-16 10:00 登记 互助站站长 triage=小事
        2026-11-20 09:00 流转共议 互助站站长 reason=涉及两个小区
        2026-11-23 09:00 流转商议 网格长 reason=需部门到场
        2026-11-23 10:00 督办 街道调度员 reason=超三日未结
        2026-11-23 11:00 召集部门 街道调度员 departments=城管、消防
        2026-11-24 09:00 部门到场 网格长 department=城管
        2026-11-24 09:30 解除召集 街道调度员 department=消防 reason=无需到场
        2026-11-24 10:00 回复督办 网格长 reason=城管已到场
        2026-11-24 11:00 议定解决 街道调度员
        2026-11-25 09:00 反馈评价 网格长 resolved=是 satisfaction=基本满意
        """,
        "办结",
        # four working hours of 08:30-12:00, 13:30-17:30; the station's three days ran out
        {
            "registration": ("2026-11-16 14:30", False),
            "level": ("2026-12-08 00:00", False),
            "supervision": ("2026-11-26 00:00", False),
        },
    ),
    "x-street": (
        ("2026-11-16 09:00", "市容秩序"),
        """
        2026-11-16 11:30 登记 微网格长 triage=大事 tier=微网格 unit=示例微网格 condition=紧急
        2026-11-16 14:00 上报上级 微网格长 reason=需执法
        2026-11-16 15:00 上报上级 居民区书记 reason=需执法
        2026-11-16 15:30 双牵头 片区领导 unit=示例片区 reason=块上牵头
        2026-11-16 16:00 召集执法力量 街道调度员 departments=城管、市场
        2026-11-16 17:00 部门到场 执法力量 department=城管
        2026-11-16 17:10 部门到场 执法力量 department=市场
        2026-11-17 09:30 处置 片区领导
        2026-11-17 10:00 反馈 居民区书记
        2026-11-17 15:00 群众评议 居民区书记 resolved=是 satisfaction=满意
        """,
        "办结",
        # told to be urgent, so 24 hours from the report; answered an hour too late
        {"registration": ("2026-11-16 11:00", True), "handling": ("2026-11-17 09:00", True)},
    ),
    "shanghai-grid": (
        ("2026-11-16 15:00", "物业与设施"),
        """
        2026-11-16 15:10 受理 网格办受理员 triage=小事
        2026-11-16 15:20 先行联系 网格办受理员
        2026-11-16 15:30 指派 网格办受理员 tier=村居工作站 unit=示例居民区工作站
        2026-11-17 09:00 上报 工作站人员 reason=需联勤
        2026-11-17 09:30 指派 指挥长 tier=街镇分中心 unit=示例联勤队
        2026-11-17 10:00 联动召集 指挥长 departments=房管
        2026-11-17 14:00 部门到场 联动队伍 department=房管
        2026-11-17 15:00 联动处置 联动队伍
        2026-11-18 09:00 答复 联动队伍
        2026-11-18 10:00 满意度测评 网格办受理员 resolved=已解决 satisfaction=拒评
        """,
        "办结",
        {"contact": ("2026-11-18 00:00", False), "handling": ("2026-11-24 00:00", False)},
    ),
    "dongcheng-unit-grid": (
        ("2026-11-16 08:40", "市容秩序"),
        """
        2026-11-16 09:00 信息收集 监督员
        2026-11-16 09:30 案卷建立 值班员
        2026-11-16 10:00 任务派遣 派遣员 tier=区 unit=示例专业部门
        2026-11-16 15:00 任务处理 专业部门
        2026-11-16 15:30 处理反馈 专业部门
        2026-11-16 16:30 核查不通过 监督员 reason=仍有堆物
        2026-11-16 16:40 任务派遣 派遣员 tier=区 unit=示例专业部门
        2026-11-16 17:00 任务处理 专业部门
        2026-11-16 17:10 处理反馈 专业部门
        2026-11-17 09:00 核查 监督员
        2026-11-17 09:10 核查结案 值班员
        """,
        "结案",
        # eight working hours of 08:30-12:00, 13:30-18:00, counted anew from the second dispatch
        {
            "filing": ("2026-11-16 09:40", False),
            "handling": ("2026-11-17 16:40", False),
            "checking": ("2026-11-17 11:40", False),
        },
    ),
    "beijing-12345": (
        ("2026-11-16 20:00", "养老"),
        """
        2026-11-16 20:05 受理 坐席 triage=大事
        2026-11-16 20:10 派单 坐席 tier=街道（乡镇） unit=示例街道
        2026-11-17 09:30 签收 承办单位
        2026-11-17 10:00 退单 承办单位 reason=不属本单位职责
        2026-11-17 10:30 派单 派单员 tier=街道（乡镇） unit=示例街道
        2026-11-17 10:40 再次退单 承办单位 reason=职责清单第12项属另一单位
        2026-11-17 11:00 裁定 值班长 tier=街道（乡镇） unit=示例街道 rule=职责清单第12项
        2026-11-17 11:30 签收 承办单位
        2026-11-17 11:40 先行联系 承办单位
        2026-11-17 14:00 挂账 承办单位 reason=待批复 until=2026-12-20
        2026-11-20 14:00 销号恢复 承办单位
        2026-11-20 15:00 办理 承办单位
        2026-11-20 16:00 反馈 承办单位
        2026-11-23 09:00 回访 回访员 resolved=已解决 satisfaction=基本满意
        2026-11-23 09:10 办结 回访员
        2026-11-24 09:00 考核剔除 值班长 reason=历史遗留 rule=剔除规则第3条
        """,
        "办结",
        # two working hours from nine; seven days from the 17th on, three more for the pause
        {
            "signing": ("2026-11-17 14:00", False),
            "contact": ("2026-11-17 20:10", False),
            "handling": ("2026-11-27 00:00", False),
            "calling_back": ("2026-11-25 00:00", False),
        },
    ),
    "beijing-whistle": (
        ("2026-11-16 09:00", "市容秩序"),
        """
        2026-11-16 09:30 受理 街巷长 triage=大事
        2026-11-16 10:00 吹哨 街道调度员 departments=城管、公安 reason=综合执法
        2026-11-16 11:00 报到 部门 department=城管
        2026-11-16 16:00 报到 部门 department=公安
        2026-11-18 10:00 处置完毕 街道调度员
        2026-11-19 10:00 街道评价 街道调度员 resolved=是
        """,
        "办结",
        {"arrival": ("2026-11-16 15:30", False), "handling": ("2026-12-01 00:00", False)},
    ),
    "chaoyang-axis": (
        ("2026-11-16 10:00", "公共危机"),
        """
        2026-11-16 10:10 受理 街道派单员 triage=大事 condition=紧急
        2026-11-16 10:20 分流 街道派单员 tier=网格 unit=示例网格
        2026-11-16 10:40 先行联系 网格党支部书记
        2026-11-16 11:00 上报上级 网格党支部书记 reason=超出权限
        2026-11-16 11:10 分流 街道派单员 tier=区 unit=示例部门
        2026-11-16 11:30 先行联系 街道科室
        2026-11-16 15:00 处置 街道科室
        2026-11-16 16:00 反馈 街道科室
        2026-11-17 09:00 评价 社区党委书记 resolved=是 satisfaction=满意
        """,
        "办结",
        # whom it is handed to contacts too; a public emergency has 24 hours
        {"contact": ("2026-11-16 12:10", False), "handling": ("2026-11-17 10:00", False)},
    ),
    "community-resize": (
        ("2026-11-16 10:00", "其他"),
        """
        2026-11-16 10:30 受理 街道受理员 triage=大事
        2026-11-16 11:00 分流 街道受理员 tier=社区 unit=示例社区
        2026-11-17 09:00 上报上级 社区居委会 reason=涉及界线
        2026-11-17 10:00 分流 街道受理员 tier=街道 unit=区划专班
        2026-11-18 10:00 延期 专班负责人 reason=须听取意见 until=2026-11-30
        2026-11-27 10:00 处置 区划专班
        2026-11-27 11:00 反馈 区划专班
        2026-11-27 15:00 评价 街道受理员 resolved=是 satisfaction=未接通
        """,
        "办结",
        # told with the extension: until that day ends
        {"handling": ("2026-12-01 00:00", False)},
    ),
    "red-property": (
        ("2026-11-16 10:00", "物业与设施"),
        """
        2026-11-16 10:10 报修受理 社区书记 triage=小事
        2026-11-16 10:20 派工 社区书记 tier=物业企业 unit=示例物业
        2026-11-16 10:30 先行联系 物业
        2026-11-17 09:00 提请协商 物业 reason=需动用维修资金
        2026-11-17 09:30 派工 社区书记 tier=业委会（物管会） unit=示例业委会
        2026-11-17 09:40 先行联系 业委会
        2026-11-17 10:00 街道吹哨 街道派单员 departments=房管
        2026-11-17 14:00 部门到场 街道派单员 department=房管
        2026-11-18 10:00 处置 物业
        2026-11-18 11:00 反馈 物业
        2026-11-19 09:00 业主评价 社区书记 resolved=已解决 satisfaction=满意
        """,
        "办结",
        {"contact": ("2026-11-19 00:00", False), "handling": ("2026-11-24 00:00", False)},
    ),
    "service-circle": (
        ("2026-11-16 10:00", "养老"),
        """
        2026-11-16 10:30 登记需求 党群服务中心 triage=小事
        2026-11-16 11:00 认领派送 党群服务中心 tier=阵地 unit=示例阵地
        2026-11-16 11:30 先行联系 阵地站长
        2026-11-17 10:00 提供服务 阵地站长
        2026-11-17 11:00 反馈 阵地站长
        2026-11-18 10:00 评价 党群服务中心 resolved=是 satisfaction=满意
        """,
        "办结",
        {"acceptance": ("2026-11-16 12:00", False), "handling": ("2026-11-24 00:00", False)},
    ),
}


def replay(issue, lines):
    for line in lines.strip().splitlines():
        day, clock, step, role, *told = line.split()
        facts = dict(each.split("=") for each in told)
        if "departments" in facts:
            facts["departments"] = facts["departments"].split("、")
        issue.take(step, f"{day} {clock}", role=role, **facts)


@pytest.mark.parametrize("name", shipped_profiles())
def test_an_issue_goes_from_report_to_its_end_in_the_words_of_the_office(name):
    (at, major), lines, end, dues = REPLAYS[name]
    issue = Issue(at, major=major, profile=shipped_profile(name))
    replay(issue, lines)
    assert issue.profile.workflow.states[issue.standing.state].title_zh == end
    assert issue.standing.phase == "closed"
    found = {each: (issue.told_due(each), issue.runs[each].ended_late) for each in dues}
    assert found == dues


def test_a_unit_grid_case_closes_only_after_a_check_of_what_was_done_last():
    (at, major), lines, _, _ = REPLAYS["dongcheng-unit-grid"]
    issue = Issue(at, major=major, profile=shipped_profile("dongcheng-unit-grid"))
    replay(issue, "\n".join(lines.strip().splitlines()[:-2]))
    with pytest.raises(IllegalTransition, match="核查"):
        issue.take("结案", "2026-11-17 09:00", role="值班员")
    issue.take("核查", "2026-11-17 09:00", role="监督员")
    issue.take("结案", "2026-11-17 09:10", role="值班员")
    issue.take("重新立案", "2026-11-18 09:00", role="值班长", reason="反弹")
    with pytest.raises(IllegalTransition):  # the check of last time is none of this time
        issue.take("结案", "2026-11-18 09:10", role="值班员")


@pytest.mark.parametrize(
    ("name", "step", "role"),
    [("n-street", "登记", "互助站站长"), ("beijing-whistle", "受理", "街巷长")],
)
def test_a_departments_duty_is_not_left_with_residents(name, step, role):
    profile = shipped_profile(name)
    category = '[[categories]]\nname = "违法建设"\ndepartment = "城管"\nstatutory = true\n'
    own = parse_profile(profile.text + category, file=f"{name}.toml")
    issue = Issue("2026-11-16 09:00", major="违法建设", profile=own)
    with pytest.raises(NotAdmitted):
        issue.take(step, "2026-11-16 09:30", role=role, triage="大事")


def test_no_whistle_ends_while_a_department_is_missing():
    issue = Issue("2026-11-16 09:00", profile=shipped_profile("beijing-whistle"))
    told = {"departments": ["城管"], "reason": "应急处置"}
    issue.take("吹哨", "2026-11-16 09:10", role="街道调度员", **told)
    issue.take("处置完毕", "2026-11-16 10:00", role="街道调度员")
    with pytest.raises(DepartmentsMissing):
        issue.take("街道评价", "2026-11-16 11:00", role="街道调度员", resolved="是")


def test_every_profile_speaks_two_languages_and_knows_its_marks():
    for profile in map(shipped_profile, shipped_profiles()):
        flow, deadlines = profile.workflow, profile.deadlines
        spoken = [*flow.steps.values(), *flow.states.values(), *flow.roles.values()]
        spoken += [*flow.tiers.values(), *profile.indicators, *profile.cadence]
        spoken += [*deadlines.deadlines.values(), *profile.departments]
        assert [word.name for word in spoken if word.title_zh == word.name] == []
        assert [word.name for word in spoken if not word.title_en.isascii()] == []
        marks = {each.title_zh for each in deadlines.deadlines.values() if each.is_mark}
        assert marks == {"催办", "督办", "领导批示", "疑难件"}
        effects = {step.effect for step in flow.steps.values()}
        assert effects >= {"merge", "unmerge", "exempt", "exclude", "include"}
        assert (deadlines.main, deadlines.response) != (None, None)
        assert profile.indicators
        assert profile.cadence


def test_the_sources_printed_words_and_figures_stand_in_their_profiles():
    red = shipped_profile("red-property")
    (target,) = red.organisations.targets
    assert [percent for _, percent in target.steps] == [30, 70, 90]
    level = next(each for each in red.figures if each.name == "property_level")
    assert [each.name for each in level.levels] == ["none", "self", "professional", "red"]
    assert (level.level_of("弃管"), level.level_of("酒店")) == ("none", None)
    whistle = shipped_profile("beijing-whistle").departments
    assert [each.title_zh for each in whistle if not each.stationed] == [
        "房管",
        "规划",
        "园林",
        "文化",
    ]
    households = shipped_profile("community-resize").figures[1]
    assert households.is_usual("community", 3000)
    assert not households.is_usual("community", 3001)
    assert households.is_usual("grid", 50_000)  # nobody says what is usual there
    radius = {
        k.name: k.radius_m for k in shipped_profile("service-circle").organisations.facility_kinds
    }
    assert radius["service_center"] == 1000
