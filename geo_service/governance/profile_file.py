"""A profile's TOML as tables that know their lines, checked table by table."""

import copy
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from geo_service.errors import InvalidProfile

_HEADER = re.compile(r"\s*\[\[?\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?")
_KEY = re.compile(r"""\s*(?:["']?)([\w-]+)(?:["']?)\s*=""")
_MOST_M = 10_000
_WIDTHS = range(1, 21)
_TOML_LINE = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)")


@dataclass(frozen=True)
class Place:
    """Where something stands in a profile: the ``index``-th table of a section, a key, a word.

    ``word`` narrows the line down where several things share a key, as in a list of minors.
    """

    section: str | None = None
    index: int | None = None
    key: str | None = None
    word: str | None = None

    def __str__(self) -> str:
        """Return the path as it is spoken of: ``layers[2].parent``."""
        table = None if self.index is None else f"{self.section}[{self.index + 1}]"
        return ".".join(part for part in (table or self.section, self.key) if part)


class Borrowed(NamedTuple):
    """Where an entry comes from that a profile did not write itself: a step set, and its name."""

    step_set: str
    name: str


@dataclass(frozen=True)
class Kind:
    """What a key may hold, in two languages, and how to tell."""

    zh: str
    en: str
    is_valid: Callable[[Any], bool]


