"""Several layers that went out in one file come back as one edition, bit for bit."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.layers.area import area_set
from geo_service.layers.files import FeatureLayer, write_layers
from geo_service.layers.preparation import Arrival, Plan, prepare
from geo_service.services.boundaries.arrivals import Standing, read_tables
from geo_service.services.boundaries.tables import TablesAsked, choose_tables
from geo_service.storage.editions import content_of
from tests.examples import examples
from tests.shapes import ALL_LAYERS, three_levels

TEXT = st.text(
    st.characters(codec="gbk", exclude_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=20
)
NUMBER = st.none() | st.integers(-(2**31), 2**31 - 1)


def with_an_island(shapes, of: int, to: int):
    """Return the outlines after a triangle inside one of them was given to another."""
    middle = shapes[of].representative_point()
    corners = [(middle.x, middle.y), (middle.x + 1e-5, middle.y), (middle.x, middle.y + 1e-5)]
    result = shapes.copy()
    result[of] = shapely.Polygon(shapes[of].exterior, [corners])
    result[to] = shapely.MultiPolygon([shapes[to], shapely.Polygon(corners)])
    return result


def begun_elsewhere(outline, by: int):
    """Return a polygon whose outer ring begins at another node and turns the other way."""
    if outline.geom_type != "Polygon":
        return outline
    ring = np.roll(shapely.get_coordinates(outline.exterior)[:-1], by, axis=0)[::-1]
    return shapely.Polygon(ring, outline.interiors)


@st.composite
def lands(draw):
    """Return streets, communities and grids, an estate across them and a lane of two pieces."""
    land = three_levels(1, 2, 2, seed=draw(st.integers(0, 99)), size=(1e-3, 1e-3), origin=(120, 30))
    grids = land["grid"]
    siblings = [i for i in range(16) if grids.parents[i] == grids.parents[0]]
    of, to = draw(st.permutations(siblings))[:2]
    shapes = with_an_island(grids.geometries, of, to)
    shapes[:] = [begun_elsewhere(shape, draw(st.integers(0, 9))) for shape in shapes]
    texts, numbers = draw(st.tuples(TEXT, st.integers(0, 9))), draw(st.lists(NUMBER, min_size=15))
    attributes = [{"t": texts[0], "n": texts[1]}]
    attributes += [{"t": texts[0] if n else None, "n": n} for n in numbers[:15]]
    names = [draw(TEXT) for _ in grids.codes]
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    return land | {
        "grid": area_set(
            "grid",
            codes=grids.codes,
            names=names,
            parents=grids.parents,
            geometries=shapes,
            attributes=attributes,
        ),
        "estate": area_set("estate", codes=["e"], geometries=[shapely.box(west, south, east, 30)]),
        "lane": area_set(
            "lane",
            codes=["l", "m"],
            geometries=[
                shapely.LineString([(west, south), (east, north)]),
                shapely.MultiLineString([[(west, north), (120, 30)], [(120, 30.1), (121, 30)]]),
            ],
        ),
    }


def feature_layer(name, areas):
    columns = {"code": areas.codes, "name": areas.names, "parent": areas.parents}
    for key in areas.attributes[0] if areas.attributes else ():
        columns[key] = [row[key] for row in areas.attributes]
    return FeatureLayer(name, columns, areas.geometries)


def content_after(arrivals):
    done = prepare({}, ALL_LAYERS, arrivals, plan=Plan())
    assert done.defects == []
    return done.boundaries


@pytest.mark.parametrize("ending", [".gpkg", ".zip", ".kml"])
@settings(max_examples=examples(10), deadline=None)
@given(land=lands())
def test_what_went_out_as_several_layers_comes_back_as_one_edition(ending, land):
    frame = "EPSG:4490"
    stands = content_after([Arrival(ALL_LAYERS[n], areas, frame) for n, areas in land.items()])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a{ending}"
        write_layers(path, [feature_layer(name, areas) for name, areas in stands.items()])
        asked = TablesAsked(are_all=True, frame=[frame])
        chosen = choose_tables(path, asked, ALL_LAYERS)
        tables, notes = read_tables(path, chosen, Standing(ALL_LAYERS, None, {}))
    assert notes == []
    assert [table.layer for table in tables] == [*land]
    again = content_after(
        [Arrival(ALL_LAYERS[each.layer], each.areas, each.source_frame) for each in tables]
    )
    assert content_of(again) == content_of(stands)
