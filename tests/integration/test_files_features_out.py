"""Features out: what GDAL and our own reader find in the files we wrote."""

import gc
import json
import resource
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal

import numpy as np
import pyogrio
import pytest
import shapely

from geo_service.errors import UnwritableFile
from geo_service.layers.file_format import WRITTEN_ENDINGS
from geo_service.layers.files import FeatureLayer, read_features, write_features, write_layers

# doubles whose shortest text has 15 to 17 digits, and neighbors one ulp apart
X = [116.1, 0.1 + 0.2, np.nextafter(116.1, 117), 1e-7, 121.47370000000001]
Y = [39.9, 1 / 3, np.nextafter(39.9, 40), -5e-324, 31.230416]


def outlines() -> np.ndarray:
    shapes = np.empty(3, dtype=object)
    ring = [(116.1, 39.9), (116.1 + 1 / 3, 39.9), (116.2, 39.9 + 1 / 7)]
    hole = [(116.2, 39.91), (116.21, 39.92), (116.22, 39.91)]
    shapes[:] = [
        shapely.Polygon(ring, [hole]),
        shapely.multipolygons([shapely.box(1 / 3, 0, 1, 1), shapely.box(2, 2, 3, 2 + 1 / 9)]),
        None,
    ]
    return shapes


def write(path, *, columns=None, geometries=None, **options) -> None:
    geometries = outlines() if geometries is None else geometries
    columns = {"code": ["007", "999001002003004", None]} if columns is None else columns
    write_features(path, columns=columns, geometries=geometries, layer_name="网格", **options)


def vertices(geometries) -> set[tuple[float, float]]:
    return set(map(tuple, shapely.get_coordinates(geometries).tolist()))


def points(n: int) -> np.ndarray:
    return shapely.points(np.arange(n, dtype=float), np.zeros(n))


@pytest.mark.parametrize("name", ["a.geojson", "a.gpkg", "a.zip"])
def test_outlines_and_values_come_back_exactly_from_every_format(tmp_path, name):
    columns = {
        "code": ["007", "999001002003004", None],
        "count": [310101001001001, None, -3],
        "share": [0.1, 0.25, None],
        "名称": ["示例街道", "<script>", None],
    }
    write(tmp_path / name, columns=columns)
    table = read_features(tmp_path / name)
    assert table.columns == columns
    assert [type(value) for value in table.columns["count"]] == [int, type(None), int]
    assert vertices(table.geometries) == vertices(outlines())
    assert table.geometries[2] is None
    expected_m2 = shapely.area(outlines()[:2])
    assert shapely.area(table.geometries[:2]) == pytest.approx(expected_m2, rel=1e-15)


@pytest.mark.parametrize("name", ["a.geojson", "a.gpkg", "a.zip"])
def test_every_double_keeps_its_bits(tmp_path, name):
    write(tmp_path / name, columns={"n": list(range(5))}, geometries=shapely.points(X, Y))
    found = shapely.get_coordinates(read_features(tmp_path / name).geometries)
    assert found.tobytes() == np.column_stack([X, Y]).tobytes()


@pytest.mark.parametrize("name", ["a.geojson", "a.gpkg"])
def test_values_keep_their_bits_where_the_format_has_room(tmp_path, name):
    write(tmp_path / name, columns={"x": X}, geometries=points(5))
    assert read_features(tmp_path / name).columns["x"] == X


def test_a_shapefile_holds_fifteen_decimals_of_a_value(tmp_path):
    write(tmp_path / "a.zip", columns={"x": X}, geometries=points(5))
    assert read_features(tmp_path / "a.zip").columns["x"] == pytest.approx(X, abs=5e-16, rel=2e-16)


def test_geojson_is_what_rfc_7946_says(tmp_path):
    clockwise = shapely.Polygon([(0, 0), (0, 1), (1, 1), (1, 0)])
    write(tmp_path / "a.geojson", columns={"n": [1]}, geometries=np.array([clockwise]))
    document = json.loads((tmp_path / "a.geojson").read_bytes())
    assert "crs" not in document
    assert document["type"] == "FeatureCollection"
    [feature] = document["features"]
    assert set(feature) == {"type", "properties", "geometry"}
    assert shapely.LinearRing(feature["geometry"]["coordinates"][0]).is_ccw


