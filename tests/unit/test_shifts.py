"""Which handover a moment belongs to, and until when the next shift lasts."""

import pytest

from geo_service.governance.clock.shifts import Shifts, shifts
from geo_service.governance.moment import epoch_s, local_text, read_moment
from geo_service.governance.profile import parse_profile, shipped_profile
from tests.deadlines import PROFILE

DAY_AND_NIGHT = Shifts((30_600, 63_000))  # 08:30 and 17:30


def turn(known, text):
    return [local_text(each)[5:] for each in known.turn(epoch_s(read_moment(f"2026-{text}")))]


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ("11-19 08:20", ["11-18 17:30", "11-19 08:30", "11-19 17:30"]),
        ("11-19 08:30", ["11-18 17:30", "11-19 08:30", "11-19 17:30"]),
        ("11-19 09:29", ["11-18 17:30", "11-19 08:30", "11-19 17:30"]),
        ("11-19 09:30", ["11-19 08:30", "11-19 17:30", "11-20 08:30"]),
        ("11-19 18:29", ["11-19 08:30", "11-19 17:30", "11-20 08:30"]),
        ("11-19 23:59", ["11-19 17:30", "11-20 08:30", "11-20 17:30"]),
        ("12-31 23:59", ["12-31 17:30", "01-01 08:30", "01-01 17:30"]),
    ],
)
def test_an_hour_after_a_shift_began_its_handover_is_over(now, told):
    assert turn(DAY_AND_NIGHT, now) == told


def test_one_beginning_makes_shifts_of_a_day_and_midnight_is_one_too():
    assert turn(Shifts((30_600,)), "11-19 12:00") == ["11-19 08:30", "11-20 08:30", "11-21 08:30"]
    assert turn(Shifts((0,)), "11-19 00:30") == ["11-18 00:00", "11-19 00:00", "11-20 00:00"]
    late = Shifts((0, 86_340))  # 00:00 and 23:59
    assert turn(late, "11-19 00:30") == ["11-18 00:00", "11-18 23:59", "11-19 00:00"]


def test_a_profile_tells_its_shifts_or_has_those_of_most_offices():
    assert shipped_profile("generic").shifts == shipped_profile("x-street").shifts == DAY_AND_NIGHT
    text = PROFILE.replace("days_end", 'shift_starts = ["00:00", "08:00", "16:00"]\ndays_end')
    assert parse_profile(text, file="three.toml").shifts == Shifts((0, 28_800, 57_600))
    assert shifts({"hours": []}) == DAY_AND_NIGHT
