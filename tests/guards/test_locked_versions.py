"""What is installed is pinned with its hashes, and the pins name no package host."""

import re
import tomllib
from itertools import chain

import pytest

from tests.guards.sources import listed, text

_LOCKS = {
    "constraints.txt": ["build"],
    "constraints-dev.txt": ["build", "dev"],
    "constraints-npm.txt": ["npm"],
}


def _asked_for(lock: str) -> set[str]:
    project = tomllib.loads(text("pyproject.toml"))
    groups = [project["dependency-groups"][group] for group in _LOCKS[lock]]
    own = [] if lock == "constraints-npm.txt" else project["project"]["dependencies"]
    return {re.match(r"[\w-]+", need)[0] for need in chain(own, *groups)}


def _pins(lock: str) -> list[str]:
    return re.split(r"\n(?=\w)", text(lock).strip())


@pytest.mark.parametrize("lock", _LOCKS)
def test_every_package_asked_for_is_pinned(lock):
    pinned = {pin.split("==")[0] for pin in _pins(lock)}
    assert not _asked_for(lock) - pinned, "run make lock"


@pytest.mark.parametrize("lock", _LOCKS)
def test_every_pin_carries_its_hashes(lock):
    bare = {pin.split()[0] for pin in _pins(lock) if "==" not in pin or "--hash=sha256:" not in pin}
    assert not bare, listed(bare)


@pytest.mark.parametrize("lock", _LOCKS)
def test_no_pin_names_a_package_host(lock):
    assert "//" not in text(lock)


def test_the_tests_run_on_the_versions_the_service_runs_on():
    assert set(map(_version, _pins("constraints.txt"))) <= set(
        map(_version, _pins("constraints-dev.txt"))
    )


def test_the_browser_packages_name_no_package_host():
    assert '"resolved"' not in text("frontend/package-lock.json"), (
        "npm install --omit-lockfile-registry-resolved leaves the addresses out"
    )


def _version(pin: str) -> str:
    # without its marker: what one lock needs on Windows alone, the other may need everywhere
    return re.match(r"[^\s;]+", pin)[0]
