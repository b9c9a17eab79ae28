"""Step sets: taken by name, with the profile's own keys over them, refused with the line."""

import tomllib

import pytest

from geo_service.governance.handling.step_sets import step_sets
from geo_service.governance.profile import parse_profile
from tests.profiles import changed, refusal_of

PROFILE = """
[[layers]]
name = "street"

[handling]
start = "new"
with = ["appraisal", "merging", "holding"]
acting = { dispatcher = ["clerk"], shift_leader = ["head"], handler = ["clerk", "head"] }

[[roles]]
name = "clerk"

[[roles]]
name = "head"

[[tiers]]
name = "desk"

[[states]]
name = "new"

[[states]]
name = "done"
phase = "closed"

[[steps]]
name = "suspend"
title_zh = "先挂起来"
from = ["new"]

[[steps]]
name = "resume"
to = "new"

[[steps]]
name = "end"
from = ["new"]
to = "done"
"""


def test_own_keys_lie_over_those_of_a_set_and_roles_act_as_its():
    flow = parse_profile(PROFILE, file="own.toml").workflow
    suspend = flow.steps["suspend"]
    assert (suspend.title_zh, suspend.target) == ("先挂起来", "suspended")
    assert (suspend.needs, suspend.roles) == (("reason", "until"), ("clerk", "head"))
    assert flow.steps["exempt"].roles == ("head",)
    assert flow.steps["unmerge"].target == "new"  # {start}
    # what the profile writes keeps its place, what sets alone bring follows
    assert list(flow.steps)[:4] == ["suspend", "resume", "end", "exempt"]
    assert list(flow.states) == ["new", "done", "duplicate", "suspended"]
    assert flow.closed_state == "done"


def test_limits_of_a_set_stand_for_what_nobody_else_limits():
    taken = parse_profile(PROFILE, file="own.toml").deadlines
    (row,) = taken.rows["suspension"]
    assert (row.limit.clock, row.limit.amount) == ("calendar_days", 90)
    own = '[[limits]]\ndeadline = "suspension"\ncalendar_days = 30\n'
    told = parse_profile(PROFILE + own, file="own.toml").deadlines
    assert [row.limit.amount for row in told.rows["suspension"]] == [30]


def test_the_hash_is_that_of_all_of_it_written_out():
    whole = parse_profile(PROFILE, file="own.toml")
    again = parse_profile(
        PROFILE.replace('["appraisal",', '["appraisal", "appraisal",'), file="own.toml"
    )
    assert again.hash == whole.hash
    other = parse_profile(
        PROFILE.replace(', "holding"]', ', "holding", "urgency"]'), file="own.toml"
    )
    assert other.hash != whole.hash
    assert '"with"' not in whole.canonical_text
    assert list(other.workflow.conditions) == ["urgent", "normal"]


def test_a_set_brings_those_it_takes_itself_and_an_earlier_one_lies_over_them():
    text = '[[layers]]\nname = "street"\n[handling]\nstart = "reported"\nwith = ["grid_flow"]\n'
    text += "".join(f'[[roles]]\nname = "{name}"\n' for name in ("dispatcher", "handler"))
    text += '[[roles]]\nname = "shift_leader"\n[[tiers]]\nname = "street"\n'
    profile = parse_profile(text, file="own.toml")
    assert profile.deadlines.deadlines["urging"].ends == ("reply", "deal_with")
    assert profile.workflow.steps["return"].sources == ("assigned",)
    assert profile.workflow.steps["return"].at_most == 1


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "said"),
    [
        ('"merging",', '"mixing",', "with =", "handling.with", "没有“mixing”；已有：appraisal"),
        (
            '["appraisal", "merging", "holding"]',
            '"appraisal"',
            "with =",
            "handling.with",
            "文字列表",
        ),
        (
            '["head"], handler',
            "[], handler",
            "acting =",
            "handling.acting",
            "应为角色到角色列表的表",
        ),
        (
            "dispatcher =",
            "clerk =",
            "acting =",
            "handling.acting",
            "没有“clerk”；已有：shift_leader",
        ),
        (
            '["clerk"], s',
            '["boss"], s',
            "acting =",
            "handling.acting",
            "没有“boss”；已有：clerk, head",
        ),
        (
            'title_zh = "先挂起来"\nfrom = ["new"]',
            "",
            'name = "suspend"',
            "steps[1].name",
            "要写明从哪些状态",
        ),
        (
            '[[steps]]\nname = "suspend"\ntitle_zh = "先挂起来"\nfrom = ["new"]\n',
            "",
            "with =",
            "handling.with",
            "holding 中的 steps suspend name：要写明从哪些状态",
        ),
        ('shift_leader = ["head"], ', "", "[[steps]]", "steps[1].roles", "没有“shift_leader”"),
        ('name = "suspend"', 'name = "end2"', "with =", "handling.with", "steps suspend"),
        (
            '[[steps]]\nname = "resume"\nto = "new"\n',
            "",
            "with =",
            "handling.with",
            "holding 中的 states suspended name：“suspended”出不去",
        ),
        (
            'name = "end"',
            'name = "最后"\naliases = ["并案"]',
            "with =",
            "handling.with",
            "出现了两次",
        ),
        (
            "[[steps]]\n",
            "[[steps]]\nname = 3\n[[steps]]\n",
            "name = 3",
            "steps[1].name",
            "非空文字",
        ),
        ('start = "new"\n', "", "[handling]", "handling.start", "缺少这一项"),
    ],
)
def test_what_a_set_cannot_be_laid_on_is_told_with_the_line(old, new, line, key, said):
    text = changed(PROFILE, old, new)
    refused = refusal_of(text)
    assert (refused.key, said in refused.text("zh")) == (key, True), refused
    assert line in text.split("\n")[refused.line - 1]


@pytest.mark.parametrize("said", ["steps = 3\n", "handling = 3\n", 'roles = "x"\n'])
def test_a_section_of_another_kind_is_refused_for_what_it_is(said):
    head, section = "[[layers]]", said.split(" ")[0]
    text = PROFILE
    if section == "handling":
        text = text[: text.index("[handling]")]
    else:
        parts = text.split(f"[[{section}]]")
        rest = parts[-1]
        text = parts[0] + (rest[rest.index("\n[[") :] if "\n[[" in rest else "")
    text = said + head + text.split(head, 1)[1]
    tomllib.loads(text)
    refused = refusal_of(text)
    assert (refused.line, refused.key) in {(1, section), (refused.line, "handling.acting")}


def test_every_set_is_taken_by_a_shipped_profile_or_by_another_set():
    assert step_sets() == [
        "appraisal",
        "grid_flow",
        "holding",
        "marks",
        "merging",
        "returns",
        "summons",
        "urgency",
    ]
