"""Dated figures and reference features: outside the editions, corrected without a new one."""

import json

import openpyxl
import pytest
import shapely

from geo_service.errors import (
    InvalidValue,
    MissingColumn,
    MissingFrame,
    RefusedValue,
    UnknownLayer,
)
from geo_service.services.figures import FigureFileReport
from geo_service.services.hotspots.counts import HotspotQuery
from geo_service.storage import references
from tests.databases import rows
from tests.houses import (
    CALLER,
    LONG_AGO_S,
    center,
    grid_code,
    open_house,
    publish_areas,
    publish_street,
    square,
    street_boundaries,
)

HEADINGS = "layer,code,figure,value,from,source"


@pytest.fixture
def house(tmp_path):
    house = open_house(tmp_path)
    publish_street(house)
    return house


def write(path, *lines, headings=HEADINGS):
    path.write_text("\n".join([headings, *lines]) + "\n", encoding="utf-8")
    return path


def figures_of(house):
    return house.editions.area(CALLER, "grid", grid_code(0, 0))[2]


def test_a_figure_holds_from_its_day_until_the_next_one(house, tmp_path):
    code = grid_code(0, 0)
    path = write(
        tmp_path / "f.csv",
        f"grid,{code},residents,1000,2020-11-01,census",
        f"grid,{code},residents,1200,2026-01-01,update",
        f"grid,{code},residents,9999,2030-01-01,forecast",
        f"grid,{code},community_type,老旧,2020-11-01,census",
    )
    assert house.figures.import_file(CALLER, path) == FigureFileReport(4, 4, [])
    assert figures_of(house) == {"residents": "1200", "community_type": "老旧"}
    assert len(house.editions.editions(CALLER)) == 1


def test_a_community_type_is_told_in_the_words_of_the_office(house, tmp_path):
    line = f"grid,{grid_code(0, 0)},community_type,{{}},2026-01-01,census"
    house.figures.import_file(CALLER, write(tmp_path / "f.csv", line.format("老旧小区")))
    assert figures_of(house)["community_type"] == "老旧"
    with pytest.raises(InvalidValue) as caught:
        house.figures.import_file(CALLER, write(tmp_path / "g.csv", line.format("太空站")))
    assert "老旧、商品房、单位型" in caught.value.text("zh")


def test_a_level_is_one_of_the_profile_and_an_unusual_count_is_only_a_hint(tmp_path):
    text = '[[layers]]\nname = "street"\n[[figures]]\nname = "households"\n'
    text += 'usual = { street = [1000, 3000] }\n[[figures]]\nname = "property_level"\n'
    text += 'kind = "text"\nlevels = [{ name = "none", title_zh = "无物业" }, { name = "red" }]\n'
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    house = open_house(tmp_path, profile=str(tmp_path / "own.toml"))
    line = "street,999001,{},{},2026-01-01,census"
    told = [("households", 3000), ("households", 3001), ("property_level", "无物业")]
    path = write(tmp_path / "f.csv", *(line.format(*each) for each in told))
    report = house.figures.import_file(CALLER, path)
    assert (report.new, report.unusual) == (2, (("street", "999001", "3001"),))
    path = write(tmp_path / "f.csv", line.format("property_level", "酒店"))
    with pytest.raises(InvalidValue, match="value must be one of none, red"):
        house.figures.import_file(CALLER, path)


def test_the_same_list_again_adds_nothing_and_a_corrected_value_wins(house, tmp_path):
    line = f"grid,{grid_code(0, 0)},residents,{{}},2020-11-01,census"
    path = write(tmp_path / "f.csv", line.format(1000))
    house.figures.import_file(CALLER, path)
    assert house.figures.import_file(CALLER, path).new == 0
    house.figures.import_file(CALLER, write(path, line.format(1001)))
    assert figures_of(house)["residents"] == "1001"


