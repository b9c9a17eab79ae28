"""A drawing as it stands in its file: entities with their groups, and blocks of them."""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from geo_service.layers.files.disk import unreadable

BULGE = 42
_KIND, _NAME, _HANDLE, _LAYER = 0, 2, 5, 8
_X, _Y, _Z, _HEIGHT, _FLAGS, _PAPER, _NORMAL_Z = 10, 20, 30, 38, 70, 67, 230
_FROM_TURN, _TO_TURN = 41, 42
_BINARY = b"AutoCAD Binary DXF"
_POLYLINES = {"LWPOLYLINE", "POLYLINE"}
_CLOSED, _MESH = 1, 16 | 64
_FRAME_OF_SPLINE = 16
_EXTERNAL = 4
_IN_WORLD = {"ELLIPSE", "SPLINE"}
"""Their coordinates are those of the drawing, whatever plane they are drawn on."""
_SAME_TURN = 1e-5
_SAME_NORMAL = 1e-6
_LEAST_NODES = 3
_SECTIONS = ("BLOCKS", "ENTITIES")


@dataclass
class Entity:
    """One drawn thing: its groups, and the vertices that follow a POLYLINE.

    Nothing is asked of it before the whole file is read.
    """

    kind: str
    groups: list[tuple[int, str]] = field(default_factory=list)
    vertices: list["Entity"] = field(default_factory=list)

    def text(self, code: int, otherwise: str = "") -> str:
        """Return the first value of a group."""
        return next((value for each, value in self.groups if each == code), otherwise)

    def numbers(self, code: int) -> list[float]:
        """Return every value of a group; raises ValueError."""
        return [float(value) for each, value in self.groups if each == code]

    def number(self, code: int, otherwise: float) -> float:
        """Return the first value of a group; raises ValueError."""
        return float(self.text(code, str(otherwise)))

    def flags(self) -> int:
        """Return the flags of group 70."""
        return int(self.text(_FLAGS, "0"))

    @property
    def layer(self) -> str:
        """The layer it is drawn on."""
        return self.text(_LAYER, "0")

    @property
    def name(self) -> str:
        """The block that it is or inserts."""
        return self.text(_NAME)

    @property
    def handle(self) -> str | None:
        """Where to find it in the drawing."""
        return self.text(_HANDLE) or None

    @property
    def shown(self) -> str:
        """Its kind and handle."""
        return f"{self.kind} {self.handle or '?'}"

    @property
    def is_polyline(self) -> bool:
        """Whether it is a polyline, new or old, closed or not."""
        return self.kind in _POLYLINES

    @cached_property
    def is_closed(self) -> bool:
        """Whether it is a polyline or a curve that bounds something."""
        if self.kind == "ELLIPSE":
            turn = self.number(_TO_TURN, math.tau) - self.number(_FROM_TURN, 0)
            return abs(abs(turn) - math.tau) <= _SAME_TURN
        if self.is_polyline:
            return not self.flags() & _MESH and self._is_back(self.corners())
        if self.kind == "SPLINE":
            return self._is_back(list(zip(self.numbers(_X), self.numbers(_Y), strict=True)))
        return self.kind == "CIRCLE"

    @cached_property
    def is_tilted(self) -> bool:
        """Whether it is drawn on another plane than the drawing's, or seen from below."""
        up = self.number(_NORMAL_Z, 1)
        up = abs(up) if self.kind in _IN_WORLD else up
        return self.kind != "SPLINE" and up < 1 - _SAME_NORMAL

    @property
    def is_seen_from_below(self) -> bool:
        """Whether its plane looks down."""
        return self.number(_NORMAL_Z, 1) < 0

    @property
    def is_high(self) -> bool:
        """Whether it has heights."""
        heights = [*self.numbers(_HEIGHT), *self.numbers(_Z)]
        heights += [height for each in self.vertices for height in each.numbers(_Z)]
        return any(height != 0 for height in heights)

    def point(self) -> tuple[float, float]:
        """Return its place; raises ValueError or IndexError."""
        return self.numbers(_X)[0], self.numbers(_Y)[0]

    def corners(self) -> list[tuple[float, float]]:
        """Return the vertices of a polyline; raises ValueError or IndexError."""
        if self.kind == "LWPOLYLINE":
            return list(zip(self.numbers(_X), self.numbers(_Y), strict=True))
        return [each.point() for each in self._nodes()]

    def bulges(self) -> list[float]:
        """Return how far the edge after each vertex bulges, a straight one by 0."""
        if self.kind == "POLYLINE":
            return [each.number(BULGE, 0) for each in self._nodes()]
        found: list[float] = []
        for code, value in self.groups:
            if code == _X:
                found.append(0.0)
            elif code == BULGE and found:
                found[-1] = float(value)
        return found

    def _nodes(self) -> list["Entity"]:
        """Return the vertices it passes; a smoothed one keeps those it was smoothed from."""
        return [each for each in self.vertices if not each.flags() & _FRAME_OF_SPLINE]

    def _is_back(self, corners: list[tuple[float, float]]) -> bool:
        is_back = len(corners) > _LEAST_NODES and corners[0] == corners[-1]
        return bool(self.flags() & _CLOSED) or is_back


