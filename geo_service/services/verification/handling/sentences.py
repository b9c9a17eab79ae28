"""What can be wrong with handled issues and signed sheets, in two languages, and what to do."""

from collections.abc import Mapping
from typing import Final

HANDLING_ADVICE: Final[Mapping[str, tuple[str, str]]] = {
    "wait": (
        "不需要处理",
        "nothing needs to be done",
    ),
}

HANDLING_SENTENCES: Final[Mapping[str, tuple[str, str, str]]] = {
    "other_standing": (
        "队列里的办理状态与事件不一致",
        "what the queue reads of its handling is not what its events say",
        "restore",
    ),
    "other_measures": (
        "用于三率的办理时间和评价与事件不一致",
        "what rates read of it is not what its events add up to",
        "restore",
    ),
    "no_measures": (
        "办理早于三率表：下一步办理后计入",
        "it was handled before rates were kept: it counts with its next step",
        "wait",
    ),
    "other_sheet": (
        "已签发报表的数字与签发时的哈希不符",
        "the figures of the signed sheet are not those that were signed",
        "restore",
    ),
    "other_row": (
        "编号、种类、图层、签发人或所更正的编号与签发的数字不一致",
        "its number, kind, layer, signer or corrected sheet is not what its signed figures say",
        "restore",
    ),
    "spoiled_sheet": (
        "签发的{part}已损坏",
        "its signed {part} is damaged",
        "restore",
    ),
    "odd_correction": (
        "所更正的第 {number} 号报表不存在，或不是同一期",
        "the sheet {number} that it corrects is not there, or of another period",
        "restore",
    ),
    "lost_sheet": (
        "这一号已签发的报表不见了",
        "the signed sheet of this number is gone",
        "restore",
    ),
    "bad_decision": (
        "决定归到图层 {layer}，而该系列没有这个图层",
        "it gives the issue to the layer {layer}, which its family has not",
        "restore",
    ),
    "nobody_decided": (
        "归属标为由人定，却没有这项决定",
        "its owner is told to be a person's decision, which is not there",
        "restore",
    ),
}
