"""The parts of an address, and how they are written."""

from typing import NamedTuple


class Address(NamedTuple):
    """What an address names; parts are plain text (``plain``), numbers without their words.

    ``lanes`` are a lane and the lanes within it (88弄5支弄), from outside in. ``number`` is 3,
    88甲, 88-1 or a stretch of numbers, 88~90. ``name`` is that of an estate, a building or a firm.
    ``crossing`` is the road that meets ``road``. ``above`` are the names of districts, streets and
    communities in front, joined. ``is_near`` tells that the place only lies near what is named.
    """

    road: str | None = None
    lanes: tuple[str, ...] = ()
    number: str | None = None
    name: str | None = None
    building: str | None = None
    crossing: str | None = None
    above: str = ""
    is_near: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether it names nothing."""
        return not (self.road or self.name or self.lanes)


def written(address: Address) -> str:
    """Return an address as it is written; read again, it has the same parts."""
    if address.crossing:
        return f"{address.above}{address.road}/{address.crossing}"
    text = address.above + (address.road or "")
    for depth, lane in enumerate(address.lanes):
        text += f"{lane}支弄" if depth else f"{lane}弄"
    if address.number:
        text += f"{address.number}号"
    text += address.name or ""
    if address.building:
        is_numbered = address.building[0].isascii()
        text += f"{address.building}号楼" if is_numbered else address.building
    return f"{text}附近" if address.is_near else text


def numbers_of(number: str) -> list[str]:
    """Return the house numbers that a stretch of numbers holds, on its side of the road.

    One number is itself; a stretch over more than ``LONGEST_STRETCH`` is its two ends.
    """
    first, is_stretch, last = number.partition("~")
    if not is_stretch:
        return [number]
    if not (first.isdigit() and last.isdigit()) or not _is_one_side(int(first), int(last)):
        return [first, last]
    return [str(each) for each in range(int(first), int(last) + 1, 2)]


LONGEST_STRETCH = 60


def _is_one_side(first: int, last: int) -> bool:
    return first < last <= first + LONGEST_STRETCH and (last - first) % 2 == 0
