"""Reports as columns: their values, and the JSON of each value, made once for all who write it."""

from collections.abc import Sequence
from functools import cached_property
from json.encoder import encode_basestring
from typing import Any

import orjson

from geo_service.governance.issue import TOLD_BESIDE, IssueReport
from geo_service.governance.moment import epoch_s

FEW = 4
"""So many are dealt with one after another: columns as short take longer."""

_WRITTEN_AT_ONCE = ("reported_at", "closed_at", "x", "y", "accuracy_m")
"""Fields of moments and numbers: no comma stands in what they are written as."""
_OWN_TEXTS = ("external_id", "title", "description", "address")
"""Fields in which hardly any two reports say the same."""


class ReportColumns:
    """At least one report as columns by field."""

    def __init__(self, reports: Sequence[IssueReport]) -> None:
        self.reports = reports
        self.by_field: dict[str, tuple[Any, ...]] = dict(
            zip(IssueReport._fields, zip(*reports, strict=True), strict=True)
        )
        self._texts: dict[str, list[str]] = {}

    def __len__(self) -> int:
        """Return how many reports there are."""
        return len(self.reports)

    @cached_property
    def reported_at_s(self) -> list[int]:
        """When each was reported, in seconds since 1970 UTC."""
        return list(map(epoch_s, self.by_field["reported_at"]))

    @cached_property
    def closed_at_s(self) -> list[int | None]:
        """When each was closed, None where it is open or nobody wrote it down."""
        return [None if each is None else epoch_s(each) for each in self.by_field["closed_at"]]

    @cached_property
    def told_beside(self) -> Sequence[str]:
        """Those of the four fields that lists may tell beside that any of the reports tells."""
        return [n for n in TOLD_BESIDE if self.by_field[n].count(None) < len(self)]

    def texts(self, field: str) -> list[str]:
        """Return the values of a field as JSON; moments as ISO 8601 in UTC."""
        found = self._texts.get(field)
        if found is None:
            found = self._texts[field] = _texts(field, self.by_field[field])
        return found


def _texts(field: str, values: Sequence[Any]) -> list[str]:
    if field in _WRITTEN_AT_ONCE:
        return orjson.dumps(values)[1:-1].decode().split(",")
    if field in _OWN_TEXTS or len(values) <= FEW:
        return ["null" if each is None else encode_basestring(each) for each in values]
    words = {each: "null" if each is None else encode_basestring(each) for each in set(values)}
    return list(map(words.__getitem__, values))