@dataclass(frozen=True)
class Block:
    """Entities to insert, and the place of them that comes to the place of insertion."""

    base: tuple[float, float]
    entities: list[Entity]
    is_elsewhere: bool = False
    """Whether another drawing holds them, which this one refers to."""


@dataclass(frozen=True)
class Drawing:
    """What is drawn in model space, and the blocks by their names."""

    entities: list[Entity]
    blocks: Mapping[str, Block]


def read_drawing(path: Path) -> Drawing:
    """Read an ASCII DXF of any version.

    Raises
    ------
    UnreadableFile
        No DXF, binary, cut off, in no known encoding, or with numbers that are none.
    """
    found: dict[str, list[Entity]] = {section: [] for section in _SECTIONS}
    section, is_whole = "", False
    groups = _groups(path)
    for code, value in groups:
        if (code, value) == (_KIND, "SECTION"):
            section = next(groups, (0, ""))[1]
        elif (code, value) == (_KIND, "ENDSEC"):
            section = ""
        elif (code, value) == (_KIND, "EOF"):
            is_whole = True
        elif section in found:
            _take(found[section], code, value)
    if not is_whole:
        raise unreadable(
            path,
            "DXF 不完整，没有结束标记，请重新导出或复制",
            "it is cut off, its end mark is missing; export or copy it again",
        )
    in_model = [each for each in found["ENTITIES"] if each.text(_PAPER, "0") != "1"]
    for each in (*found["BLOCKS"], *in_model):
        _check_numbers(path, each)
    return Drawing(in_model, _blocks(found["BLOCKS"]))


@contextmanager
def legible(path: Path, entity: Entity) -> Iterator[None]:
    """Turn what cannot be read of an entity into UnreadableFile that names it."""
    try:
        yield
    except (ValueError, IndexError) as error:
        raise unreadable(
            path,
            f"{entity.shown} 的坐标读不懂（{error}），请重新导出",
            f"the numbers of {entity.shown} cannot be read ({error}); export it again",
        ) from error


def _check_numbers(path: Path, entity: Entity) -> None:
    """Refuse groups that are no numbers; what is asked for later is asked for here once."""
    with legible(path, entity):
        _ = entity.is_tilted, entity.is_closed
        if entity.is_polyline:
            _ = entity.corners(), entity.bulges()
        if entity.is_polyline or entity.is_closed:
            _ = entity.is_high
        elif entity.kind in {"TEXT", "MTEXT", "ATTRIB", "INSERT", "BLOCK"}:
            _ = entity.point(), entity.kind != "BLOCK" or entity.flags()


def _blocks(entities: list[Entity]) -> dict[str, Block]:
    found: dict[str, Block] = {}
    inside: list[Entity] = []
    for entity in entities:
        if entity.kind == "BLOCK":
            inside = []
            is_elsewhere = bool(entity.flags() & _EXTERNAL)
            found[entity.name] = Block(entity.point(), inside, is_elsewhere)
        elif entity.kind != "ENDBLK":
            inside.append(entity)
    return found


def _take(found: list[Entity], code: int, value: str) -> None:
    if code != _KIND:
        for entity in found[-1:]:
            (entity.vertices[-1] if entity.vertices else entity).groups.append((code, value))
    elif value == "VERTEX" and found and found[-1].kind == "POLYLINE":
        found[-1].vertices.append(Entity(value))
    elif value != "SEQEND":
        found.append(Entity(value))


def _groups(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the group codes with their values; a line of each."""
    lines = _text(path).split("\n")
    for number in range(0, len(lines) - 1, 2):
        code = lines[number].strip()
        if not code.lstrip("-").isdigit():
            raise unreadable(
                path,
                f"不是 DXF：第 {number + 1} 行应为组码",
                f"it is no DXF: line {number + 1} should be a group code",
            )
        yield int(code), lines[number + 1].strip(" \t\r")


def _text(path: Path) -> str:
    content = path.read_bytes()
    if content.startswith(_BINARY):
        raise unreadable(
            path,
            "是二进制 DXF，请另存为 ASCII 的 DXF（AutoCAD 2018 DXF）",
            "it is a binary DXF; save it as an ASCII DXF",
        )
    # drawings of Chinese offices are in GBK whatever code page they name, and in UTF-8 since 2007
    for codec in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(codec)
        except UnicodeDecodeError:
            continue
    raise unreadable(
        path,
        "DXF 的文字不是 UTF-8 也不是 GBK，请另存为 2007 以后的 DXF",
        "its text is neither UTF-8 nor GBK; save it as a DXF of 2007 or later",
    )
