"""Operations as they are sent: one body for each kind, told apart by ``kind``.

Coordinates are lon, lat in EPSG:4490. Areas are named by ``layer`` and ``code``.
"""

from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from geo_service.api.issues import Number
from geo_service.layers.arcs import AreaKey
from geo_service.layers.redraw.asked import ground, operation

Code = Annotated[str, Field(min_length=1, max_length=100)]
Codes = Annotated[list[Code], Field(max_length=500)]
Point = Annotated[list[Number], Field(min_length=2, max_length=2)]
Line = Annotated[list[Point], Field(min_length=1, max_length=1_000_000)]
Names = Annotated[dict[Code, Code], Field(max_length=500)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    layer: Code


class _OfArea(_Body):
    code: Code

    @property
    def key(self) -> AreaKey:
        """The area that it is about."""
        return AreaKey(self.layer, self.code)


class SplitBody(_OfArea):
    """Split an area along a line; `keep` is a place in the part that keeps the code."""

    kind: Literal["split"]
    line: Line
    codes: Codes
    keep: Point | None = None
    names: Names = Field(default_factory=dict)

    def asked(self) -> operation.Split:
        """Return the operation."""
        keep = None if self.keep is None else _place(self.keep)
        return operation.Split(self.key, _places(self.line), tuple(self.codes), keep, self.names)


class CutAlongBody(_Body):
    """Cut areas along lines that may cross; `codes` and `keeps` are by the codes of the areas.

    Offers of parts and cuts hold such a body. In each area as many pieces must be made as it has
    new codes, one more where `keeps` names a place in the piece that keeps the code.
    """

    kind: Literal["cut-along"]
    lines: Annotated[list[Line], Field(min_length=1, max_length=10_000)]
    codes: Annotated[dict[Code, Codes], Field(min_length=1, max_length=500)]
    keeps: Annotated[dict[Code, Point], Field(max_length=500)] = Field(default_factory=dict)
    names: Names = Field(default_factory=dict)

    def asked(self) -> ground.CutAreas:
        """Return the operation."""
        lines = tuple(_places(line) for line in self.lines)
        codes = {code: tuple(new) for code, new in self.codes.items()}
        keeps = {code: _place(place) for code, place in self.keeps.items()}
        return ground.CutAreas(self.layer, lines, codes, keeps, self.names)


class SplitByChildrenBody(_OfArea):
    """Split a parent by its children: for each new code the children that it gets."""

    kind: Literal["split-by-children"]
    child_layer: Code
    children: dict[Code, Codes]
    names: Names = Field(default_factory=dict)

    def asked(self) -> operation.SplitByChildren:
        """Return the operation."""
        children = {
            code: tuple(AreaKey(self.child_layer, each) for each in codes)
            for code, codes in self.children.items()
        }
        return operation.SplitByChildren(self.key, children, self.names)


class MergeBody(_Body):
    """Merge areas into one of them, or into a new code."""

    kind: Literal["merge"]
    codes: Annotated[list[Code], Field(min_length=2, max_length=500)]
    into: Code
    name: Code | None = None

    def asked(self) -> operation.Merge:
        """Return the operation."""
        keys = tuple(AreaKey(self.layer, code) for code in self.codes)
        return operation.Merge(keys, self.into, self.name)


class ReshapeBody(_OfArea):
    """Draw a piece of border anew between its ends; `border` is a name that borders told."""

    kind: Literal["reshape"]
    border: Code
    line: Line

    def asked(self) -> operation.Reshape:
        """Return the operation."""
        return operation.Reshape(self.key, self.border, _places(self.line))


class MoveJunctionBody(_OfArea):
    """Move a junction of an area with all borders that meet there."""

    kind: Literal["move-junction"]
    place: Point
    to: Point

    def asked(self) -> operation.MoveJunction:
        """Return the operation."""
        return operation.MoveJunction(self.key, _place(self.place), _place(self.to))


class GiveBody(_OfArea):
    """Give what of an area lies in an outline to a neighbor, `to`."""

    kind: Literal["give"]
    to: Code
    outline: Line

    def asked(self) -> operation.Give:
        """Return the operation."""
        return operation.Give(self.key, AreaKey(self.layer, self.to), _places(self.outline))


class SwapBody(_OfArea):
    """Two areas give each other what lies in an outline of each."""

    kind: Literal["swap"]
    outline: Line
    other: Code
    other_outline: Line

    def asked(self) -> operation.Swap:
        """Return the operation."""
        other = AreaKey(self.layer, self.other)
        outline, other_outline = _places(self.outline), _places(self.other_outline)
        return operation.Swap(self.key, outline, other, other_outline)


class GiveGapBody(_OfArea):
    """Give the gap at a place to an area beside it."""

    kind: Literal["give-gap"]
    place: Point

    def asked(self) -> operation.GiveGap:
        """Return the operation."""
        return operation.GiveGap(self.key, _place(self.place))


class AnnexBody(_OfArea):
    """Give free ground in an outline to an area."""

    kind: Literal["annex"]
    outline: Line

    def asked(self) -> operation.Annex:
        """Return the operation."""
        return operation.Annex(self.key, _places(self.outline))


class AddBody(_OfArea):
    """Add an area on free ground; `parent` is a code of the layer above."""

    kind: Literal["add"]
    outline: Line
    parent_layer: Code | None = None
    parent: Code | None = None
    name: Code | None = None

    def asked(self) -> operation.Add:
        """Return the operation."""
        has_parent = self.parent is not None and self.parent_layer is not None
        parent = AreaKey(str(self.parent_layer), str(self.parent)) if has_parent else None
        return operation.Add(self.key, _places(self.outline), parent, self.name)


class RetireBody(_OfArea):
    """Retire an area: its ground becomes a gap, or with `leaves_union` leaves the whole."""

    kind: Literal["retire"]
    leaves_union: bool = False

    def asked(self) -> operation.Retire:
        """Return the operation."""
        return operation.Retire(self.key, self.leaves_union)


class ReparentBody(_OfArea):
    """Put an area under another parent."""

    kind: Literal["reparent"]
    parent_layer: Code
    parent: Code

    def asked(self) -> operation.Reparent:
        """Return the operation."""
        return operation.Reparent(self.key, AreaKey(self.parent_layer, self.parent))


class RenameBody(_OfArea):
    """Give an area another name, another code, or both."""

    kind: Literal["rename"]
    name: Code | None = None
    to: Code | None = None

    def asked(self) -> operation.Rename:
        """Return the operation."""
        return operation.Rename(self.key, self.name, self.to)


OperationBody: TypeAlias = Annotated[
    SplitBody
    | CutAlongBody
    | SplitByChildrenBody
    | MergeBody
    | ReshapeBody
    | MoveJunctionBody
    | GiveBody
    | SwapBody
    | GiveGapBody
    | AnnexBody
    | AddBody
    | RetireBody
    | ReparentBody
    | RenameBody,
    Field(discriminator="kind"),
]


def _place(point: list[float]) -> tuple[float, float]:
    return point[0], point[1]


def _places(line: list[list[float]]) -> operation.Places:
    return tuple(map(_place, line))
