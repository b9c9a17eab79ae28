"""Workflows of profiles: what contradicts itself is refused with its line."""

import pytest

from geo_service.errors import InvalidProfile
from geo_service.governance.handling.life import (
    StepTaken,
    after_step,
    beginning,
    legal_steps,
    payload_of,
)
from geo_service.governance.handling.proposal import proposed_steps
from geo_service.governance.profile import parse_profile
from tests.profiles import changed, refusal_of

PROFILE = """
[[layers]]
name = "street"

[handling]
start = "new"

[[roles]]
name = "clerk"

[[tiers]]
name = "desk"
upper = "office"

[[tiers]]
name = "office"

[[states]]
name = "new"

[[states]]
name = "at_work"

[[states]]
name = "done"
phase = "closed"

[[steps]]
name = "start"
from = ["new"]
to = "at_work"

[[steps]]
name = "lift"
from = ["at_work"]
tier = "up"

[[steps]]
name = "end"
from = ["at_work"]
to = "done"
roles = ["clerk"]
needs = ["reason"]
reasons = [{ name = "mended" }]
"""


def test_a_small_workflow_is_enough():
    flow = parse_profile(PROFILE, file="small.toml").workflow
    at = beginning(flow, status="open")
    tiers = []
    for step in ("start", "lift", "lift"):
        at = after_step(at, payload_of(flow, at, StepTaken(step, "clerk", {}, 0)))
        tiers.append(at.tier)
    assert tiers == [None, "desk", "office"]
    assert [step.name for step in legal_steps(flow, at)] == ["end"]  # no tier is above


@pytest.mark.parametrize(
    ("old", "new", "at", "said"),
    [
        ('start = "new"', 'start = "old"', 'start = "old"', "没有“old”；已有：new, at_work, done"),
        ('upper = "office"', 'upper = "city"', 'upper = "city"', "没有“city”；已有：desk, office"),
        (
            '"office"\n\n[[st',
            '"office"\nupper = "desk"\n\n[[st',
            'upper = "office"',
            "上级关系成环",
        ),
        (
            'to = "at_work"',
            'to = "done"',
            'name = "at_work"',
            "“at_work”到不了：没有步骤从“new”走到它",
        ),
        ('phase = "closed"', "", "[[states]]", '没有办结状态（phase = "closed"）'),
        ('to = "done"', 'to = "new"', 'name = "done"', "“done”到不了：没有步骤从“new”走到它"),
        (
            'tier = "up"',
            'tier = "down"',
            'tier = "down"',
            "没有“down”；已有：same, up, named, desk, office",
        ),
        ('["clerk"]', '["boss"]', 'roles = ["boss"]', "没有“boss”；已有：clerk"),
        (
            'needs = ["reason"]',
            'requires = ["selfie"]\nneeds = ["reason"]',
            'requires = ["selfie"]',
            "没有“selfie”；已有：report, before, after, check",
        ),
        (
            'needs = ["reason"]',
            'needs = ["why"]',
            'needs = ["why"]',
            "没有“why”；已有：reason, rule",
        ),
        ('needs = ["reason"]', "", "reasons = ", '列出了理由，needs 里却没有 "reason"'),
        ('{ name = "mended" }', '{ title_zh = "好" }', "reasons = ", "缺少这一项"),
        ('tier = "up"', "after = { begin = 1 }", "after = ", "没有“begin”；已有：start, lift, end"),
        (
            'tier = "up"',
            'effect = "release"',
            "effect = ",
            '这样的步骤要告知 department，needs 里却没有 "department"',
        ),
        ('tier = "up"', "at_most = 10", "at_most", "应为1 到 9 之间的整数"),
        ('tier = "up"', "after = {}", "after", "应为步骤到次数的表，如 { return = 1 }"),
        ('tier = "up"', 'to = "new"\n[[states]]\nname = "z"', 'name = "z"', "“z”到不了"),
        ('from = ["new"]', 'from = "new"', 'from = "new"', "应为文字列表"),
    ],
)
def test_what_contradicts_itself_is_refused_with_its_line(old, new, at, said):
    text = changed(PROFILE, old, new)
    refused = refusal_of(text)
    assert said in refused.text("zh")
    assert text.splitlines()[refused.line - 1].startswith(at)


def test_a_state_that_nothing_closes_is_refused():
    trap = '[[states]]\nname = "trap"\n\n'
    fall = '\n[[steps]]\nname = "fall"\nfrom = ["new"]\nto = "trap"\n'
    trap = PROFILE.replace("[[steps]]", f"{trap}[[steps]]", 1) + fall
    with pytest.raises(InvalidProfile, match="'trap' is a dead end: no closed state follows it"):
        parse_profile(trap, file="small.toml")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('steps = ["begin"]', "没有“begin”"),
        ('steps = ["start"]', "dispatch.role：没有“”"),
        ('steps = ["start"]\nrole = "boss"', "没有“boss”"),
        ('told = { mood = "good" }', "没有“mood”"),
        ('tiers = { village = "desk" }', "没有“village”"),
        ('tiers = { street = "village" }', "没有“village”"),
    ],
)
def test_what_dispatchers_are_offered_is_checked(written, said):
    refused = refusal_of(f"{PROFILE}\n[dispatch]\n{written}\n")
    assert said in refused.text("zh")


def test_dispatchers_are_offered_what_only_needs_the_owner():
    offer = '[dispatch]\nsteps = ["start", "lift", "end"]\nrole = "clerk"\n'
    text = PROFILE.replace('name = "lift"', 'name = "lift"\nneeds = ["unit"]')
    text = text.replace('tier = "up"', 'tier = "named"')
    for written, tier in (("", "desk"), ('tiers = { street = "office" }\n', "office")):
        profile = parse_profile(f"{text}\n{offer}{written}", file="small.toml")
        at = beginning(profile.workflow, status="open")
        asked = (profile.workflow, profile.dispatch, at)
        assert [each.step for each in proposed_steps(*asked, None, at_s=0)] == ["start"]
        start, lift = proposed_steps(*asked, ("street", "示例街道"), at_s=0)
        assert (lift.told, lift.role) == ({"unit": "示例街道", "tier": tier}, "clerk")
    at = after_step(at, payload_of(profile.workflow, at, start))
    assert [each.step for each in proposed_steps(*asked[:2], at, None, at_s=0)] == []
