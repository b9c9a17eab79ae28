"""One line of descent: which ground of an old area is in which new one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "unchanged": ("未变", "unchanged"),
    "renamed": ("改名", "renamed"),
    "recoded": ("换码", "recoded"),
    "resized": ("范围调整", "resized"),
    "split": ("拆出", "split from"),
    "merged": ("并入", "merged into"),
    "ceded": ("划转", "ceded to"),
    "retired": ("撤销", "retired"),
    "left": ("划出", "left to nobody"),
    "new": ("新设", "new"),
    "gained": ("划入", "gained from nobody"),
}
"""What a row says of its two areas, in Chinese and in English.

``split``: the new area is cut out of the old one alone. ``merged``: the old one went into the new
one as a whole. ``ceded``: a part went over and neither of them began or ended by it. ``retired``
and ``left`` go to nobody, as a whole or in part; ``new`` and ``gained`` come from nobody.
"""


@dataclass(frozen=True)
class LineageRow:
    """Ground that was of one area and is of another now; None stands for nobody.

    ``area_m2`` is that ground. Shares lie in (0, 1]: ``share_of_old`` and ``residents_of_old`` are
    of the old area's ground and residents and None where nobody had it, ``share_of_new`` and
    ``residents_of_new`` of the new one's. All rows of one old area sum to 1, those to nobody
    included; so do all rows of one new area. Shares of residents are by the households of
    buildings, or where none are known by area, which makes them estimated.
    """

    layer: str
    old_code: str | None
    new_code: str | None
    kind: str
    area_m2: float
    share_of_old: float | None
    share_of_new: float | None
    residents_of_old: float | None
    residents_of_new: float | None
    is_old_estimated: bool = False
    is_new_estimated: bool = False

    def title(self, language: str) -> str:
        """Return the kind in ``zh`` or ``en``."""
        return KINDS[self.kind][language == "en"]
