"""Columns of other tables beside issues that were read already."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, Select, select

from geo_service.layers.area import Floats
from geo_service.storage.databases.rows import read_columns
from geo_service.storage.tables import CHUNK, issues

Integers = NDArray[np.int64]


def of_issues(query: Select[Any], key: ColumnElement[int], ids: Integers) -> Select[Any]:
    """Leave the rows from the first of some issues to the last.

    Rows of others between them are left out later: to find each of many costs more than to pass it.
    """
    first, last = (int(ids[0]), int(ids[-1])) if len(ids) else (0, -1)
    if 0 < len(ids) <= CHUNK:
        return query.where(key.in_(ids.tolist()))
    return query.where(key.between(first, last))


def aligned(ids: Integers, own: Integers, values: NDArray[Any], *, otherwise: Any) -> NDArray[Any]:
    """Return the value of each issue, ``otherwise`` where it has none; ids are ordered."""
    found = np.full(len(ids), otherwise, dtype=values.dtype)
    if not len(ids) or not len(own):
        return found
    at = np.minimum(np.searchsorted(ids, own), len(ids) - 1)
    is_wanted = ids[at] == own
    found[at[is_wanted]] = values[is_wanted]
    return found


def accuracies(connection: Connection, ids: Integers) -> Floats:
    """Return how accurate the places of issues are, NaN for unknown; most tell nothing of it."""
    query = select(issues.c.id, issues.c.accuracy_m).where(issues.c.accuracy_m.is_not(None))
    own, accuracy_m = read_columns(connection, of_issues(query, issues.c.id, ids), (int, float))
    return aligned(ids, own, accuracy_m, otherwise=np.nan)
