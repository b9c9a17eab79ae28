"""Hot and cold spots: whether an area and its neighbors together lie above or below the rest."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import sparse, stats

from geo_service.layers.area import Floats, Geometries


@dataclass(frozen=True, eq=False)
class HotColdSpots:
    """Gi* of each area: ``z`` above 0 is hot, below 0 cold, NaN where it says nothing.

    ``p_value`` is two-sided under the normal approximation. ``neighbors`` is how many areas with a
    value went into the sum, the area itself included.
    """

    z: Floats
    p_value: Floats
    neighbors: NDArray[np.int64]


def getis_ord(values: Floats, weights: "sparse.csr_array") -> HotColdSpots:
    r"""Return the Getis-Ord Gi* statistic of each area.

    Parameters
    ----------
    values
        One value an area, shape ``(n,)``. NaN is null: the area has no statistic and takes no part
        in those of its neighbors.
    weights
        Binary, shape ``(n, n)``, each area its own neighbor, as ``contiguity`` gives them.

    Returns
    -------
    HotColdSpots
        NaN where the value is null, where all values are equal, and where the neighbors are all
        areas there are.

    Notes
    -----
    With k neighbors (itself included) among n areas, mean m and population variance s² of all
    values: z = (Σ_neighbors x − k m) / √(s² k (n − k) / (n − 1)).

    Neighboring areas share most of their sums, so their p-values depend on each other; they rank
    places, and are no tests one by one.

    References
    ----------
    A. Getis and J. K. Ord, "The analysis of spatial association by use of distance statistics",
    Geographical Analysis 24 (1992), 189-206; J. K. Ord and A. Getis, "Local spatial autocorrelation
    statistics", Geographical Analysis 27 (1995), 286-306.
    """
    is_known = ~np.isnan(values)
    x = np.where(is_known, values, 0.0)
    links = sparse.csr_array(weights, dtype=np.float64)
    n = int(is_known.sum())
    mean = x.sum() / n if n else 0.0
    variance = ((x - mean)[is_known] ** 2).sum() / n if n else 0.0
    neighbors = links @ is_known.astype(np.float64)
    spread = variance * neighbors * (n - neighbors) / max(n - 1, 1)
    # Centered first: sums of large values of little spread lose their digits otherwise.
    above = links @ np.where(is_known, x - mean, 0.0)
    # Equal values may leave a spread of rounding errors, which is no spread.
    is_telling = is_known & (spread > 0) & _are_different(values[is_known])
    z = np.full(len(values), np.nan)
    np.divide(above, np.sqrt(spread), out=z, where=is_telling)
    return HotColdSpots(
        z=z,
        p_value=np.asarray(2.0 * stats.norm.sf(np.abs(z)), dtype=np.float64),
        neighbors=np.rint(neighbors).astype(np.int64),
    )


def contiguity(geometries: Geometries) -> "sparse.csr_array":
    """Return which areas of a vertex-matched coverage share a vertex (queen contiguity).

    Parameters
    ----------
    geometries
        Polygons or multipolygons, shape ``(n,)``; a node on a border stands in every ring that
        passes it, with the same bits. Areas that touch without a common vertex are not neighbors.

    Returns
    -------
    sparse.csr_array
        Shape ``(n, n)``, symmetric, 1.0 for neighbors and for each area with itself.
    """
    size = len(geometries)
    coordinates, owner = shapely.get_coordinates(geometries, return_index=True)
    node = _number_nodes(coordinates)
    count = int(node.max(initial=-1)) + 1
    incidence = sparse.csr_array((np.ones(len(node)), (owner, node)), shape=(size, count))
    links = sparse.csr_array(incidence @ incidence.T + sparse.eye_array(size))
    links.data[:] = 1.0
    links.sort_indices()
    return links


def _number_nodes(coordinates: NDArray[np.float64]) -> NDArray[np.int64]:
    """Give equal coordinates one number; sorted, not hashed, so nothing can collide."""
    order = np.lexsort((coordinates[:, 1], coordinates[:, 0]))
    ordered = coordinates[order]
    is_new = np.ones(len(ordered), dtype=bool)
    is_new[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    number = np.empty(len(ordered), dtype=np.int64)
    number[order] = np.cumsum(is_new) - 1
    return number


def _are_different(values: NDArray[Any]) -> bool:
    return bool((values != values[:1]).any())
