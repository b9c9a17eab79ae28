"""Several tables of one file become one edition, together or not at all."""

import numpy as np
import pytest
import shapely

from geo_service.errors import (
    CodeInUse,
    EmptyInput,
    FrameContradiction,
    InvalidValue,
    MissingColumn,
    UnknownLayer,
    UnreadableFile,
)
from geo_service.layers.files import FeatureLayer, write_layers
from geo_service.layers.frames import geometries_from_storage
from geo_service.layers.preparation import Plan
from geo_service.services.boundaries.imports import EditionOptions
from geo_service.services.boundaries.reports import report_json
from geo_service.services.boundaries.tables import TablesAsked
from tests.drawings import dxf, hatch, label, ring
from tests.houses import (
    CALLER,
    STEP,
    WEST,
    grid_code,
    open_house,
    publish_street,
    street_boundaries,
)

LAYERS = ("district", "street", "community", "grid")


@pytest.fixture
def house(tmp_path):
    return open_house(tmp_path)


def table(layer, name=None, *, shapes=None, take=None, code="code", with_parent=True):
    """Return a layer of the street as a table of a file."""
    areas = street_boundaries()[layer]
    areas = areas if shapes is None else areas.with_geometries(shapes)
    areas = areas if take is None else areas.take(take)
    columns = {code: areas.codes, "name": areas.names}
    columns |= {"parent": areas.parents} if with_parent else {}
    return FeatureLayer(name or layer, columns, areas.geometries)


def load(house, path, *layers, plan=None, dry_run=False, **asked):
    asked.setdefault("frame", ["EPSG:4490"])
    return house.boundaries.import_tables(
        CALLER,
        path,
        TablesAsked(layers=layers, **asked),
        plan=plan or Plan(),
        edition_options=EditionOptions(is_dry_run=dry_run),
    )


def editions_of(house) -> int:
    return len(house.editions.editions(CALLER))


def test_every_level_of_a_file_comes_in_as_one_edition_whatever_their_order(house, tmp_path):
    tables = [
        table(layer, with_parent=layer != "grid") for layer in ("grid", "community", "district")
    ]
    tables.insert(1, table("street", "镇界"))
    write_layers(tmp_path / "a.gpkg", tables)
    asked = {"are_all": True, "attributes": ["grid="]}
    tried = load(house, tmp_path / "a.gpkg", "street=镇界", dry_run=True, **asked)
    assert tried.is_clean
    assert editions_of(house) == 0
    report = load(house, tmp_path / "a.gpkg", "street=镇界", **asked)
    assert report.edition.number == 1
    told = report_json(report, "zh", {})
    assert [(each["layer"], each["table"], each["areas"]) for each in told["layers"]] == [
        ("district", "district", 1),
        ("street", "镇界", 1),
        ("community", "community", 2),
        ("grid", "grid", 8),
    ]
    # nobody named the parents of grids: each lies wholly in one community
    assert told["found_parents_by_layer"].keys() == {"grid"}
    assert told["found_parents"][grid_code(3, 1)] == {"parent": "9990010102", "share": 1.0}
    assert report.edition.reason == "import a.gpkg → district、street、community、grid"
    counts = house.editions.edition(CALLER, 1)[1]
    assert counts == {"district": 1, "street": 1, "community": 2, "grid": 8}


def moved_border(layer):
    """Return the outlines after the border between the communities moved a quarter of a step."""
    middle = WEST + 2 * STEP
    shapes = street_boundaries()[layer].geometries

    def move(places):
        return np.where(places == middle, middle + STEP / 4, places)

    return shapely.transform(shapes, move)


def test_a_border_that_two_levels_share_moves_on_both_at_once(house, tmp_path):
    publish_street(house)
    path = tmp_path / "a.gpkg"
    # the district and the street run straight past the border's ends: their old nodes there stay
    write_layers(path, [table(layer, shapes=moved_border(layer)) for layer in LAYERS[2:]])
    alone = [load(house, path, layer) for layer in ("community", "grid")]
    assert not any(report.is_clean for report in alone)
    assert editions_of(house) == 1
    report = load(house, path, "grid", "community")
    assert report.is_clean
    assert [each.layer for each in report.tables] == ["community", "grid"]
    changed = {each.layer: each.changed for each in report.preparation.differences}
    border = [grid_code(column, row) for column in (1, 2) for row in (0, 1)]
    assert changed["community"] == ["9990010101", "9990010102"]
    assert changed["grid"] == sorted(border)


