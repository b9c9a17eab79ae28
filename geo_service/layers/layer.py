"""A layer is a named set of areas of one kind; which layers exist is data."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import shapely

from geo_service.errors import LayerTitles, UnknownLayer

BUILDING = "building"
"""The layer whose areas are houses, if the profile has one by this name."""


@dataclass(frozen=True)
class Layer:
    """One layer of the profile.

    ``parent`` is None for the root of a family and for overlays. ``nearest_m`` is how far outside
    every area a point may lie and still be answered ``nearest`` (metres); ``reach_m`` is how far
    from a line a point still belongs to it (metres, line layers only). ``overrides`` are the
    categories, ``major`` or ``major/minor``, that an overlay takes from the owner of the ground.
    ``codes`` are the widths of the parts of a code, the last its running number below the parent,
    whose code the others are; none where codes follow no scheme.
    """

    name: str
    title_zh: str
    title_en: str
    parent: str | None = None
    is_overlay: bool = False
    geometry: str = "polygon"
    authority: str = "managed"
    nearest_m: float = 50.0
    reach_m: float = 0.0
    overrides: tuple[str, ...] = ()
    codes: tuple[int, ...] = ()

    def title(self, language: str) -> str:
        """Return the title in ``zh`` or ``en``."""
        return self.title_en if language == "en" else self.title_zh

    def override_for(self, major: str | None, minor: str | None) -> str | None:
        """Return which of ``overrides`` takes a category: its minor, or the whole of its major."""
        if major is None:
            return None
        keys = (major,) if minor is None else (f"{major}/{minor}", major)
        return next((key for key in keys if key in self.overrides), None)


@dataclass(frozen=True)
class Layers:
    """The layers of a profile, in its order: parents before children."""

    layers: tuple[Layer, ...]

    def __iter__(self) -> Iterator[Layer]:
        """Iterate in the profile's order."""
        return iter(self.layers)

    def __getitem__(self, name: str) -> Layer:
        """Return the layer called ``name``; raises UnknownLayer."""
        try:
            return self.by_name[name]
        except KeyError:
            raise UnknownLayer(layer=name, known=self.names) from None

    @cached_property
    def by_name(self) -> Mapping[str, Layer]:
        """Layers by name."""
        return {layer.name: layer for layer in self.layers}

    @cached_property
    def titles(self) -> LayerTitles:
        """Titles in Chinese and in English by name, for those who read."""
        return {layer.name: (layer.title_zh, layer.title_en) for layer in self.layers}

    @property
    def names(self) -> list[str]:
        """Names in the profile's order."""
        return [layer.name for layer in self.layers]

    @property
    def overlays(self) -> list[Layer]:
        """The layers that do not nest and may overlap."""
        return [layer for layer in self.layers if layer.is_overlay]

    @cached_property
    def overriding(self) -> Sequence[Layer]:
        """The overlays that take categories from the ground, the first of them before the next."""
        return [layer for layer in self.overlays if layer.overrides]

    @cached_property
    def ground_family(self) -> str | None:
        """The family whose owner is responsible unless an overlay is: the first; None without."""
        return next(iter(self.families), None)

    @cached_property
    def families(self) -> Mapping[str, Sequence[Layer]]:
        """Each chain of nested layers, root first, under the name of its deepest layer."""
        nested = [layer for layer in self.layers if not layer.is_overlay]
        with_children = {layer.parent for layer in nested}
        return {
            leaf.name: self.chain(leaf.name) for leaf in nested if leaf.name not in with_children
        }

    def chain(self, name: str) -> list[Layer]:
        """Return the layer and its ancestors, root first."""
        chain = [self[name]]
        while (parent := chain[-1].parent) is not None:
            chain.append(self[parent])
        return chain[::-1]

    def children(self, name: str) -> list[Layer]:
        """Return the layers nested directly in ``name``."""
        return [layer for layer in self.layers if layer.parent == name]

    def root(self, name: str) -> Layer:
        """Return the root of the family that ``name`` stands in."""
        return self.chain(name)[0]


@dataclass(frozen=True, eq=False)
class Enclave:
    """Ground (EPSG:4490 degrees) that a root layer leaves out on purpose, and why.

    Any hole of the layer that lies inside ``outline`` is meant. Times are seconds since 1970 UTC.
    """

    id: int
    layer: str
    outline: shapely.Polygon
    wording: str
    recorded_at_s: int
    recorded_by: str
    withdrawn_at_s: int | None = None
