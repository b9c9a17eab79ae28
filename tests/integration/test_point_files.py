"""A list of points comes back row by row with its owners, in every format, or not at all."""

import json
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from geo_service.errors import MissingColumn, UnknownColumn, UnreadableFile, UnwritableFile
from geo_service.layers.files.points import CHUNK_ROWS
from geo_service.layers.frames import from_storage
from geo_service.services.places.files import PointFileOptions
from tests.houses import (
    CALLER,
    SOUTH,
    STEP,
    WEST,
    center,
    grid_code,
    open_house,
    publish_street,
)
from tests.point_lists import (
    ARROW_ENDINGS,
    GRIDS,
    INSIDE,
    PROBLEMS,
    ROWS,
    RULES,
    TEXT_ENDINGS,
    read_back,
    table_of,
    write_points,
    write_table,
)

pytestmark = pytest.mark.sqlite  # nothing here hangs on where the boundaries are stored

ENDINGS = [*TEXT_ENDINGS, *ARROW_ENDINGS]


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    house = open_house(tmp_path_factory.mktemp("points"))
    publish_street(house)
    yield house.locations
    house.close()


def located(service, path, out, **options):
    return service.locate_file(CALLER, path, out, PointFileOptions(**options))


def column(rows, name):
    return [row[name] for row in rows]


@pytest.mark.parametrize("ending", ENDINGS)
def test_every_row_comes_back_in_order_with_its_owner(service, tmp_path, ending):
    path = write_points(tmp_path / f"in{ending}", ROWS)
    report = located(service, path, tmp_path / f"out{ending}")
    rows = read_back(tmp_path / f"out{ending}")
    assert column(rows, "name") == column(ROWS, "name")
    assert column(rows, "grid_rule") == RULES
    assert column(rows, "grid_code") == GRIDS
    assert column(rows, "problem") == PROBLEMS
    assert report.tally.counts == {
        "grid": {
            "assigned": 1,
            "boundary": 1,
            "agreement": 0,
            "nearest": 0,
            "unassigned": 1,
            "invalid": 2,
        }
    }
    assert report.tally.problems == {"zero": 1, "missing": 1}
    assert report.edition.number == 1
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("source", [".csv", *ARROW_ENDINGS])
@pytest.mark.parametrize("target", ENDINGS)
def test_a_list_may_change_its_format(service, tmp_path, source, target):
    path = write_points(tmp_path / f"in{source}", ROWS)
    located(service, path, tmp_path / f"out{target}")
    rows = read_back(tmp_path / f"out{target}")
    assert column(rows, "name") == column(ROWS, "name")
    assert column(rows, "grid_code") == GRIDS


def test_lines_of_ndjson_become_csv_but_no_table(service, tmp_path):
    path = write_points(tmp_path / "in.ndjson", ROWS)
    located(service, path, tmp_path / "out.csv")
    assert column(read_back(tmp_path / "out.csv"), "grid_code") == GRIDS
    with pytest.raises(UnwritableFile):
        located(service, path, tmp_path / "out.parquet")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_text_may_be_utf8_or_gbk(service, tmp_path, encoding):
    rows = [{"经度": INSIDE[0], "纬度": INSIDE[1], "地址": "示例街道一号"}] * 3
    for ending in TEXT_ENDINGS:
        path = write_points(tmp_path / f"in{ending}", rows, encoding=encoding)
        located(service, path, tmp_path / f"out{ending}")
        found = read_back(tmp_path / f"out{ending}")
        assert column(found, "地址") == ["示例街道一号"] * 3
        assert column(found, "grid_code") == [grid_code(0, 0)] * 3


def test_cells_stay_as_they_were_but_for_what_a_spreadsheet_would_run(service, tmp_path):
    rows = [{"x": INSIDE[0], "y": INSIDE[1], "id": "007", "b": "-1.50", "c": "@x", "d": "+86 1"}]
    located(service, write_points(tmp_path / "in.csv", rows), tmp_path / "out.csv")
    [row] = read_back(tmp_path / "out.csv")
    assert (row["id"], row["b"], row["c"], row["d"]) == ("007", "-1.50", "'@x", "'+86 1")


def test_what_is_nested_in_a_line_stays_nested(service, tmp_path):
    nested = {"lon": INSIDE[0], "lat": INSIDE[1], "deep": {"a": [1, None]}, "是": True}
    path = write_points(tmp_path / "in.ndjson", [nested])
    located(service, path, tmp_path / "out.ndjson", is_explaining=True)
    [row] = read_back(tmp_path / "out.ndjson")
    assert nested.items() <= row.items()
    assert row["grid_candidates"] == []


