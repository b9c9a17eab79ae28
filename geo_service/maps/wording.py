"""The words of the pages in Chinese and English, read from wording.toml."""

import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

Words = Mapping[str, str]

LANGUAGES = ("zh", "en")

_HTML_LANGUAGES = {"zh": "zh-CN", "en": "en"}


@lru_cache
def words(language: str) -> Words:
    """Return every word of the pages in ``zh`` or ``en``."""
    text = Path(__file__).with_name("wording.toml").read_text(encoding="utf-8")
    position = LANGUAGES.index(language)
    return MappingProxyType({key: both[position] for key, both in tomllib.loads(text).items()})


def html_language(language: str) -> str:
    """Return the language as HTML names it; it also picks Chinese glyphs over Japanese ones."""
    return _HTML_LANGUAGES[language]
