"""Shapefiles in, bare and zipped, with GDAL as their maker."""

import shutil
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyogrio
import pytest
import shapely

from geo_service.errors import UnreadableFile
from geo_service.layers.files import list_tables, read_features
from geo_service.layers.files.features.shapefile import _with_index

NAMES = ["示例街道一", "示例街道二", None]
CODES = ["007", "999001002003004", "999"]


def boxes(n: int = 3) -> list[shapely.Polygon]:
    return [shapely.box(116 + i / 10, 39, 116.1 + i / 10, 39.1) for i in range(n)]


def write(path: Path, columns: dict, *, shapes=None, driver="ESRI Shapefile", **options) -> Path:
    shapes = boxes() if shapes is None else shapes
    table = pa.table(
        {"geom": pa.array(shapely.to_wkb(np.array(shapes, dtype=object)).tolist()), **columns}
    )
    options = {"crs": "EPSG:4490", "geometry_type": "Polygon"} | options
    pyogrio.raw.write_arrow(table, path, driver=driver, geometry_name="geom", **options)
    return path


def shapefile(folder: Path, *, encoding: str = "GBK", columns: dict | None = None) -> Path:
    folder.mkdir(exist_ok=True)
    columns = columns or {"网格编码": CODES, "名称": NAMES}
    return write(folder / "网格.shp", columns, encoding=encoding)


def zipped(shape: Path, target: Path, *, folder: str = "", name: str | None = None) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in shape.parent.glob(f"{shape.stem}.*"):
            archive.write(part, f"{folder}{name or shape.stem}{part.suffix}")
    return target


def have_same_vertices(found, expected) -> bool:
    # a Shapefile turns its rings clockwise; the vertices keep their bits
    return shapely.equals_exact(shapely.normalize(found), shapely.normalize(expected), 0).all()


def reason_of(path: Path, **options) -> str:
    with pytest.raises(UnreadableFile) as caught:
        read_features(path, **options)
    assert caught.value.where == path.name
    return caught.value.text("en")


@pytest.mark.parametrize("has_cpg", [True, False])
@pytest.mark.parametrize("encoding", ["GBK", "UTF-8"])
def test_chinese_shapefiles_are_read_with_and_without_cpg(tmp_path, encoding, has_cpg):
    shape = shapefile(tmp_path / "in", encoding=encoding, columns={"编码": CODES, "名称": NAMES})
    if not has_cpg:
        shape.with_suffix(".cpg").unlink()
    for path in (shape, zipped(shape, tmp_path / "a.zip", folder="成果/边界/")):
        table = read_features(path)
        # a dBASE field name has ten bytes: three Chinese characters in UTF-8, five in GBK
        assert table.columns == {"编码": CODES, "名称": NAMES}
        assert table.encoding == encoding
        assert table.crs == "EPSG:4490"
        is_noted = ("编码按 GBK 读取（无 .cpg）", "text read as GBK (no .cpg)") in table.notes
        assert is_noted == (encoding == "GBK" and not has_cpg)
        assert have_same_vertices(table.geometries, boxes())


def test_a_cpg_that_lies_is_overruled_and_told(tmp_path):
    shape = shapefile(tmp_path / "in")
    shape.with_suffix(".cpg").write_text("UTF-8")
    table = read_features(shape)
    assert table.columns["名称"] == NAMES
    assert "the .cpg says UTF-8, which does not fit" in table.notes[0][1]


@pytest.mark.parametrize("declared", ["ISO-8859-1", "1252", "ANSI 1252", "no such page"])
def test_a_cpg_that_fits_any_bytes_proves_nothing(tmp_path, declared):
    shape = shapefile(tmp_path / "in")
    shape.with_suffix(".cpg").write_text(declared)
    assert read_features(shape).columns["名称"] == NAMES


@pytest.mark.parametrize("declared", ["936", "CP936", "ANSI 936", "OEM 936", "GBK", "gb18030"])
def test_every_spelling_of_the_chinese_code_page_is_known(tmp_path, declared):
    shape = shapefile(tmp_path / "in")
    shape.with_suffix(".cpg").write_text(declared)
    table = read_features(shape)
    assert table.columns["名称"] == NAMES
    assert table.notes == []