def is_number(value: Any) -> bool:
    """Tell whether a value is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_range(value: Any) -> bool:
    match value:
        case [least, most]:
            return is_number(least) and is_number(most) and bool(least < most)
    return False


def _is_widths(value: Any) -> bool:
    is_list = isinstance(value, list) and len(value) > 1
    return is_list and all(type(width) is int and width in _WIDTHS for width in value)


TEXT = Kind("非空文字", "text that is not empty", _is_text)
FLAG = Kind("true 或 false", "true or false", lambda value: isinstance(value, bool))
LENGTH_M = Kind(
    f"0 到 {_MOST_M} 之间的米数",
    f"a number of metres from 0 to {_MOST_M}",
    lambda value: is_number(value) and 0 <= value <= _MOST_M,
)
SHARE = Kind(
    "大于 0、不超过 1 的数",
    "a number above 0 and at most 1",
    lambda value: is_number(value) and 0 < value <= 1,
)
DAYS = Kind(
    "1 到 366 之间的整数",
    "a whole number from 1 to 366",
    lambda value: is_number(value) and value in range(1, 367),
)
WORDS = Kind(
    "文字列表",
    "a list of texts",
    lambda value: isinstance(value, list) and all(map(_is_text, value)),
)
TABLES = Kind(
    "至少含一项的表格列表",
    "a list of at least one table",
    lambda value: (
        isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)
    ),
)
USUAL = Kind(
    "图层到 [最少, 最多] 的表，如 { community = [1000, 3000] }",
    "a table from layers to [least, most], as { community = [1000, 3000] }",
    lambda value: isinstance(value, dict) and bool(value) and all(map(_is_range, value.values())),
)
RANGE = Kind("[最少, 最多]", "[least, most]", _is_range)
WIDTHS = Kind(
    "编码各段的位数（至少两段），如 [6, 3, 3, 3]",
    "the widths of the parts of a code, at least two, as [6, 3, 3, 3]",
    _is_widths,
)
TABLE = Kind("一张表", "a table", lambda value: isinstance(value, dict))

WORD_KEYS: Mapping[str, Kind] = {
    "name": TEXT,
    "title_zh": TEXT,
    "title_en": TEXT,
    "aliases": WORDS,
}
"""The keys of everything that people have words for."""


def one_of(*words: str) -> Kind:
    """Return the kind of a key that holds one of a few words."""
    return Kind("、".join(words) + " 之一", "one of " + ", ".join(words), lambda v: v in words)


def is_cycle(name: str, parents: Mapping[str, str | None]) -> bool:
    """Tell whether the parents of an entry lead back to it."""
    seen: set[str] = set()
    at: str | None = name
    while at is not None and at not in seen:
        seen.add(at)
        at = parents.get(at)
    return at == name


class ProfileFile:
    """The text of a profile, its tables, and the line of each."""

    def __init__(self, text: str, *, file: str) -> None:
        self.file = file
        self.text = text.removeprefix("\ufeff").replace("\r\n", "\n")
        try:
            self.tables: dict[str, Any] = tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            raise self._unreadable(error) from error
        self._borrowed: Mapping[tuple[str, int], Borrowed] = {}

    def with_tables(
        self, tables: dict[str, Any], borrowed: Mapping[tuple[str, int], Borrowed]
    ) -> "ProfileFile":
        """Return the file with tables that it takes from elsewhere, told by section and index.

        What is wrong with one of those is told at the line that takes them.
        """
        other = copy.copy(self)
        other.tables, other._borrowed = tables, borrowed
        return other

    def error(self, place: Place, *, zh: str, en: str) -> InvalidProfile:
        """Return the error that names this place with its line."""
        lent = self._borrowed.get((place.section or "", -1 if place.index is None else place.index))
        if lent is not None:
            what = " ".join(part for part in (place.section, lent.name, place.key) if part)
            zh, en = f"{lent.step_set} 中的 {what}：{zh}", f"{what} of {lent.step_set}: {en}"
            place = Place("handling", key="with", word=lent.step_set)
        return InvalidProfile(
            file=self.file, line=self.line(place), key=str(place), reason_zh=zh, reason_en=en
        )

    def line(self, place: Place) -> int:
        """Return the line nearest to a place; the first line for what is missing altogether."""
        start, stop = self._block(place)
        wanted = [
            number
            for number in range(start, stop)
            if place.key is None or _is_key(self._lines[number], place.key)
        ]
        if place.word is not None:
            spoken = [n for n in range(start, stop) if place.word in self._lines[n]]
            wanted = [n for n in wanted if n in spoken] or spoken or wanted
        return (wanted or [start])[0] + 1

    def check_keys(
        self,
        place: Place,
        table: Mapping[str, Any],
        kinds: Mapping[str, Kind],
        *,
        required: Sequence[str] = (),
    ) -> None:
        """Refuse unknown keys, missing keys, and values that are not of their key's kind."""
        for key in required:
            if key not in table:
                at = Place(place.section, place.index, key, word=place.word)
                raise self.error(at, zh="缺少这一项", en="is missing")
        for key, value in table.items():
            at = Place(place.section, place.index, key, word=place.word)
            kind = kinds.get(key)
            if kind is None:
                known_keys = ", ".join(kinds)
                raise self.error(
                    at,
                    zh=f"不认识的键；可用的键：{known_keys}",
                    en=f"unknown key; known: {known_keys}",
                )
            if not kind.is_valid(value):
                raise self.error(at, zh=f"应为{kind.zh}", en=f"must be {kind.en}")

    def check_known(self, place: Place, name: str, known: Iterable[str]) -> None:
        """Refuse a name that stands for none of what there is."""
        names = list(known)
        if name not in names:
            told = ", ".join(names)
            raise self.error(
                place, zh=f"没有“{name}”；已有：{told}", en=f"no '{name}'; there are: {told}"
            )

    @cached_property
    def _lines(self) -> list[str]:
        return self.text.split("\n")

    @cached_property
    def _headers(self) -> list[tuple[int, str]]:
        matches = enumerate(map(_HEADER.fullmatch, self._lines))
        return [(number, match[1]) for number, match in matches if match]

    def _block(self, place: Place) -> tuple[int, int]:
        """Return the first line of a table and the line after its last, counted from 0."""
        starts = [number for number, name in self._headers if name == place.section]
        ends = [*(number for number, _ in self._headers), len(self._lines)]
        if place.section is None:
            return 0, ends[0]
        if not starts:  # written inline, or not at all
            inline = [n for n, line in enumerate(self._lines) if _is_key(line, place.section)]
            return (inline[0], len(self._lines)) if inline else (0, 1)
        start = starts[min(place.index or 0, len(starts) - 1)]
        return start, next(end for end in ends if end > start)

    def _unreadable(self, error: tomllib.TOMLDecodeError) -> InvalidProfile:
        # Python 3.11 tells the line in the sentence only.
        sentence = str(error)
        found = _TOML_LINE.search(sentence)
        line = int(found[1]) if found and found[1] else self.text.count("\n") + 1
        reason = _TOML_LINE.sub("", sentence)
        return InvalidProfile(
            file=self.file,
            line=line,
            key="TOML",
            reason_zh=f"不是有效的 TOML（{reason}）",
            reason_en=f"not valid TOML ({reason})",
        )


def _is_key(line: str, key: str) -> bool:
    match = _KEY.match(line)
    return match is not None and match[1] == key
