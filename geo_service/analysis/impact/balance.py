"""How even some number is among the areas under one parent."""

from dataclasses import dataclass

import numpy as np

from geo_service.layers.area import Floats


@dataclass(frozen=True)
class Balance:
    """The least, the most and the mean of the ``count`` areas whose number is known.

    ``unknown`` areas are left out; without any known one the numbers are None.
    """

    count: int
    unknown: int
    least: float | None
    most: float | None
    mean: float | None

    @property
    def spread(self) -> float | None:
        """The most less the least."""
        return None if self.most is None or self.least is None else self.most - self.least

    @property
    def ratio(self) -> float | None:
        """The most over the least; None where the least is nothing."""
        return None if self.most is None or not self.least else self.most / self.least


def balance(values: Floats) -> Balance:
    """Return how even values are; NaN is unknown.

    Parameters
    ----------
    values
        One number for each area, shape ``(n,)``, in whatever unit.
    """
    known = values[~np.isnan(values)]
    unknown = len(values) - len(known)
    if not len(known):
        return Balance(0, unknown, None, None, None)
    return Balance(len(known), unknown, float(known.min()), float(known.max()), float(known.mean()))
