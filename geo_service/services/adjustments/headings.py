"""What the tables of a period's changes are called, their columns, and what figures mean."""

from collections.abc import Mapping

TABLES = ("changes", "codes", "buildings", "sums")
"""Their names in addresses and files, in the order of the workbook."""

TITLES: Mapping[str, tuple[str, str]] = {
    "changes": ("网格调整总表", "Changes of areas"),
    "codes": ("新旧编码对照", "Old and new codes"),
    "buildings": ("楼栋清单", "Buildings"),
    "sums": ("合计", "Sums"),
}
CHANGES = {
    "zh": [
        "序号",
        "图层",
        "原编码",
        "原名称",
        "新编码",
        "新名称",
        "变更",
        "原上级编码",
        "原上级",
        "新上级编码",
        "新上级",
        "来源（占新区域面积）",
        "去向（占原区域面积）",
        "来源（占新区域居民）",
        "去向（占原区域居民）",
        "原面积（平方米）",
        "新面积（平方米）",
        "原户数",
        "新户数",
        "原居民",
        "新居民",
        "估算",
        "生效日期",
        "版本",
        "调整原因",
        "征求意见",
        "批准",
        "列入楼栋",
        "移出楼栋",
    ],
    "en": [
        "no.",
        "layer",
        "old code",
        "old name",
        "new code",
        "new name",
        "change",
        "old parent code",
        "old parent",
        "new parent code",
        "new parent",
        "from (share of new area)",
        "to (share of old area)",
        "from (share of new residents)",
        "to (share of old residents)",
        "old area m²",
        "new area m²",
        "old households",
        "new households",
        "old residents",
        "new residents",
        "estimated",
        "effective from",
        "edition",
        "reason",
        "consulted",
        "approval",
        "buildings put on the list",
        "buildings taken off it",
    ],
}
BUILDINGS = {
    "zh": [
        "序号",
        "楼栋编码",
        "楼栋名称",
        "户数",
        "原编码",
        "原名称",
        "新编码",
        "新名称",
        "是否换区域",
        "经度",
        "纬度",
    ],
    "en": [
        "no.",
        "building code",
        "building",
        "households",
        "old code",
        "old name",
        "new code",
        "new name",
        "other area",
        "lon",
        "lat",
    ],
}
SUMS = {
    "zh": [
        "图层",
        "范围",
        "项目",
        "调整前",
        "调整后",
        "增减",
        "无归属去向",
        "无归属来源",
        "调整前缺数",
        "调整后缺数",
    ],
    "en": [
        "layer",
        "of",
        "what",
        "before",
        "after",
        "difference",
        "to nobody",
        "from nobody",
        "unknown before",
        "unknown after",
    ],
}
OF_CHANGED = ("有调整的区域", "changed areas")
OF_ALL = ("全部区域", "all areas")
SUMMED: Mapping[str, tuple[str, str]] = {
    "counts": ("区域数", "areas"),
    "area": ("面积（平方米）", "area m²"),
    "households": ("户数", "households"),
    "residents": ("居民", "residents"),
}
DEFINITIONS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "changes": (
        (
            "期初与期末两版相比，只列有变化的区域；面积按椭球计算",
            "户数、居民：拆分的区域按下级区域、楼栋户数或面积分摊（标“估算”），期间录入新值的以录入为准；空格为不知道",
        ),
        (
            "both editions compared; only areas that differ; areas on the ellipsoid",
            "counts of divided areas are shared out (estimated), unless true ones were entered",
        ),
    ),
    "codes": (
        ("同一原区域各行之和为 1，同一新区域亦然；未列的编码没有变化",),
        ("shares of each old area sum to 1, as do those of each new one; other codes stay",),
    ),
    "buildings": (
        (
            "有调整的区域的全部楼栋：有楼栋清单的按清单，不在清单上的按所在位置；经纬度为楼内一点（CGCS2000，EPSG:4490）",
            "户数只在有楼栋图层（building）及其户数指标时列出",
        ),
        (
            "all buildings of changed areas: by their lists, those on none by where they stand",
            "lon, lat of a point inside (CGCS2000, EPSG:4490)",
        ),
    ),
    "sums": (
        (
            "“有调整的区域”为总表各行之和：调整前 = 调整后 + 无归属去向 − 无归属来源",
            "录入了新值的户数、居民不受此限；用地有变的区域缺数时合计为空；缺数的区域数另列",
        ),
        (
            "changed areas: sums of the rows; before = after + to nobody - from nobody, unless true"
            " counts were entered; empty where a redrawn area has no count",
        ),
    ),
}
