"""Handling of one issue by the shipped workflows: walked through from report to closing."""

import pytest

from geo_service.errors import DepartmentsMissing, IllegalTransition, InvalidValue, MissingFacts
from geo_service.governance.handling.life import (
    StepTaken,
    after_step,
    beginning,
    from_values,
    legal_steps,
    payload_of,
    to_values,
)
from geo_service.governance.profile import shipped_profile


class Issue:
    """An issue that is handled by a profile, an hour between its steps."""

    def __init__(self, profile, status="open"):
        self.workflow = shipped_profile(profile).workflow
        self.standing = beginning(self.workflow, status=status)
        self.at_s = 0

    def take(self, step, role, **told):
        self.at_s += 3600
        taken = StepTaken(step, role, told, self.at_s)
        payload = payload_of(self.workflow, self.standing, taken)
        self.standing = after_step(self.standing, payload)
        assert from_values(to_values(self.standing)) == self.standing
        return payload

    @property
    def legal(self):
        """What leads on from here; marks and what the appraisal decides may come at any time."""
        steps = legal_steps(self.workflow, self.standing)
        return [step.title_zh for step in steps if step.target and step.effect != "merge"]


def test_a_grid_issue_goes_from_report_to_rating_in_the_words_of_the_office():
    issue = Issue("generic")
    assert issue.legal == ["受理", "不予受理"]
    issue.take("受理", "坐席", triage="小事")
    issue.take("派单", "派单员", tier="网格", unit="示例网格 7")
    assert (issue.standing.tier, issue.standing.unit) == ("grid", "示例网格 7")
    issue.take("挂账", "网格员", reason="等待配件", until="2026-12-01")
    assert issue.legal == ["销号恢复"]
    issue.take("销号恢复", "网格员")
    assert issue.standing.pauses == ((3 * 3600, 4 * 3600),)
    issue.take("处置", "网格员")
    issue.take("反馈", "网格员")
    payload = issue.take("评价", "派单员", resolved="未解决", satisfaction="不满意")
    assert (payload["state"], payload["phase"]) == ("closed", "closed")
    answers = {"triage": "shared", "resolved": "no", "satisfaction": "dissatisfied"}
    assert issue.standing.answers == answers
    issue.take("重办", "值班长", reason="来电人称未解决")
    assert (issue.standing.state, issue.standing.unit) == ("accepted", "示例网格 7")


def test_a_second_return_goes_to_the_shift_leader_who_cites_a_rule():
    issue = Issue("generic")
    issue.take("accept", "dispatcher", triage="public")
    assign = {"tier": "street", "unit": "示例科室"}
    issue.take("assign", "dispatcher", **assign)
    assert "再次退单" not in issue.legal
    issue.take("return", "handler", reason="不属本单位职责")
    issue.take("assign", "dispatcher", **assign)
    assert "退单" not in issue.legal
    with pytest.raises(IllegalTransition) as refused:
        issue.take("退单", "handler", reason="unclear")
    assert refused.value.text("zh").startswith(
        "状态为“处置中”的问题不能发生“退单”；现在可以：再次退单、挂账、处置、"
    )
    issue.take("再次退单", "handler", reason="职责清单第 12 项属另一科室")
    with pytest.raises(InvalidValue, match="role must be one of shift_leader"):
        issue.take("rule", "handler", **assign, rule="第 12 项")
    with pytest.raises(MissingFacts, match="裁定 needs besides: rule"):
        issue.take("rule", "shift_leader", **assign)
    payload = issue.take("rule", "shift_leader", **assign, rule="职责清单第 12 项")
    assert (payload["rule"], payload["state"]) == ("职责清单第 12 项", "assigned")


def test_an_issue_rises_tier_by_tier_and_no_further():
    issue = Issue("generic")
    issue.take("accept", "dispatcher", triage="小事")
    for tier in ("grid", "community", "street"):
        issue.take("assign", "dispatcher", tier=tier, unit="示例")
        if tier != "street":
            issue.take("transfer_up", "handler", reason="超出权限")
    assert issue.standing.tier == "street"
    assert "上报上级" not in issue.legal