def test_a_text_cut_in_mid_character_keeps_what_is_whole(tmp_path):
    shape = shapefile(tmp_path / "in", columns={"name": ["示例街道", "甲", "乙"]})
    dbf = shape.with_suffix(".dbf")
    content = dbf.read_bytes()
    # a blank over the last byte of 道, as a field one byte too short leaves it
    dbf.write_bytes(content.replace("道".encode("gbk"), "道".encode("gbk")[:1] + b" ", 1))
    table = read_features(shape)
    assert table.columns["name"][0].startswith("示例街")
    assert table.columns["name"][1:] == ["甲", "乙"]


def test_text_in_no_encoding_of_ours_is_refused_with_the_way_out(tmp_path):
    shape = shapefile(tmp_path / "in", columns={"name": ["XYXY", "甲", "乙"]})
    dbf = shape.with_suffix(".dbf")
    dbf.write_bytes(dbf.read_bytes().replace(b"XYXY", b"\xff" * 4))
    shape.with_suffix(".cpg").unlink()
    assert "neither UTF-8 nor GBK; save it again with a .cpg" in reason_of(shape)


def test_names_that_became_one_when_they_were_cut_keep_both_columns(tmp_path):
    shape = shapefile(tmp_path / "in", encoding="UTF-8", columns={"A" * 10: NAMES, "B" * 10: CODES})
    dbf = shape.with_suffix(".dbf")
    content = dbf.read_bytes()
    # in the ten bytes of a name three characters are whole, and of the fourth one byte is left
    for name, long_name in (("A" * 10, "社区党组织"), ("B" * 10, "社区党支部")):
        content = content.replace(name.encode(), long_name.encode()[:10])
    dbf.write_bytes(content)
    assert read_features(shape).columns == {"社区党": NAMES, "社区党_": CODES}


def test_numbers_of_a_shapefile_keep_type_digits_and_gaps(tmp_path):
    columns = {
        "code": pa.array([310101001001001, 2, None], pa.int64()),
        "area": pa.array([1.5, None, 3.0], pa.float64()),
    }
    table = read_features(shapefile(tmp_path / "in", columns=columns))
    assert table.columns["code"] == [310101001001001, 2, None]
    assert [type(value) for value in table.columns["code"]] == [int, int, type(None)]
    assert table.columns["area"] == [1.5, None, 3.0]


def test_an_eighteen_digit_code_in_a_wide_numeric_field_stays_exact(tmp_path):
    shape = shapefile(tmp_path / "in", columns={"code": pa.array([1, 2, 3], pa.float64())})
    dbf = shape.with_suffix(".dbf")
    content = bytearray(dbf.read_bytes())
    header, width = int.from_bytes(content[8:10], "little"), content[32 + 16]
    content[32 + 17] = 0  # no decimals: N(24, 0), as other software declares such columns
    for i, code in enumerate(("310101001001001123", "2", "3")):
        start = header + i * (width + 1) + 1
        content[start : start + width] = code.rjust(width).encode()
    dbf.write_bytes(content)
    assert read_features(shape).columns["code"] == [310101001001001123, 2, 3]


def test_a_shapefile_without_prj_names_no_frame(tmp_path):
    shape = shapefile(tmp_path / "in")
    shape.with_suffix(".prj").unlink()
    assert read_features(shape).crs is None


def test_a_prj_that_nobody_understands_is_kept_as_text(tmp_path):
    shape = shapefile(tmp_path / "in")
    shape.with_suffix(".prj").write_text("LOCAL GRID OF NOWHERE")
    assert read_features(shape).crs == "LOCAL GRID OF NOWHERE"


def test_a_shapefile_without_its_table_is_refused_by_its_name(tmp_path):
    shape = shapefile(tmp_path / "in")
    shape.with_suffix(".dbf").unlink()
    for path in (shape, zipped(shape, tmp_path / "a.zip")):
        assert "lacks .dbf" in reason_of(path)


