"""Which of the texts that people wrote stands for an outline."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from geo_service.layers.area import Geometries
from geo_service.layers.topology import compare_outlines
from geo_service.storage.bounds_texts import BoundsTextRow


@dataclass(frozen=True)
class Standing:
    """What people wrote of an area, seen from one outline of it.

    ``entered`` stands before the generated text, None where that one stands. ``earlier`` was
    written for other ground, where nothing was ever said of this one.
    """

    entered: BoundsTextRow | None = None
    earlier: BoundsTextRow | None = None

    def text(self, language: str) -> str:
        """Return the text that stands in a language, empty where it is the generated one."""
        if self.entered is None:
            return ""
        return (self.entered.en if language == "en" else self.entered.zh) or ""


class Texts:
    """The texts of areas, ``by_area`` of layer and code, those that came later after the others."""

    def __init__(self, rows: Iterable[BoundsTextRow]) -> None:
        self.by_area: dict[tuple[str, str], list[BoundsTextRow]] = defaultdict(list)
        for row in rows:
            self.by_area[row.layer, row.code].append(row)

    def of_layer(self, layer: str, codes: Collection[str]) -> list[BoundsTextRow]:
        """Return the texts of some areas of a layer, or formerly of it."""
        return [row for code in codes for row in self.by_area.get((layer, code), ())]

    def standing(
        self, layer: str, code: str, outline: shapely.Geometry, *, gone: Collection[str] = ()
    ) -> Standing:
        """Return what stands for an outline of an area, in degrees.

        Where nothing was said of it under its code, it is what was said of the very ground under a
        code that is ``gone``.
        """
        own = self.by_area.get((layer, code), ())
        return standing_of(with_ground_of(own, self.of_layer(layer, gone), outline), outline)


def standing_of(rows: Sequence[BoundsTextRow], outline: shapely.Geometry) -> Standing:
    """Return which of the texts of one area stands for an outline: the last for the same ground.

    Nodes that came into a border, or went, change no ground.
    """
    own = of_ground(rows, outline)
    if own:
        return Standing(entered=own[-1] if own[-1].zh else None)
    last = rows[-1] if rows else None
    return Standing(earlier=last if last is not None and last.zh else None)


def with_ground_of(
    own: Sequence[BoundsTextRow], gone: Sequence[BoundsTextRow], outline: shapely.Geometry
) -> list[BoundsTextRow]:
    """Return the texts of an area, with those of areas that are gone and had its ground.

    These count where nothing was said of the ground since it has another code.
    """
    return [*own, *([] if of_ground(own, outline) else of_ground(gone, outline))]


def of_ground(rows: Sequence[BoundsTextRow], outline: shapely.Geometry) -> list[BoundsTextRow]:
    """Return the texts that were written for the ground of an outline, in order."""
    if not rows:
        return []
    before: Geometries = shapely.from_wkb(np.array([row.outline for row in rows], dtype=object))
    after = np.full(len(rows), outline, dtype=object)
    is_same = compare_outlines(before, after) != "changed"
    return [row for row, same in zip(rows, is_same, strict=True) if same]
