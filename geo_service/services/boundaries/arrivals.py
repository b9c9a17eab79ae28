"""From the tables of a file to what is to be fitted in: read, and questioned by what stands."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely

from geo_service.errors import EmptyInput, GeoServiceError, InvalidCoordinates
from geo_service.governance.headings import LayerWords
from geo_service.layers.area import Boundaries
from geo_service.layers.edition import Edition
from geo_service.layers.frames import is_degrees, looks_swapped
from geo_service.layers.layer import Layer, Layers
from geo_service.services.boundaries.files import (
    BoundaryOptions,
    ReadBoundaries,
    read_boundary_file,
)
from geo_service.services.boundaries.tables import TablesChosen
from geo_service.services.frames.trust import question_frame, trusted_beside


@dataclass(frozen=True, eq=False)
class Standing:
    """The layers of the profile, and the edition that new areas are to meet, with its content."""

    layers: Layers
    edition: Edition | None
    boundaries: Boundaries


def read_tables(
    path: Path, chosen: TablesChosen, standing: Standing
) -> tuple[list[ReadBoundaries], list[tuple[str, str]]]:
    """Return what each table holds, still in its own frame, and what is to be told of the file.

    Where several are read, an error names the table that it is about.

    Raises
    ------
    EmptyInput
        A table that was asked for holds nothing, or none of the file does.
    GeoServiceError
        As of ``read_boundary_file`` and ``question_frame``.
    """
    found: list[ReadBoundaries] = []
    notes = list(chosen.notes)
    for options in chosen.options:
        with _named(path, options, is_one_of_many=len(chosen.options) > 1):
            try:
                found.append(_read(path, options, standing))
            except EmptyInput:
                if not options.is_optional:
                    raise
                notes.append(
                    (
                        f"表“{options.table}”没有记录，图层 {options.layer} 未导入",
                        f"table '{options.table}' holds no records: nothing came to "
                        f"{options.layer}",
                    )
                )
    if not found:
        raise EmptyInput(where=path.name)
    return found, notes


@contextmanager
def _named(path: Path, options: BoundaryOptions, *, is_one_of_many: bool) -> Iterator[None]:
    try:
        yield
    except GeoServiceError as error:
        if is_one_of_many:
            error.place = f"{path.name} › {options.table} → {options.layer}"
        raise


def _read(path: Path, options: BoundaryOptions, standing: Standing) -> ReadBoundaries:
    layer, base = standing.layers[options.layer], standing.boundaries
    trusted = trusted_beside(layer, standing.layers, standing.edition, base)
    read = read_boundary_file(
        path,
        options,
        words=_words(layer, standing.layers),
        taken_codes=base[layer.name].codes if layer.name in base else (),
        trusted=trusted,
    )
    _check_axes(path.name, read, base)
    if not options.is_frame_confirmed:
        question_frame(path.name, read.areas.geometries, read.source_frame, trusted)
    return read


def _words(layer: Layer, layers: Layers) -> LayerWords:
    above = layers[layer.parent] if layer.parent else None
    return LayerWords(
        layer=(layer.name, layer.title_zh),
        parent=(above.name, above.title_zh) if above else (),
    )


def _check_axes(where: str, read: ReadBoundaries, base: Boundaries) -> None:
    """Refuse a file whose coordinates meet what stands only with their axes swapped."""
    stored = [areas.geometries for areas in base.values() if len(areas)]
    if not stored or not is_degrees(read.source_frame):
        return
    west, south, east, north = shapely.total_bounds(np.concatenate(stored)).tolist()
    x, y = shapely.get_coordinates(read.areas.geometries).T
    if looks_swapped(lon=x, lat=y, bbox=(west, south, east, north)):
        raise InvalidCoordinates(
            where=where,
            x=float(x[0]),
            y=float(y[0]),
            reason_zh="经纬度似乎颠倒：对调后正好落在已有边界的范围内",
            reason_en="longitude and latitude seem to be swapped: exchanged, they lie on the map",
        )