def test_a_missing_index_is_rebuilt_as_it_was_and_told(tmp_path):
    shape = shapefile(tmp_path / "in")
    index = shape.with_suffix(".shx").read_bytes()
    shape.with_suffix(".shx").unlink()
    for path in (shape, zipped(shape, tmp_path / "a.zip")):
        table = read_features(path)
        assert table.columns == {"网格编码": CODES, "名称": NAMES}
        assert have_same_vertices(table.geometries, boxes())
        assert "no .shx: rebuilt from the .shp" in [en for _, en in table.notes]
    assert not shape.with_suffix(".shx").exists(), "the folder of the user stays as it is"
    copy = tmp_path / "copy.shp"
    copy.write_bytes(shape.read_bytes())
    assert _with_index(copy, copy)
    assert copy.with_suffix(".shx").read_bytes() == index


@pytest.mark.parametrize("left", [40, 104, 0.5, 0.97, -2])
def test_a_shapefile_without_index_and_with_half_its_shapes_is_refused(tmp_path, left):
    shape = shapefile(tmp_path / "in")
    shape.with_suffix(".shx").unlink()
    content = shape.read_bytes()
    shape.write_bytes(content[: int(len(content) * left) if 0 < left < 1 else left])
    assert "cut off" in reason_of(shape)


def test_a_record_that_claims_to_be_shorter_than_nothing_ends_nowhere(tmp_path):
    shape = shapefile(tmp_path / "in")
    shape.with_suffix(".shx").unlink()
    content = bytearray(shape.read_bytes())
    content[104:108] = b"\xff" * 4
    shape.write_bytes(content)
    with pytest.raises(UnreadableFile):
        read_features(shape)


@pytest.mark.parametrize("part", [".shp", ".shx", ".dbf"])
@pytest.mark.parametrize("left", [0.9, 0.01])
def test_a_cut_off_part_is_refused_where_gdal_would_drop_rows(tmp_path, part, left):
    shape = shapefile(tmp_path / "in")
    content = shape.with_suffix(part).read_bytes()
    shape.with_suffix(part).write_bytes(content[: int(len(content) * left)])
    assert "cut off" in reason_of(shape)


@pytest.mark.parametrize("part", [".shp", ".shx"])
def test_another_file_under_the_name_of_a_part_is_refused(tmp_path, part):
    shape = shapefile(tmp_path / "in")
    shape.with_suffix(part).write_text("这不是图形文件" * 10, encoding="utf-8")
    assert f"{part} is no Shapefile" in reason_of(shape)


def test_what_else_lies_in_the_folder_of_a_shapefile_does_not_matter(tmp_path):
    shape = shapefile(tmp_path / "in", columns={"code": CODES})
    shapefile(tmp_path / "in" / "more", columns={"code": ["x", "y", "z"]})
    for part in (tmp_path / "in" / "more").iterdir():
        part.rename(tmp_path / "in" / f"旧{part.name}")
    (tmp_path / "in" / "网格.txt").write_text("虚构数据", encoding="utf-8")
    assert read_features(shape).columns == {"code": CODES}


def test_a_dbf_of_another_shapefile_is_refused(tmp_path):
    shape = shapefile(tmp_path / "in")
    other = write(tmp_path / "other.shp", {"code": ["1"]}, shapes=boxes(1), encoding="GBK")
    shutil.copy(other.with_suffix(".dbf"), shape.with_suffix(".dbf"))
    assert ".shx counts 3 shapes, .dbf 1 records" in reason_of(shape)


def test_capital_endings_and_what_other_systems_add_do_not_matter(tmp_path):
    shape = shapefile(tmp_path / "in")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for part in shape.parent.iterdir():
            archive.write(part, f"网格{part.suffix.upper()}")
        archive.writestr("__MACOSX/._网格.shp", b"\0")
        archive.writestr("说明.txt", "虚构数据")
    assert list_tables(tmp_path / "a.zip") == ["网格"]
    assert len(read_features(tmp_path / "a.zip")) == 3


def test_names_that_windows_wrote_in_gbk_are_shown_in_chinese(tmp_path):
    shape = shapefile(tmp_path / "in")
    path = zipped(shape, tmp_path / "a.zip", name="abcd")
    gbk = "网格".encode("gbk")  # four bytes and no flag, as Explorer in Chinese writes it
    path.write_bytes(path.read_bytes().replace(b"abcd.", gbk + b"."))
    assert list_tables(path) == ["网格"]
    assert len(read_features(path)) == 3


