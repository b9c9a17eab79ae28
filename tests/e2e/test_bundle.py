"""`make bundle`: one file that installs, upgrades and serves on a host without a network."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from geo_service import __version__

ROOT = Path(__file__).resolve().parents[2]
GIVE_UP_S = 120
MEMORY, NEEDED = "/dev/shm", 6_000_000_000  # noqa: S108  # a folder of its own is made in it
EARLIER, LATER = "0.0.9", "99.0.0"
SETTINGS = (
    "# of an earlier version\nGEO_SERVICE_LANGUAGE='en'\r\n"
    "GEO_SERVICE_DATABASE_URL=sqlite:///{}/var/mine.db\n"
)
NO_NETWORK = dict.fromkeys(
    ("http_proxy", "https_proxy", "all_proxy"),
    "http://127.0.0.1:9",  # nobody listens on the port of discard
)


@pytest.fixture(scope="module")
def folder():
    # too large to be kept for three runs, as tmp_path is, and quicker in memory where there is room
    is_roomy = Path(MEMORY).is_dir() and shutil.disk_usage(MEMORY).free > NEEDED
    with tempfile.TemporaryDirectory(dir=MEMORY if is_roomy else None) as made:
        yield Path(made)


@pytest.fixture(scope="module")
def bundle(folder):
    command = [sys.executable, "bundle/build.py", folder / "dist"]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    [packed] = (folder / "dist").iterdir()
    with tarfile.open(packed) as archive:
        archive.extractall(folder / "bundle", filter="data")
    packed.unlink()
    [unpacked] = (folder / "bundle").iterdir()
    return unpacked


@pytest.fixture(scope="module")
def home(folder, bundle):
    """Return where the bundle was installed over an earlier version, after one that was killed."""
    home = folder / "home"
    earlier = home / "versions" / EARLIER
    (earlier / "bin").mkdir(parents=True)
    (earlier / "bin" / "geo-service").write_text("#!/bin/sh\n")
    (home / "current").symlink_to(f"versions/{EARLIER}")
    (home / "settings.env").write_bytes(SETTINGS.format(home).encode())
    (home / "versions" / __version__ / "venv" / "half").mkdir(parents=True)
    said = install(bundle, home)
    assert said.returncode == 0, said.stderr
    return home


def environment(**more):
    ours = ("GEO_SERVICE", "PYTHON", "NUMBA")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return kept | NO_NETWORK | more


def install(bundle, target, **more):
    # bytecode and kernels are left to their first use: a minute of compiling is not asked here
    command = [*without_network(), bundle / "install", target, "--no-compile"]
    given = environment(PYTHON=sys.executable) | more
    return subprocess.run(
        command, env=given, cwd="/", capture_output=True, encoding="utf-8", check=False
    )


def without_network():
    for words in (["unshare", "--net"], ["unshare", "--map-root-user", "--net"]):
        if subprocess.run([*words, "true"], capture_output=True, check=False).returncode == 0:
            return words
    return []


def version_of(home):
    command = [home / "current" / "bin" / "geo-service", "--version"]
    done = subprocess.run(command, env=environment(), capture_output=True, check=True)
    return done.stdout.decode()


def next_version(bundle, folder):
    """Return the same bundle under the number of a later version."""
    newer = folder / "newer"
    shutil.copytree(bundle, newer, copy_function=os.link)
    script = (bundle / "install").read_text(encoding="utf-8")
    rewrite(newer / "install", re.sub(r"^version=\S+", f"version={LATER}", script, flags=re.M))
    return newer


def rewrite(path, content):
    """Change a file of a copied bundle alone, and what the sums say of it."""
    mode = path.stat().st_mode
    path.unlink()
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    path.chmod(mode)
    [folder] = [each for each in path.parents if (each / "SHA256SUMS").exists()]
    sums = folder / "SHA256SUMS"
    name = str(path.relative_to(folder))
    kept = [line for line in sums.read_text().splitlines() if not line.endswith(f"  {name}")]
    done = subprocess.run(["sha256sum", name], cwd=folder, capture_output=True, check=True)
    sums.unlink()
    sums.write_text("\n".join([*kept, done.stdout.decode()]))


@contextmanager
def serving(home):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [home / "current" / "bin" / "geo-service", "serve", "--port", str(port)]
    # run from elsewhere: what it needs is found without the folder it was built in
    process = subprocess.Popen(command, env=environment(), cwd="/", stdout=subprocess.DEVNULL)
    try:
        give_up_at = time.monotonic() + GIVE_UP_S
        while process.poll() is None and time.monotonic() < give_up_at and not listens(port):
            time.sleep(0.1)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=GIVE_UP_S)


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def fetch(port, path):
    with closing(HTTPConnection("127.0.0.1", port, timeout=GIVE_UP_S)) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


@pytest.mark.usefixtures("bundle")
def test_a_host_without_network_installs_and_serves(home):
    with serving(home) as port:
        status, page = fetch(port, "/desk/hotspots?lang=en")
        assert "geo-service editions list" in page  # there is none yet, and the page says so
        status, page = fetch(port, "/")
        assert status == 200, page
        for asset in {"/static/app/hotspots.js", *re.findall(r'"(/static/[^"]+)"', page)}:
            assert fetch(port, asset)[0] == 200, asset
    assert (home / "var" / "mine.db").exists()
    for unit in (home / "current" / "systemd").iterdir():
        text = unit.read_text(encoding="utf-8")
        assert "@DIR@" not in text
        assert str(home) in text or unit.suffix == ".timer"


def test_who_has_only_the_bundle_can_follow_every_link_of_the_guides(bundle, home):
    for docs in (bundle / "docs", home / "current" / "docs"):
        assert (docs / "guides" / "operator.md").exists()
        for document in docs.rglob("*.md"):
            for target in re.findall(
                r"\]\((?![a-z]+:)([^)#\s]+)[^)]*\)", document.read_text(encoding="utf-8")
            ):
                assert (document.parent / target).exists(), f"{document} → {target}"


@pytest.mark.parametrize(
    ("given", "folder"),
    [
        ({"DATABASE_URL": "postgresql://a@b/c"}, "{home}/var/attachments"),
        ({"DATABASE_URL": "postgresql://a@b/c", "ATTACHMENT_FOLDER": "/srv/photos"}, "/srv/photos"),
        ({"DATABASE_URL": "sqlite:////srv/house.db"}, ""),  # beside that file
        ({}, ""),
    ],
)
def test_photos_of_a_database_that_is_no_file_have_one_folder_wherever_commands_are_run(
    tmp_path, given, folder
):
    version = tmp_path / "versions" / "1.0"
    for path in ("bin", "venv/bin"):
        (version / path).mkdir(parents=True)
    command = shutil.copy(ROOT / "bundle" / "geo-service", version / "bin")
    python = version / "venv" / "bin" / "python"
    python.write_text('#!/bin/sh\nprintf %s "${GEO_SERVICE_ATTACHMENT_FOLDER:-}"\n')
    python.chmod(0o755)
    settings = {f"GEO_SERVICE_{name}": value for name, value in given.items()}
    (tmp_path / "settings.env").write_text(
        "".join(f"{name}={value}\n" for name, value in settings.items())
    )
    said = subprocess.run([command], env=environment(), cwd="/", capture_output=True, check=True)
    assert said.stdout.decode() == folder.format(home=tmp_path)


def test_every_wheel_is_named_by_its_hash_and_no_host_is(bundle):
    pins = (bundle / "requirements.txt").read_text().splitlines()
    assert len(pins) == len(list((bundle / "wheels").iterdir()))
    assert all(re.fullmatch(r"\S+==\S+ --hash=sha256:[0-9a-f]{64}", pin) for pin in pins)
    for text in ("install", "geo-service", "requirements.txt", "settings.env", "NOTICE"):
        assert not re.search(r"https?:|index-url", (bundle / text).read_text(encoding="utf-8")), (
            text
        )
    notice = (bundle / "NOTICE").read_text(encoding="utf-8")
    assert {"leaflet", "numpy", "psycopg"} <= {
        line.split()[0] for line in notice.splitlines() if line
    }


def test_a_damaged_bundle_is_refused_and_what_was_installed_stays(bundle, home, folder):
    before = version_of(home)
    newer = next_version(bundle, folder)
    wheel = next((newer / "wheels").glob("idna-*.whl"))
    content = wheel.read_bytes()
    damaged = content[:2000] + bytes([content[2000] ^ 1]) + content[2001:]
    sums = (newer / "SHA256SUMS").read_text()
    rewrite(wheel, damaged)
    changed_sums = (newer / "SHA256SUMS").read_text()
    # one that was damaged, then one that somebody changed who can count sums
    for written, reason in ((sums, "incomplete or damaged"), (changed_sums, "HASHES")):
        (newer / "SHA256SUMS").write_text(written)
        said = install(newer, home)
        assert said.returncode == 1
        assert reason in said.stderr
        assert not (home / "versions" / LATER).exists()
        assert version_of(home) == before


def test_an_upgrade_leaves_the_earlier_version_and_the_settings_and_may_be_repeated(bundle, home):
    assert sorted(each.name for each in (home / "versions").iterdir()) == [EARLIER, __version__]
    assert (home / "settings.env").read_bytes().decode() == SETTINGS.format(home)
    assert not (home / "versions" / __version__ / "venv" / "half").exists()
    (home / "current").unlink()
    (home / "current").symlink_to(f"versions/{EARLIER}")
    assert install(bundle, home).returncode == 0
    assert version_of(home) == f"geo-service {__version__}\n"
    command = [home / "current" / "bin" / "geo-service", "layers"]
    done = subprocess.run(command, env=environment(), cwd="/", capture_output=True, check=True)
    assert "parent" in done.stdout.decode()  # in the language of the settings


def test_a_host_that_does_not_suit_is_told_in_one_line(bundle, tmp_path):
    for target, more, reason in (
        (tmp_path / "home", {"PYTHON": "/bin/false"}, "is needed"),
        (tmp_path / "a home", {}, "letters, digits"),
        (tmp_path / "LICENSE" / "home", {}, "cannot be written to"),
    ):
        (tmp_path / "LICENSE").touch()
        said = install(bundle, target, **more)
        assert said.returncode == 1
        [line] = said.stderr.splitlines()
        assert reason in line
        assert not target.parent.is_dir() or not target.exists()