@pytest.mark.parametrize("name", ["a.geojson", "a.gpkg"])
def test_gdal_reads_what_we_wrote(tmp_path, name):
    write(tmp_path / name, columns={"code": ["007", "b", None], "n": [1, 2, 3]})
    meta, table = pyogrio.raw.read_arrow(tmp_path / name)
    assert table.column("code").to_pylist() == ["007", "b", None]
    assert table.column("n").to_pylist() == [1, 2, 3]
    assert meta["crs"] == ("EPSG:4490" if name == "a.gpkg" else "EPSG:4326")
    assert list(map(str, pyogrio.list_layers(tmp_path / name)[0])) == [
        "网格",
        "MultiPolygon" if name == "a.gpkg" else "Unknown",
    ]


def test_gdal_reads_our_shapefile_in_chinese(tmp_path):
    write(tmp_path / "a.zip", columns={"网格名称": ["示例街道", "乙", None]})
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert sorted(archive.namelist()) == [
            f"网格{ending}" for ending in (".cpg", ".dbf", ".prj", ".shp", ".shx")
        ]
        assert archive.read("网格.cpg") == b"GBK"
        assert "示例街道".encode("gbk") in archive.read("网格.dbf")
    meta, table = pyogrio.raw.read_arrow(tmp_path / "a.zip")
    assert table.column("网格名称").to_pylist() == ["示例街道", "乙", None]
    assert meta["crs"] == "EPSG:4490"


def test_a_character_outside_gbk_turns_the_shapefile_to_utf8(tmp_path):
    rare = "㙍𬭎"
    write(tmp_path / "a.zip", columns={"name": [rare, "乙", None]})
    assert read_features(tmp_path / "a.zip").columns == {"name": [rare, "乙", None]}
    assert pyogrio.raw.read_arrow(tmp_path / "a.zip")[1].column("name")[0].as_py() == rare


def test_long_field_names_are_cut_between_characters_and_listed(tmp_path):
    columns = {"社区党组织名称": [1], "社区党组织编码": [2], "Name": [3], "name": [4]}
    write(tmp_path / "a.zip", columns=columns, geometries=points(1))
    found = read_features(tmp_path / "a.zip").columns
    # ten bytes: five characters, or four and a number
    assert found == {"社区党组织": [1], "社区党组_2": [2], "Name": [3], "name_2": [4]}
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        listed = archive.read("网格.fields.csv").decode("utf-8-sig")
    assert "社区党组_2,社区党组织编码" in listed


def test_mixed_kinds_of_values_become_text_and_long_integers_are_told(tmp_path):
    columns = {"备注": [True, "a", 1.5], "n": [2**53 + 1, 1, None]}
    notes = write_features(
        tmp_path / "a.gpkg", columns=columns, geometries=outlines(), layer_name="网格"
    )
    assert read_features(tmp_path / "a.gpkg").columns["备注"] == ["true", "a", "1.5"]
    assert [en for _, en in notes] == ["'备注' mixes kinds of values; it was written as text"]
    notes = write_features(
        tmp_path / "a.geojson", columns=columns, geometries=outlines(), layer_name="网格"
    )
    assert "n hold integers above 2^53" in notes[1][1]
    assert read_features(tmp_path / "a.geojson").columns["n"] == [2**53 + 1, 1, None]


def test_columns_called_fid_and_geom_do_not_collide_in_a_geopackage(tmp_path):
    columns = {"fid": ["a"], "geom": ["b"], "Name": [1], "name": [2]}
    write(tmp_path / "a.gpkg", columns=columns, geometries=points(1))
    found = read_features(tmp_path / "a.gpkg").columns
    assert found == {"fid": ["a"], "geom": ["b"], "Name": [1], "name_2": [2]}


@pytest.mark.parametrize("name", ["a.geojson", "a.gpkg", "a.zip"])
def test_numbers_of_numpy_and_values_that_are_not_finite_are_written(tmp_path, name):
    columns = {"n": np.array([1, 2, 3]), "x": np.array([1.5, np.nan, np.inf])}
    write(tmp_path / name, columns=columns)
    found = read_features(tmp_path / name).columns
    assert found == {"n": [1, 2, 3], "x": [1.5, None, None]}


@pytest.mark.parametrize("name", ["a.geojson", "a.gpkg", "a.zip"])
def test_yes_and_no_stay_what_they_are_and_exact_decimals_become_text(tmp_path, name):
    columns = {"is_new": [True, None, False], "rate": [Decimal("0.10"), None, None]}
    write(tmp_path / name, columns=columns)
    if name != "a.zip":
        written = pyogrio.raw.read_arrow(tmp_path / name)[1].column("is_new")
        assert written.to_pylist() == [True, None, False]
    found = read_features(tmp_path / name).columns
    assert found == {"is_new": ["true", None, "false"], "rate": ["0.10", None, None]}


