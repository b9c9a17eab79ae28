"""What can be wrong with lineages and with written 四至, in two languages, and what to do."""

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
    "bounds_text_row": (
        "这一条四至不成立（{reason}）",
        "the text tells nothing that can be ({reason})",
        "restore",
    ),
    "lost_figure": (
        "草案 {draft} 录入的 {figure} 随第 {number} 版生效，指标里却没有这个值",
        "{figure} entered in draft {draft} took effect with edition {number}; no figure has it",
        "restore",
    ),
    "bounds_text_ground": (
        "写下时的范围不是第 {number} 版里该区域的范围",
        "it was written for other ground than the area has in edition {number}",
        "restore",
    ),
}
