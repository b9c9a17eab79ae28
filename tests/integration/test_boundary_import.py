"""From a boundary file to a new edition: read, fitted in, checked as a whole, then stored."""

import json

import numpy as np
import pytest
import shapely

from geo_service.errors import (
    CodeInUse,
    EmptyInput,
    FrameContradiction,
    InvalidCoordinates,
    MissingColumn,
    MissingFrame,
    UnclearParent,
    UnknownParent,
)
from geo_service.layers.preparation import Plan
from geo_service.services.boundaries.files import BoundaryOptions
from geo_service.services.boundaries.imports import EditionOptions
from tests.houses import CALLER, open_house, publish_street, square, street_boundaries

FRAME = "EPSG:4490"


def geojson(path, rows, crs=None):
    """Write (properties, geometry) as a FeatureCollection."""
    body = {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": properties,
                "geometry": json.loads(shapely.to_geojson(shape)),
            }
            for properties, shape in rows
        ],
    }
    if crs:
        body["crs"] = {"type": "name", "properties": {"name": crs}}
    path.write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")
    return path


def load(house, path, layer, *, plan=None, dry_run=False, **options):
    options.setdefault("frame", FRAME)
    return house.boundaries.import_file(
        CALLER,
        path,
        BoundaryOptions(layer=layer, **options),
        plan=plan or Plan(),
        edition_options=EditionOptions(is_dry_run=dry_run),
    )


def layer_rows(layer, *, with_parent=True):
    areas = street_boundaries()[layer]
    return [
        ({"编码": code, "名称": name} | ({"上级编码": parent} if with_parent else {}), shape)
        for code, name, parent, shape in zip(
            areas.codes, areas.names, areas.parents, areas.geometries, strict=True
        )
    ]


@pytest.fixture
def house(tmp_path):
    return open_house(tmp_path)


def test_a_clean_file_becomes_an_edition_with_guessed_columns(house, tmp_path):
    report = load(house, geojson(tmp_path / "街道.geojson", layer_rows("street")), "street")
    assert report.is_clean
    assert report.edition.number == 1
    assert report.tables[0].columns.heading_by_field["code"] == "编码"
    [row] = house.editions.areas(CALLER, "street").rows
    assert (row.code, row.name) == ("99900101", "示例街道")


def test_parents_are_found_by_area_when_no_column_names_them(house, tmp_path):
    load(house, geojson(tmp_path / "c.geojson", layer_rows("community")), "community")
    rows = layer_rows("grid", with_parent=False)
    report = load(house, geojson(tmp_path / "g.geojson", rows), "grid")
    assert report.is_clean
    assert {parent for parent, _ in report.preparation.found_parents.values()} == {
        "9990010101",
        "9990010102",
    }
    assert all(share == pytest.approx(1) for _, share in report.preparation.found_parents.values())


def test_a_parent_may_be_given_by_its_unique_name(house, tmp_path):
    load(house, geojson(tmp_path / "c.geojson", layer_rows("community")), "community")
    names = {"9990010101": "西社区", "9990010102": "东社区"}
    rows = [
        ({"编码": row["编码"], "所属社区": names[row["上级编码"]]}, shape)
        for row, shape in layer_rows("grid")
    ]
    assert load(house, geojson(tmp_path / "g.geojson", rows), "grid").is_clean


def test_children_that_came_first_get_their_parents_when_these_arrive(house, tmp_path):
    rows = layer_rows("grid", with_parent=False)
    load(house, geojson(tmp_path / "g.geojson", rows), "grid")
    report = load(house, geojson(tmp_path / "c.geojson", layer_rows("community")), "community")
    assert report.is_clean
    row = house.editions.area(CALLER, "grid", "9990010102" + "03")[1]
    assert row.parent_code == "9990010102"


def test_a_missing_grid_is_a_gap_with_its_place_and_nothing_is_stored(house, tmp_path):
    load(house, geojson(tmp_path / "c.geojson", layer_rows("community")), "community")
    report = load(house, geojson(tmp_path / "g.geojson", layer_rows("grid")[:-1]), "grid")
    [gap] = report.preparation.defects
    assert gap.kind == "gap"
    assert gap.codes == ("9990010102",)
    # 1/1024 degree at 30° N: 94.2 m × 108.3 m
    assert gap.area_m2 == pytest.approx(94.22 * 108.26, rel=0.01)
    assert report.edition is None
    assert len(house.editions.editions(CALLER)) == 1


def test_an_overlap_names_both_codes(house, tmp_path):
    rows = [({"code": "a"}, square(0, 0, 2, 1)), ({"code": "b"}, square(1, 0, 2, 1))]
    report = load(house, geojson(tmp_path / "g.geojson", rows), "grid")
    assert ("overlap", ("a", "b")) in [(d.kind, d.codes) for d in report.preparation.defects]
    assert report.edition is None