@pytest.mark.parametrize("name", ["a.gpkg", "a.zip"])
def test_codes_longer_than_a_number_holds_become_text(tmp_path, name):
    write(tmp_path / name, columns={"code": [310101001001001123, 2, None]})
    assert read_features(tmp_path / name).columns == {"code": ["310101001001001123", "2", None]}


@pytest.mark.parametrize("name", ["a.geojson", "a.gpkg", "a.zip"])
def test_no_features_at_all_make_an_empty_file(tmp_path, name):
    write(tmp_path / name, columns={"code": []}, geometries=np.empty(0, dtype=object))
    table = read_features(tmp_path / name)
    assert len(table) == 0
    assert pyogrio.read_info(tmp_path / name)["features"] == 0


def test_kinds_may_mix_but_not_in_a_shapefile(tmp_path):
    mixed = np.array([shapely.Point(1, 2), shapely.box(0, 0, 1, 1)], dtype=object)
    write(tmp_path / "a.gpkg", columns={"n": [1, 2]}, geometries=mixed)
    assert read_features(tmp_path / "a.gpkg").geometries.tolist() == mixed.tolist()
    with pytest.raises(UnwritableFile, match="one kind of geometry"):
        write(tmp_path / "a.zip", columns={"n": [1, 2]}, geometries=mixed)


def test_a_text_too_long_for_a_shapefile_is_refused_and_not_cut(tmp_path):
    columns = {"描述": ["字" * 127, "字" * 128]}
    with pytest.raises(UnwritableFile, match="'描述' of feature 2"):
        write(tmp_path / "a.zip", columns=columns, geometries=points(2))
    write(tmp_path / "a.zip", columns={"描述": ["字" * 127, ""]}, geometries=points(2))
    assert read_features(tmp_path / "a.zip").columns["描述"][0] == "字" * 127


def test_a_number_too_large_for_a_shapefile_is_refused_and_not_left_out(tmp_path):
    # a numeric field of a .dbf has at most 24 characters, and fifteen of them are decimals
    with pytest.raises(UnwritableFile, match="of field x of feature 0 not successfully written"):
        write(tmp_path / "a.zip", columns={"x": [1e300, 1.0]}, geometries=points(2))
    assert list(tmp_path.iterdir()) == []
    write(tmp_path / "a.gpkg", columns={"x": [1e300, 1.0]}, geometries=points(2))
    assert read_features(tmp_path / "a.gpkg").columns == {"x": [1e300, 1.0]}


def test_projected_coordinates_need_another_format_than_geojson(tmp_path):
    with pytest.raises(UnwritableFile, match="lon/lat"):
        write(tmp_path / "a.geojson", crs_epsg=4549)
    write(tmp_path / "a.gpkg", crs_epsg=4549)
    assert read_features(tmp_path / "a.gpkg").crs == "EPSG:4549"


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.zip"
    write(path, columns={"n": [1]}, geometries=points(1))
    before = path.read_bytes()
    with pytest.raises(UnwritableFile):
        write(path, columns={"n": ["字" * 200]}, geometries=points(1))
    with pytest.raises(UnwritableFile):
        write(tmp_path / "a.dwg")
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["a.zip"]


@contextmanager
def no_file_above(size: int) -> Iterator[None]:
    """Let no file of this process grow above so many bytes, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("ending", WRITTEN_ENDINGS)
def test_a_full_disk_is_told_in_one_sentence_and_leaves_the_old_file_alone(tmp_path, ending, capfd):
    path = tmp_path / f"a{ending}"
    path.write_bytes(b"older")
    with no_file_above(1000), pytest.raises(UnwritableFile, match=r"takes no more|room in"):
        write(path, columns={"n": range(300)}, geometries=points(300))
    gc.collect()
    assert path.read_bytes() == b"older"
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("name", ["a.geojson", "a.fgb", "a.parquet"])
def test_several_layers_in_a_file_that_holds_one_are_refused_with_what_holds_them(tmp_path, name):
    layers = [FeatureLayer(each, {"code": ["1"]}, points(1)) for each in ("社区", "网格")]
    with pytest.raises(UnwritableFile) as refusal:
        write_layers(tmp_path / name, layers)
    assert "GeoPackage" in refusal.value.text("en")
    assert "多个图层请用" in refusal.value.text("zh")
    assert list(tmp_path.iterdir()) == []
    write_layers(tmp_path / "a.gpkg", layers)
    assert set(pyogrio.list_layers(tmp_path / "a.gpkg")[:, 0]) == {"社区", "网格"}
