"""Words of a profile: what an entry is called, and how else offices write it."""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Category(Word):
    """A major category with its minors; ``origin`` says where the word comes from."""

    origin: str = ""
    minors: tuple["Category", ...] = ()


@dataclass(frozen=True)
class Figure(Word):
    """A dated figure of areas; ``kind`` is ``count``, ``community_type`` or ``text``."""

    kind: str = "count"


def word_fields(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a word that a profile's table tells; a title left out is the name."""
    titles = {"title_zh": table["name"], "title_en": table["name"]}
    return {**titles, **table, "aliases": tuple(table.get("aliases", ()))}


@lru_cache(maxsize=4096)
def word_key(text: str) -> str:
    """Return what the spellings of one word share: width, case and spaces do not matter."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


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