def test_a_bow_tie_is_told_with_its_reason_and_place(house, tmp_path):
    bow_tie = shapely.Polygon([(120, 30), (120.001, 30.001), (120.001, 30), (120, 30.001)])
    report = load(house, geojson(tmp_path / "g.geojson", [({"code": "a"}, bow_tie)]), "grid")
    [defect] = report.preparation.defects
    assert defect.kind == "invalid_geometry"
    assert "Self-intersection" in defect.reason
    assert (defect.x, defect.y) == (pytest.approx(120.0005), pytest.approx(30.0005))


def test_a_hole_outside_its_shell_is_told(house, tmp_path):
    shape = shapely.Polygon(square(0, 0).exterior, [square(5, 5).exterior.coords])
    report = load(house, geojson(tmp_path / "g.geojson", [({"code": "a"}, shape)]), "grid")
    assert "Hole" in report.preparation.defects[0].reason


def test_a_trial_stores_nothing(house, tmp_path):
    path = geojson(tmp_path / "g.geojson", layer_rows("street"))
    report = load(house, path, "street", dry_run=True)
    assert report.is_clean
    assert report.edition is None
    assert house.editions.editions(CALLER) == []


def test_heights_are_left_out_and_this_is_told(house, tmp_path):
    shape = shapely.force_3d(square(0, 0), 12.5)
    report = load(house, geojson(tmp_path / "g.geojson", [({"code": "a"}, shape)]), "grid")
    assert report.is_clean
    assert any("Z" in zh for zh, _ in report.tables[0].notes)


def test_an_unnamed_frame_is_refused_with_the_question(house, tmp_path):
    path = geojson(tmp_path / "g.geojson", layer_rows("street"))
    with pytest.raises(MissingFrame) as caught:
        load(house, path, "street", frame=None)
    assert "GCJ02" in caught.value.text("zh")


def test_a_frame_that_contradicts_the_file_stops_until_confirmed(house, tmp_path):
    rows = [({"code": "a"}, square(0, 0))]
    path = geojson(tmp_path / "g.geojson", rows, crs="urn:ogc:def:crs:EPSG::4490")
    with pytest.raises(FrameContradiction):
        load(house, path, "grid", frame="EPSG:4549")
    assert load(house, path, "grid", frame=None).is_clean


def test_meters_declared_as_degrees_are_refused(house, tmp_path):
    shape = shapely.box(500_000, 3_320_000, 500_100, 3_320_100)
    with pytest.raises(InvalidCoordinates) as caught:
        load(house, geojson(tmp_path / "g.geojson", [({"code": "a"}, shape)]), "grid")
    assert "米" in caught.value.text("zh")


def test_swapped_axes_are_told_as_such(house, tmp_path):
    swapped = shapely.transform(square(0, 0), lambda xy: xy[:, ::-1])
    with pytest.raises(InvalidCoordinates) as caught:
        load(house, geojson(tmp_path / "g.geojson", [({"code": "a"}, swapped)]), "grid")
    assert "颠倒" in caught.value.text("zh")


def test_gcj02_is_undone_and_shared_borders_stay_shared(house, tmp_path):
    rows = [({"code": "a"}, square(0, 0, 2, 1)), ({"code": "b"}, square(2, 0, 2, 1))]
    report = load(house, geojson(tmp_path / "g.geojson", rows), "grid", frame="GCJ02")
    assert report.is_clean
    west = house.editions.area(CALLER, "grid", "a")[1]
    moved = shapely.from_wkb(west.outline).centroid.x - square(0, 0, 2, 1).centroid.x
    assert -0.0065 < moved < -0.003  # GCJ-02 lies 300 to 600 m east of the truth at 120° E


def test_a_file_without_codes_is_numbered_by_the_scheme(house, tmp_path):
    rows = [({"name": "一"}, square(0, 0)), ({"name": "二"}, square(1, 0))]
    path = geojson(tmp_path / "g.geojson", rows)
    with pytest.raises(MissingColumn):
        load(house, path, "grid")
    assert load(house, path, "grid", new_codes="9990##").is_clean
    codes = [row.code for row in house.editions.areas(CALLER, "grid").rows]
    assert codes == ["999001", "999002"]


@pytest.mark.parametrize(
    ("rows", "error"),
    [
        ([], EmptyInput),
        ([({"code": "a"}, square(0, 0)), ({"code": "a"}, square(1, 0))], CodeInUse),
        ([({"code": "a", "parent": "nowhere"}, square(0, 0))], UnknownParent),
    ],
)
def test_bad_files_are_refused_and_nothing_is_stored(house, tmp_path, rows, error):
    publish_street(house)
    with pytest.raises(error):
        load(house, geojson(tmp_path / "g.geojson", rows), "grid")
    assert len(house.editions.editions(CALLER)) == 1


