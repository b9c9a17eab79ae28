"""How much is asked of each area: its issues of the last days, beside its coverage."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geo_service.layers.area import Floats
from geo_service.services.coverage.layer_coverage import LayerCoverage
from geo_service.services.issues.recounts import recounted_positions
from geo_service.services.workspaces import Workspace
from geo_service.storage import figures, issue_queries
from geo_service.storage.databases import Transaction
from geo_service.storage.issue_queries import IssueFilter

DAYS = 30
_DAY_S = 86_400
_CLASSES = 3


@dataclass(frozen=True, eq=False)
class Demand:
    """Issues by area, ``(n,)``, and residents (NaN where unknown); ``classes`` 0, 1, 2, or -1.

    ``is_rate`` tells that classes are by issues per resident; then an area without residents known
    has none. Otherwise they are by counts.
    """

    days: int
    issues: NDArray[np.int64]
    residents: Floats
    classes: NDArray[np.int64]
    is_rate: bool


def demand_of(workspace: Workspace, connection: Transaction, found: LayerCoverage) -> Demand:
    """Return the demand of the days up to the moment that the coverage is of."""
    picture, layer = found.picture, found.query.layer
    wanted = IssueFilter(
        reported_from_s=int(picture.as_of_s) - DAYS * _DAY_S,
        reported_to_s=int(picture.as_of_s) + 1,
        without_request_types=workspace.profile.hotspots.excluded_request_types,
    )
    columns = issue_queries.issue_columns(connection, wanted)
    owners = recounted_positions(workspace, connection, picture.edition, layer, columns)
    issues = np.bincount(owners[owners >= 0], minlength=len(found.areas)).astype(np.int64)
    residents = figures.figure_column(
        connection,
        layer=layer,
        figure="residents",
        codes=found.areas.codes,
        as_of_s=picture.as_of_s,
    )
    is_rate = bool((residents > 0).any())
    weight = np.where(residents > 0, issues / np.where(residents > 0, residents, 1), np.nan)
    return Demand(
        DAYS, issues, residents, _thirds(weight if is_rate else issues.astype(float)), is_rate
    )


def _thirds(values: Floats) -> NDArray[np.int64]:
    """Return the third each value is in, ties in the lower one; -1 for NaN.

    Nothing asked anywhere is low demand everywhere.
    """
    known = np.isfinite(values)
    classes = np.full(len(values), -1, dtype=np.int64)
    if known.any():
        bounds = np.quantile(values[known], [1 / _CLASSES, 2 / _CLASSES])
        classes[known] = np.searchsorted(bounds, values[known], side="left")
    return classes
