"""Write dist/geo-service-….tar.gz: all that a host without internet needs to install the service.

Run by ``make bundle`` with the Python it is made for; a word names another folder than dist. Wheels
are kept in build/wheels: a second run asks nobody for them. The same sources and wheels give the
same file, byte by byte.
"""

import gzip
import hashlib
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
import tomllib
import zipfile
from email.message import Message
from email.parser import Parser
from importlib.metadata import requires
from itertools import chain
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

BUNDLE = Path(__file__).resolve().parent
ROOT = BUNDLE.parent
WHEELS = ROOT / "build" / "wheels"
LOCK = ROOT / "constraints.txt"

PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet"]
ONLY_LOCKED = ["--require-hashes", "--no-deps", "--only-binary", ":all:"]
FILE_TIME_S = 1_580_601_600  # of every file in the bundle; a wheel's ZIP knows nothing earlier
MB = 1_000_000
ROOM = 1.25
"""Room to ask for: what is unpacked, its bytecode and the compiled kernels, by this much more."""

_GLIBC = {"manylinux1": (2, 5), "manylinux2010": (2, 12), "manylinux2014": (2, 17)}


def main(target: Path = ROOT / "dist") -> int:
    """Build the bundle and say where it is."""
    if platform.system() != "Linux" or not platform.libc_ver()[1]:
        raise SystemExit("a bundle is made on Linux with glibc, for Linux with glibc")
    with tempfile.TemporaryDirectory() as folder:
        staging = Path(folder)
        own = _own_wheel(staging / "wheels")
        version = str(parse_wheel_filename(own.name)[1])
        for name, packages in (("wheels", _needed()), ("pip", {"pip"})):
            _fetch(packages, staging / name)
        _write_texts(staging, version)
        _write_sums(staging)
        python = f"py{sys.version_info[0]}.{sys.version_info[1]}"
        name = f"geo-service-{version}-linux-{platform.machine()}-{python}"
        path = target / f"{name}.tar.gz"
        _pack(staging, name, path)
    print(f"{path}  {path.stat().st_size / MB:.0f} MB  {_sha256(path)}")
    return 0


