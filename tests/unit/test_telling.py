"""Events told in the words of their office, in two languages, whatever the profile still knows."""

from geo_service.governance.handling.telling import event_title, state_title, told_text
from geo_service.governance.profile import shipped_profile

WHISTLE = shipped_profile("beijing-whistle").workflow
CALLED = {
    "step": "whistle",
    "role": "street",
    "state": "whistled",
    "phase": "open",
    "tier": "street",
    "departments": ["城管", "公安"],
    "reason": "emergency",
    "at_s": 0,
}


def test_a_step_is_told_in_the_words_of_the_profile():
    assert event_title(WHISTLE, "step", CALLED, "zh") == "吹哨"
    assert state_title(WHISTLE, "step", CALLED, "zh") == "已吹哨"
    told = told_text(WHISTLE, "step", CALLED, "zh")
    assert told == "街道调度员；层级：街道；部门：城管、公安；理由：应急处置"
    english = told_text(WHISTLE, "step", CALLED, "en")
    assert english == (
        "dispatcher of the street; tier: street; departments: 城管, 公安; reason: emergency"
    )


def test_what_the_profile_does_not_know_any_more_stands_as_it_was_stored():
    gone = {**CALLED, "step": "drum", "role": "elder", "state": "drummed", "tier": "hamlet"}
    assert event_title(WHISTLE, "step", gone, "zh") == "drum"
    assert state_title(WHISTLE, "step", gone, "zh") == "drummed"
    assert told_text(WHISTLE, "step", gone, "zh").startswith("elder；层级：hamlet")


def test_the_end_of_a_pause_is_told_in_local_time_and_texts_as_they_were_typed():
    paused = {**CALLED, "until": "2026-11-20T00:00:00Z", "reason": "等候图纸", "departments": None}
    told = told_text(WHISTLE, "step", paused, "zh")
    assert "理由：等候图纸；至：2026-11-20 08:00" in told


def test_events_that_are_no_steps_have_words_of_their_own():
    assert event_title(WHISTLE, "reported", {}, "zh") == "上报"
    assert (state_title(WHISTLE, "reported", {}, "zh"), told_text(WHISTLE, "erased", {}, "zh")) == (
        "",
        "",
    )
    assert event_title(WHISTLE, "reassigned", {}, "en") == "another owner after boundaries changed"
    assert told_text(WHISTLE, "attached", {"kind": "after"}, "zh") == "处置后"
    assert told_text(WHISTLE, "attached", {"kind": "x-ray"}, "zh") == ""
    assert event_title(WHISTLE, "unheard", {}, "zh") == "unheard"


def test_how_pressing_it_is_is_told_in_words():
    taken = {**CALLED, "step": "accept", "condition": "urgent", "triage": "public", "tier": None}
    told = told_text(WHISTLE, "step", taken, "zh")
    assert told.startswith("街道调度员；分类：大事；缓急：紧急；")
