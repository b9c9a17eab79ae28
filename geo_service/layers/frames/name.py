"""Names of frames, as people and files write them, and the one name we use for each."""

import re
import unicodedata
from functools import lru_cache
from typing import Any

from geo_service.errors import UnknownFrame, UnsupportedFrame
from geo_service.layers.frames import epsg

STORAGE_FRAME = "EPSG:4490"
"""CGCS2000 longitude and latitude in degrees: what we store."""

WGS84 = "EPSG:4326"
GCJ02 = "GCJ02"
BD09 = "BD09"

_SPELLINGS = {
    STORAGE_FRAME: "cgcs2000 4490 epsg4490 urnogcdefcrsepsg4490 国家2000 大地2000 2000国家大地 "
    "天地图",
    WGS84: "wgs84 wgs1984 4326 epsg4326 urnogcdefcrsepsg4326 gps crs84 ogccrs84 "
    "urnogcdefcrsogc13crs84 httpwwwopengisnetdefcrsogc13crs84",
    GCJ02: "gcj02 火星 国测局 高德 高德地图 腾讯 腾讯地图 amap autonavi tencent",
    BD09: "bd09 bd09ll 百度 百度地图 百度经纬度 baidu",
}
_FRAME_BY_SPELLING = {
    spelling: frame for frame, spellings in _SPELLINGS.items() for spelling in spellings.split()
}
_CODE = re.compile(
    r"(?:(?:urn:(?:x-)?ogc:def:crs:|https?://www\.opengis\.net/def/crs/)?"
    r"epsg[:/\s_-]*(?:[\d.]+[:/])?)?(\d{4,6})"
)
_OLD_DATUM = re.compile(
    r"(北京|beijing|bj)(19)?54|(19)?54年?北京|(西安|xi?an)(19)?80|(19)?80年?西安|xa80|新北京|newbeijing"
)
_CITY_LOCAL = re.compile(
    r"城建|地方|独立|城市坐标|工程坐标|施工坐标|相对坐标|local|engineering"
    r"|^(上海|北京|天津|重庆|广州|深圳|武汉|杭州|南京|成都|苏州)(市|平面|90|2000)*坐标系?$|^天津90"
)
_SHOWN = 80
"""Most characters of a name that a message repeats; WKT is longer than a sentence bears."""

_BAIDU_MERCATOR = frozenset({"bd09mc", "百度墨卡托", "百度米制"})


@lru_cache(maxsize=1024)
def parse_frame(text: str) -> str:
    """Return the canonical name of the frame that ``text`` names.

    Understood are EPSG codes (``4547``, ``epsg:4547``, URN and URL), ``OGC:CRS84``, the everyday
    names of CGCS2000, WGS 84, GCJ-02 and BD-09 in Chinese and English, ``DATUM / PROJECTION`` as
    EPSG spells it, and WKT; letter case, width, spaces and hyphens do not matter.

    Returns
    -------
    str
        ``EPSG:`` and a code, ``GCJ02`` or ``BD09``. Compound and 3D frames give their horizontal
        part.

    Raises
    ------
    UnknownFrame
        Nobody knows the name, or it is a description that no EPSG code matches.
    UnsupportedFrame
        Beijing 54 and Xi'an 80 with everything built on them, city-local frames, Baidu's
        mercator, and frames that are not horizontal.
    """
    name = unicodedata.normalize("NFKC", text).strip().casefold()
    squeezed = re.sub(r"[\W_]+", "", name)
    if known := _FRAME_BY_SPELLING.get(re.sub("坐标系?$", "", squeezed)):
        return known
    frame = None
    if code := _CODE.fullmatch(name):
        frame = _frame_of(f"EPSG:{code[1]}", shown=text)
    elif "[" in text or " / " in text or name.startswith("esri:"):
        frame = _frame_of(text, shown=text)
    else:
        _refuse_unpublished(squeezed, shown=text)
    if frame is None:
        raise UnknownFrame(frame=_short(text))
    return frame


def frame_of_crs(crs: str | None) -> str | None:
    """Return the frame that a file's own statement points to: evidence, not proof.

    Parameters
    ----------
    crs
        A ``.prj`` (ESRI or OGC WKT), an authority code, or nothing.

    Returns
    -------
    str | None
        The canonical name, if the statement is the definition of an EPSG frame: the same datum
        and the same projected coordinates within 0.1 mm, however its parts are called. None when
        nothing can be told: no statement, unreadable, an unnamed plane, or parameters that no
        EPSG code has.

    Raises
    ------
    UnsupportedFrame
        The statement names a frame that must be refused: see ``parse_frame``.
    """
    try:
        return parse_frame(crs) if crs else None
    except UnknownFrame:
        return None


def frame_projjson(frame: str) -> dict[str, Any]:
    """Return the definition of an ``EPSG:`` frame as PROJJSON, as files state it."""
    found: dict[str, Any] = epsg.crs_of(frame).to_json_dict()
    return found


def _frame_of(statement: str, *, shown: str) -> str | None:
    """Ask pyproj; None if it cannot read the statement or finds no code for it."""
    crs = epsg.read(statement)
    names = statement if crs is None else f"{crs.name} {epsg.datum_of(crs)}"
    _refuse_old_datum(re.sub(r"[\W_]+", "", names.casefold()), shown=shown)
    if crs is None or crs.is_engineering:
        return None
    horizontal = epsg.horizontal(crs)
    if horizontal is None:
        raise UnsupportedFrame(
            frame=_short(shown),
            reason_zh="它不是平面或经纬度坐标系：请注明点位的水平坐标系",
            reason_en="it is neither projected nor longitude and latitude: "
            "name the horizontal frame of the points",
        )
    code = epsg.code_of(horizontal)
    return None if code is None else f"EPSG:{code}"


def _refuse_unpublished(squeezed: str, *, shown: str) -> None:
    _refuse_old_datum(squeezed, shown=shown)
    if _CITY_LOCAL.search(squeezed):
        raise UnsupportedFrame(
            frame=_short(shown),
            reason_zh="地方坐标系的参数不公开；若有对应的 EPSG 编号请写编号，"
            "否则请向测绘部门索取转换参数，先转成 CGCS2000（EPSG:4490）",
            reason_en="the parameters of city-local frames are not public; give its EPSG code if "
            "there is one, else get the parameters from the surveying office and convert to "
            "CGCS2000 (EPSG:4490) first",
        )
    if squeezed in _BAIDU_MERCATOR:
        raise UnsupportedFrame(
            frame=_short(shown),
            reason_zh="百度墨卡托没有公开的定义：请导出百度经纬度（BD09）",
            reason_en="Baidu's mercator has no published definition: "
            "export longitude and latitude (BD09)",
        )


def _refuse_old_datum(squeezed: str, *, shown: str) -> None:
    if _OLD_DATUM.search(squeezed):
        raise UnsupportedFrame(
            frame=_short(shown),
            reason_zh="北京54、西安80 与 CGCS2000 之间的基准转换参数不公开，"
            "随意套用会差几十到上百米；请用测绘部门的参数先转成 CGCS2000（EPSG:4490）",
            reason_en="the datum parameters between Beijing 54 or Xi'an 80 and CGCS2000 are not "
            "public, and guessing is wrong by tens of meters or more; convert to CGCS2000 "
            "(EPSG:4490) with the parameters of the surveying office first",
        )


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
