"""The sample boundary files: what stands in the repository is what the generator writes."""

import hashlib
import json
import re
from datetime import date
from pathlib import Path

import pytest
import shapely

from geo_service.demo.files import boundaries_readme, boundary_files
from geo_service.demo.places import x_street

FOLDER = Path(__file__).parents[2] / "data" / "boundaries"
LIMIT_BYTES = 4_000_000


@pytest.fixture(scope="module")
def files():
    return boundary_files()


def test_the_files_in_the_repository_are_what_the_generator_writes(files):
    assert {path.name for path in FOLDER.glob("*.geojson")} == set(files)
    for name, content in files.items():
        assert (FOLDER / name).read_bytes() == content, name


def test_the_readme_in_the_repository_is_what_the_generator_writes(files):
    stored = (FOLDER / "README.md").read_text(encoding="utf-8")
    written_on = date.fromisoformat(re.search(r"Date 日期 \| ([\d-]+)", stored)[1])
    assert stored == boundaries_readme(files, written_on=written_on)


def test_the_readme_names_every_file_with_its_checksum(files):
    readme = boundaries_readme(files, written_on=date(2026, 1, 2))
    for name, content in files.items():
        assert f"`{name}`" in readme
        assert hashlib.sha256(content).hexdigest() in readme
    assert "2026-01-02" in readme
    assert "--frame EPSG:4490" in readme
    assert "虚构数据" in readme
    assert "Fictional data" in readme


def test_the_files_stay_small(files):
    assert sum(len(content) for content in files.values()) < LIMIT_BYTES


def test_a_file_says_that_it_is_fictional_and_names_no_frame(files):
    for content in files.values():
        collection = json.loads(content)
        assert collection["type"] == "FeatureCollection"
        assert "虚构数据" in collection["description"]
        assert "crs" not in collection


def test_properties_are_code_name_and_parent(files):
    street = json.loads(files["x-street-street.geojson"])["features"][0]["properties"]
    assert street == {"编码": "999001001", "名称": "示例街道", "上级编码": None}
    parents = {
        feature["properties"]["上级编码"]
        for feature in json.loads(files["x-street-subarea.geojson"])["features"]
    }
    assert parents == {"999001001"}


def test_what_is_read_back_has_the_same_bits_as_in_memory(files):
    areas = x_street().boundaries["micro_grid"]
    features = json.loads(files["x-street-micro_grid.geojson"])["features"]
    read = [shapely.geometry.shape(feature["geometry"]) for feature in features]
    assert [feature["properties"]["编码"] for feature in features] == list(areas.codes)
    assert (shapely.to_wkb(read) == shapely.to_wkb(areas.geometries)).all()