def test_types_and_metadata_of_a_table_are_kept(service, tmp_path):
    table = pa.table(
        {
            "lon": pa.array([INSIDE[0], None], pa.float32()),
            "lat": pa.array([Decimal("30.0005"), Decimal("30.0005")]),
            "id": pa.array([2**62, 1], pa.int64()),
            "when": pa.array([0, 1], pa.timestamp("ms", tz="UTC")),
            "kind": pa.array(["a", "b"]).dictionary_encode(),
        },
        metadata={"made by": "an office"},
    )
    for ending in ARROW_ENDINGS:
        out = tmp_path / f"out{ending}"
        located(service, write_table(tmp_path / f"in{ending}", table), out)
        found = table_of(out)
        assert found.select(table.column_names).equals(table)
        assert found.schema.metadata[b"made by"] == b"an office"
        assert found.schema.metadata[b"geo_service.edition"] == b"1"
        assert found.column("grid_rule").to_pylist() == ["assigned", "invalid"]


def test_text_is_no_number_where_a_format_knows_numbers(service, tmp_path):
    rows = [{"lon": str(INSIDE[0]), "lat": str(INSIDE[1]), "accuracy": "30"}]
    for ending in [".ndjson", *ARROW_ENDINGS]:
        path = write_points(tmp_path / f"in{ending}", rows)
        report = located(service, path, tmp_path / f"out{ending}")
        assert report.tally.problems == {"not_a_number": 1}
    rows = [{"lon": INSIDE[0], "lat": INSIDE[1], "accuracy": True}]
    report = located(service, write_points(tmp_path / "in.ndjson", rows), tmp_path / "out.ndjson")
    assert report.tally.problems == {"accuracy": 1}


def test_written_numbers_of_csv_are_read_like_those_of_tickets(service, tmp_path):
    cells = [" 120.0005 ", "", "--", "NaN", "1_0", "12O"]
    rows = [{"lon": cell, "lat": "30.0005"} for cell in cells]
    report = located(service, write_points(tmp_path / "in.csv", rows), tmp_path / "out.csv")
    assert report.tally.counts["grid"]["assigned"] == 1
    assert report.tally.problems == {"missing": 2, "not_a_number": 3}


def test_rows_that_cannot_be_read_stand_in_their_place(service, tmp_path):
    path = tmp_path / "in.csv"
    path.write_text(f"lon,lat\n{INSIDE[0]},{INSIDE[1]}\n1,2,3\n{INSIDE[0]},{INSIDE[1]}\n")
    report = located(service, path, tmp_path / "out.csv")
    rows = read_back(tmp_path / "out.csv")
    assert column(rows, "problem") == [None, "unreadable", None]
    assert column(rows, "lon")[1] is None
    assert report.tally.problems == {"unreadable": 1}
    path = tmp_path / "in.ndjson"
    place = json.dumps({"lon": INSIDE[0], "lat": INSIDE[1]})
    too_long = '{"a": "' + "x" * 1_100_000 + '"}'
    path.write_text("\n".join([place, "[1]", "{oops", too_long, " ", place, ""]))
    located(service, path, tmp_path / "out.ndjson")
    expected = [None, "unreadable", "unreadable", "unreadable", None]
    assert column(read_back(tmp_path / "out.ndjson"), "problem") == expected


def test_a_hundred_thousand_bad_rows_do_not_fail_a_list(service, tmp_path):
    count = 100_000
    lon = np.full(count, np.nan)
    lon[::1000] = INSIDE[0]
    table = pa.table({"lon": lon, "lat": np.full(count, INSIDE[1]), "row": np.arange(count)})
    path = write_table(tmp_path / "in.parquet", table)
    out, heard = tmp_path / "out.parquet", []
    report = service.locate_file(
        CALLER, path, out, PointFileOptions(), on_progress=lambda *rows: heard.append(rows)
    )
    found = table_of(out)
    assert found.column("row").to_pylist() == list(range(count))
    assert report.tally.counts["grid"]["assigned"] == 100
    assert report.tally.problems == {"not_finite": count - 100}
    assert heard == [(CHUNK_ROWS, count), (count, count)]


