"""What a format holds comes back as it went out, whatever the coordinates and texts are."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.layers.files import read_features, write_features
from tests.examples import examples

DEGREES = st.floats(-180, 180, allow_nan=False)
TEXTS = st.none() | st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"),
    min_size=1,
    max_size=20,
)
ROWS = st.lists(
    st.tuples(DEGREES, DEGREES, TEXTS, st.none() | st.integers(-(2**53), 2**53)),
    min_size=1,
    max_size=6,
)
EXACT = (".geojson", ".gpkg", ".fgb", ".parquet", ".arrow")
FORMULAS = ("=", "+", "-", "@")


def round_trip(ending: str, rows):
    lon, lat, texts, numbers = zip(*rows, strict=True)
    columns = {"t": list(texts), "n": list(numbers), "key": [f"k{i}" for i in range(len(rows))]}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a{ending}"
        points = shapely.points(lon, lat)
        write_features(path, columns=columns, geometries=points, layer_name="网格")
        table = read_features(path)
    order = sorted(range(len(rows)), key=lambda i: int(table.columns["key"][i][1:]))
    found = {name: [cells[i] for i in order] for name, cells in table.columns.items()}
    return (
        np.column_stack([lon, lat]),
        columns,
        shapely.get_coordinates(table.geometries[order]),
        found,
    )


@pytest.mark.parametrize(
    "ending", [".geojson", ".gpkg", ".fgb", ".parquet", ".arrow", ".zip", ".kml"]
)
@settings(max_examples=examples(15), deadline=None)
@given(rows=ROWS)
def test_every_coordinate_keeps_its_bits(ending, rows):
    # a Shapefile's table holds 254 bytes of a text and pads with blanks
    rows = [(x, y, None, n) for x, y, _, n in rows] if ending == ".zip" else rows
    given_places, _, found_places, _ = round_trip(ending, rows)
    assert found_places.tobytes() == given_places.tobytes()


@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
@settings(max_examples=examples(15), deadline=None)
@given(rows=ROWS)
def test_every_coordinate_keeps_its_bits_in_lists(ending, rows):
    rows = [(x, y, None, n) for x, y, _, n in rows]
    given_places, _, found_places, _ = round_trip(ending, rows)
    assert found_places.tobytes() == given_places.tobytes()


@pytest.mark.parametrize("ending", EXACT)
@settings(max_examples=examples(15), deadline=None)
@given(rows=ROWS)
def test_every_text_and_number_comes_back(ending, rows):
    _, columns, _, found = round_trip(ending, rows)
    assert found == columns


@settings(max_examples=examples(30), deadline=None)
@given(rows=ROWS)
def test_every_text_comes_back_from_kml(rows):
    _, columns, _, found = round_trip(".kml", rows)
    assert found.get("t", [None] * len(rows)) == columns["t"]


@settings(max_examples=examples(30), deadline=None)
@given(rows=ROWS)
def test_every_text_that_no_spreadsheet_runs_comes_back_from_csv(rows):
    _, columns, _, found = round_trip(".csv", rows)
    for cell, expected in zip(found["t"], columns["t"], strict=True):
        is_formula = expected is not None and expected.startswith(FORMULAS)
        assert cell == (f"'{expected}" if is_formula else expected)
