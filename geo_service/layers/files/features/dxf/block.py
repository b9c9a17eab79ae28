"""Blocks put where they are inserted: every entity of a drawing with its place and layer."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from geo_service.errors import UnreadableFile
from geo_service.layers.files.disk import unreadable
from geo_service.layers.files.features.dxf.curve import Point
from geo_service.layers.files.features.dxf.drawing import Block, Drawing, Entity, legible

MAX_PLACED = 1_000_000
"""Blocks in blocks grow without bound: more entities than this are refused."""

_INHERITED = "0"
_SCALE_X, _SCALE_Y, _ANGLE, _COLUMNS, _ROWS, _STEP_X, _STEP_Y = 41, 42, 50, 70, 71, 44, 45


@dataclass(frozen=True)
class Placement:
    """Where a block's coordinates come to lie: x' = a x + b y + e, y' = c x + d y + f."""

    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    d: float = 1.0
    e: float = 0.0
    f: float = 0.0

    def place(self, point: Point) -> Point:
        """Return where a point comes to lie."""
        x, y = point
        return self.a * x + self.b * y + self.e, self.c * x + self.d * y + self.f

    def after(self, inner: "Placement") -> "Placement":
        """Return the placement that puts everything as ``inner`` does, and then as this one."""
        e, f = self.place((inner.e, inner.f))
        return Placement(
            self.a * inner.a + self.b * inner.c,
            self.a * inner.b + self.b * inner.d,
            self.c * inner.a + self.d * inner.c,
            self.c * inner.b + self.d * inner.d,
            e,
            f,
        )

    @property
    def stretch(self) -> float:
        """By how much lengths grow at most."""
        return math.hypot(self.a, self.b, self.c, self.d)


_HERE = Placement()


@dataclass(frozen=True, eq=False)
class Placed:
    """An entity on the layer where it is seen; ``placement`` is None outside blocks."""

    entity: Entity
    layer: str
    placement: Placement | None = None
    is_tilted: bool = False

    def places(self, points: Iterable[Point]) -> list[Point]:
        """Return where points of the entity lie in the drawing."""
        if self.placement is None:
            return list(points)
        return [self.placement.place(point) for point in points]

    @property
    def stretch(self) -> float:
        """By how much lengths of the entity grow at most."""
        return 1.0 if self.placement is None else self.placement.stretch


@dataclass
class _Setting:
    """What one drawing has been put together of so far."""

    path: Path
    drawing: Drawing
    count: int = 0
    above: list[str] = field(default_factory=list)


def placed_entities(path: Path, drawing: Drawing) -> list[Placed]:
    """Return everything in model space, with the contents of blocks where they are inserted.

    What is drawn on layer 0 of a block is on the layer of its insertion. An insertion of a block
    that the drawing lacks, or only refers to, stays an INSERT.

    Raises
    ------
    UnreadableFile
        A block that inserts itself, numbers that are none, or more than MAX_PLACED entities.
    """
    outside = [Placed(each, each.layer, None, each.is_tilted) for each in drawing.entities]
    return list(_unfolded(_Setting(path, drawing), outside))


def _unfolded(setting: _Setting, entities: Iterable[Placed]) -> Iterator[Placed]:
    for each in entities:
        name = each.entity.name if each.entity.kind == "INSERT" else None
        block = None if name is None else setting.drawing.blocks.get(name)
        if name is None or block is None or block.is_elsewhere:
            setting.count += 1
            if setting.count > MAX_PLACED:
                raise _too_many(setting.path)
            yield each
            continue
        if name in setting.above:
            raise unreadable(
                setting.path, f"块 {name} 引用了它自己", f"the block {name} inserts itself"
            )
        setting.above.append(name)
        yield from _unfolded(setting, _content(setting.path, each, block))
        setting.above.pop()


def _content(path: Path, insertion: Placed, block: Block) -> Iterator[Placed]:
    with legible(path, insertion.entity):
        placements = list(_placements(path, insertion.entity, block))
    outer = insertion.placement or _HERE
    for placement in placements:
        whole = outer.after(placement)
        for each in block.entities:
            layer = insertion.layer if each.layer == _INHERITED else each.layer
            is_tilted = insertion.is_tilted or each.is_tilted
            yield Placed(each, layer, whole, is_tilted)


def _placements(path: Path, entity: Entity, block: Block) -> Iterator[Placement]:
    """Yield a placement for every row and column of an insertion."""
    x, y = entity.point()
    turn = math.radians(entity.number(_ANGLE, 0))
    cos, sin = math.cos(turn), math.sin(turn)
    scale_x, scale_y = entity.number(_SCALE_X, 1), entity.number(_SCALE_Y, 1)
    if not scale_x * scale_y:
        raise ValueError("比例为零 / a scale of zero")
    columns, rows = int(entity.number(_COLUMNS, 1)), int(entity.number(_ROWS, 1))
    if columns * rows > MAX_PLACED:
        raise _too_many(path)
    step_x, step_y = entity.number(_STEP_X, 0), entity.number(_STEP_Y, 0)
    to_base = Placement(e=-block.base[0], f=-block.base[1])
    for number in range(max(columns, 1) * max(rows, 1)):
        row, column = divmod(number, max(columns, 1))
        east, north = column * step_x, row * step_y
        turned = Placement(
            scale_x * cos,
            -scale_y * sin,
            scale_x * sin,
            scale_y * cos,
            x + east * cos - north * sin,
            y + east * sin + north * cos,
        )
        yield turned.after(to_base)


def _too_many(path: Path) -> UnreadableFile:
    return unreadable(
        path,
        f"块展开后超过 {MAX_PLACED:,} 个图元，没有读取：请炸开需要的块后另存",
        f"its blocks unfold to more than {MAX_PLACED:,} entities; explode those that are needed",
    )