def _own_wheel(folder: Path) -> Path:
    build = ["wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run([*PIP, *build], check=True)
    [wheel] = folder.glob("*.whl")
    return wheel


def _needed() -> set[str]:
    """Return the packages that the service needs on this platform, every extra included."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    waiting = [Requirement(need) for need in chain(project["dependencies"], *extras)]
    asked: set[tuple[str, str]] = set()
    while waiting:
        need = waiting.pop()
        name = canonicalize_name(need.name)
        for extra in {"", *need.extras} - {done for package, done in asked if package == name}:
            asked.add((name, extra))
            waiting += [
                each
                for each in map(Requirement, requires(name) or ())
                if each.marker is None or each.marker.evaluate({"extra": extra})
            ]
    return {name for name, _ in asked}


def _fetch(packages: set[str], folder: Path) -> None:
    """Put the locked wheels of some packages into a folder; pip compares their hashes."""
    pins = re.split(r"\n(?=\w)", LOCK.read_text(encoding="utf-8").strip())
    wanted = [pin for pin in pins if canonicalize_name(pin.split("==")[0]) in packages]
    WHEELS.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.write("\n".join(wanted))
        file.flush()
        download = [*PIP, "download", *ONLY_LOCKED, "-r", file.name, "--dest"]
        kept = [*download, str(folder), "--no-index", "--find-links", str(WHEELS)]
        if subprocess.run(kept, stderr=subprocess.DEVNULL, check=False).returncode:
            subprocess.run([*download, str(WHEELS)], check=True)
            subprocess.run(kept, check=True)


def _write_texts(staging: Path, version: str) -> None:
    """Write everything beside the wheels: what installs, what runs, what explains."""
    wheels = sorted((staging / "wheels").glob("*.whl"))
    facts = {
        "VERSION": version,
        "PYTHON": sysconfig.get_python_version(),
        "MACHINE": platform.machine(),
        "GLIBC": ".".join(map(str, max(map(_least_glibc, wheels)))),
        "NEEDED_MB": str(int(sum(map(_unpacked_mb, wheels)) * ROOM)),
    }
    script = (BUNDLE / "install").read_text(encoding="utf-8")
    for name, fact in facts.items():
        script = script.replace(f"@{name}@", fact)
    _write(staging / "install", script)
    _write(staging / "geo-service", (BUNDLE / "geo-service").read_text(encoding="utf-8"))
    _write(staging / "requirements.txt", "".join(map(_pin, wheels)))
    _write(staging / "settings.env", _settings())
    _write(staging / "NOTICE", _notice(wheels))
    for source in [ROOT / "LICENSE", *(ROOT / "docs").rglob("*.md")]:
        _write(staging / source.relative_to(ROOT), source.read_text(encoding="utf-8"))
    for unit in [*BUNDLE.glob("*.service"), *BUNDLE.glob("*.timer")]:
        _write(staging / "systemd" / unit.name, unit.read_text(encoding="utf-8"))
    for folder in ("app", "vendor"):
        hidden = shutil.ignore_patterns(".*")
        shutil.copytree(ROOT / "static" / folder, staging / "static" / folder, ignore=hidden)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755 if text.startswith("#!") else 0o644)


def _pin(wheel: Path) -> str:
    name, version, _, _ = parse_wheel_filename(wheel.name)
    return f"{name}=={version} --hash=sha256:{_sha256(wheel)}\n"


def _least_glibc(wheel: Path) -> tuple[int, int]:
    """Return the oldest glibc that a wheel runs on: of its tags, the most modest one."""
    platforms = [tag.platform for tag in parse_wheel_filename(wheel.name)[3]]
    numbers = [re.match(r"manylinux_(\d+)_(\d+)", each) for each in platforms]
    known = [(int(found[1]), int(found[2])) for found in numbers if found]
    known += [_GLIBC[each.split("_")[0]] for each in platforms if each.split("_")[0] in _GLIBC]
    return min(known, default=(0, 0))


def _unpacked_mb(wheel: Path) -> float:
    with zipfile.ZipFile(wheel) as content:
        return sum(each.file_size for each in content.infolist()) / MB


def _settings() -> str:
    """Return the settings of an installed service: every default as a comment, then its paths."""
    example = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    lines = [f"#{line}" for line in example if line.startswith("GEO_SERVICE_")]
    head = (
        "# 服务的设置，含义见 current/docs/guides/operator.md；被注释的是默认值。\n"
        "# 修改后重启服务，升级不会改动本文件。\n"
        "# Settings of the service, explained in current/docs/guides/operator.md; what is\n"
        "# commented out holds by default. Restart the service after a change. Updates leave this\n"
        "# file alone.\n"
    )
    paths = (
        "GEO_SERVICE_DATABASE_URL=sqlite:///@DIR@/var/geo_service.db\n"
        "GEO_SERVICE_INDEX_FOLDER=@DIR@/var/index\n"
    )
    return head + "\n".join(lines) + "\n\n" + paths


def _notice(wheels: list[Path]) -> str:
    rows = [
        "随本安装包分发的第三方软件及其许可；全文在各软件包（*.dist-info）和 static/vendor 里。",
        "Third-party software in this bundle and its licences; their texts stand in each package",
        "(*.dist-info) and in static/vendor.",
        "",
    ]
    for wheel in wheels:
        about = _metadata(wheel)
        if about["Name"] != "geo-service":
            rows.append(f"{about['Name']} {about['Version']}  {_licence(about)}")
            rows += [f"    {file}" for file in about.get_all("License-File", [])]
    for file in sorted((ROOT / "static" / "vendor").glob("*/*/LICENSE")):
        rows.append(f"{file.parts[-3]} {file.parts[-2]}  {file.relative_to(ROOT)}")
    return "\n".join(rows) + "\n"


def _metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as content:
        [name] = [each for each in content.namelist() if each.endswith(".dist-info/METADATA")]
        return Parser().parsestr(content.read(name).decode())


def _licence(about: Message) -> str:
    """Return what a package says of its licence, in a line: some give the whole text instead."""
    classifiers = [
        each.rpartition(" :: ")[2]
        for each in about.get_all("Classifier", [])
        if each.startswith("License ::")
    ]
    said = [about["License-Expression"], ", ".join(classifiers), about["License"]]
    return next((each.strip().splitlines()[0] for each in said if each), "?")


def _write_sums(staging: Path) -> None:
    files = sorted(path for path in staging.rglob("*") if path.is_file())
    lines = [f"{_sha256(path)}  {path.relative_to(staging)}\n" for path in files]
    _write(staging / "SHA256SUMS", "".join(lines))


def _pack(staging: Path, name: str, path: Path) -> None:
    """Write the folder as one file, aside first: what has the name is whole."""
    path.parent.mkdir(exist_ok=True)
    aside = path.with_name(f".{path.name}")
    with (
        aside.open("wb") as file,
        # wheels are compressed already
        gzip.GzipFile("", "wb", compresslevel=0, fileobj=file, mtime=FILE_TIME_S) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for each in sorted(staging.rglob("*")):
            if each.is_file():
                archive.add(each, f"{name}/{each.relative_to(staging)}", filter=_same_for_all)
    aside.rename(path)


def _same_for_all(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    entry.mtime = FILE_TIME_S
    entry.mode = 0o755 if entry.mode & 0o100 else 0o644
    return entry


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