def test_an_area_across_two_parents_is_not_given_to_either(house, tmp_path):
    load(house, geojson(tmp_path / "c.geojson", layer_rows("community")), "community")
    rows = [({"code": "x"}, square(0, 0, 3, 1))]
    with pytest.raises(UnclearParent) as caught:
        load(house, geojson(tmp_path / "g.geojson", rows), "grid")
    assert caught.value.shares == [pytest.approx(2 / 3, abs=1e-4)]


def test_updating_keeps_the_other_areas_and_replacing_does_not(house, tmp_path):
    both = [({"code": "a"}, square(0, 0)), ({"code": "b"}, square(1, 0))]
    load(house, geojson(tmp_path / "g.geojson", both), "grid")
    again = geojson(tmp_path / "h.geojson", [({"code": "a", "name": "新名"}, square(0, 0))])
    report = load(house, again, "grid")
    assert report.preparation.differences[0].renamed == ["a"]
    assert len(house.editions.areas(CALLER, "grid").rows) == 2
    load(house, again, "grid", plan=Plan(is_replacing=True))
    assert len(house.editions.areas(CALLER, "grid").rows) == 1


def test_a_sliver_is_repaired_only_when_asked_and_reported(house, tmp_path):
    sliver = 2e-6  # about 0.2 m
    shifted = shapely.transform(square(1, 0), lambda xy: xy + np.array([sliver, 0]))
    rows = [({"code": "a"}, square(0, 0)), ({"code": "b"}, shifted)]
    parent = shapely.box(*shapely.total_bounds([square(0, 0), shifted]))
    load(house, geojson(tmp_path / "c.geojson", [({"code": "p"}, parent)]), "community")
    path = geojson(tmp_path / "g.geojson", rows)
    assert not load(house, path, "grid").is_clean
    report = load(house, path, "grid", plan=Plan(repair_m=0.5))
    assert report.is_clean
    assert report.preparation.changes


def test_columns_about_persons_never_reach_the_store(house, tmp_path):
    rows = [({"code": "a", "网格员姓名": "某某", "备注": "x"}, square(0, 0))]
    report = load(house, geojson(tmp_path / "g.geojson", rows), "grid")
    assert list(report.tables[0].columns.dropped) == ["网格员姓名"]
    assert json.loads(house.editions.area(CALLER, "grid", "a")[1].attributes) == {"备注": "x"}


def test_parents_may_become_the_union_of_their_children(house, tmp_path):
    load(house, geojson(tmp_path / "c.geojson", [({"code": "p"}, square(0, 0, 2, 1))]), "community")
    rows = [
        ({"code": "a", "parent": "p"}, square(0, 0)),
        ({"code": "b", "parent": "p"}, square(1, 0, 2, 1)),
    ]
    path = geojson(tmp_path / "g.geojson", rows)
    assert not load(house, path, "grid").is_clean
    report = load(house, path, "grid", plan=Plan(are_parents_from_children=True))
    assert report.is_clean
    parent = shapely.from_wkb(house.editions.area(CALLER, "community", "p")[1].outline)
    assert parent.equals(square(0, 0, 3, 1))


def test_outer_borders_may_be_fitted_to_the_parent_and_the_move_is_told(house, tmp_path):
    parent = shapely.box(*square(0, 0, 2, 1).bounds)
    load(house, geojson(tmp_path / "c.geojson", [({"code": "p"}, parent)]), "community")
    short = shapely.transform(square(1, 0), lambda xy: np.where(xy > 120.0015, xy - 1e-5, xy))
    rows = [({"code": "a"}, square(0, 0)), ({"code": "b"}, short)]
    path = geojson(tmp_path / "g.geojson", rows)
    assert not load(house, path, "grid").is_clean
    report = load(house, path, "grid", plan=Plan(fit_to_parent_m=2))
    assert report.is_clean
    [change] = [each for each in report.preparation.changes if each.code == "b"]
    assert 0.9 < change.largest_move_m < 1.5  # 1e-5 degree at 30° N is 0.96 m east, 1.11 m north


def test_nodes_matched_in_the_file_itself_are_told(house, tmp_path):
    # The neighbor lacks the node in the middle of the shared border, and its corner is 0.1 mm off.
    tall = shapely.Polygon([*square(1, 0, 1, 2).exterior.coords])
    west = shapely.transform(square(0, 0), lambda xy: np.where(xy > 120.0009, xy + 1e-9, xy))
    rows = [({"code": "a"}, west), ({"code": "b"}, square(0, 1)), ({"code": "c"}, tall)]
    report = load(house, geojson(tmp_path / "g.geojson", rows), "grid")
    assert report.is_clean
    assert report.preparation.moved_nodes > 0
    assert 0 < report.preparation.largest_move_m < 0.001
