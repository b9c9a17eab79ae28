"""One night of a small house, from Wednesday 17:30 to Thursday 08:20, told minute by minute.

The profile is ``generic``: accepting is due after 2 working hours (09:00–12:00, 13:00–18:00),
handling after 5 working days or 24 hours where urgent, an urging after 4 working hours.
"""

from geo_service.governance.moment import epoch_s, read_moment
from geo_service.services.handling.steps import StepAsked
from geo_service.services.service_set import ServiceSet
from tests.houses import CALLER, STEP, WEST, Clock, center, publish_street

SINCE, NOW, NEXT = "2026-11-18 17:30", "2026-11-19 08:20", "2026-11-19 17:30"


def moment_s(text: str) -> int:
    """Return seconds since 1970 of a time in Asia/Shanghai."""
    return epoch_s(read_moment(text))


class Night:
    """A house whose clock is set by whatever happens in it."""

    def __init__(self, house: ServiceSet, clock: Clock) -> None:
        self.house, self.clock = house, clock
        self.at("16 08:00")
        publish_street(self.house)
        self.ids: dict[str, int] = {}

    def at(self, text: str) -> None:
        """Let it be a time of November 2026, written ``18 17:30``."""
        self.clock.now_s = moment_s(f"2026-11-{text}")

    def report(self, name: str, at: str, *, reported: str | None = None, **cells: object) -> None:
        """Take an issue in; it was reported at the same time unless that is told otherwise."""
        self.at(at)
        lon, lat = center(0, 0)
        row = {"source": "12345", "external_id": name, "frame": "EPSG:4490", "x": lon, "y": lat}
        row |= {"reported_at": f"2026-11-{reported or at}", **cells}
        self.ids[name] = self.house.issues.report(CALLER, row, is_updating=True)["id"]

    def take(self, name: str, at: str, step: str, role: str = "派单员", **told: object) -> None:
        """Do a step of an issue."""
        self.at(at)
        self.house.handling.take_step(CALLER, self.ids[name], StepAsked(step, role, told))

    def send(self, name: str, day: str, *times: str) -> None:
        """Accept an issue and send it out, each at a time of a day."""
        self.take(name, f"{day} {times[0]}", "受理", triage="小事")
        self.take(name, f"{day} {times[1]}", "分流", tier="网格", unit="第1网格")


def eventful_night(night: Night) -> Night:
    """Let everything happen in a new house that a sheet tells of, and the night end."""
    for name, until in (("contacted", None), ("suspended", "2026-11-19"), ("parked", "2026-11-30")):
        night.report(name, "16 10:00")
        night.send(name, "16", "10:30", "10:40")
        if until is None:
            night.take(name, "16 11:00", "先行联系", "网格员")
        else:
            night.take(name, "16 11:00", "挂账", "网格员", reason="等待配件", until=until)
    night.report("before", "17 10:00")  # due 12:00
    night.report("disputed", "18 15:00")
    night.send("disputed", "18", "15:05", "15:10")
    night.take("disputed", "18 15:20", "退单", "网格员", reason="不在本辖区")
    night.take("disputed", "18 17:00", "分流", tier="网格", unit="第1网格")
    night.report("late", "18 16:00")  # due 18:00

    night.report("urged", "18 17:32")
    night.take("urged", "18 17:33", "受理", triage="小事")
    night.take("urged", "18 17:35", "催办")  # due 25 minutes, 3 hours and 35 minutes later: 13:35
    night.take("disputed", "18 17:40", "再次退单", "网格员", reason="不在本辖区")
    night.report("done", "18 18:30")
    night.report("double", "18 18:50")
    night.report("night", "18 19:00")  # due 11:00
    night.report("urgent", "18 20:00", category_major="公共危机", category_minor="公共安全")
    night.take("urgent", "18 20:10", "受理", triage="大事", condition="紧急")  # due 20:00
    night.report("paper", "18 20:30", reported="18 16:50")  # due 09:50
    closing = {"status": "办结", "closed_at": "2026-11-17 10:00"}
    night.report("closed paper", "18 20:31", reported="16 09:00", **closing)
    night.report("border", "18 21:00", x=WEST + STEP, y=center(0, 0)[1])  # due 11:00
    night.take("double", "18 21:30", "并案", issue=night.ids["urgent"])
    night.report("nowhere", "18 22:00", x=10.0, y=10.0)  # due 11:00
    closing = {"status": "办结", "closed_at": "2026-11-18 23:00"}
    night.report("done", "18 23:00", reported="18 18:30", **closing)
    night.at("19 08:20")
    return night
