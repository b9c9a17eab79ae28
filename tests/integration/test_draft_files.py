"""A draft goes to a desktop tool and comes back as one step, or says why not."""

import geopandas
import pytest
import shapely

from geo_service.errors import CodeRetired, SpoiledCodes
from geo_service.layers.preparation import Plan
from geo_service.services.boundaries.tables import TablesAsked
from tests.drafting import NOW, A, B, C, across, at, begin, content, outlines
from tests.houses import CALLER, Clock, open_house, publish_street


@pytest.fixture
def house(tmp_path):
    house = open_house(tmp_path, clock=Clock())
    publish_street(house)
    return house


def test_a_draft_goes_to_a_desktop_tool_and_comes_back_as_one_step(house, tmp_path):
    draft, path = begin(house), tmp_path / "grids.gpkg"
    house.drafts.perform(CALLER, draft, across())
    assert house.draft_files.export(CALLER, draft, ["grid"], path).areas == 9
    # GDAL, as QGIS uses it: N1 and N2 are moved against each other, and B is called otherwise
    frame = geopandas.read_file(path)
    west, east = shapely.box(*at(0, 0), *at(0.25, 1)), shapely.box(*at(0.25, 0), *at(1, 1))
    frame.loc[frame["code"] == "N1", "geometry"] = west
    frame.loc[frame["code"] == "N2", "geometry"] = east
    frame.loc[frame["code"] == B, "name"] = "改名"
    edited = tmp_path / "edited.gpkg"
    frame.to_file(edited, layer="grid")
    before = content(house, draft)
    found = import_file(house, draft, edited)
    assert found.report.is_clean
    [layer] = [each for each in found.report.preparation.differences if each.layer == "grid"]
    assert (layer.changed, layer.renamed, layer.added, layer.removed) == (["N1", "N2"], [B], [], [])
    after = content(house, draft)
    touched = {code for layer, code in before if before[layer, code] != after[layer, code]}
    # the new border ends in the grid to the north and in the southern rim, which gain a node
    assert touched == {"N1", "N2", B, C, "9990010101", "99900101", "999001"}
    steps = house.drafts.draft(CALLER, draft).near
    assert [step.kind for step in steps] == ["split", "import"]
    house.drafts.undo(CALLER, draft)
    assert content(house, draft) == before
    house.drafts.redo(CALLER, draft)
    house.draft_publications.publish(CALLER, draft, NOW)
    assert outlines(house, "grid")["N1"].equals(west)


def test_a_file_that_was_not_edited_is_no_step(house, tmp_path):
    draft, path = begin(house), tmp_path / "grids.gpkg"
    house.drafts.perform(CALLER, draft, across())
    house.draft_files.export(CALLER, draft, ["grid"], path)
    assert import_file(house, draft, path).step is None
    assert len(house.drafts.draft(CALLER, draft).done) == 1


def test_an_edited_file_with_a_gap_or_a_spoiled_code_changes_nothing(house, tmp_path):
    draft, path = begin(house), tmp_path / "grids.geojson"
    house.draft_files.export(CALLER, draft, ["grid"], path)
    frame = geopandas.read_file(path)
    gap = frame.copy()
    gap.loc[gap["code"] == A, "geometry"] = shapely.box(*at(0, 0), *at(0.5, 1))
    gap.to_file(tmp_path / "gap.geojson")
    found = import_file(house, draft, tmp_path / "gap.geojson", frame=["EPSG:4326"])
    assert [each.kind for each in found.report.preparation.defects] == ["gap"]
    assert found.step is None

    frame.loc[frame["code"] == A, "code"] = "9.99001E+11"
    frame.to_file(tmp_path / "spoiled.geojson")
    with pytest.raises(SpoiledCodes):
        import_file(house, draft, tmp_path / "spoiled.geojson", frame=["EPSG:4326"])
    house.drafts.perform(CALLER, draft, across())
    frame.loc[frame["code"] == "9.99001E+11", "code"] = A
    frame.to_file(tmp_path / "old.geojson")
    with pytest.raises(CodeRetired):
        import_file(house, draft, tmp_path / "old.geojson", frame=["EPSG:4326"], replaces=True)
    assert len(house.drafts.draft(CALLER, draft).done) == 1


def import_file(house, draft, path, *, frame=(), replaces=False):
    asked = TablesAsked(layers=["grid"], frame=frame)
    plan = Plan(is_replacing=replaces)
    return house.draft_files.import_tables(CALLER, draft, path, asked, plan=plan)