def test_a_zip_without_a_shapefile_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("说明.txt", "虚构数据")
    assert "no .shp in the zip" in reason_of(tmp_path / "a.zip")


def test_several_shapefiles_in_a_zip_need_a_name(tmp_path):
    shape = shapefile(tmp_path / "in")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name in ("甲", "b/乙"):
            for part in shape.parent.iterdir():
                archive.write(part, f"{name}{part.suffix}")
    assert "2 tables (甲、b/乙)" in reason_of(tmp_path / "a.zip")
    assert len(read_features(tmp_path / "a.zip", table="b/乙")) == 3


def test_a_zip_bomb_is_refused_before_anything_is_unpacked(tmp_path):
    with (
        zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a.shp", "w") as entry,
    ):
        for _ in range(80):
            entry.write(bytes(1 << 20))
    said = reason_of(tmp_path / "a.zip")
    assert "zip bomb" in said
    assert "ratio" in said


def test_a_zip_of_ten_thousand_and_one_entries_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for i in range(10_001):
            archive.writestr(f"{i}", b"")
    assert "10001 entries" in reason_of(tmp_path / "a.zip")


def test_a_zip_that_claims_more_than_two_gigabytes_is_refused(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.shp", b"x" * 100)
    size = (100).to_bytes(4, "little")
    content = path.read_bytes()
    at = content.rindex(b"PK\x01\x02") + 24  # uncompressed size in the central directory
    assert content[at : at + 4] == size
    path.write_bytes(content[:at] + (3 << 30).to_bytes(4, "little") + content[at + 4 :])
    assert "3.0 GB unpacked" in reason_of(path)


@pytest.mark.parametrize("name", ["../../a.shp", "/etc/a.shp", "b\\..\\..\\a.shp"])
def test_a_name_that_leaves_the_archive_is_refused(tmp_path, name):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(name, b"x")
    assert "leaves the archive" in reason_of(tmp_path / "a.zip")


@pytest.mark.parametrize(
    ("at", "value", "said"),
    [(6, 1, "has a password; remove it"), (8, 9, "zip method is not supported")],
    ids=["encrypted", "deflate64"],
)
def test_a_zip_with_a_password_or_of_another_method_is_refused(tmp_path, at, value, said):
    path = zipped(shapefile(tmp_path / "in"), tmp_path / "a.zip")
    with zipfile.ZipFile(path) as archive:
        starts = [entry.header_offset for entry in archive.infolist()]
        central = archive.start_dir
    content = bytearray(path.read_bytes())
    # flags and method stand at 6 and 8 of each local header, two bytes later in the central one
    while content[central : central + 4] == b"PK\x01\x02":
        starts.append(central + 2)
        sizes = (
            int.from_bytes(content[central + i : central + i + 2], "little") for i in (28, 30, 32)
        )
        central += 46 + sum(sizes)
    for start in starts:
        content[start + at] |= value
    path.write_bytes(content)
    assert said in reason_of(path)


@pytest.mark.parametrize(
    ("part", "place"),
    [(b"PK\x01\x02", 46), (b"PK\x05\x06", 17)],
    ids=["a name that is no UTF-8", "entries before the file"],
)
def test_a_zip_whose_directory_is_spoiled_is_refused(tmp_path, part, place):
    path = zipped(shapefile(tmp_path / "in"), tmp_path / "a.zip")
    content = bytearray(path.read_bytes())
    content[content.index(part) + place] ^= 0x80
    path.write_bytes(content)
    assert "no complete zip" in reason_of(path)


@pytest.mark.parametrize("damage", ["cut", "no zip", "inside"])
def test_a_damaged_zip_is_refused(tmp_path, damage):
    path = zipped(shapefile(tmp_path / "in"), tmp_path / "a.zip")
    content = bytearray(path.read_bytes())
    if damage == "cut":
        content = content[: len(content) // 2]
    elif damage == "no zip":
        content = bytearray(b"no zip at all")
    else:
        # beyond the local header of the first entry, in its packed bytes
        name_bytes = int.from_bytes(content[26:28], "little")
        content[30 + name_bytes + 4 : 30 + name_bytes + 20] = b"\xff" * 16
    path.write_bytes(content)
    assert "no complete zip" in reason_of(path)
