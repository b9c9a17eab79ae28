"""Cities to redraw: nested levels, a second family beside them, and what has to hold of them."""

import numpy as np
import shapely
from hypothesis import strategies as st
from shapely import affinity, box

from geo_service.layers.arcs import extract
from geo_service.layers.area import area_set
from geo_service.layers.layer import Layers
from geo_service.layers.redraw import Building, first_clash, review
from geo_service.layers.topology import check, match_nodes
from tests.shapes import COMMUNITY, GRID, PARTY_GRID, STREET, THREE_LAYERS, three_levels

TWO_FAMILIES = Layers((STREET, COMMUNITY, GRID, PARTY_GRID))


def with_party_grids(boundaries):
    """Put a second family beside the grids: each party grid is half of a community, or all."""
    grids, codes, shapes, parents = boundaries["grid"], [], [], []
    for code in boundaries["community"].codes:
        mine = np.flatnonzero(np.array(grids.parents) == code)
        for half in (half for half in np.array_split(mine, 2) if len(half)):
            codes.append(f"999P{len(codes):04d}")
            shapes.append(shapely.coverage_union_all(grids.geometries[half]))
            parents.append(code)
    party = area_set("party_grid", codes=codes, geometries=shapes, parents=parents)
    return {**boundaries, "party_grid": party}


@st.composite
def cities(draw, largest_side=2):
    """Return boundaries, their layers, and whether they are in degrees."""
    is_degrees = draw(st.booleans())
    how = {"size": (0.001, 0.001), "origin": (116.4, 39.9)} if is_degrees else {}
    sides = [draw(st.integers(1, largest_side)) for _ in range(3)]
    seed, nodes = draw(st.integers(0, 10_000)), draw(st.integers(0, 4))
    boundaries = three_levels(*sides, seed=seed, nodes_per_side=nodes, **how)
    if draw(st.booleans()):
        return boundaries, THREE_LAYERS, is_degrees
    return with_party_grids(boundaries), TWO_FAMILIES, is_degrees


def about_ground(defects):
    """Return gaps and holes by layer, codes and size, and who lies outside its parent."""
    of_size = [d for d in defects if d.kind in ("gap", "hole")]
    outside = {(d.layer, d.codes) for d in defects if d.kind == "outside_parent"}
    return sorted((d.kind, d.layer, d.codes, f"{d.area_m2:.3g}") for d in of_size), sorted(outside)


def assert_sound(coverage, layers):
    """The house's whole check, GEOS, and a fresh look at every arc agree that nothing is broken."""
    sets = coverage.area_sets()
    defects = check(sets, layers, metres_per_unit=coverage.scale)
    assert {d.kind for d in defects} <= {"gap", "hole", "outside_parent"}
    assert about_ground(defects) == about_ground(review(coverage).findings)
    assert first_clash(coverage) is None
    for areas in sets.values():
        assert shapely.is_valid(areas.geometries).all()
        assert_geos_agrees(shapely.get_parts(areas.geometries))
    fresh = extract(sets, layers, is_degrees=coverage.scale != (1.0, 1.0))
    assert len(fresh) == bool(len(coverage.areas))
    for one in fresh:
        assert_same_arcs(coverage, one)


def assert_geos_agrees(parts):
    """Either GEOS finds the coverage valid, or what it suspects is disproved pair by pair.

    Where a hole touches its shell in a point, GEOS 3.14 takes an edge that starts there for one
    inside the shell, if its other side is missing.
    """
    if shapely.coverage_is_valid(parts):
        return
    suspects = np.flatnonzero(~shapely.is_empty(shapely.coverage_invalid_edges(parts)))
    for one in suspects:
        others = np.delete(parts, one)
        assert not shapely.relate_pattern(parts[one], others, "T********").any()
        common = shapely.intersection(shapely.boundary(others), parts[one].boundary)
        for other, shared in zip(others, common, strict=True):
            meeting = [
                set(map(tuple, shapely.get_coordinates(s))) for s in (shared, parts[one], other)
            ]
            assert meeting[0] <= meeting[1] & meeting[2]


