"""Who belongs to whom, and what areas are called; no border moves but those of parents."""

from collections.abc import Mapping, Sequence

from geo_service.errors import HasChildren, NothingLeft, WrongParent
from geo_service.layers.arcs import AreaKey, Coverage
from geo_service.layers.arcs.arc import sum_of
from geo_service.layers.arcs.edit import Edit
from geo_service.layers.redraw.entries import parent_for
from geo_service.layers.redraw.following import follow
from geo_service.layers.redraw.soundness import Redrawn, finished
from geo_service.layers.redraw.splits import refuse_known_codes


def reparent(coverage: Coverage, key: AreaKey, parent: AreaKey) -> Redrawn:
    """Put an area, with all below it, under another parent; the ground of ancestors follows.

    Raises
    ------
    UnknownArea
        There is no such area or parent.
    WrongParent
        The parent is not of the layer above: a cycle is not possible.
    OutsideParent
        It lies outside both its old and its new parent.
    NothingLeft
        The old parent, or one above it, would be left without ground.
    BordersCross
        Borders would touch.
    """
    number = coverage.number_of(key)
    new = parent_for(coverage, key, parent)
    edit = Edit(coverage)
    edit.set_parent(number, new)
    joined = [new, *coverage.ancestors(new)]
    chain = coverage.areas[number].chain
    follow(edit, chain, left=coverage.ancestors(number), joined=joined)
    return finished(edit)


def rename(
    coverage: Coverage, key: AreaKey, *, name: str | None = None, code: str | None = None
) -> Redrawn:
    """Give an area another name, another code, or both; a code that it had is retired.

    Raises
    ------
    UnknownArea
        There is no such area.
    CodeInUse, CodeRetired
        The code is, or was, that of another area.
    """
    number = coverage.number_of(key)
    target = AreaKey(key.layer, code or key.code)
    if target != key:
        refuse_known_codes(coverage, key.layer, [target.code])
    edit = Edit(coverage)
    edit.rename(number, target, name or coverage.areas[number].name)
    return finished(edit)


def split_by_children(
    coverage: Coverage, key: AreaKey, children_by_code: Mapping[str, Sequence[AreaKey]]
) -> Redrawn:
    """Split a parent by saying which of its children go to which new area of its layer.

    Parameters
    ----------
    children_by_code
        Children for each new code, names being the codes. Children that are not named stay, and
        the area with them; where no ground is left its code is retired. The new outline is the
        union of those in the layer of the first one named; children of other layers come along.

    Raises
    ------
    UnknownArea
        There is no such area or child.
    WrongParent
        What is named is no child of the area, or is named twice.
    CodeInUse, CodeRetired
        A code is, or was, that of another area.
    OutsideParent
        A child lies outside the area.
    HasChildren
        No ground is left, but children of another layer are, that were not named.
    NothingLeft
        A new area would have no children.
    """
    number = coverage.number_of(key)
    refuse_known_codes(coverage, key.layer, list(children_by_code))
    edit = Edit(coverage)
    for code, keys in children_by_code.items():
        children = _children(edit, number, keys)
        if not children:
            raise NothingLeft(layer=key.layer, code=code)
        chain = sum_of(
            coverage.areas[child].chain
            for child, named in zip(children, keys, strict=True)
            if named.layer == keys[0].layer
        )
        area = coverage.areas[number]._replace(key=AreaKey(key.layer, code), name=code, chain=chain)
        follow(edit, chain, left=[number], joined=())
        new = edit.add_area(area)
        for child in children:
            edit.set_parent(child, new)
    if not edit.area(number).chain:
        if any(edit.area(child).parent == number for child in coverage.children.get(number, ())):
            raise HasChildren(layer=key.layer, code=key.code)
        edit.remove_area(number)
    return finished(edit)


def _children(edit: Edit, parent: int, keys: Sequence[AreaKey]) -> list[int]:
    found: list[int] = []
    for key in keys:
        child = edit.base.number_of(key)
        if edit.area(child).parent != parent or child in found:
            above = edit.base.areas[parent].key
            raise WrongParent(key.layer, key.code, above.layer, above.code)
        found.append(child)
    return found