def test_a_defect_in_one_table_keeps_all_of_them_out(house, tmp_path):
    tables = [table(layer) for layer in LAYERS[:3]]
    write_layers(tmp_path / "a.gpkg", [*tables, table("grid", take=range(7))])
    report = load(house, tmp_path / "a.gpkg", are_all=True)
    [gap] = report.preparation.defects
    assert (gap.kind, gap.codes) == ("gap", ("9990010102",))
    assert report.edition is None
    assert editions_of(house) == 0
    # the parents may follow their children instead: all three levels above lose the same square
    plan = Plan(are_parents_from_children=True)
    report = load(house, tmp_path / "a.gpkg", plan=plan, are_all=True)
    assert report.is_clean
    made = {(each.layer, each.code) for each in report.preparation.changes}
    assert made == {("district", "999001"), ("street", "99900101"), ("community", "9990010102")}


def test_a_sliver_closes_on_all_levels_at_once_and_outlines_are_written_one_way(house, tmp_path):
    shapes = street_boundaries()["grid"].geometries.copy()
    shapes[0] = shapely.transform(
        shapes[0], lambda xy: np.where(xy > WEST + STEP / 2, xy - 2e-6, xy)
    )
    clockwise = shapely.orient_polygons(shapes, exterior_cw=True)
    levels = [table(layer) for layer in LAYERS[:3]]
    write_layers(tmp_path / "a.gpkg", [*levels, table("grid", shapes=clockwise)])
    assert not load(house, tmp_path / "a.gpkg", are_all=True).is_clean
    report = load(house, tmp_path / "a.gpkg", are_all=True, plan=Plan(repair_m=0.5))
    assert report.is_clean
    for areas in report.preparation.boundaries.values():
        assert shapely.is_ccw(shapely.get_exterior_ring(areas.geometries)).all()


def test_frame_and_columns_may_be_said_for_one_of_the_tables(house, tmp_path):
    publish_street(house)
    shifted = geometries_from_storage(street_boundaries()["grid"].geometries, target_frame="GCJ02")
    tables = [table("community"), table("grid", "单元", shapes=shifted, code="旧号")]
    write_layers(tmp_path / "a.gpkg", tables, crs_epsg=4490)
    frames = ["EPSG:4490", "grid=GCJ02"]
    asked = {"frame": frames, "code": ["code", "grid=旧号"], "is_frame_confirmed": True}
    report = load(house, tmp_path / "a.gpkg", "community", "grid=单元", dry_run=True, **asked)
    assert [each.source_frame for each in report.tables] == ["EPSG:4490", "GCJ02"]
    assert [each.columns.heading_by_field["code"] for each in report.tables] == ["code", "旧号"]
    assert report.is_clean
    came, stood = (
        each["grid"].geometries for each in (report.preparation.boundaries, street_boundaries())
    )
    assert shapely.equals_exact(came, stood, 1e-11).all()  # a micrometre
    with pytest.raises(FrameContradiction) as caught:
        load(house, tmp_path / "a.gpkg", "community", "grid=单元", frame=["grid=EPSG:4549"])
    assert caught.value.text("zh").startswith("a.gpkg › 单元 → grid：")


def test_an_error_names_the_table_it_is_about(house, tmp_path):
    path = tmp_path / "a.gpkg"
    uncoded = FeatureLayer("grid", {"面积": [1.5]}, table("grid", take=[0]).geometries)
    write_layers(path, [table("street"), table("community", take=[0, 0]), uncoded])
    with pytest.raises(MissingColumn) as caught:
        load(house, path, "street", "grid")
    assert caught.value.text("en").startswith("a.gpkg › grid → grid: cannot tell which column")
    with pytest.raises(CodeInUse) as caught:
        load(house, path, "street", "community")
    assert caught.value.text("zh").startswith("a.gpkg › community → community：")
    with pytest.raises(CodeInUse) as caught:
        load(house, path, "community")
    assert not caught.value.text("zh").startswith("a.gpkg")
    # numbered by a scheme of its own, the others by their codes
    asked = {"new_codes": ["grid=9990010101##"], "attributes": ["grid=面积"]}
    report = load(house, path, "street", "grid", dry_run=True, **asked)
    assert report.tables[1].areas.codes == ("999001010101",)
    assert report.tables[1].areas.attributes == ({"面积": 1.5},)
    assert editions_of(house) == 0