def assert_same_arcs(coverage, fresh):
    """Arcs are those that the areas alone would give, whatever operations led to them."""

    def named(one):
        lines = (shapely.LineString(arc.places).normalize() for arc in one.arcs.values())
        open_lines = [line for line in lines if not line.is_closed]
        return sorted(shapely.to_wkb(open_lines).tolist()), len(one.arcs)

    assert named(coverage) == named(fresh)
    junctions = [{p for p, at in c.arcs_at.items() if len(set(at)) > 1} for c in (coverage, fresh)]
    assert junctions[0] == junctions[1]
    keys = [{c.areas[n].key for n in c.untiled} for c in (coverage, fresh)]
    assert keys[0] == keys[1]
    assert len(coverage.rim) == len(fresh.rim)
    for number, area in coverage.areas.items():
        assert coverage.numbers[area.key] == number
        assert sorted(coverage.children.get(number, ())) == sorted(
            n for n, other in coverage.areas.items() if other.parent == number
        )


def bits(coverage):
    """Return everything that names, nests or draws the areas."""
    return {
        area.key: (area.name, area.parent, shapely.to_wkb(area.outline))
        for area in coverage.areas.values()
    }


def ground(coverage, layer):
    """Return the area of a layer in the plane, in square units."""
    return sum(a.outline.area for a in coverage.areas.values() if a.key.layer == layer)


def houses_in(coverage, outline, random, points):
    """Return turned houses on a loose lattice of 20 m; some stand across the border."""
    unit = np.array(coverage.scale)
    west, south, east, north = outline.bounds
    size = np.array([east - west, north - south]) * unit
    across, up = np.meshgrid(*(np.arange(4, side, 20) for side in size))
    middles = np.stack([across.ravel(), up.ravel()], axis=1)
    middles += random.uniform(-3, 3, middles.shape)
    found = []
    for number, middle in enumerate(middles):
        width, depth = random.uniform(3, 9, 2)
        house = box(-width, -depth, width / 4, depth / 4)
        house = affinity.translate(affinity.rotate(house, random.uniform(-15, 15)), *middle)
        shape = shapely.transform(house, lambda places: places / unit + (west, south))
        found.append(Building(f"{number}号楼", shapely.centroid(shape) if points else shape))
    return found


def row_of_grids(*, with_party=False):
    """Return four squares of 10 m in a row, G1 to G4: two communities, C1 and C2, of street S.

    With ``with_party`` P1 and P2 are the northern and the southern half of C1, and P3 is C2.
    """
    cells = [shapely.box(10 * i, 0, 10 * i + 10, 10) for i in range(4)]
    halves = [shapely.union_all(cells[:2]), shapely.union_all(cells[2:])]
    boundaries = {
        "street": area_set("street", codes=["S"], geometries=[shapely.union_all(cells)]),
        "community": area_set(
            "community", codes=["C1", "C2"], geometries=halves, parents=["S", "S"]
        ),
        "grid": area_set(
            "grid",
            codes=["G1", "G2", "G3", "G4"],
            geometries=cells,
            parents=["C1", "C1", "C2", "C2"],
        ),
    }
    layers = THREE_LAYERS
    if with_party:
        north, south = shapely.box(0, 5, 20, 10), shapely.box(0, 0, 20, 5)
        boundaries["party_grid"] = area_set(
            "party_grid",
            codes=["P1", "P2", "P3"],
            geometries=[north, south, halves[1]],
            parents=["C1", "C1", "C2"],
        )
        layers = TWO_FAMILIES
        boundaries = match_nodes(boundaries, layers, metres_per_unit=(1.0, 1.0)).boundaries
    (coverage,) = extract(boundaries, layers, is_degrees=False)
    return coverage
