"""What a verification can find, in two languages, and what to do about each."""

from collections.abc import Mapping
from typing import Final

from geo_service.services.verification.handling.issue_sentences import ISSUE_SENTENCES
from geo_service.services.verification.handling.sentences import (
    HANDLING_ADVICE,
    HANDLING_SENTENCES,
)
from geo_service.services.verification.lineages.sentences import LINEAGE_SENTENCES
from geo_service.services.verification.privacy.sentences import (
    PRIVACY_ADVICE,
    PRIVACY_SENTENCES,
)

ADVICE: Final[Mapping[str, tuple[str, str]]] = {
    "restore": (
        "停止服务，从最近的完好备份恢复到空库；不要手工改表",
        "stop the service and restore the last good backup into an empty database; do not edit"
        " tables by hand",
    ),
    "open": (
        "用本版本启动一次服务（或运行任一其他命令），它会补齐",
        "start this version's service once, or run any other command: it brings them up to date",
    ),
    "profile": (
        "找回发布时所用的配置，或从备份恢复",
        "find the profile that it was published with, or restore a backup",
    ),
    "publish": (
        "用 geo-service import 导入这些区域的正确边界，发布更正版本（--correction）；"
        "若发布后被改动过，从备份恢复",
        "import the right borders of these areas as a correction (geo-service import --correction);"
        " if they were altered after publication, restore a backup",
    ),
    "relocate": (
        "先做备份，再执行 DELETE FROM relocations：下一次写入时所有未办结工单重新归属并留下记录",
        "make a backup, then run DELETE FROM relocations: with the next write every open issue is"
        " located again, and each change is recorded",
    ),
    "reindex": ("运行 REINDEX DATABASE，再核对一次", "run REINDEX DATABASE, then verify again"),
    "constraint": (
        "先处理列出的行，再运行 ALTER TABLE … VALIDATE CONSTRAINT",
        "deal with the rows that are listed, then run ALTER TABLE … VALIDATE CONSTRAINT",
    ),
    "sequence": (
        "运行 SELECT setval(序列名, 最大编号)",
        "run SELECT setval(sequence, largest id)",
    ),
    "durable": (
        "在 postgresql.conf 里打开这项设置并重启数据库：断电时可能丢失已确认的提交",
        "turn the setting on in postgresql.conf and restart the server: a power cut may lose what"
        " was acknowledged",
    ),
    "outline": (
        "从备份恢复这一行，或重新导入该区域发布更正版本",
        "restore the row from a backup, or import the area again as a correction",
    ),
    "index": (
        "运行 geo-service index build --edition 版本号，然后重启服务",
        "run geo-service index build --edition NUMBER, then restart the service",
    ),
    "withdraw": (
        "撤回这条约定，按文件重新录入（geo-service agreements）",
        "withdraw the agreement and record it again from its document (geo-service agreements)",
    ),
    "webhook": (
        "从漏送处重送（geo-service webhooks replay 名字 --from-event 编号）；"
        "网址、密钥坏了则删除重建",
        "tell again from there (geo-service webhooks replay NAME --from-event NUMBER); where URL"
        " or secret is spoiled, remove it and add it again",
    ),
    "reload": ("重新导入这份资料", "import the list or file again"),
    **HANDLING_ADVICE,
    **PRIVACY_ADVICE,
}

