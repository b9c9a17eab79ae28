"""The answer to many points as named columns, as files and rows carry them."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from geo_service.layers.area import Floats
from geo_service.layers.assignment.rule import AMBIGUOUS, NEAREST, UNASSIGNED
from geo_service.layers.layer import Layers
from geo_service.layers.points.column import PROBLEMS, Coded, Lists
from geo_service.layers.points.explanation import Explanations
from geo_service.layers.points.located import (
    RULES,
    STATUSES,
    LocatedFamily,
    LocatedPoints,
)

Column = Coded | Floats | Lists

_FIRST_PROBLEM = 1


def located_columns(found: LocatedPoints, layers: Layers) -> dict[str, Column]:
    """Return the columns of an answer, in order.

    For each family ``FAMILY_rule``, ``FAMILY_status`` and for each layer of its chain from the root
    ``LAYER_code``, or ``FAMILY_LAYER_code`` where the layer stands in several families; for each
    overlay ``LAYER_codes``, a list; then ``problem``, why an invalid row is no place. Where the
    answer explains, each family also has ``_border_distance_m``, ``_neighbor_layer``,
    ``_neighbor_code``, ``_nearest_layer``, ``_nearest_code``, ``_nearest_distance_m``,
    ``_metric_frame`` and ``_candidates``.
    """
    families = Counter(layer.name for chain in layers.families.values() for layer in chain)
    columns: dict[str, Column] = {}
    for family in found.families:
        columns[f"{family.family}_rule"] = Coded(RULES, family.rule)
        columns[f"{family.family}_status"] = Coded(STATUSES, family.status)
        for layer, codes in family.codes.items():
            is_shared = families[layer] > 1
            columns[f"{family.family}_{layer}_code" if is_shared else f"{layer}_code"] = codes
        columns |= _explained(family)
    columns |= {f"{layer}_codes": codes for layer, codes in found.overlays.items()}
    return {**columns, "problem": problem_column(found)}


def problem_column(found: LocatedPoints) -> Coded:
    """Return why each row is no place, none where it is one."""
    texts = tuple(text for text in PROBLEMS if text)
    return Coded(texts, found.problem - np.int8(_FIRST_PROBLEM))


def _explained(family: LocatedFamily) -> dict[str, Column]:
    if family.explanations is None:
        return {}
    columns = explanation_columns(family.explanations)
    return {f"{family.family}_{name}": column for name, column in columns.items()}


def explanation_columns(told: Explanations) -> dict[str, Column]:
    """Return the explanations of one family by name."""
    return {
        "border_distance_m": told.border_distance_m,
        "neighbor_layer": told.neighbor_layer,
        "neighbor_code": told.neighbor_code,
        "nearest_layer": told.nearest_layer,
        "nearest_code": told.nearest_code,
        "nearest_distance_m": told.nearest_distance_m,
        "metric_frame": told.metric_frame,
        "candidates": told.candidates,
        "agreement_document": told.agreement_document,
        "agreement_distance_m": told.agreement_distance_m,
    }


@dataclass
class Tally:
    """What became of the rows so far; the counts of each family add up to ``rows``."""

    rows: int = 0
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    """Family → rule → rows."""
    ambiguous: dict[str, int] = field(default_factory=dict)
    """Family → rows whose circle of accuracy leaves the owner too little."""
    problems: dict[str, int] = field(default_factory=dict)
    """Why rows are no place → rows."""
    without_owner: int = 0
    owned_exchanged: int = 0

    @property
    def outside(self) -> int:
        """At most so many rows lie outside every area; exactly so many where one family stands."""
        found = (counts[NEAREST] + counts[UNASSIGNED] for counts in self.counts.values())
        return min(found, default=0)

    @property
    def is_swapped(self) -> bool:
        """Whether most rows without an owner would have one with their axes exchanged."""
        return 2 * self.owned_exchanged > self.without_owner

    def add(self, found: LocatedPoints) -> "Tally":
        """Count more rows."""
        self.rows += len(found.problem)
        for family in found.families:
            so_far = self.counts.get(family.family, {})
            more = family.counts()
            self.counts[family.family] = {rule: so_far.get(rule, 0) + more[rule] for rule in RULES}
            is_ambiguous = family.status == STATUSES.index(AMBIGUOUS)
            earlier = self.ambiguous.get(family.family, 0)
            self.ambiguous[family.family] = earlier + int(np.count_nonzero(is_ambiguous))
        if found.problem.any():
            for code, count in enumerate(np.bincount(found.problem).tolist()):
                if count and (why := PROBLEMS[code]):
                    self.problems[why] = self.problems.get(why, 0) + count
        self.without_owner += found.without_owner
        self.owned_exchanged += found.owned_exchanged
        return self
