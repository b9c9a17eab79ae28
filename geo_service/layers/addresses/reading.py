"""Reading an address: from a text as somebody typed it to its parts."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from geo_service.layers.addresses.address import Address
from geo_service.layers.addresses.numeral import NUMERALS, numeral_value
from geo_service.layers.addresses.text import plain

MOST_READINGS = 4
"""A text is read part by part, no further than this."""

_ROAD = (
    r"(?:[^\d,()/、]|\d{1,3}(?=号?公?[路街])|号(?=公?[路街])){1,14}?"
    r"(?:大道|公路|路|街(?![道坊区心])|(?<!街)道(?![口班])|巷|胡同)"
)
_ONE = rf"(?:\d{{1,5}}|[{NUMERALS}]{{1,8}})"
_NUMBER = rf"(?:[甲乙丙丁]?{_ONE}(?:[甲乙丙丁]|[a-z](?![a-z]))?(?:(?:之|-)\d{{1,4}})?)"
_STRETCH = rf"(?:{_NUMBER}(?:号?[~、]|号-){_NUMBER})"
_PARTED = re.compile(rf"([甲乙丙丁]?)({_ONE})([甲乙丙丁]|[a-z])?(?:(?:之|-)(\d+))?")
_BETWEEN = re.compile(r"号?[~、]|号-")
_OUTSIDE, _INSIDE = re.compile(r"\([^()]*\)?"), re.compile(r"\(([^()]+)\)?")
_ANYTHING = "某处"
"""What is above something has something behind it."""
_SIDES = "东西南北"

_ABOVE = re.compile(
    r"[^\d,()]{1,10}?(?:特别行政区|自治[区州县旗]|省|市(?![场民政])|新区"
    r"|(?<![小园社校厂院片商街景山林库营居民])区|县|街道(?:办事处)?(?!办)|[镇乡]"
    r"|居委会?|村委会|居民区|社区|片区)"
    r"(?=[^\d,()]{2}|\d{1,3}号?[路街])(?!大道|大街|公路|[东南西北中一二三四]{0,2}[路街巷])"
)
_CROSSING = re.compile(
    rf"({_ROAD})(与|和|同|及|跟|[、/\\&+-]|近|靠近)?({_ROAD})"
    rf"(?:的?(?:十字|丁字)?(?:交叉|交汇|交界|相交)?(?:路口|口|处)?)"
    rf"(?P<rest>的?(?:附近|旁边?|[{_SIDES}]{{1,2}}[侧面边角]?)?)$"
)
_STREET = re.compile(rf"(?P<road>{_ROAD})(?:[{_SIDES}中]段)?")
_LANES = re.compile(rf"(?P<first>{_NUMBER})弄(?P<inner>(?:{_NUMBER}支?弄)*)")
_LANE = re.compile(rf"({_NUMBER})支?弄")
_HOUSE = re.compile(
    rf"(?:(?P<stretch>{_STRETCH})|(?P<number>{_NUMBER}))号(?!楼|线|桥|门(?![口前外]))院?"
    r"(?P<sub>(?:(?:之|-)\d{1,2}(?!\d))|[甲乙丙丁])?(?!楼)"
)
_ROOMED = re.compile(rf"(?P<number>{_ONE})-(?:\d{{1,2}}-)?\d{{3,4}}室?$")
_ENDING_HOUSE = re.compile(rf"(?P<number>{_NUMBER})$")
_BUILDING = re.compile(
    rf"(?P<number>{_NUMBER})(?:号楼|号院?(?!楼|线|桥|门(?![口前外]))|幢|栋|座|#楼?)"
    r"|(?P<letter>[a-z]\d{0,2})(?:座|栋|幢|号?楼)"
)
_DASHED = re.compile(r"(?P<building>\d{1,3})-(?:\d{1,2}-)?\d{3,4}(?!\d)")
_ALONE = re.compile(rf"第?(?:(?P<stretch>{_STRETCH})|(?P<number>{_NUMBER}))")
_WORDS = re.compile(r"(?:支?弄|号楼?|幢|栋|座|楼|#|院)+$")
_LETTER = re.compile(r"[a-z]\d{0,2}")
_ENDING_BUILDING = re.compile(r"(?<=[^\d-]{2})\d{1,2}$")
_UNIT = re.compile(
    rf"[-,]?(?:(?:{_ONE}|[a-z])(?:单元|梯|号?门)|第?{_ONE}[层楼]|{_ONE}[室户]|\d{{3,4}}(?![\d号幢栋座#]))+"
)
_NEAR = re.compile(
    r"斜?对[面过门]|附近|隔壁|旁边?|周[边围]|[门路][口前]|门外|边上|背后|[后前][面门]"
    rf"|[{_SIDES}]{{1,2}}[侧面边角]|以[{_SIDES}]|往[{_SIDES}]|靠近|号门|路[段边]"
    rf"|(?<=..)[{_SIDES}]{{1,2}}大?门$"
)


class Reading(NamedTuple):
    """A plain piece of a text, and what it says."""

    text: str
    address: Address


class Readings(NamedTuple):
    """What a text can mean: each sentence ``outside`` of brackets, and ``inside`` of them."""

    outside: Sequence[Reading]
    inside: Sequence[Reading]


def read_addresses(text: str) -> Readings:
    """Return what a text can mean; what names nothing is left out."""
    one = plain(text)
    if "(" not in one:
        return Readings(_pieces(one), ())
    return Readings(_pieces(_OUTSIDE.sub("", one)), _pieces(",".join(_INSIDE.findall(one))))


def read_address(text: str) -> Address:
    """Return the likeliest meaning; an empty address where there is none."""
    found = read_addresses(text)
    return next((each.address for each in (*found.outside, *found.inside)), Address())


def _pieces(text: str) -> list[Reading]:
    pieces = [piece for piece in text.split(",", maxsplit=MOST_READINGS) if piece]
    found = [Reading(piece, read_plain(piece)) for piece in pieces[:MOST_READINGS]]
    return [each for each in found if not each.address.is_empty]


@lru_cache(maxsize=65_536)
def read_plain(text: str) -> Address:
    """Return the parts of one plain text without brackets."""
    above, rest = _above(text)
    crossing = _CROSSING.match(rest)
    if crossing:
        is_near = bool(crossing["rest"]) or "近" in (crossing[2] or "")
        return Address(crossing[1], crossing=crossing[3], above=above, is_near=is_near)
    street = _STREET.match(rest)
    if street is None and _LANES.match(rest) is None:
        name, building, is_near = _named(rest)
        return Address(name=name, building=building, above=above, is_near=is_near)
    road = street["road"] if street else None
    lanes, number, tail = _on_the_street(rest[street.end() :] if street else rest)
    name, building, is_near = _named(tail)
    return Address(road, lanes, number, name, building, None, above, is_near)


@lru_cache(maxsize=16_384)
def read_number(text: str) -> str | None:
    """Return a number as addresses hold it, with or without its 弄, 号, 幢; None for none."""
    bare = _WORDS.sub("", plain(text))
    found = _ALONE.fullmatch(bare)
    if found:
        return _stretch(found["stretch"]) if found["stretch"] else _number(found["number"])
    return bare if _LETTER.fullmatch(bare) else None


def names_above(above: str) -> list[str]:
    """Return the names of districts, streets and communities that stand in front, one by one."""
    names, end = [], 0
    while found := _ABOVE.match(above + _ANYTHING, end):
        names.append(found[0])
        end = found.end()
    return names


def _above(text: str) -> tuple[str, str]:
    """Part the names of districts, streets and communities from what follows them."""
    end = 0
    while found := _ABOVE.match(text, end):
        end = found.end()
    return text[:end], text[end:]


def _on_the_street(text: str) -> tuple[tuple[str, ...], str | None, str]:
    """Return lanes, house number, and what follows them."""
    lanes: tuple[str, ...] = ()
    found = _LANES.match(text)
    if found:
        numbers = [found["first"], *_LANE.findall(found["inner"])]
        read = [_number(each) for each in numbers]
        if None not in read:
            lanes, text = tuple(each for each in read if each), text[found.end() :]
    house = _HOUSE.match(text) or _ROOMED.match(text) or _ENDING_HOUSE.match(text)
    if house is None:
        return lanes, None, text
    number = _house_number(house.groupdict())
    return (lanes, number, text[house.end() :]) if number else (lanes, None, text)


def _house_number(found: dict[str, str | None]) -> str | None:
    if found.get("stretch"):
        return _stretch(found["stretch"] or "")
    number = _number(found["number"] or "")
    sub = (found.get("sub") or "").replace("之", "-")
    return number and number + sub


def _stretch(text: str) -> str | None:
    first, last = (_number(each) for each in _BETWEEN.split(text, maxsplit=1))
    return f"{first}~{last}" if first and last else None


@lru_cache(maxsize=16_384)
def _number(text: str) -> str | None:
    """Return one number with Arabic digits; 甲88 and 88甲 are one, 88之1 and 88-1 as well.

    88-90 are the numbers from the one to the other, being on one side of the road; 3-12 is a door.
    """
    found = _PARTED.fullmatch(text)
    value = _value(found[2]) if found else None
    if found is None or value is None:
        return None
    mark = (found[1] or "") + (found[3] or "")
    sub = int(found[4]) if found[4] else None
    if sub is None or mark or not value < sub <= value + 60 or (sub - value) % 2:
        return f"{value}{mark}" + (f"-{sub}" if sub is not None else "")
    return f"{value}~{sub}"


def _value(text: str) -> int | None:
    return int(text) if text.isdecimal() else numeral_value(text)


def _named(text: str) -> tuple[str | None, str | None, bool]:
    """Return the name, the building, and whether the place is only near; units are left out."""
    text = _UNIT.sub("", text, count=1) if _UNIT.match(text) else text
    near = _NEAR.search(text)
    is_near = near is not None
    if near:
        text = text[: near.start()]
    name, building = _with_building(text)
    return name.strip("的-/、") or None, building, is_near


def _with_building(text: str) -> tuple[str, str | None]:
    dashed = _DASHED.search(text)
    if dashed:
        return text[: dashed.start()], str(int(dashed["building"]))
    for found in _BUILDING.finditer(text):
        building = found["letter"] or _number(found["number"])
        if building:
            return text[: found.start()], building
    ending = _ENDING_BUILDING.search(text)
    if ending:
        return text[: ending.start()], str(int(ending[0]))
    unit = _UNIT.search(text, 1) if text else None
    return (text[: unit.start()] if unit else text), None
