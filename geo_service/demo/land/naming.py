"""Fictional names and codes: neutral plants and virtues, codes that start with 999."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from geo_service.demo.land.columns import Integers, ranks

_WORDS = (
    "桂花", "丁香", "海棠", "紫薇", "玉兰", "梧桐", "银杏", "香樟",
    "石榴", "芙蓉", "茉莉", "蔷薇", "蜡梅", "青松", "翠竹", "幽兰",
    "秋菊", "荷花", "杜鹃", "山茶", "木槿", "合欢", "枇杷", "红枫",
    "仁和", "义和", "诚信", "友善", "和睦", "明德", "崇善", "尚文",
    "同心", "安宁", "勤俭", "敬业", "睦邻", "知礼", "守信", "乐学",
)  # fmt: skip
_ENDINGS = ("里", "苑", "园", "坊", "庭", "居", "新村")
_ROAD_FIRST = "桂兰松竹梅荷枫柳槐桐杏桃棠樟榕茶莲菊蕙芷葵槿枣榴"
_ROAD_SECOND = "香和宁安馨秀茂华芳荣祥瑞康乐清明远景泰丰盛嘉润雅"
_DIRECTIONS = ("", "东", "西", "南", "北", "中")
_DIGITS = "零一二三四五六七八九"
RIVER = "示例河"


def ordinal(number: int) -> str:
    """Return 1 to 99 in Chinese numerals: 一, 十, 十二, 二十."""
    tens, ones = divmod(number, 10)
    if tens == 0:
        return _DIGITS[ones]
    return ("" if tens == 1 else _DIGITS[tens]) + "十" + (_DIGITS[ones] if ones else "")


def place_stems(count: int, *, rng: np.random.Generator) -> list[str]:
    """Return ``count`` names of places such as 桂花里, all different up to 280, then repeating."""
    order = rng.permutation(len(_WORDS)).tolist()
    turns = rng.integers(len(_ENDINGS), size=len(_WORDS)).tolist()
    stems = []
    for i in range(count):
        word = order[i % len(_WORDS)]
        stems.append(_WORDS[word] + _ENDINGS[(turns[word] + i // len(_WORDS)) % len(_ENDINGS)])
    return stems


def words(count: int, *, rng: np.random.Generator) -> list[str]:
    """Return ``count`` plain words, all different up to 40, then repeating."""
    order = rng.permutation(len(_WORDS)).tolist()
    return [_WORDS[order[i % len(_WORDS)]] for i in range(count)]


def road_names(kinds: Sequence[str], *, rng: np.random.Generator) -> list[str]:
    """Return a name for each road of the kinds main, side and river; all different up to 3,456."""
    pairs = [first + second for first, second in product(_ROAD_FIRST, _ROAD_SECOND)]
    order = rng.permutation(len(pairs)).tolist()
    endings = rng.integers(4, size=len(kinds)).tolist()
    names = []
    for i, (kind, ending) in enumerate(zip(kinds, endings, strict=True)):
        direction = _DIRECTIONS[i // len(pairs) % len(_DIRECTIONS)]
        suffix = ("大道", "路", "路", "路") if kind == "main" else ("路", "街", "街", "巷")
        name = pairs[order[i % len(pairs)]] + direction + suffix[ending]
        names.append(RIVER if kind == "river" else name)
    return names


@dataclass(frozen=True)
class Level:
    """One level of a demo city: how many areas, and how they are coded and named.

    A code is that of the area's ancestor in ``coded_under`` and its number in ``digits`` digits.
    ``name`` may hold ``{above}`` (the parent's name), ``{stem}`` (a fresh word of ``stems``,
    different within the ancestor in ``distinct_in``; or, without ``stems``, the parent's),
    ``{number}`` and ``{ordinal}`` (the number within the parent), ``{kind}`` (of ``kinds``, which
    has one for each area in their order).
    """

    layer: str
    count: int
    coded_under: str | None
    digits: int
    name: str
    stems: str = ""
    distinct_in: str | None = None
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Named:
    """Codes and names of the areas of one level, in their order."""

    codes: tuple[str, ...]
    names: tuple[str, ...]


def named_areas(
    levels: Sequence[Level],
    parents: Sequence[Integers],
    *,
    prefix: str,
    first: int,
    rng: np.random.Generator,
) -> list[Named]:
    """Return codes and names of each level, root first.

    Parameters
    ----------
    parents
        For each level the number of each area's parent on the level above; all 0 for the root.
    prefix, first
        Codes of the root level begin with ``prefix`` and are numbered from ``first``.
    """
    named: list[Named] = []
    stems: list[str] = []
    layers = [level.layer for level in levels]
    for position, level in enumerate(levels):
        parent = parents[position]
        owner, above = parent, [prefix]
        if level.coded_under is not None:
            up = layers.index(level.coded_under)
            owner, above = _ancestors(parents[up + 1 : position + 1]), list(named[up].codes)
        number = ranks(owner) + (first - 1 if level.coded_under is None else 0)
        codes = [f"{above[o]}{n:0{level.digits}d}" for o, n in _pairs(owner, number)]
        if level.stems:
            up = layers.index(level.distinct_in) if level.distinct_in else -1
            stems = _fresh(level.stems, _ancestors(parents[up + 1 : position + 1]), rng)
        else:
            stems = [stems[p] for p in parent.tolist()] if stems else [""] * len(parent)
        above_names = named[-1].names if named else ("",)
        names = _names(level, parent, above_names, stems)
        named.append(Named(tuple(codes), tuple(names)))
    return named


def _ancestors(parents: Sequence[Integers]) -> Integers:
    """Return the ancestor of each area of the last level on the level above the first."""
    ancestor = parents[-1]
    for parent in reversed(parents[:-1]):
        ancestor = parent[ancestor]
    return ancestor


def _pairs(a: Integers, b: Integers) -> list[tuple[int, int]]:
    return list(zip(a.tolist(), b.tolist(), strict=True))


def _fresh(kind: str, owner: Integers, rng: np.random.Generator) -> list[str]:
    """Return stems for areas that stand owner by owner."""
    choose = place_stems if kind == "places" else words
    counts = np.bincount(owner).tolist()
    return [stem for count in counts for stem in choose(count, rng=rng)]


def _names(level: Level, parent: Integers, above: Sequence[str], stems: Sequence[str]) -> list[str]:
    kinds = level.kinds or ("",) * len(parent)
    rows = zip(_pairs(parent, ranks(parent)), stems, kinds, strict=True)
    return [
        level.name.format(
            above=above[p], stem=stem, number=n, ordinal=ordinal(min(n, 99)), kind=kind
        )
        for (p, n), stem, kind in rows
    ]
