"""Which edition governs, and what publishing makes of pending ones, told by dictionaries alone.

The oracle of machines that publish, wait and take back. A content is (layer, code) → whatever an
area is to the machine: squares, or a stored row.
"""

from collections.abc import Callable, Hashable, Mapping
from typing import Any, NamedTuple, TypeAlias

Key: TypeAlias = tuple[str, str]
Content: TypeAlias = Mapping[Key, Hashable]


class Published(NamedTuple):
    """An edition as the oracle knows it; moments are seconds since 1970 UTC."""

    number: int
    published_s: int
    effective_s: int
    content: Content


def changed(one: Content, other: Content) -> set[Key]:
    """Return the areas that are not the same in both."""
    return {key for key in one.keys() | other.keys() if one.get(key) != other.get(key)}


class KnownEditions:
    """All that was published; ``is_whole`` judges a content that two publications led to."""

    def __init__(
        self, now_s: Callable[[], float], *, is_whole: Callable[[dict[Key, Any]], bool]
    ) -> None:
        self.known: list[Published] = []
        self._now_s, self._is_whole = now_s, is_whole

    @property
    def now_s(self) -> int:
        """The moment by the clock of the house."""
        return int(self._now_s())

    def governing(self, moment_s: float, known: list[Published] | None = None) -> Published | None:
        """Return the edition in force at a moment: the latest to take effect, then the highest."""
        fit = [each for each in known or self.known if each.effective_s <= moment_s]
        return max(fit, key=lambda each: (each.effective_s, each.number), default=None)

    def followers(self, effective_s: float) -> list[Published]:
        """Return the pending editions that are published again on one with this moment.

        Where one that is in force, or was, stands between, they were made on that one.
        """
        last = {each.effective_s: each for each in self.known if each.effective_s > effective_s}
        found = [last[moment] for moment in sorted(last)]
        return found if found and found[0].effective_s > self.now_s else []

    def foresee(self, content: Content, effective_s: int) -> list[tuple[int, Content]] | None:
        """Return the editions that publishing makes; None where a pending one is in the way."""
        base = self.governing(effective_s)
        before = base.content if base else {}
        here, made = changed(before, content), [(effective_s, content)]
        for waiting in self.followers(effective_s):
            there = changed(before, waiting.content)
            if any(waiting.content.get(k) != content.get(k) for k in here & there):
                return None
            merged = {k: content[k] for k in content if k not in there}
            merged |= {k: waiting.content[k] for k in there if k in waiting.content}
            if not self._is_whole(merged):
                return None
            made.append((waiting.effective_s, merged))
        return made

    def note(self, made: list[tuple[int, Content]]) -> None:
        """Take in what was published just now, in the order of numbers."""
        for effective_s, content in made:
            self.known.append(Published(len(self.known) + 1, self.now_s, effective_s, content))

    def preceding(self, edition: Published) -> Published | None:
        """Return what governed until an edition came, at the moment it is for."""
        fit = [
            each
            for each in self.known[: edition.number - 1]
            if each.effective_s != edition.effective_s or each.effective_s <= edition.published_s
        ]
        return self.governing(edition.effective_s, fit) if fit else None
