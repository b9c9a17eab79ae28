"""Redrawing boundaries: operations that leave a clean coverage or refuse, and what to look at."""

from geo_service.layers.redraw.buildings.cells import Building
from geo_service.layers.redraw.buildings.deriving import derive, with_lists
from geo_service.layers.redraw.buildings.known import KnownBuildings
from geo_service.layers.redraw.buildings.listing import (
    Listed,
    Lists,
    list_findings,
    listed,
    lists_of,
)
from geo_service.layers.redraw.buildings.lists import followed, handed_over
from geo_service.layers.redraw.buildings.moving import move_buildings, split_by_lists
from geo_service.layers.redraw.buildings.outside import building_findings, buildings_outside
from geo_service.layers.redraw.cuts import AreaCut, cut_areas, cuts_along
from geo_service.layers.redraw.entries import add, retire
from geo_service.layers.redraw.families import rename, reparent, split_by_children
from geo_service.layers.redraw.merges import merge
from geo_service.layers.redraw.moves import move_junction, reshape
from geo_service.layers.redraw.proposals.fix import KINDS_OF_FIXES, Fix, Known
from geo_service.layers.redraw.proposals.fixes import fixes_for
from geo_service.layers.redraw.proposals.new_codes import (
    codes_for,
    codes_like,
    next_codes,
    reading_order,
)
from geo_service.layers.redraw.proposals.parts import Parts, suggest_parts
from geo_service.layers.redraw.proposals.questions import (
    Asking,
    Questions,
    questions,
    questions_after,
)
from geo_service.layers.redraw.proposals.sizes import unusual_sizes
from geo_service.layers.redraw.review import Review, review, review_change
from geo_service.layers.redraw.soundness import Clash, Redrawn, first_clash, together
from geo_service.layers.redraw.splits import cut_along, pieces_along, pieces_of, split
from geo_service.layers.redraw.transfers import annex, give, give_gap, give_part, swap

__all__ = [
    "KINDS_OF_FIXES",
    "AreaCut",
    "Asking",
    "Building",
    "Clash",
    "Fix",
    "Known",
    "KnownBuildings",
    "Listed",
    "Lists",
    "Parts",
    "Questions",
    "Redrawn",
    "Review",
    "add",
    "annex",
    "building_findings",
    "buildings_outside",
    "codes_for",
    "codes_like",
    "cut_along",
    "cut_areas",
    "cuts_along",
    "derive",
    "first_clash",
    "fixes_for",
    "followed",
    "give",
    "give_gap",
    "give_part",
    "handed_over",
    "list_findings",
    "listed",
    "lists_of",
    "merge",
    "move_buildings",
    "move_junction",
    "next_codes",
    "pieces_along",
    "pieces_of",
    "questions",
    "questions_after",
    "reading_order",
    "rename",
    "reparent",
    "reshape",
    "retire",
    "review",
    "review_change",
    "split",
    "split_by_children",
    "split_by_lists",
    "suggest_parts",
    "swap",
    "together",
    "unusual_sizes",
    "with_lists",
]