def test_long_lists_of_text_are_written_in_pieces(service, tmp_path):
    count = CHUNK_ROWS + 3
    rows = [{"lon": INSIDE[0], "lat": INSIDE[1]}] * count
    for ending in TEXT_ENDINGS:
        path, out = write_points(tmp_path / f"in{ending}", rows), tmp_path / f"out{ending}"
        assert located(service, path, out).tally.rows == count
        assert column(read_back(out), "grid_rule") == ["assigned"] * count


def test_a_table_damaged_inside_leaves_nothing_behind(service, tmp_path):
    rows = [{"lon": 120 + i / 1e6, "lat": INSIDE[1]} for i in range(2000)]
    path = write_points(tmp_path / "in.parquet", rows)
    whole = bytearray(path.read_bytes())
    whole[4:2000] = b"\xff" * 1996
    path.write_bytes(whole)
    with pytest.raises(UnreadableFile):
        located(service, path, tmp_path / "out.parquet")
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_lines_without_a_single_object_are_no_list(service, tmp_path):
    (tmp_path / "in.ndjson").write_text("1\n2\n")
    with pytest.raises(UnreadableFile):
        located(service, tmp_path / "in.ndjson", tmp_path / "out.ndjson")


def test_blanks_after_the_last_line_are_no_cut(service, tmp_path):
    path = tmp_path / "in.ndjson"
    path.write_text(json.dumps({"lon": INSIDE[0], "lat": INSIDE[1]}) + "\n  ")
    assert located(service, path, tmp_path / "out.ndjson").tally.rows == 1


def test_small_pieces_are_joined_and_their_dictionaries_too(service, tmp_path):
    pieces = [
        pa.table({"lon": [x], "lat": [y], "kind": pa.array([kind]).dictionary_encode()})
        for kind, (x, y) in {"a": center(0, 0), "b": center(3, 1), "c": center(1, 0)}.items()
    ]
    path = write_table(tmp_path / "in.arrows", pa.concat_tables(pieces))
    located(service, path, tmp_path / "out.arrows")
    found = table_of(tmp_path / "out.arrows")
    assert found.column("kind").to_pylist() == ["a", "b", "c"]
    assert found.column("grid_code").to_pylist() == [
        grid_code(0, 0),
        grid_code(3, 1),
        grid_code(1, 0),
    ]


def test_a_list_without_rows_comes_back_without_rows(service, tmp_path):
    (tmp_path / "in.csv").write_text("lon,lat\n")
    table = pa.table({"lon": pa.array([], pa.float64()), "lat": pa.array([], pa.float64())})
    for ending in [".csv", *ARROW_ENDINGS]:
        path = tmp_path / f"in{ending}"
        if ending != ".csv":
            write_table(path, table)
        report = located(service, path, tmp_path / f"out{ending}")
        assert report.tally.rows == 0
        assert read_back(tmp_path / f"out{ending}") == []
    assert "grid_code" in (tmp_path / "out.csv").read_text("utf-8-sig")


def test_columns_of_the_same_name_are_kept_and_ours_named_apart(service, tmp_path):
    first, second = tmp_path / "in.csv", tmp_path / "again.csv"
    located(service, write_points(first, ROWS), second)
    report = located(service, second, tmp_path / "out.csv")
    assert report.prefix == "located_"
    assert any("located_" in en for _, en in report.notes)
    rows = read_back(tmp_path / "out.csv")
    assert column(rows, "grid_code") == column(rows, "located_grid_code") == GRIDS
    path = tmp_path / "out.csv"
    for number in range(2):
        again = tmp_path / f"out{number}.csv"
        located(service, path, again)
        path = again
    with pytest.raises(UnwritableFile):
        located(service, path, tmp_path / "too often.csv")


def test_a_name_of_ours_that_comes_late_in_a_list_is_refused(service, tmp_path):
    place = {"lon": INSIDE[0], "lat": INSIDE[1]}
    rows = [place] * 1500 + [{**place, "grid_code": "mine"}]
    path = write_points(tmp_path / "in.ndjson", rows)
    with pytest.raises(UnwritableFile, match="grid_code"):
        located(service, path, tmp_path / "out.ndjson")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["in.ndjson"]


