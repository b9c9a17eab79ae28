"""What hotline lists say beside a report, in the words of offices: how pressing, how it went."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from geo_service.governance.cell import RefusedCell, text_of
from geo_service.governance.handling.facts import RESOLVED, SATISFACTION
from geo_service.governance.handling.workflow import Condition
from geo_service.governance.word import Word, names_by_word, word_key

RESPONDED = (
    Word("yes", "已响应", "responded", ("是", "响应", "已联系", "联系", "已先行联系", "true")),
    Word("no", "未响应", "not responded", ("否", "没响应", "未联系", "未先行联系", "false")),
)

ANSWERS: Mapping[str, tuple[Word, ...]] = MappingProxyType(
    {"responded": RESPONDED, "resolved": RESOLVED, "satisfaction": SATISFACTION}
)
"""What a list tells of a follow-up (回访), and the words for it; rates are made of them."""

TITLES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "condition": ("紧急程度", "how pressing it is"),
        "responded": ("是否响应", "responded"),
        "resolved": ("是否解决", "resolved"),
        "satisfaction": ("满意度", "satisfaction"),
    }
)
"""What lists call the columns."""

_NOT_YET = frozenset({"未回访", "待回访", "未评价", "待评价"})
"""Nobody was asked yet: no answer, and none is taken away by it."""

_YES, _NO = ("是", "yes", "true"), ("否", "no", "false")
_DIGITS = {"1": "是", "0": "否"}
"""A box that was ticked, or a spreadsheet's truth; only lists write it so."""
_LONGEST = 60
_MOST_SHOWN = 12
_MANY_DIGITS = re.compile(r"\d{5,}")


def answer_of(name: str, cell: Any) -> str | None:
    """Return the name of the word of ANSWERS that a cell means, None where nobody answered.

    Raises
    ------
    RefusedCell
        A word that nobody knows; it names the column, the word and those that are known.
    """
    text = _text(cell)
    if text is None or word_key(text) in _NOT_YET:
        return None
    found = _names(name).get(word_key(text))
    if found is None:
        known = ANSWERS[name]
        raise _unknown(name, text, [each.title_zh for each in known], [w.name for w in known])
    return found


def condition_of(cell: Any, conditions: Mapping[str, Condition]) -> str | None:
    """Return the name of the condition that a cell means, None for an empty one.

    是 and 否, as a column 是否紧急 has them, mean the first urgent one and the first other one.

    Raises
    ------
    RefusedCell
        A word that nobody knows, or a profile without conditions.
    """
    text = _text(cell)
    if text is None:
        return None
    found = names_by_word(conditions.values()).get(word_key(text))
    if found is None and word_key(text) in (*_YES, *_NO):
        is_urgent = word_key(text) in _YES
        found = next((each.name for each in conditions.values() if each.urgent == is_urgent), None)
    if found is None:
        names = [each.title_zh for each in conditions.values()]
        raise _unknown("condition", text, [*names, "是、否"] if names else [], conditions)
    return found


def _text(cell: Any) -> str | None:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    text = text_of(cell, longest=_LONGEST)
    return text if text is None else _DIGITS.get(text, text)


@lru_cache(maxsize=8)
def _names(name: str) -> Mapping[str, str]:
    return names_by_word(ANSWERS[name])


def _unknown(name: str, text: str, zh: Sequence[str], en: Iterable[str]) -> RefusedCell:
    column_zh, column_en = TITLES[name]
    said = _shown(text)
    known_zh = "、".join(zh) or "（配置里没有 [[conditions]]：请先写明紧急程度）"
    known_en = ", ".join(en) or "nothing: the profile has no [[conditions]]"
    return RefusedCell(
        f"“{column_zh}”一列写的是“{said}”，认不出；可写：{known_zh}",
        f"the column {column_en} says '{said}', which nobody knows; it may say: {known_en}",
    )


def _shown(text: str) -> str:
    """Return the beginning of a text that stands where a word should: it may tell of a person."""
    shown = text[:_MOST_SHOWN] + ("…" if len(text) > _MOST_SHOWN else "")
    return _MANY_DIGITS.sub("…", shown)
