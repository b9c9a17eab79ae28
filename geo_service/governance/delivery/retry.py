"""When something that was not taken is tried again, and when nobody tries any more."""

from math import ceil
from typing import NamedTuple

_MOST_DOUBLINGS = 30


class RetryRules(NamedTuple):
    """Pauses in seconds, doubling from the first to the longest; and when an event is dead.

    It is dead once it failed so often, or so long after it was tried first.
    """

    first_pause_s: int = 5
    longest_pause_s: int = 300
    dead_after_s: int = 72 * 3600
    dead_after_tries: int = 1000

    def pause_s(self, tries: int, *, draw: float, asked_s: int | None = None) -> int:
        """Return how long to wait after so many failed tries (at least one).

        ``draw`` from [0, 1) takes off up to a half, so that what failed together does not come
        back together. ``asked_s`` is what the receiver asked for; it can only make the pause
        longer, and no longer than the longest one.
        """
        doubled = self.first_pause_s << min(tries - 1, _MOST_DOUBLINGS)
        pause_s = ceil(min(doubled, self.longest_pause_s) * (1 - draw / 2))
        return max(pause_s, min(asked_s or 0, self.longest_pause_s))

    def is_dead(self, tries: int, *, first_try_s: int, now_s: int) -> bool:
        """Tell whether an event that has just failed is not tried again."""
        return tries >= self.dead_after_tries or now_s - first_try_s >= self.dead_after_s
