"""Check, matching and repair of a city's coverages, beside what shapely alone would do."""

from collections.abc import Callable, Iterator

import numpy as np
import shapely

from bench.rounds import heading, interleaved, row
from geo_service.demo.places import city
from geo_service.layers.area import AreaSet, Boundaries, Geometries
from geo_service.layers.layer import Layer, Layers
from geo_service.layers.topology import (
    check,
    compare_outlines,
    local_scale,
    match_nodes,
    parents_by_share,
    repair,
    unify_parents,
)

ROUNDS = 3
MOVED_AREAS = 200
LAYERS = Layers(
    (
        Layer("district", "区", "district"),
        Layer("street", "街道", "street", parent="district"),
        Layer("community", "社区", "community", parent="street"),
        Layer("grid", "网格", "grid", parent="community"),
    )
)


def main() -> None:
    """Print one table for clean boundaries and one for boundaries with slivers."""
    clean = dict(city().boundaries)
    vertices = {name: shapely.get_num_coordinates(a.geometries).sum() for name, a in clean.items()}
    print(
        "\n" + ", ".join(f"{n}: {len(clean[n]):,} areas, {v:,} points" for n, v in vertices.items())
    )
    heading("A clean city of four levels")
    _print(_on_clean(clean))
    dirty = _with_slivers(clean)
    scale = local_scale(dirty["grid"].geometries, is_degrees=True)
    found = check(dirty, LAYERS, metres_per_unit=scale)
    heading(f"{MOVED_AREAS} of its grids shifted by 0.1 m: {len(found):,} defects")
    _print(
        {
            "check": lambda: check(dirty, LAYERS, metres_per_unit=scale),
            "repair": lambda: repair(dirty, LAYERS, metres_per_unit=scale),
            "shapely coverage_clean of the grids alone": lambda: shapely.coverage_clean(
                dirty["grid"].geometries, gap_width=0.5 / scale[1]
            ),
        }
    )


def _print(works: dict[str, Callable[[], object]]) -> None:
    for name, seconds in interleaved(works, rounds=ROUNDS).items():
        row(name, seconds)


def _on_clean(clean: Boundaries) -> dict[str, Callable[[], object]]:
    grids = clean["grid"]
    scale = local_scale(grids.geometries, is_degrees=True)
    copies = shapely.from_wkb(shapely.to_wkb(grids.geometries))
    return {
        "check, all levels (goal 10 s)": lambda: check(clean, LAYERS, metres_per_unit=scale),
        "match_nodes, all levels (goal 10 s)": lambda: match_nodes(
            clean, LAYERS, metres_per_unit=scale
        ),
        "unify_parents": lambda: unify_parents(clean, LAYERS),
        "parents_by_share, grids in communities": lambda: parents_by_share(
            grids, clean["community"]
        ),
        "compare_outlines, all the same": lambda: compare_outlines(grids.geometries, copies),
        "shapely is_valid + coverage_is_valid, each level": lambda: [
            shapely.is_valid(areas.geometries).all()
            and shapely.coverage_is_valid(shapely.get_parts(areas.geometries))
            for areas in clean.values()
        ],
        "shapely union of children = parent, three levels": lambda: _compared_by_overlay(clean),
    }


def _compared_by_overlay(clean: Boundaries) -> bool:
    return all(
        shapely.equals(shapely.coverage_union_all(children), outline)
        for layer in LAYERS
        if layer.parent is not None
        for children, outline in _families(clean[layer.name], clean[layer.parent])
    )


def _families(children: AreaSet, parents: AreaSet) -> Iterator[tuple[Geometries, shapely.Geometry]]:
    owners = np.array([parents.position_by_code[code or ""] for code in children.parents])
    order = np.argsort(owners, kind="stable")
    starts = np.searchsorted(owners[order], np.arange(len(parents) + 1))
    for i, outline in enumerate(parents.geometries):
        yield children.geometries[order[starts[i] : starts[i + 1]]], outline


def _with_slivers(clean: Boundaries) -> Boundaries:
    grids = clean["grid"]
    scale = np.array(local_scale(grids.geometries, is_degrees=True))
    random = np.random.default_rng(1)
    moved = random.choice(len(grids), MOVED_AREAS, replace=False)
    geometries = grids.geometries.copy()
    for position in moved:
        shift = random.uniform(-0.1, 0.1, 2) / scale
        geometries[position] = shapely.transform(
            geometries[position], lambda places, by=shift: places + by
        )
    return {**clean, "grid": grids.with_geometries(geometries)}


if __name__ == "__main__":
    main()