@pytest.mark.parametrize("ending", [".ndjson", *ARROW_ENDINGS])
@pytest.mark.parametrize("kept", [0.5, 0.9, 0.999])
def test_a_list_cut_in_the_middle_leaves_nothing_behind(service, tmp_path, ending, kept):
    rows = [{"name": "甲", "lon": INSIDE[0], "lat": INSIDE[1]}] * 4000
    path = write_points(tmp_path / f"in{ending}", rows)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * kept) - 3])  # at a line's end nobody could tell
    with pytest.raises(UnreadableFile):
        located(service, path, tmp_path / f"out{ending}")
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_a_last_line_without_its_end_is_read_where_it_is_whole(service, tmp_path):
    path = tmp_path / "in.ndjson"
    path.write_text(json.dumps({"lon": INSIDE[0], "lat": INSIDE[1]}))
    assert located(service, path, tmp_path / "out.ndjson").tally.rows == 1


@pytest.mark.parametrize("ending", [".arrows", ".arrow", ".parquet", ".ndjson"])
def test_a_file_of_another_kind_is_refused(service, tmp_path, ending):
    path = tmp_path / f"in{ending}"
    path.write_bytes(b"lon,lat\n120.0005,30.0005\n\xff\xff\xff\xff\x00\x00\x00\x00")
    with pytest.raises(UnreadableFile):
        located(service, path, tmp_path / f"out{ending}")
    path.write_bytes(b"x")
    with pytest.raises(UnreadableFile):
        located(service, path, tmp_path / f"out{ending}")


def test_an_ending_that_names_no_format_is_refused(service, tmp_path):
    path = write_points(tmp_path / "in.csv", ROWS)
    with pytest.raises(UnwritableFile):
        located(service, path, tmp_path / "out.xls")
    (tmp_path / "in.xls").write_bytes(path.read_bytes())
    with pytest.raises(UnreadableFile):
        located(service, tmp_path / "in.xls", tmp_path / "out.csv")


def test_a_column_that_stands_twice_in_a_table_is_refused(service, tmp_path):
    table = pa.Table.from_arrays([pa.array([1.0])] * 3, names=["lon", "lat", "lat"])
    with pytest.raises(UnreadableFile, match="twice"):
        located(service, write_table(tmp_path / "in.arrows", table), tmp_path / "out.arrows")


def test_columns_are_guessed_named_or_asked_for(service, tmp_path):
    rows = [{"a": INSIDE[0], "b": INSIDE[1], "r": 40.0, "坐标系": "GCJ02"}]
    path = write_points(tmp_path / "in.parquet", rows)
    out = tmp_path / "out.parquet"
    with pytest.raises(MissingColumn) as missing:
        located(service, path, out, lat="b", option="{}_column")
    assert missing.value.option == "lon_column"
    with pytest.raises(UnknownColumn):
        located(service, path, out, lon="a", lat="c")
    report = located(service, path, out, lon="a", lat="b", accuracy="r", is_explaining=True)
    assert report.tally.ambiguous == {"grid": 0}
    assert any("坐标系" in en for _, en in report.notes)
    [row] = read_back(out)
    assert sum(each["share"] for each in row["grid_candidates"]) == pytest.approx(1.0)
    located(service, path, tmp_path / "out.csv", lon="a", lat="b", accuracy="r", is_explaining=True)
    [cells] = read_back(tmp_path / "out.csv")
    assert json.loads(cells["grid_candidates"]) == row["grid_candidates"]


def test_a_list_that_speaks_for_another_frame_says_so_once_however_long_it_is(service, tmp_path):
    count = 2 * CHUNK_ROWS + 1
    x, y = np.random.default_rng(7).uniform(0, [[4], [2]], (2, count)) * STEP
    lon, lat = from_storage(lon=WEST + x, lat=SOUTH + y, target_frame="BD09")
    path = write_table(tmp_path / "in.parquet", pa.table({"lon": lon, "lat": lat}))
    report = located(service, path, tmp_path / "out.parquet")
    [(zh, en)] = report.notes
    assert "BD09" in zh
    assert "BD09" in en
    assert not located(service, path, tmp_path / "again.parquet", frame="BD09").notes


def test_exchanged_columns_are_told_and_not_touched(service, tmp_path):
    rows = [{"lon": INSIDE[1], "lat": INSIDE[0]}] * 3 + [{"lon": 0, "lat": 0}]
    report = located(service, write_points(tmp_path / "in.csv", rows), tmp_path / "out.csv")
    assert report.tally.counts["grid"]["invalid"] == 4
    assert any("exchanged" in en for _, en in report.notes)
    sound = write_points(tmp_path / "sound.csv", ROWS)
    assert not located(service, sound, tmp_path / "out.csv").notes
