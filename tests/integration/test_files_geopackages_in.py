"""GeoPackages in, with GDAL and sqlite as their makers."""

import shutil
import sqlite3
from pathlib import Path

import pyarrow as pa
import pyogrio
import pytest
import shapely

from geo_service.layers.files import list_tables, read_features
from tests.integration.test_files_shapefiles_in import boxes, reason_of, write


def geopackage(path: Path, *names: str, rows: int = 3) -> Path:
    columns = {"code": [str(i) for i in range(rows)]}
    for name in names:
        append = path.exists()
        write(path, columns, shapes=boxes(rows), driver="GPKG", layer=name, append=append)
    return path


def write_style_table(path: Path) -> None:
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE layer_styles (id INTEGER PRIMARY KEY, style TEXT)")
        database.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier)"
            " VALUES ('layer_styles', 'attributes', 'layer_styles')"
        )
    database.close()


def test_a_geopackage_of_several_layers_needs_a_name(tmp_path):
    path = geopackage(tmp_path / "a.gpkg", "网格", "社区")
    assert list_tables(path) == ["网格", "社区"]
    assert "2 tables (网格、社区)" in reason_of(path)
    assert "no table '街道', but: 网格、社区" in reason_of(path, table="街道")
    table = read_features(path, table="社区")
    assert table.columns == {"code": ["0", "1", "2"]}
    assert table.crs == "EPSG:4490"
    assert shapely.equals_exact(table.geometries, boxes(), 0).all()


def test_a_table_of_styles_does_not_count_as_a_layer(tmp_path):
    path = geopackage(tmp_path / "a.gpkg", "网格")
    write_style_table(path)
    assert list_tables(path) == ["网格"]
    assert len(read_features(path)) == 3


def test_a_geopackage_without_a_single_outline_is_refused(tmp_path):
    path = tmp_path / "a.gpkg"
    pyogrio.raw.write_arrow(pa.table({"code": ["1"]}), path, driver="GPKG", geometry_type=None)
    assert "no table with geometry" in reason_of(path)


@pytest.mark.parametrize("srs", [0, -1])
def test_an_undefined_frame_of_a_geopackage_counts_as_none(tmp_path, srs):
    path = geopackage(tmp_path / "a.gpkg", "grid")
    with sqlite3.connect(path) as database:
        database.execute("UPDATE gpkg_geometry_columns SET srs_id = ?", (srs,))
        database.execute("UPDATE gpkg_contents SET srs_id = ?", (srs,))
    database.close()
    assert read_features(path).crs is None


def test_dates_become_text_and_heights_are_dropped_in_a_geopackage(tmp_path):
    day = pa.array(["2026-01-02", None], pa.string()).cast(pa.date32())
    shapes = [shapely.force_3d(shape, 5.0) for shape in boxes(2)]
    path = write(
        tmp_path / "a.gpkg",
        {"day": day, "n": pa.array([None, 7], pa.int64()), "is_new": pa.array([True, None])},
        shapes=shapes,
        driver="GPKG",
        geometry_type="Polygon Z",
    )
    table = read_features(path)
    assert table.columns == {"day": ["2026-01-02", None], "n": [None, 7], "is_new": ["true", None]}
    assert table.had_z
    assert shapely.equals_exact(table.geometries, boxes(2), 0).all()


def test_measures_and_binary_columns_are_left_out_and_told(tmp_path):
    path = tmp_path / "a.gpkg"
    columns = {"code": ["1"], "photo": pa.array([b"\xff\xd8"], pa.binary())}
    with pytest.warns(RuntimeWarning, match="Setting the M=2 hint"):
        write(
            path,
            columns,
            shapes=[shapely.from_wkt("POINT M (116.5 39.5 7)")],
            driver="GPKG",
            geometry_type="Point",
        )
    table = read_features(path)
    assert table.columns == {"code": ["1"]}
    assert shapely.to_wkt(table.geometries[0]) == "POINT (116.5 39.5)"
    assert not table.had_z
    assert [en for _, en in table.notes] == [
        "binary column photo left out",
        "measures (M) were left out",
    ]


def test_what_gdal_warns_of_reaches_the_person_as_a_note(tmp_path):
    path = geopackage(tmp_path / "a.gpkg", "grid")
    with sqlite3.connect(path) as database:
        database.execute("ALTER TABLE grid ADD COLUMN day DATE")
        for (name,) in database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'grid'"
        ).fetchall():
            database.execute(f'DROP TRIGGER "{name}"')
        database.execute("UPDATE grid SET day = 'xx' WHERE fid = 2")
    database.close()
    notes = read_features(path).notes
    assert any("Invalid content for record 2 in column day" in en for _, en in notes)


@pytest.mark.parametrize("left", [50, 5000, 0.5, 0.95])
def test_a_cut_off_geopackage_is_refused(tmp_path, left):
    path = geopackage(tmp_path / "a.gpkg", "grid", rows=300)
    content = path.read_bytes()
    size = left if left > 1 else int(len(content) * left)
    path.write_bytes(content[:size])
    needed = len(content) if left != 50 else 100  # its own header says how long it should be
    assert f"cut off: {size:,} bytes of at least {needed:,}" in reason_of(path)
    # one that an old SQLite wrote last does not say so: then the pages tell
    if left != 50:
        path.write_bytes(content[:92] + b"\0\0\0\1" + content[96:size])
        assert "damaged" in reason_of(path)


def test_a_damaged_page_is_refused_where_gdal_returns_the_rows_before(tmp_path):
    path = geopackage(tmp_path / "a.gpkg", "grid", rows=3000)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 20_000] = b"\xff" * 20_000
    path.write_bytes(content)
    assert len(pyogrio.raw.read_arrow(path)[1]) < 3000
    assert "damaged" in reason_of(path)


def test_text_that_is_no_utf8_is_refused_by_its_column_and_number(tmp_path):
    path = geopackage(tmp_path / "a.gpkg", "grid")
    with sqlite3.connect(path) as database:
        for name in ("ST_IsEmpty", "ST_MinX", "ST_MaxX", "ST_MinY", "ST_MaxY"):
            database.create_function(name, 1, lambda _: 0)  # triggers of the format ask for them
        database.execute("UPDATE grid SET code = CAST(x'd6d0' AS TEXT) WHERE fid = 2")
    database.close()
    assert "'code' of feature 2 cannot be read" in reason_of(path)


def test_a_copy_of_a_file_that_is_open_elsewhere_is_told_of_unless_its_journal_is_there(tmp_path):
    path = geopackage(tmp_path / "a.gpkg", "grid")
    assert read_features(path).notes == []
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("UPDATE gpkg_contents SET description = 'x'")
    database.commit()
    shutil.copyfile(path, tmp_path / "copy.gpkg")
    assert read_features(path).notes == []
    [(_, said)] = read_features(tmp_path / "copy.gpkg").notes
    assert "its last edits may be in copy.gpkg-wal and were not read" in said
    database.close()


def test_a_text_file_named_gpkg_is_not_followed(tmp_path):
    path = tmp_path / "a.gpkg"
    path.write_text("<OGRVRTDataSource><OGRVRTLayer name='x'/></OGRVRTDataSource>")
    assert "no GeoPackage" in reason_of(path)


@pytest.mark.parametrize("name", ["a!b.gpkg", "a;b.gpkg", "网 格.zip.gpkg", "a?b#c.gpkg"])
def test_odd_file_names_are_only_names(tmp_path, name):
    made = geopackage(tmp_path / "plain.gpkg", "grid")
    made.rename(tmp_path / name)
    assert len(read_features(tmp_path / name)) == 3
