"""Who is responsible for a category at a place: the owner of the ground, or an overlay's area."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from geo_service.layers.layer import Layer

GROUND, OVERRIDE = "ground", "override"

Category: TypeAlias = tuple[str, str | None]
"""Major, and minor or None."""


class ResponsibleOwner(NamedTuple):
    """An area that is, or may be, responsible.

    ``category`` is the override that makes it so, ``major`` or ``major/minor``; None for the owner
    of the ground.
    """

    layer: Layer
    code: str
    name: str
    category: str | None = None

    @property
    def because(self) -> str:
        """Why it is responsible: ``ground`` or ``override``."""
        return GROUND if self.category is None else OVERRIDE


@dataclass(frozen=True, slots=True)
class Responsibility:
    """Who is responsible at one place.

    ``category`` is the one asked for, in one piece. ``overrides`` are all that compete for it, the
    first being responsible; without a category, whatever the overlays there take. ``responsible``
    is None where nobody is.
    """

    category: str | None
    ground: ResponsibleOwner | None
    overrides: tuple[ResponsibleOwner, ...]

    @property
    def responsible(self) -> ResponsibleOwner | None:
        """The first override of the category asked for, else the owner of the ground."""
        return self.overrides[0] if self.category and self.overrides else self.ground


def responsibility(
    ground: ResponsibleOwner | None,
    overlays: Iterable[ResponsibleOwner],
    *,
    category: Category | None,
) -> Responsibility:
    """Return who is responsible for a category at a place, with all that compete for it.

    Parameters
    ----------
    ground
        The owner in the family that is the ground; None where nobody owns the place.
    overlays
        The areas of overlays that hold the place, those of the profile's first overlay before those
        of the next, and of one overlay ascending by code: the first that takes a category has it.
    category
        None asks what every overlay takes; the owner of the ground is responsible then.
    """
    if category is None:
        found = [area._replace(category=key) for area in overlays for key in area.layer.overrides]
        return Responsibility(None, ground, tuple(found))
    taken = ((area, area.layer.override_for(*category)) for area in overlays)
    found = [area._replace(category=key) for area, key in taken if key]
    return Responsibility("/".join(filter(None, category)), ground, tuple(found))


def responsible_reason(found: Responsibility, language: str) -> str:
    """Return one sentence on who is responsible, in ``zh`` or ``en``."""
    if found.category is None:
        return _of_all(found, language)
    return _of_override(found, language) if found.overrides else _of_ground(found, language)


def _of_ground(found: Responsibility, language: str) -> str:
    if found.ground is None:
        zh, en = f"{found.category} 在此无人负责", f"{found.category} is for nobody here"
    else:
        ground = _named(found.ground, language)
        zh = f"{found.category} 由所在区域{ground}负责，没有叠加图层代管"
        en = f"{found.category} is for {ground}, whose ground it is; no overlay takes it"
    return zh if language == "zh" else en


def _of_override(found: Responsibility, language: str) -> str:
    first, *others = [_named(area, language) for area in found.overrides]
    key, zh, en = found.overrides[0].category, "此处不属于任何区域", "the ground is nobody's"
    if found.ground is not None:
        ground = _named(found.ground, language)
        zh, en = f"所在区域为{ground}", f"the ground is that of {ground}"
    if others:
        zh += f"；{'、'.join(others)}也代管此类，次序在后"
        en += f"; {', '.join(others)} would take it too, but come later"
    return f"{key} 由{first}负责，{zh}" if language == "zh" else f"{key} is for {first}; {en}"


def _of_all(found: Responsibility, language: str) -> str:
    zh, en = "此处不属于任何区域", "the ground is nobody's"
    if found.ground is not None:
        ground = _named(found.ground, language)
        zh, en = f"由所在区域{ground}负责", f"for {ground}, whose ground it is"
    for area in found.overrides:
        named = _named(area, language)
        zh, en = f"{zh}；{area.category} 由{named}代管", f"{en}; {area.category} is for {named}"
    return zh if language == "zh" else en


def _named(area: ResponsibleOwner, language: str) -> str:
    title = area.layer.title(language)
    if language == "zh":
        return f"{title}{area.name}（{area.code}）"
    return f"{title} {area.name} ({area.code})"