SENTENCES: Final[Mapping[str, tuple[str, str, str]]] = {
    # any check
    "unfinished": (
        "这一项没有核对完，数据损坏到无法继续：{reason}",
        "this check was not finished, damaged data stopped it: {reason}",
        "restore",
    ),
    # the database itself
    "other_revision": (
        "表结构不是本版本的，其余各项无法核对",
        "the tables are not in this version's shape; nothing else can be verified",
        "open",
    ),
    "missing_part": ("缺少{what_zh} {name}", "the {what} {name} is missing", "restore"),
    "file_fault": ("数据库文件损坏：{line}", "the database file is damaged: {line}", "restore"),
    "orphan": (
        "{column} = {value}，但 {other} 里没有它",
        "{column} = {value} names nothing in {other}",
        "restore",
    ),
    "doubled_key": (
        "同样的 {name} 有 {count} 行",
        "{count} rows have the same {name}",
        "restore",
    ),
    "invalid_index": ("索引 {name} 无效", "the index {name} is invalid", "reindex"),
    "unproved_constraint": (
        "约束 {name} 没有验证过",
        "the constraint {name} was never validated",
        "constraint",
    ),
    "lagging_sequence": (
        "序列 {name} 停在 {value}，而最大编号是 {largest}",
        "the sequence {name} stands at {value}, the largest id is {largest}",
        "sequence",
    ),
    "other_collation": (
        "列 {name} 的排序规则是 {value}，应为 C",
        "the column {name} has the collation {value} instead of C",
        "restore",
    ),
    "other_geometry": (
        "几何列与边界（outline）不一致",
        "the geometry is not what the outline holds",
        "outline",
    ),
    "missing_view": ("缺少视图 gis.{name}", "the view gis.{name} is missing", "open"),
    "other_view": (
        "视图 gis.{name} 不是本版本的",
        "the view gis.{name} is not this version's",
        "open",
    ),
    "not_durable": ("{name} = {value}", "{name} = {value}", "durable"),
    # profiles and editions
    "bad_profile": ("配置读不出：{reason}", "the profile cannot be read: {reason}", "restore"),
    "edition_gap": (
        "版本号应连续，这里缺第 {missing} 版",
        "numbers should follow each other, {missing} is missing",
        "restore",
    ),
    "earlier_publication": (
        "发布时间早于前一版",
        "it was published before the edition that precedes it",
        "restore",
    ),
    "unknown_profile": (
        "发布所用的配置不在库里",
        "the profile it was published with is not stored",
        "profile",
    ),
    "other_content": (
        "存储的区域与发布时的内容散列不符：某个区域被改动、增加或删除",
        "the stored areas are not what was published: one was altered, added or removed",
        "restore",
    ),
    "bad_uncorrected": (
        "未更正版本的记录读不出",
        "what it says of uncorrected editions cannot be read",
        "restore",
    ),
    # ranges
    "backward_range": (
        "生效的版本范围 {first}–{last} 首尾颠倒",
        "its range of editions {first}–{last} ends before it begins",
        "restore",
    ),
    "outside_range": (
        "生效的版本范围 {first}–{last} 超出了已有的版本（共 {editions} 版）",
        "its range of editions {first}–{last} is not within the {editions} there are",
        "restore",
    ),
    "overlapping_range": (
        "与 areas {other} 的版本范围重叠：同一编码在一版里出现两次",
        "its range of editions overlaps that of areas {other}: one code stands twice in an edition",
        "restore",
    ),
    "unknown_layer": (
        "所用的配置没有这个图层",
        "the profile of that edition has no such layer",
        "profile",
    ),
    "missing_parent": (
        "上级 {parent} 不在 {parent_layer} 里",
        "its parent {parent} is not in {parent_layer}",
        "restore",
    ),
    "topology": ("{defect}", "{defect}", "publish"),
    # areas
    "unreadable_outline": ("边界读不出（WKB）", "the outline cannot be read (WKB)", "outline"),
    "infinite_outline": (
        "边界含非有限坐标",
        "the outline has a coordinate that is not finite",
        "outline",
    ),
    "invalid_outline": ("边界无效：{reason}", "the outline is invalid: {reason}", "outline"),
    "other_box": (
        "外包框与边界不符",
        "the bounding box is not that of the outline",
        "outline",
    ),
    "other_area_m2": (
        "面积记为 {stored} m²，按边界计算是 {computed:.3f} m²",
        "the area is stored as {stored} m², the outline has {computed:.3f} m²",
        "outline",
    ),
    "bad_attributes": ("属性不是有效的 JSON", "the attributes are not valid JSON", "outline"),
    "bad_buildings": ("楼栋清单无效", "the building list is no list of different words", "outline"),
    **ISSUE_SENTENCES,
    # agreements, figures, references, relocations
    "bad_agreement": ("内容不成立：{reason}", "it makes no sense: {reason}", "withdraw"),
    "unreadable_geometry": ("图形读不出（WKB）", "its geometry cannot be read (WKB)", "reload"),
    "bad_figure": ("内容不成立：{reason}", "it makes no sense: {reason}", "reload"),
    "bad_entry": ("内容不成立：{reason}", "it makes no sense: {reason}", "reload"),
    "bad_webhook": ("不成立：{reason}", "it makes no sense: {reason}", "webhook"),
    "bad_relocation": (
        "记录的边界约定编号读不出，或不存在",
        "the numbers of its agreements cannot be read, or do not exist",
        "restore",
    ),
    # index files
    "damaged_index": (
        "索引文件 {file} 不可用：{reason}",
        "the index file {file} cannot be used: {reason}",
        "index",
    ),
    **HANDLING_SENTENCES,
    **LINEAGE_SENTENCES,
    **PRIVACY_SENTENCES,
}

TABLES_ZH: Final[Mapping[str, str]] = {
    "profiles": "配置",
    "editions": "版本",
    "areas": "区域",
    "lineage": "沿革",
    "bounds_texts": "四至",
    "figures": "指标",
    "draft_figures": "草案录入的指标",
    "reference_features": "参考要素",
    "chains": "归属链",
    "chain_areas": "归属链",
    "issues": "工单",
    "issue_events": "事件",
    "issue_texts": "文本",
    "assignments": "归属",
    "issue_standings": "办理状态",
    "issue_measures": "三率依据",
    "signed_sheets": "已签发报表",
    "attachments": "附件",
    "relocations": "重新归属",
    "agreements": "边界约定",
    "register_entries": "台账条目",
    "activities": "活动记录",
    "webhooks": "推送",
    "webhook_events": "待送与死信",
    "idempotency_keys": "重复请求",
}
"""Beside the name of the table, so that a finding is also found with SQL."""

PARTS_ZH: Final[Mapping[str, str]] = {
    "table": "表",
    "column": "列",
    "index": "索引",
    "primary key": "主键",
    "unique constraint": "唯一约束",
    "foreign key": "外键",
    "sequence": "序列",
}

COVERED: Final[Mapping[str, tuple[str, str]]] = {
    "tables": ("张表", "tables"),
    "rows": ("行", "rows"),
    "profiles": ("个配置", "profiles"),
    "editions": ("个版本", "editions"),
    "areas": ("个区域", "areas"),
    "area_rows": ("行区域", "area rows"),
    "lineage_rows": ("条沿革", "lineage rows"),
    "issues": ("件工单", "issues"),
    "open_issues": ("件未办结工单", "open issues"),
    "events": ("个事件", "events"),
    "assignments": ("条归属", "assignments"),
    "chains": ("条归属链", "chains"),
    "answers": ("条答复", "kept answers"),
    "agreements": ("条边界约定", "agreements"),
    "figures": ("个指标", "figures"),
    "references": ("个参考要素", "references"),
    "relocations": ("次重新归属", "relocations"),
    "entries": ("条台账记录", "entries"),
    "activities": ("条活动记录", "activities"),
    "webhooks": ("个推送", "webhooks"),
    "webhook_events": ("个待送与死信", "events that wait or are dead"),
    "attachments": ("张照片", "photos"),
    "files": ("个照片文件", "photo files"),
    "indexes": ("个索引文件", "index files"),
    "layers": ("个图层", "layers"),
}
