"""Our scripts and the third-party ones: pinned, complete, and readable by old browsers."""

import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from geo_service.errors import MissingAssets
from geo_service.maps.assets import Assets, inside_script

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "static" / "app"
MANIFEST = json.loads((ROOT / "static" / "vendor" / "manifest.json").read_text(encoding="utf-8"))
LOCK = json.loads((ROOT / "frontend" / "package-lock.json").read_text(encoding="utf-8"))

# What the oldest browser, Chromium 86, does not know, with the version that brought it.
TOO_NEW_SCRIPT = {
    r"\.at\(": 92,
    r"Object\.hasOwn": 93,
    r"structuredClone": 98,
    r"\.findLast": 97,
    r"\.toSorted|\.toReversed|\.with\(": 110,
    r"^await ": 89,
    r"static \{": 94,
    r"\.replaceChildren": 86,
}
TOO_NEW_STYLE = {
    r"\binset\s*:": 87,
    r"\baspect-ratio\s*:": 88,
    r":is\(|:where\(": 88,
    r"\baccent-color\s*:": 93,
    r":has\(": 105,
    r"@layer|@container|color-mix": 99,
    r"^\s+&": 112,
    r"\d[sld]v[hw]\b": 108,
}


@pytest.mark.parametrize("row", MANIFEST, ids=lambda row: row["file"])
def test_a_vendor_file_is_the_one_in_the_manifest(row):
    content = (ROOT / "static/vendor" / row["name"] / row["version"] / row["file"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == row["sha256"]
    assert row["version"] == LOCK["packages"][f"node_modules/{row['name']}"]["version"]


def test_building_again_needs_no_npm():
    done = subprocess.run(
        [sys.executable, str(ROOT / "frontend" / "build_assets.py")],
        env={"PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "up to date" in done.stdout


def test_the_lock_names_no_registry():
    assert "resolved" not in json.dumps(LOCK)


@pytest.mark.parametrize("path", sorted(APP.glob("*.js")), ids=lambda path: path.name)
def test_our_scripts_keep_to_the_oldest_browser(path):
    text = path.read_text(encoding="utf-8")
    assert not [wish for wish in TOO_NEW_SCRIPT if re.search(wish, text, re.MULTILINE)]


@pytest.mark.parametrize("path", sorted(APP.glob("*.css")), ids=lambda path: path.name)
def test_our_styles_keep_to_the_oldest_browser(path):
    text = path.read_text(encoding="utf-8")
    assert not [wish for wish in TOO_NEW_STYLE if re.search(wish, text, re.MULTILINE)]


@pytest.mark.parametrize("path", sorted(APP.glob("*.js")), ids=lambda path: path.name)
def test_our_scripts_write_no_markup_from_data(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", text)


def test_a_classic_script_holds_every_module_once_and_no_import():
    script = Assets().classic("layers.js", "hotspots.js")
    assert script.count("function decodePath(") == 1
    assert "function startHotspots(" in script
    assert not re.search(r"^(import|export)\b", script, re.MULTILINE)


def test_top_level_names_are_unique_over_all_modules():
    script = Assets().classic("layers.js", "hotspots.js")
    names = re.findall(r"^(?:async )?(?:function|const|let|class) (\w+)", script, re.MULTILINE)
    assert len(names) == len(set(names))


def test_an_import_that_cannot_be_joined_is_an_error(tmp_path):
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "a.js").write_text('import everything from "./b.js";\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"a\.js: import everything"):
        Assets(tmp_path).classic("a.js")


def test_a_style_carries_its_images_inside():
    style = Assets().style("leaflet/leaflet.css")
    assert "url(images/" not in style
    assert "url(data:image/png;base64," in style
    assert "url(#default#VML)" in style


def test_missing_assets_say_which_command_builds_them(tmp_path):
    with pytest.raises(MissingAssets, match="make assets"):
        Assets(tmp_path).url("leaflet/leaflet.js")


def test_an_asset_in_the_manifest_but_not_on_disk_is_missing(tmp_path):
    shutil.copytree(ROOT / "static" / "vendor", tmp_path / "vendor")
    (tmp_path / "vendor/leaflet/1.9.4/leaflet.js").unlink()
    with pytest.raises(MissingAssets, match=r"leaflet\.js"):
        Assets(tmp_path).url("leaflet/leaflet.js")


def test_a_script_cannot_end_its_own_element():
    assert inside_script("a = '</script><!--'") == "a = '\\x3c/script>\\x3c!--'"
