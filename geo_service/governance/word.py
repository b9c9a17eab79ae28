"""Words of a profile: what an entry is called, and how else offices write it."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeAlias

Pair: TypeAlias = tuple[str, str | None]
"""The names of a major category and of its minor, or None."""


@dataclass(frozen=True)
class Word:
    """One entry of a list in the profile: its name, its titles, and other spellings of it."""

    name: str
    title_zh: str
    title_en: str
    aliases: tuple[str, ...] = ()

    def title(self, language: str) -> str:
        """Return the title in ``zh`` or ``en``."""
        return self.title_en if language == "en" else self.title_zh

    @property
    def words(self) -> tuple[str, ...]:
        """Every spelling that means this entry."""
        return (self.name, self.title_zh, *self.aliases)


CATEGORY_KINDS = ("part", "event")
"""部件, what stands in the city, and 事件, what happens there."""


@dataclass(frozen=True)
class Category(Word):
    """A major category with its minors; ``origin`` says where the word comes from.

    ``department`` is the line department (条线部门) that answers for it, ``statutory`` whether the
    law makes it that department's duty. ``code`` is what a code table calls it, a text with its
    zeros, and ``kind`` one of CATEGORY_KINDS; both are empty without such a table.
    """

    origin: str = ""
    minors: tuple["Category", ...] = ()
    department: str = ""
    statutory: bool = False
    code: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Department(Word):
    """A department that can be called to a place; one that is ``stationed`` stands by there."""

    stationed: bool = False


@dataclass(frozen=True)
class CategorySet:
    """Where the categories come from, and which version of it they are."""

    origin: str
    version: str


@dataclass(frozen=True)
class Figure(Word):
    """A dated figure of areas; ``kind`` is ``count``, ``community_type`` or ``text``.

    ``levels`` are the words that a text may be, from low to high; none allow any. ``usual`` is what
    a count is expected to be, by layer: (least, most), a hint and never a reason to refuse.
    """

    kind: str = "count"
    levels: tuple[Word, ...] = ()
    usual: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def level_of(self, text: str) -> str | None:
        """Return the name of the level that a word means; None when nobody knows it."""
        return names_by_word(self.levels).get(word_key(text))

    def is_usual(self, layer: str, value: float) -> bool:
        """Tell whether a count of an area of this layer lies where counts are expected."""
        least, most = self.usual.get(layer, (value, value))
        return least <= value <= most


def figure_of_table(table: Mapping[str, Any]) -> Figure:
    """Return the figure that a profile's table tells."""
    levels = tuple(Word(**word_fields(level)) for level in table.get("levels", ()))
    usual = {layer: (least, most) for layer, (least, most) in table.get("usual", {}).items()}
    return Figure(**{**word_fields(table), "levels": levels, "usual": usual})


def word_fields(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a word that a profile's table tells; a title left out is the name."""
    titles = {"title_zh": table["name"], "title_en": table["name"]}
    return {**titles, **table, "aliases": tuple(table.get("aliases", ()))}


@lru_cache(maxsize=4096)
def word_key(text: str) -> str:
    """Return what the spellings of one word share: width, case and spaces do not matter."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def category_of_table(table: Mapping[str, Any]) -> Category:
    """Return the category that a profile's table tells; minors have its department and duty."""
    own = {name: table[name] for name in ("department", "statutory", "kind") if name in table}
    minors = tuple(category_of_table({**own, **minor}) for minor in table.get("minors", ()))
    return Category(**{**word_fields(table), "minors": minors})


def names_by_word(words: Iterable[Word]) -> Mapping[str, str]:
    """Return the name of the entry by the key of each of its spellings."""
    return {word_key(spelling): word.name for word in words for spelling in word.words}


def categories_by_words(categories: Iterable[Category]) -> Mapping[tuple[str, str], Pair]:
    """Return (major, minor) by the keys of two cells; the key of an empty cell is ``""``.

    A minor that stands under one major only is found without its major, and in the major's place.
    """
    found: dict[tuple[str, str], Pair] = {}
    pairs_by_minor: dict[str, set[Pair]] = {}
    for major in categories:
        for major_key in map(word_key, major.words):
            found[major_key, ""] = (major.name, None)
            found.update({(major_key, minor): pair for minor, pair in _minors(major)})
            # a minor's code says something beside its major alone
            minors = ((word_key(minor.code), (major.name, minor.name)) for minor in major.minors)
            found.update({(major_key, code): pair for code, pair in minors if code})
        for minor_key, pair in _minors(major):
            pairs_by_minor.setdefault(minor_key, set()).add(pair)
    for minor_key, pairs in pairs_by_minor.items():
        if len(pairs) == 1:
            found["", minor_key] = next(iter(pairs))
            found.setdefault((minor_key, ""), found["", minor_key])
    return found


def category_of_key(known: Mapping[tuple[str, str], Pair], key: str) -> Pair | None:
    """Return the category that ``major``, ``major/minor`` or a minor of one major only means.

    ``known`` is what ``categories_by_words`` gives. A name may hold a slash itself: the whole key
    is looked for first. None when nobody knows it.
    """
    text = key.replace("／", "/")  # as Chinese keyboards write it
    slashes = [i for i, letter in enumerate(text) if letter == "/"]
    cells = [(text, ""), *((text[:i], text[i + 1 :]) for i in slashes)]
    found = (known.get((word_key(major), word_key(minor))) for major, minor in cells)
    return next(filter(None, found), None)


def category_key(major: str, minor: str | None) -> str:
    """Return how a category is written in one piece: ``major`` or ``major/minor``."""
    return major if minor is None else f"{major}/{minor}"


def _minors(major: Category) -> Iterator[tuple[str, Pair]]:
    for minor in major.minors:
        for spelling in minor.words:
            yield word_key(spelling), (major.name, minor.name)
