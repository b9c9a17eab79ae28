"""The words for how a place was found, and for why none is meant."""

from collections.abc import Mapping

from geo_service.layers.addresses import hit
from geo_service.services.addresses.deciding import CONTRADICTED, ELSEWHERE
from geo_service.services.addresses.matching import CHOSEN, POINTED

Words = tuple[str, str]
"""In Chinese and in English."""

HOW: Mapping[str, Words] = {
    hit.EXACT: ("完全一致", "exactly this address"),
    hit.NAME: ("名称一致", "called so"),
    hit.CROSSING: ("两条路相交处", "where the two roads meet"),
    hit.ALIAS: ("别名一致", "also called so"),
    hit.STRETCH: ("在号段之内", "within a stretch of numbers"),
    hit.AREA: ("区域名称一致", "an area of this name"),
    hit.BROADER: (
        "只知道到这一级，更细的没有登记",
        "known only so far, the rest is not registered",
    ),
    hit.NARROWER: ("其下有多个地址", "holds several addresses"),
    hit.AS_NUMBER: ("没有这个楼号，有同号的门牌", "no such building, but a door of this number"),
    hit.WITHOUT_ROAD: ("没有写路名，弄号一致", "no road was named; lane and number fit"),
    hit.PREFIX: ("以此开头", "begins so"),
    hit.INITIALS: ("拼音首字母", "by its initials"),
    hit.PINYIN: ("拼音", "by its pinyin"),
    hit.SAME_SOUND: ("同音", "sounds the same"),
    hit.HOLDING: ("名称中含有", "holds these words"),
}
WHY: Mapping[str, Words] = {
    hit.ONE: ("唯一一致", "one place fits"),
    CHOSEN: ("由人选定", "chosen by a person"),
    POINTED: ("由人在地图上标出", "pointed at by a person"),
    hit.SEVERAL: ("有几个地点同样一致，请选定", "several places fit equally; choose one"),
    hit.NEAR: (
        "地址说的是它旁边、对面或附近，不是它本身，请确认",
        "the text says beside, opposite or near it, not the place itself; confirm",
    ),
    hit.NO_POINT: (
        "清单里有这个地址，但没有坐标，请确认",
        "the address is listed without coordinates; confirm",
    ),
    hit.INCOMPLETE: (
        "只找到它的上一级或相近的地点，不作猜测",
        "only less than it, or something like it, is known; nothing is guessed",
    ),
    hit.UNKNOWN: ("没有找到这个地址", "nothing is known by this address"),
    CONTRADICTED: (
        "清单写的网格与坐标所在的网格不同，请先核对清单",
        "the list names another area than its point lies in; check the list first",
    ),
    ELSEWHERE: (
        "地址里写的区、街道或社区与找到的地点不符，请确认",
        "the text names a district, street or community that the place does not lie in; confirm",
    ),
}


def how_text(how: str, language: str) -> str:
    """Return how a place was found, in ``zh`` or ``en``."""
    return HOW[how][1 if language == "en" else 0]


def why_text(why: str, language: str) -> str:
    """Return why one place is meant, or none."""
    return WHY[why][1 if language == "en" else 0]
