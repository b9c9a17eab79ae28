"""What can be wrong with issues, their events and their owners, in two languages."""

from collections.abc import Mapping
from typing import Final

ISSUE_SENTENCES: Final[Mapping[str, tuple[str, str, str]]] = {
    # issues
    "no_event": ("没有任何事件", "it has no event", "restore"),
    "unreadable_event": (
        "事件的内容不是有效的 JSON",
        "payload or state is not valid JSON",
        "restore",
    ),
    "illegal_event": (
        "事件 {kind} 不能接在之前的事件后面",
        "an event {kind} cannot follow those before it",
        "restore",
    ),
    "other_state": (
        "记录的状态与事件折叠的结果不符",
        "the state is not the fold of the events",
        "restore",
    ),
    "other_column": (
        "{column} 与最后状态不符",
        "{column} is not what the last state says",
        "restore",
    ),
    "odd_time": (
        "时间不合理（1992 年以前，或晚于登记时间一天以上）",
        "its time makes no sense (before 1992, or more than a day after it was recorded)",
        "restore",
    ),
    "other_time": (
        "它的时间不是它的内容所写的时间",
        "its time is not the one that its content tells",
        "restore",
    ),
    "unknown_event_profile": (
        "事件所依据的配置不在库里",
        "the profile that the event was judged by is not stored",
        "restore",
    ),
    "closed_before": ("办结早于上报", "it was closed before it was reported", "restore"),
    "bad_status": (
        "状态 {value} 不是 open 或 closed",
        "the status {value} is no status",
        "restore",
    ),
    "other_hash": (
        "内容散列与各列、各文本不符：某处被改动",
        "the content hash is not that of the columns and texts: one was altered",
        "restore",
    ),
    "other_place": (
        "经纬度与上报的坐标换算结果不符",
        "longitude and latitude are not what the reported coordinates give",
        "restore",
    ),
    "bad_answer": ("记下的答复不是有效的 JSON", "the kept answer is not valid JSON", "restore"),
    # assignments
    "no_assignment": (
        "没有 {family} 系列的归属",
        "it has no assignment in the family {family}",
        "relocate",
    ),
    "unknown_family": (
        "{family} 不是任何已采用配置的系列",
        "{family} is no family of any adopted profile",
        "restore",
    ),
    "unknown_word": (
        "{column} 的值 {value} 不认识",
        "{column} holds an unknown word, {value}",
        "restore",
    ),
    "no_chain": (
        "规则是 {rule}，却没有归属链",
        "its rule is {rule}, but it has no chain",
        "restore",
    ),
    "chain_without_edition": (
        "有归属链，却没有版本",
        "it has a chain, but no edition",
        "restore",
    ),
    "other_chain_family": (
        "归属链属于 {family} 系列",
        "its chain is of the family {family}",
        "restore",
    ),
    "unknown_edition": ("引用的版本不存在", "that edition does not exist", "restore"),
    "unknown_agreement": (
        "引用的边界约定 {number} 不存在",
        "the agreement {number} that it names does not exist",
        "restore",
    ),
    "agreement_rule": (
        "规则 {rule} 与边界约定 {number} 不相称",
        "its rule {rule} does not go with the agreement {number}",
        "restore",
    ),
    "bad_candidates": (
        "候选读不出，或份额之和不是 1",
        "the candidates cannot be read, or their shares do not sum to 1",
        "restore",
    ),
    "bad_overrides": ("代管记录读不出", "the overrides cannot be read", "restore"),
    "bad_links": ("归属链的内容读不出", "the links of the chain cannot be read", "restore"),
    "other_links": (
        "归属链的内容与 chain_areas 不一致",
        "its links are not what chain_areas holds",
        "restore",
    ),
    "stranger": (
        "归属链 {chain} 里的这个区域不在该版本里",
        "this area of chain {chain} does not live in that edition",
        "restore",
    ),
    "other_owner": (
        "{family} 系列存的归属是 {kept}，重新归属是 {fresh}",
        "in the family {family} it has {kept}, a fresh locate gives {fresh}",
        "relocate",
    ),
    "impossible_place": (
        "坐标 {lon}, {lat} 不在经纬度范围之内",
        "no place on earth has the coordinates {lon}, {lat}",
        "restore",
    ),
}
