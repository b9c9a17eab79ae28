"""Small counts of persons identify them: what is told of totals that hold some.

A register lists its entries one by one, and of a small count says only that it is small. Who reads
a total beside it knows every other part of it: a sibling hidden with the small one would stand in
the register and protect nothing. So the complementary cells, which have to be hidden lest sums give
a primary one away (A. Hundepool et al., Statistical Disclosure Control, 2012, chapter 4), are the
totals above it; of them the bounds are told that the register leaves open. What is told of areas
then follows from what is told of entries, and no other layer, list, file or day adds to it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.integer]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class SmallCounts:
    """Counts of persons that are not told of an entry: ``lowest`` to ``highest``, both included."""

    lowest: int
    highest: int

    def among(self, counts: Integers) -> Flags:
        """Return which counts are small."""
        return np.asarray((counts >= self.lowest) & (counts <= self.highest))


@dataclass(frozen=True, eq=False)
class ToldTotals:
    """What is told of n totals: the ``least`` and the ``most`` that each can be, both ``(n,)``.

    ``is_small`` where nothing but small counts is in it, ``is_partial`` where a part is unknown.
    """

    least: NDArray[np.int64]
    most: NDArray[np.int64]
    is_small: Flags
    is_partial: Flags
    small: SmallCounts

    def told(self, position: int) -> int | str | None:
        """Return a total, else its bounds: ``51–53``, or ``<3`` where nothing else is told.

        With an unknown part it is ``≥51``, and None where nothing is known.
        """
        least, most = int(self.least[position]), int(self.most[position])
        if self.is_partial[position]:
            return f"≥{least}" if least else None
        if least == most:
            return least
        return f"<{most + 1}" if self.is_small[position] else f"{least}–{most}"


def told_totals(
    counts: Integers,
    at: Integers,
    size: int,
    *,
    small: SmallCounts,
    is_partial: Flags | None = None,
) -> ToldTotals:
    """Return what is told of the totals of ``size`` areas.

    Parameters
    ----------
    counts
        Persons of each entry, ``(n,)``; -1 where nobody knows.
    at
        The area that each entry counts in, ``(n,)``; -1 for none.
    size
        How many areas there are.
    small
        Which counts are not told.
    is_partial
        Which areas have an unknown part, ``(size,)``.
    """
    is_small = small.among(counts)
    told, hidden = (at >= 0) & (counts > 0) & ~is_small, (at >= 0) & is_small
    sums = np.bincount(at[told], counts[told], minlength=size).astype(np.int64)
    untold = np.bincount(at[hidden], minlength=size).astype(np.int64)
    return ToldTotals(
        least=sums + untold * small.lowest,
        most=sums + untold * small.highest,
        is_small=np.asarray((untold > 0) & (sums == 0)),
        is_partial=np.zeros(size, dtype=bool) if is_partial is None else is_partial,
        small=small,
    )


def is_telling(counts: Integers, *, small: SmallCounts) -> bool:
    """Tell whether the exact total of some entries would tell of a small one more than it is small.

    It does not where each of the small ones could still be ``lowest`` and could be ``highest``. For
    a total that no other one of the same moment shares small counts with; a later total of which
    one entry differs tells that difference.
    """
    hidden = counts[small.among(counts)]
    if not len(hidden):
        return False
    others, persons = len(hidden) - 1, int(hidden.sum())
    fits_lowest = persons - small.lowest <= others * small.highest
    fits_highest = persons - small.highest >= others * small.lowest
    return not (fits_lowest and fits_highest)
