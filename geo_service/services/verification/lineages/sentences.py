"""What can be wrong with lineages, in two languages, and what to do."""

from collections.abc import Mapping
from typing import Final

LINEAGE_SENTENCES: Final[Mapping[str, tuple[str, str, str]]] = {
    "lineage_sum": (
        "{side}的{what}占比之和为 {total}，应为 1",
        "the shares of {what} of the {side} sum to {total}, not to 1",
        "restore",
    ),
    "lineage_area": (
        "{side}在第 {number} 版里不存在",
        "the {side} does not live in edition {number}",
        "restore",
    ),
    "lineage_row": (
        "这一行沿革不成立（{reason}）",
        "the row tells nothing that can be ({reason})",
        "restore",
    ),
}
