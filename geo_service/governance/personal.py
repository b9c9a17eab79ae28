"""What is about persons: columns, by their heading, and numbers of persons in texts."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from geo_service.errors import InvalidValue, RefusedValue
from geo_service.governance.cell import UNSTORABLE, is_storable

_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】")


_MOBILE = re.compile(r"(?<!\d)(?:(?:\+|00)?86[-\s]?)?1[3-9]\d(?:[-\s]?\d{4}){2}(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)0(?:10|2\d|[3-9]\d{2})\)?[-\s]?[1-9]\d{6,7}(?!\d)")
_CITIZEN = re.compile(
    r"(?<!\d)[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX](?!\w)"
)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
"""Of a citizen's number: the last character by the weighted sum of the others modulo 11."""


def holds_personal_number(text: str) -> bool:
    """Tell whether a text holds a phone number or a citizen's number (公民身份号码, GB 11643).

    Mobile numbers, and fixed ones with their area code, also with blanks or hyphens between the
    digits and in full width; citizen's numbers of 18 characters whose last one is right, so that
    other numbers of that length mostly pass. Numbers of services such as 12345 and 110 are none,
    nor is what stands within a longer row of digits.
    """
    plain = unicodedata.normalize("NFKC", text).upper()
    if _MOBILE.search(plain) or _LANDLINE.search(plain):
        return True
    return any(_is_citizens(each) for each in _CITIZEN.findall(plain))


def _is_citizens(number: str) -> bool:
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number[:-1], strict=True))
    return number[-1] == _CHECKS[total % len(_CHECKS)]


def kept_text(name: str, text: str, *, longest: int) -> str:
    """Return a text as it is kept, for ever: on one line, empty where there are only blanks.

    Raises
    ------
    InvalidValue
        More than ``longest`` characters, or a number of a person: it could not be erased.
    RefusedValue
        Characters that no database keeps.
    """
    if not is_storable(text):
        raise RefusedValue(name, *UNSTORABLE)
    plain = " ".join(text.split())
    if len(plain) > longest:
        raise InvalidValue(name, f"不超过 {longest} 个字的文字", f"{longest} characters at most")
    if holds_personal_number(plain):
        raise InvalidValue(
            name,
            "不含手机号、电话号码、身份证号的文字：它随版本和变更单永久保存，不能抹除；请删去号码",
            "a text without phone or citizen numbers: it is kept with editions and change orders "
            "and cannot be erased; leave the numbers out",
        )
    return plain


@cache
def heading_words() -> Mapping[str, Any]:
    """Return the tables of headings.toml."""
    return tomllib.loads((files(__package__) / "headings.toml").read_text(encoding="utf-8"))


def personal_columns(headings: Sequence[str]) -> list[str]:
    """Return the headings, in order, of columns about persons or special groups.

    姓名, 联系电话, 网格员姓名 and 网格长值班电话 are; 值班电话, 24小时值班电话, 单位名称, 网格名称,
    居民户数 and 来电时间 are not. The cells are not looked at.
    """
    return [h for h in headings if is_about_person(h) or is_about_special_group(h)]


def is_about_person(heading: str) -> bool:
    """Tell whether a heading speaks of a person."""
    key, words = _key(heading), heading_words()["personal"]
    for post in words["never"]:  # what stands beside it may be about a person all the same
        key = key.replace(post, "")
    if _has_any(key, words["always"]):
        return True
    return any(_is_person(each, words) for each in (key, _BRACKETS.sub("", key)))


def _is_person(key: str, words: Mapping[str, Sequence[str]]) -> bool:
    is_excused = key.startswith(tuple(words["unless_begins"])) or key.endswith(
        tuple(words["unless_ends"])
    )
    is_person = _has_any(key, words["within"]) or key.endswith(tuple(words["at_the_end"]))
    return is_person and not is_excused


def is_about_special_group(heading: str) -> bool:
    """Tell whether a heading speaks of a group that is not held at all, not even as a count."""
    key, words = _key(heading), heading_words()["special_group"]
    for word in words["unless"]:
        key = key.replace(word, "")
    return _has_any(key, words["within"])


def _has_any(key: str, words: Sequence[str]) -> bool:
    return any(word in key for word in words)


def _key(heading: str) -> str:
    return "".join(unicodedata.normalize("NFKC", heading).casefold().split())
