"""Editions: the whole set of boundaries as published at one moment, and which one governs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Uncorrected:
    """A later edition that still holds what a correction put right.

    ``areas`` names the first of them as ``layer/code``, ordered; ``total`` counts them all.
    """

    edition: int
    effective_from_s: int
    areas: tuple[str, ...]
    total: int


@dataclass(frozen=True)
class Edition:
    """One published, immutable set of boundaries.

    ``number`` is the order of storage. ``published_at_s`` says when we knew, ``effective_from_s``
    from when it applies; both are seconds since 1970 UTC, and intervals are half-open. A correction
    may be effective earlier than editions published before it; ``uncorrected`` says which of those
    that follow it in effect held its error when it was published, in the order of effect.
    """

    number: int
    published_at_s: int
    effective_from_s: int
    is_correction: bool
    reason: str
    actor: str
    content_hash: str
    uncorrected: tuple[Uncorrected, ...] = ()


@dataclass(frozen=True)
class EditionChoice:
    """Which edition is asked for: as of a moment, as it was known at another; None means now."""

    as_of_s: float | None = None
    known_at_s: float | None = None


IN_FORCE = EditionChoice()


def governing_edition(
    editions: Iterable[Edition], choice: EditionChoice, *, now_s: float
) -> Edition | None:
    """Return the edition that governs the moment of the choice.

    Of those published by ``known_at_s`` and effective by ``as_of_s``: the latest
    ``effective_from_s``, then the highest number. None where there is none.
    """
    as_of_s = now_s if choice.as_of_s is None else choice.as_of_s
    known_at_s = now_s if choice.known_at_s is None else choice.known_at_s
    candidates = (
        edition
        for edition in editions
        if edition.published_at_s <= known_at_s and edition.effective_from_s <= as_of_s
    )
    return max(candidates, key=_precedence, default=None)


def _precedence(edition: Edition) -> tuple[int, int]:
    return edition.effective_from_s, edition.number


def preceding_edition(editions: Iterable[Edition], edition: Edition) -> Edition | None:
    """Return the edition that this one took the place of when it was published.

    That is the one that governed its first moment by what was known before it. An edition that
    would have begun at the very moment and never took effect, since this one came first, is passed
    over: what had governed until then is what this one changes. None for the first of all.
    """
    candidates = (
        each
        for each in editions
        if each.number < edition.number
        and each.effective_from_s <= edition.effective_from_s
        and not edition.effective_from_s == each.effective_from_s > edition.published_at_s
    )
    return max(candidates, key=_precedence, default=None)


def later_editions(editions: Iterable[Edition], *, after_s: float) -> list[Edition]:
    """Return the edition that governs from each moment of change later than ``after_s``.

    In the order of effect. Of several with one effective date the last published alone is there:
    it governs that moment by all that is known.
    """
    by_moment = {edition.effective_from_s: edition for edition in sorted(editions, key=_precedence)}
    return [by_moment[moment] for moment in sorted(by_moment) if moment > after_s]


def governing_numbers(
    editions: Sequence[Edition], moments_s: NDArray[np.int64], *, now_s: float
) -> NDArray[np.int64]:
    """Return the number of the edition that governs each moment, 0 where none does.

    Parameters
    ----------
    moments_s
        ``(n,)`` seconds since 1970 UTC.
    """
    published = [edition for edition in editions if edition.published_at_s <= now_s]
    by_moment = {each.effective_from_s: each.number for each in sorted(published, key=_precedence)}
    starts = sorted(by_moment)
    numbers = [0, *(by_moment[start] for start in starts)]
    places = np.searchsorted(np.array(starts, dtype=np.int64), moments_s, side="right")
    return np.array(numbers, dtype=np.int64)[places]