def test_a_census_and_its_correction_change_the_rate_and_make_no_edition(house, tmp_path):
    code, (lon, lat) = grid_code(0, 0), center(0, 0)
    place = {"x": lon, "y": lat, "frame": "EPSG:4490", "reported_at": "2026-11-19 08:00"}
    for key in "AB":
        cells = {"source": "complaint", "external_id": key, **place}
        house.issues.report(CALLER, cells, is_updating=False)

    def rate():
        table = house.hotspots.hotspots(CALLER, HotspotQuery()).table
        return next(row.per_1000_residents for row in table.rows if row.code == code)

    def load(*values):
        lines = [f"grid,{code},{figure},{value},2026-01-01,census" for figure, value in values]
        return house.figures.import_file(CALLER, write(tmp_path / "f.csv", *lines)).new

    def revision():
        with house.workspace.database.read() as connection:
            return house.hotspots.revision(connection)

    revisions, rates = [revision()], [rate()]
    slip = ("residents", 100), ("residents", 1000), ("households", 400)
    for values, new in (
        (slip, 2),
        (slip, 0),
        ((("residents", 500),), 1),
        ((("households", 3),), 1),
    ):
        assert load(*values) == new
        revisions.append(revision())
        rates.append(rate())
    assert rates == [None, 2.0, 2.0, 4.0, 4.0]
    assert revisions[1] == revisions[2]
    assert len(set(revisions)) == 4
    assert figures_of(house) == {"residents": "500", "households": "3"}
    query = "SELECT value FROM figures WHERE figure = 'residents' ORDER BY id"
    assert rows(tmp_path, query) == [("1000",), ("500",)]
    assert len(house.editions.editions(CALLER)) == 1


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("grid,x,residents,many,2020-11-01,census", InvalidValue),
        ("grid,x,residents,1,some day,census", InvalidValue),
        ("grid,,residents,1,2020-11-01,census", RefusedValue),
        ("grid,x,,1,2020-11-01,census", RefusedValue),
        ("grid,x,residents,1,2020-11-01,census,more", RefusedValue),
        ("nowhere,x,residents,1,2020-11-01,census", UnknownLayer),
    ],
)
def test_one_bad_row_stores_nothing(house, tmp_path, line, error):
    good = f"grid,{grid_code(0, 0)},residents,1,2020-11-01,census"
    with pytest.raises(error):
        house.figures.import_file(CALLER, write(tmp_path / "f.csv", good, line))
    assert figures_of(house) == {}


def test_a_refused_row_is_told_by_its_number_in_a_whole_sentence(house, tmp_path):
    path = write(tmp_path / "f.csv", "grid,x,residents,1,2020-11-01,census,more")
    with pytest.raises(RefusedValue) as caught:
        house.figures.import_file(CALLER, path)
    assert caught.value.text("en") == "f.csv #2 cannot be taken: it has 7 cells under 6 headings"
    assert caught.value.text("zh") == "f.csv #2 不能存入：有 7 格，表头只有 6 列"


def test_figures_of_codes_that_no_edition_has_are_kept_and_told(house, tmp_path):
    known, left, coming = grid_code(0, 0), grid_code(3, 1), "999001010209"
    remaining = street_boundaries()
    grids = remaining["grid"]
    remaining["grid"] = grids.take([i for i, code in enumerate(grids.codes) if code != left])
    publish_areas(house, remaining, on=1, effective_from_s=LONG_AGO_S + 1)
    lines = [f"grid,{code},residents,7,2020-11-01,census" for code in (known, left, coming, coming)]
    report = house.figures.import_file(CALLER, write(tmp_path / "f.csv", *lines))
    assert report == FigureFileReport(4, 3, [("grid", coming)])


def test_codes_of_a_workbook_are_those_that_were_typed(house, tmp_path):
    book = openpyxl.Workbook()
    for row in (
        HEADINGS.split(","),
        ["grid", int(grid_code(0, 0)), "residents", 1000, "2020-11-01"],
    ):
        book.active.append(row)
    book.save(tmp_path / "f.xlsx")
    assert house.figures.import_file(CALLER, tmp_path / "f.xlsx").unknown == []
    assert figures_of(house)["residents"] == "1000"


def test_a_missing_column_is_named(house, tmp_path):
    with pytest.raises(MissingColumn) as caught:
        house.figures.import_file(
            CALLER, write(tmp_path / "f.csv", "grid,x", headings="layer,code")
        )
    assert "value" in caught.value.text("zh")


def roads(path, *shapes):
    features = [
        {
            "type": "Feature",
            "properties": {"name": f"示例路{i}"},
            "geometry": json.loads(shapely.to_geojson(shape)),
        }
        for i, shape in enumerate(shapes)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return path


def test_references_take_the_place_of_those_of_their_kind(house, tmp_path):
    path = roads(tmp_path / "r.geojson", square(0, 0).exterior, square(1, 0).exterior)
    assert house.figures.import_references(CALLER, path, "road_main", "EPSG:4490") == 2
    path = roads(tmp_path / "r.geojson", square(0, 0).exterior)
    assert house.figures.import_references(CALLER, path, "road_main", "EPSG:4490") == 1
    with house.workspace.database.read() as connection:
        stored = references.read_references(connection)
    assert stored["road_main"][0] == ["示例路0"]


def test_references_need_a_frame_and_a_known_kind(house, tmp_path):
    path = roads(tmp_path / "r.geojson", square(0, 0).exterior)
    with pytest.raises(MissingFrame):
        house.figures.import_references(CALLER, path, "road_main", None)
    with pytest.raises(InvalidValue):
        house.figures.import_references(CALLER, path, "railway", "EPSG:4490")
