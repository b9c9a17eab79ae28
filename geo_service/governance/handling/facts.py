"""What is told with a step: a reason, the unit it goes to, what the caller answered."""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from geo_service.errors import InvalidValue
from geo_service.governance.moment import iso_text, read_moment
from geo_service.governance.personal import holds_personal_number
from geo_service.governance.word import Word, names_by_word, word_key

SATISFACTION = (
    Word("satisfied", "满意", "satisfied", ("非常满意", "很满意", "是")),
    Word("mostly_satisfied", "基本满意", "mostly satisfied", ("比较满意", "一般")),
    Word("dissatisfied", "不满意", "dissatisfied", ("非常不满意", "很不满意", "否")),
    Word("not_reached", "未接通", "not reached", ("无法接通", "未联系上")),
    Word("refused", "拒评", "refused to say", ("拒绝评价",)),
)
"""What the caller answered; a closed list, since rates are made of it."""

RESOLVED = (
    Word("yes", "已解决", "resolved", ("是", "解决", "true")),
    Word("no", "未解决", "not resolved", ("否", "没解决", "false")),
)

TRIAGE = (
    Word("public", "大事", "for the government", ()),
    Word("shared", "小事", "for self-government of residents", ()),
    Word("private", "私事", "private", ()),
)

_CLOCK = re.compile(r"[:时点Tt]|\d{9}")
"""What a text has that tells more than a day."""
_LONGEST = 200
_MOST_DEPARTMENTS = 30


def read_text(name: str, value: Any) -> str:
    """Return a text that somebody typed.

    Raises
    ------
    InvalidValue
        None or too long, or with the number of a person: steps are never erased.
    """
    if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST:
        raise InvalidValue(name, f"1 到 {_LONGEST} 个字", f"1 to {_LONGEST} characters")
    if holds_personal_number(value):
        raise InvalidValue(
            name,
            "不含手机号、电话号码、身份证号的文字：办理经过不能删改，这类信息请写在工单内容里，期满即可清除",
            "a text without phone or citizen numbers: what was done is never erased; such numbers"
            " belong in the description of the report, which is erased in time",
        )
    return value.strip()


def _texts(name: str, value: Any) -> list[str]:
    if not isinstance(value, list | tuple) or not 0 < len(value) <= _MOST_DEPARTMENTS:
        raise InvalidValue(
            name, f"1 到 {_MOST_DEPARTMENTS} 个部门的列表", f"a list of 1 to {_MOST_DEPARTMENTS}"
        )
    return list(dict.fromkeys(read_text(name, each) for each in value))


def _end(name: str, value: Any) -> str:
    """Read until when: a day alone means that it ends (Civil Code, article 203)."""
    try:
        at = read_moment(value)
        is_day = isinstance(value, str) and not _CLOCK.search(value.strip())
        return iso_text(at + timedelta(days=1) if is_day else at)
    except (ValueError, OverflowError) as error:
        raise InvalidValue(
            name, "日期或时间，如 2026-11-20 08:00", "a day or time such as 2026-11-20 08:00"
        ) from error


def _number(name: str, value: Any) -> int:
    text = str(value)
    if isinstance(value, bool) or not (text.isascii() and text.isdigit()) or not int(text):
        raise InvalidValue(name, "问题编号", "the number of an issue")
    return int(text)


def word_among(name: str, value: Any, words: tuple[Word, ...]) -> str:
    """Return the name of the word that a value means.

    Raises
    ------
    InvalidValue
        Naming those that may stand there.
    """
    found = names_by_word(words).get(word_key(value)) if isinstance(value, str) else None
    if found is None:
        raise InvalidValue(
            name,
            "、".join(word.title_zh for word in words) + " 之一",
            "one of " + ", ".join(word.name for word in words),
        )
    return found


FACTS: Mapping[str, Callable[[str, Any], Any]] = MappingProxyType(
    {
        "reason": read_text,
        "rule": read_text,
        "unit": read_text,
        "until": _end,
        "condition": read_text,
        "issue": _number,
        "departments": _texts,
        "department": read_text,
        "resolved": lambda name, value: word_among(name, value, RESOLVED),
        "satisfaction": lambda name, value: word_among(name, value, SATISFACTION),
        "triage": lambda name, value: word_among(name, value, TRIAGE),
    }
)
"""Each fact and how it is read. A rule is the clause that a ruling cites (依据), a condition one of
the profile's, an issue the number of the one that this is a duplicate of."""
