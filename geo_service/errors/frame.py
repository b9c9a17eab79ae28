"""What can be wrong with coordinates, outlines and their frames."""

from dataclasses import dataclass

from geo_service.errors.error import InvalidInput


@dataclass(eq=False)
class InvalidGeometry(InvalidInput):
    """A geometry that cannot be an area, with the reason and the place."""

    where: str
    reason: str
    lon: float | None = None
    lat: float | None = None
    zh = "{where} 的图形无效：{reason}（位置 {lon}, {lat}）"
    en = "invalid geometry in {where}: {reason} (at {lon}, {lat})"


@dataclass(eq=False)
class InvalidCoordinates(InvalidInput):
    """Coordinates that are not finite or outside what their frame can hold."""

    where: str
    x: float
    y: float
    reason_zh: str
    reason_en: str
    zh = "{where} 的坐标 ({x}, {y}) 不能用：{reason_zh}"
    en = "coordinates ({x}, {y}) of {where} cannot be used: {reason_en}"


@dataclass(eq=False)
class UnknownFrame(InvalidInput):
    """A frame name nobody knows."""

    frame: str
    zh = "不认识坐标系“{frame}”：请用 EPSG 编号（如 EPSG:4490）、GCJ02 或 BD09"
    en = "unknown frame '{frame}': use an EPSG code (such as EPSG:4490), GCJ02 or BD09"


@dataclass(eq=False)
class UnsupportedFrame(InvalidInput):
    """A frame that is known but cannot be converted honestly."""

    frame: str
    reason_zh: str
    reason_en: str
    zh = "坐标系 {frame} 不能直接转换：{reason_zh}"
    en = "frame {frame} cannot be converted: {reason_en}"


@dataclass(eq=False)
class MissingFrame(InvalidInput):
    """Coordinates came without a frame; the evidence is empty or what their outlines look like."""

    where: str
    evidence_zh: str = ""
    evidence_en: str = ""
    zh = "{where} 没有注明坐标系。它是 CGCS2000（EPSG:4490）、WGS 84（EPSG:4326）、高德/腾讯的 GCJ02，还是百度的 BD09？请用 --frame 注明{evidence_zh}"
    en = "{where} names no frame. Is it CGCS2000 (EPSG:4490), WGS 84 (EPSG:4326), GCJ02 (Amap, Tencent) or BD09 (Baidu)? Say so with --frame{evidence_en}"


@dataclass(eq=False)
class FrameContradiction(InvalidInput):
    """The declared frame and the evidence do not agree."""

    where: str
    declared: str
    evidence_zh: str
    evidence_en: str
    zh = "{where} 声明为 {declared}，但{evidence_zh}"
    en = "{where} is declared as {declared}, but {evidence_en}"
