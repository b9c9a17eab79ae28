"""What can go wrong with building lists."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from geo_service.errors.error import InvalidInput


@dataclass(eq=False)
class UnfitBuildingLists(InvalidInput):
    """Building lists of which some rows, or some buildings on no row, cannot be used.

    ``faults`` are all of them: ``row`` (None for what no row names), ``field`` and ``reason``.
    """

    layer: str
    count: int
    first_zh: str
    first_en: str
    faults: "Sequence[Mapping[str, Any]]"
    zh = "{layer} 的楼栋清单有 {count} 处不能用，没有做任何改动。第一处：{first_zh}"
    en = "the building lists of {layer} have {count} faults, nothing was changed. The first: {first_en}"
