"""Houses among areas that are redrawn, told to be listed here and there, and building lists."""

import numpy as np
import shapely

from geo_service.layers.arcs.edit import Change
from geo_service.layers.redraw import Asking, KnownBuildings, Redrawn, with_lists
from geo_service.layers.topology.scale import area_m2


def asking_in(coverage, cell):
    """Return usual sizes about those of the grids, and houses on a grid of their own.

    Every third house is told to be listed where it stands, in a grid or in what is above; another
    third in some grid; the others nowhere. Three of four have a name, some the same one.
    """
    random = np.random.default_rng(len(coverage.areas))
    grids = sorted(key for key in coverage.numbers if key.layer == "grid")
    outlines = coverage.outlines(coverage.numbers[key] for key in grids)
    west, south, east, north = shapely.total_bounds(outlines)
    unit = cell * coverage.scale[1] / 100 / np.array(coverage.scale)
    spots = random.uniform((west, south), (east, north), (30, 2))
    ground = [shapely.box(*spot, *(spot + random.uniform(2, 25, 2) * unit)) for spot in spots]
    ground[::5] = [each.centroid for each in ground[::5]]
    listed = {}
    for i in range(0, 30, 3):
        at = np.flatnonzero(shapely.intersects(outlines, shapely.point_on_surface(ground[i])))
        numbers = [coverage.numbers[grids[n]] for n in at]
        above = [n for number in numbers for n in (number, *coverage.ancestors(number))]
        if above:
            listed[i] = (coverage.areas[above[i % len(above)]].key,)
        listed[i + 1] = (grids[random.integers(len(grids))],)
    names = [f"{i % 24}号楼" if i % 4 else "" for i in range(30)]
    middle = float(np.median(area_m2(outlines, coverage.scale)))
    usual = {"grid": {"area_m2": (0.8 * middle, 1.2 * middle)}}
    usual["community"] = {"area_m2": (middle, 3 * middle)}
    return Asking(usual, KnownBuildings([""] * 30, names, np.array(ground, dtype=object), listed))


def with_building_lists(coverage, buildings):
    """Return the coverage with a list for every second grid: houses there and somewhere else."""
    random = np.random.default_rng(len(coverage.areas))
    grids = sorted(key for key in coverage.numbers if key.layer == "grid")[::2]
    lists = {}
    for key in grids:
        here = [buildings.names[i] for i in buildings.at(coverage.area(key).outline)]
        others = [buildings.names[i] for i in random.integers(0, 30, 2).tolist()]
        lists[key] = tuple(dict.fromkeys([*filter(None, here[:2] + others), "无此楼"]))
    return with_lists(Redrawn(coverage, Change()), lists).coverage
