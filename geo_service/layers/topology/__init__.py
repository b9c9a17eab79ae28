"""Do boundaries form clean coverages, and what can be done where they do not."""

from geo_service.layers.topology.check import check
from geo_service.layers.topology.defect import KINDS, Defect
from geo_service.layers.topology.nodes import Matched, match_nodes
from geo_service.layers.topology.outlines import compare_outlines, is_renoded
from geo_service.layers.topology.reconcile import (
    parents_by_share,
    parents_from_children,
    unify_parents,
)
from geo_service.layers.topology.repair import Change, Repaired, fit_to_parent, repair
from geo_service.layers.topology.scale import NODE_TOLERANCE_M, Scale, local_scale

__all__ = [
    "KINDS",
    "NODE_TOLERANCE_M",
    "Change",
    "Defect",
    "Matched",
    "Repaired",
    "Scale",
    "check",
    "compare_outlines",
    "fit_to_parent",
    "is_renoded",
    "local_scale",
    "match_nodes",
    "parents_by_share",
    "parents_from_children",
    "repair",
    "unify_parents",
]
