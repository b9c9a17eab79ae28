"""What people ask for: the printed demand mix, and which printed issue words go with it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class DemandMix:
    """Words with their printed counts, and what these counts really are."""

    weights: Mapping[str, int]
    source_zh: str
    source_en: str


def demand_mix() -> DemandMix:
    """Return the ten words that demo issues are mixed from; the counts sum to 2,450."""
    return DemandMix(_WEIGHTS, _SOURCE_ZH, _SOURCE_EN)


def minors_of(major: str) -> tuple[str, ...]:
    """Return the printed issue words that fit a major category; none for words not in the mix."""
    return _MINORS.get(major, ())


_SOURCE_ZH = (
    "文献所载居民调查中“希望经费优先用于”的选择数（合计 2,450），是支出意愿，不是诉求量；"
    "此处仅用作演示数据的类别比例"
)
_SOURCE_EN = (
    "choices in a printed residents' survey of what money should be spent on first (2,450 in "
    "all): a spending preference, not a count of issues; used here only to mix demo issues"
)
_WEIGHTS = {
    "环境与垃圾分类": 482,
    "出行停车": 337,
    "文体": 333,
    "养老": 298,
    "医疗": 274,
    "公共危机": 269,
    "信息化": 164,
    "托管": 137,
    "图书室": 134,
    "其他": 22,
}
_MINORS = {
    "环境与垃圾分类": ("垃圾分类", "环境卫生", "环境污染", "门前三包", "园林绿化"),
    "出行停车": ("小区停车", "违章停车", "加装电梯"),
    "文体": ("设施维修",),
    "养老": ("邻里照料", "加装电梯"),
    "医疗": ("公共卫生(涉疫)",),
    "公共危机": ("公共安全", "供水", "供电", "供气", "社会治安"),
    "信息化": ("设施维修",),
    "托管": ("邻里照料",),
    "图书室": ("设施维修",),
    "其他": (
        "违法建设",
        "违法经营",
        "开墙打洞",
        "流动商贩",
        "店外经营",
        "邻里纠纷",
        "房屋拆迁",
        "物业管理",
    ),
}
