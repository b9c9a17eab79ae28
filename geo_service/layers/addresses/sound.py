"""How words sound: full pinyin and initials, every reading of a character that has several."""

from functools import lru_cache
from itertools import islice, product

MOST_SOUNDS = 8
"""A name of many characters with several readings each is known by the first of them."""


def sounds(word: str) -> tuple[set[str], set[str]]:
    """Return full pinyin and initials of a plain word: xingfuhuayuan and xfhy of 幸福花园.

    Letters and digits stand for themselves.
    """
    readings = [_readings(each) for each in word]
    full = {"".join(each) for each in islice(product(*readings), MOST_SOUNDS)}
    firsts = [list(dict.fromkeys(sound[0] for sound in each)) for each in readings]
    return full, {"".join(each) for each in islice(product(*firsts), MOST_SOUNDS)}


def one_sound(word: str) -> str:
    """Return the commonest full pinyin of a plain word."""
    return "".join(_readings(each)[0] for each in word)


@lru_cache(maxsize=32_768)
def _readings(character: str) -> list[str]:
    if character.isascii():
        return [character]
    from pypinyin import Style, pinyin  # a third of a second, and only who types letters needs it

    [found] = pinyin(character, style=Style.NORMAL, heteronym=True)
    return [each for each in found if each] or [character]