@pytest.mark.parametrize(
    ("layers", "asked", "error", "said"),
    [
        ((), {}, InvalidValue, "say all"),
        (("grid", "grid=b"), {}, InvalidValue, "asked for once"),
        (("grid=b", "street=b"), {}, InvalidValue, "goes to one layer"),
        (("grid", "street"), {"table": "grid"}, InvalidValue, "LAYER=TABLE"),
        (("grid=b",), {"table": "c"}, InvalidValue, "as LAYER=TABLE says"),
        (("grid=x",), {}, UnreadableFile, "it has no table 'x'; there are: grid, b, 网格"),
        (("grid", "street"), {}, UnreadableFile, "called as the layer street; write street=TABLE"),
        (("grid=b", "lane"), {}, UnknownLayer, "lane"),
        (("street",), {"are_all": True}, UnreadableFile, "called as the layer street"),
        (("grid=b",), {"are_all": True, "table": "b"}, InvalidValue, "LAYER=TABLE"),
    ],
)
def test_what_was_asked_for_must_fit_the_file(house, tmp_path, layers, asked, error, said):
    tables = [table("grid"), table("grid", "b"), table("grid", "网格")]
    write_layers(tmp_path / "a.gpkg", tables)
    with pytest.raises(error) as caught:
        load(house, tmp_path / "a.gpkg", *layers, **asked)
    assert said in caught.value.text("en")


def test_tables_that_are_called_as_no_layer_or_are_empty_are_left_and_told(house, tmp_path):
    path, roads = tmp_path / "a.gpkg", table("street", "道路")
    write_layers(path, [table("grid", "网格", take=[]), roads, table("street", "street")])
    report = load(house, path, are_all=True)
    assert [each.layer for each in report.tables] == ["street"]
    assert report_json(report, "zh", {})["notes"] == [
        "未读取 1 个不与图层同名的表：道路",
        "表“网格”没有记录，图层 grid 未导入",
    ]
    with pytest.raises(EmptyInput):  # who names a table means it
        load(house, path, "street", "grid=网格")
    write_layers(tmp_path / "b.gpkg", [table("grid", "grid", take=[]), roads])
    with pytest.raises(EmptyInput):
        load(house, tmp_path / "b.gpkg", are_all=True)
    write_layers(tmp_path / "c.gpkg", [roads])
    with pytest.raises(UnreadableFile) as caught:
        load(house, tmp_path / "c.gpkg", are_all=True)
    assert "没有与图层同名的表；有：道路" in caught.value.text("zh")


def test_layers_of_a_drawing_come_in_as_one_edition_named_by_the_texts_on_them(house, tmp_path):
    drawn = []
    for layer, title, draw in (("community", "社区", hatch), ("grid", "网格", ring)):
        areas = street_boundaries()[layer]
        for code, shape in zip(areas.codes, areas.geometries, strict=True):
            x, y = shape.representative_point().coords[0]
            drawn.append(draw(list(shape.exterior.coords)[:-1], layer=title, handle=code[-4:]))
            drawn.append(label(code, x, y, title))
    path = dxf(tmp_path / "图.dxf", *drawn)
    report = load(house, path, are_all=True, attributes=["handle"])
    assert report.is_clean
    assert [(each.layer, each.table) for each in report.tables] == [
        ("community", "社区"),
        ("grid", "网格"),
    ]
    content, expected = report.preparation.boundaries, street_boundaries()
    for layer in ("community", "grid"):
        assert content[layer].codes == expected[layer].codes
        assert shapely.equals_identical(
            shapely.normalize(content[layer].geometries),
            shapely.normalize(expected[layer].geometries),
        ).all()
    assert content["grid"].parents == expected["grid"].parents
