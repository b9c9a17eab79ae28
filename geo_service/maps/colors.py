"""The colors of hotspots: pale yellow to dark red, readable by color-blind people."""

RAMP = ("#fff1b8", "#fed97a", "#fcb14b", "#ef8331", "#d15424", "#a22e1d", "#681012")
"""Falls in lightness all the way, so that it also reads without color; none of it is the red
C8161D that belongs to party organisations."""

ZERO = "#fcfbf4"
"""Areas without any issue stand apart from those with few."""


def ramp(count: int) -> tuple[str, ...]:
    """Return ``count`` colors spread over the whole ramp, the palest first."""
    if count == 1:
        return (RAMP[2],)
    last = len(RAMP) - 1
    return tuple(_between(i * last / (count - 1)) for i in range(count))


def class_colors(labels: tuple[str, ...]) -> tuple[str, ...]:
    """Return a color for each class of counts or rates; a class of zero alone is nearly white."""
    if labels[:1] == ("0",):
        return (ZERO, *ramp(len(labels) - 1)) if len(labels) > 1 else (ZERO,)
    return ramp(len(labels)) if labels else ()


def _between(place: float) -> str:
    left = min(int(place), len(RAMP) - 2)
    share = place - left
    mixed = (
        round(a + (b - a) * share)
        for a, b in zip(_channels(RAMP[left]), _channels(RAMP[left + 1]), strict=True)
    )
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def _channels(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)