def test_n_street_settles_on_three_levels():
    issue = Issue("n-street")
    issue.take("登记", "互助站站长", triage="小事")
    issue.take("流转共议", "互助站站长", reason="涉及两个小区")
    issue.take("流转商议", "网格长", reason="需部门到场")
    tiers = {"station": "grid", "grid": "street"}
    assert issue.standing.tier == tiers["grid"]
    issue.take("召集部门", "街道调度员", departments=["城管", "消防"])
    issue.take("部门到场", "网格长", department="城管")
    issue.take("议定解决", "街道调度员")
    rating = {"resolved": "已解决", "satisfaction": "满意"}
    with pytest.raises(DepartmentsMissing) as refused:
        issue.take("反馈评价", "网格长", **rating)
    assert refused.value.departments == ["消防"]
    issue.take("解除召集", "街道调度员", department="消防", reason="无需到场")
    issue.take("反馈评价", "网格长", **rating)
    assert issue.standing.phase == "closed"


def test_a_whistle_ends_when_every_department_has_come():
    issue = Issue("beijing-whistle")
    issue.take("accept", "lane_leader", triage="大事")
    issue.take("吹哨", "street", departments=["城管", "公安", "城管"], reason="综合执法")
    assert issue.standing.departments == {"城管": "summoned", "公安": "summoned"}
    with pytest.raises(InvalidValue) as refused:
        issue.take("报到", "department", department="消防")
    assert refused.value.text("zh") == "department 应为已吹哨、尚未报到的部门：城管、公安"
    issue.take("报到", "部门", department="城管")
    issue.take("吹哨", "street", departments=["消防"], reason="应急处置")
    issue.take("finish", "street")
    with pytest.raises(DepartmentsMissing, match="公安, 消防"):
        issue.take("rate", "street", resolved="是")
    issue.take("报到", "部门", department="公安")
    issue.take("报到", "部门", department="消防")
    with pytest.raises(InvalidValue) as refused:
        issue.take("报到", "部门", department="消防")
    assert refused.value.text("zh").endswith("没有")
    issue.take("rate", "street", resolved="是")


def test_what_a_source_closed_can_be_reopened():
    issue = Issue("generic", status="closed")
    assert issue.legal == ["重办"]


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"step": "飞单"}, "step 应为受理、不予受理、"),
        ({"role": "市民"}, "role 应为派单员 之一"),
        ({"reason": "x"}, "reason 应为这一步没有的项；可用：triage"),
        ({"triage": "中事"}, "triage 应为大事、小事、私事 之一"),
        ({"triage": ""}, "受理还缺：triage"),
        ({"triage": 3}, "triage 应为大事、小事、私事 之一"),
    ],
)
def test_odd_facts_are_named(told, said):
    given = {"step": "accept", "role": "dispatcher", "triage": "小事", **told}
    step, role = given.pop("step"), given.pop("role")
    with pytest.raises((InvalidValue, MissingFacts)) as refused:
        Issue("generic").take(step, role, **given)
    assert refused.value.text("zh").startswith(said)


@pytest.mark.parametrize(
    ("step", "told", "said"),
    [
        ("assign", {"tier": "省", "unit": "示例"}, "tier 应为网格、社区、街道、职能部门 之一"),
        ("assign", {"tier": "grid", "unit": "示" * 201}, "unit 应为1 到 200 个字"),
        ("assign", {"tier": "grid"}, "分流还缺：unit"),
    ],
)
def test_an_assignment_says_where_it_goes(step, told, said):
    issue = Issue("generic")
    issue.take("accept", "dispatcher", triage="小事")
    with pytest.raises((InvalidValue, MissingFacts)) as refused:
        issue.take(step, "dispatcher", **told)
    assert refused.value.text("zh") == said


def test_lists_and_moments_are_read():
    issue = Issue("generic")
    issue.take("accept", "dispatcher", triage="小事")
    issue.take("assign", "dispatcher", tier="grid", unit="示例")
    with pytest.raises(InvalidValue, match="until must be a day or time"):
        issue.take("suspend", "handler", reason="等待", until="下周")
    payload = issue.take("suspend", "handler", reason="等待", until="2026-12-01")
    assert payload["until"] == "2026-12-01T16:00:00+00:00"  # that day ends then in Shanghai
    whistle = Issue("beijing-whistle")
    whistle.take("accept", "street", triage="大事")
    with pytest.raises(InvalidValue, match="departments must be a list of 1 to 30"):
        whistle.take("whistle", "street", departments="城管", reason="综合执法")
