"""Names by their beginning, by what they hold, and by how they sound."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from geo_service.layers.addresses.sound import one_sound, sounds

INITIALS, PINYIN = "initials", "pinyin"
_LAST = chr(0x10FFFF)
_CUT = "\n"


class Meaning(NamedTuple):
    """What a word names: a ``kind`` of thing, and which one."""

    kind: str
    number: int


class _Sound(NamedTuple):
    key: str
    word: int
    how: str


class Words:
    """Plain words, each with all that it names; sorted, so that beginnings are found at once."""

    def __init__(self, named: Iterable[tuple[str, Meaning]]) -> None:
        """Take words with what they name, in any order; a word may come often."""
        by_word: dict[str, list[Meaning]] = {}
        for word, meaning in named:
            by_word.setdefault(word, []).append(meaning)
        self.words: list[str] = sorted(by_word)
        self._meanings = [by_word[word] for word in self.words]

    def __len__(self) -> int:
        return len(self.words)

    def meanings(self, word: str) -> Sequence[Meaning]:
        """Return what a whole word names."""
        at = bisect_left(self.words, word)
        is_there = at < len(self.words) and self.words[at] == word
        return self._meanings[at] if is_there else ()

    def meanings_at(self, position: int) -> Sequence[Meaning]:
        """Return what the word at a position names."""
        return self._meanings[position]

    def beginning(self, text: str) -> range:
        """Return the positions of the words that begin with a text, itself left out."""
        first = bisect_right(self.words, text)
        return range(first, bisect_left(self.words, text + _LAST, lo=first))

    def holding(self, text: str, *, limit: int) -> list[int]:
        """Return the positions of some words that hold a text further in."""
        found: list[int] = []
        at = self._joined.find(text)
        while at >= 0 and len(found) < limit:
            position = int(np.searchsorted(self._starts, at, side="right")) - 1
            if self._starts[position] != at:
                found.append(position)
            following = self._joined.find(_CUT, at)
            at = self._joined.find(text, following) if following >= 0 else -1
        return found

    def sounding(self, letters: str, *, limit: int) -> list[tuple[int, str]]:
        """Return positions of words whose pinyin or initials begin so, whole ones first, and how.

        ``how`` is ``INITIALS`` or ``PINYIN``.
        """
        found = {each.word: each.how for each in self._sounding(letters, is_whole=True)}
        for each in islice(self._sounding(letters, is_whole=False), 4 * limit):
            found.setdefault(each.word, each.how)
        return list(islice(found.items(), limit))

    def sounding_alike(self, word: str) -> list[int]:
        """Return the positions of other words that are spoken like this one."""
        whole = self._sounding(one_sound(word), is_whole=True)
        others = {each.word for each in whole if each.how == PINYIN}
        return sorted(at for at in others if self.words[at] != word)

    def _sounding(self, letters: str, *, is_whole: bool) -> Iterator[_Sound]:
        first = bisect_left(self._sounds, letters, key=_key)
        beyond = letters if is_whole else letters + _LAST
        last = bisect_right(self._sounds, beyond, lo=first, key=_key)
        return iter(self._sounds[first:last])

    @cached_property
    def _sounds(self) -> list[_Sound]:
        found = []
        for position, word in enumerate(self.words):
            if not word.isascii():
                full, initials = sounds(word)
                found += [_Sound(key, position, INITIALS) for key in initials]
                found += [_Sound(key, position, PINYIN) for key in full]
        return sorted(found)

    @cached_property
    def _joined(self) -> str:
        return _CUT.join(self.words)

    @cached_property
    def _starts(self) -> NDArray[np.int64]:
        lengths = np.array([len(word) + 1 for word in self.words], dtype=np.int64)
        return np.concatenate([[0], np.cumsum(lengths)[:-1]])


def _key(sound: _Sound) -> str:
    return sound.key
