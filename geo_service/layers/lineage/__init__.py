"""Where the ground and the residents of areas went from one edition to another."""

from geo_service.layers.lineage.carrying import BASES, Carried, CarriedValue, carry
from geo_service.layers.lineage.descent import crosswalk, lineage
from geo_service.layers.lineage.residents import NO_DWELLINGS, Dwellings
from geo_service.layers.lineage.row import KINDS, LineageRow

__all__ = [
    "BASES",
    "KINDS",
    "NO_DWELLINGS",
    "Carried",
    "CarriedValue",
    "Dwellings",
    "LineageRow",
    "carry",
    "crosswalk",
    "lineage",
]
