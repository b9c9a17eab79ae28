"""How every test runs: on which database, the hypothesis profiles, and no skipping in CI."""

import gc
import os
from collections.abc import Generator

import anyio
import pytest
from hypothesis import HealthCheck, settings

from tests import browsers, databases

# the machine may be shared: how long an example takes says nothing about the code
_SHARED_MACHINE = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}

settings.register_profile("dev", max_examples=50, **_SHARED_MACHINE)
settings.register_profile("ci", max_examples=100, derandomize=True, **_SHARED_MACHINE)
settings.register_profile("night", max_examples=5000, **_SHARED_MACHINE)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))

# pytest compiles what it imports of a plugin itself. In a service's thread, beside the compilation
# of another one, CPython 3.11 stumbles over that: https://github.com/python/cpython/issues/106905
for _name in dir(anyio):
    getattr(anyio, _name)

_MUST_RUN_ALL = os.environ.get("CI") == "true"
_OPENING = {
    "tests.databases": {"database_url"},
    "tests.doors": {"open_door", "publish_street_in"},
    "tests.hooked_houses": {"hook"},
    "tests.houses": {"open_house"},
    "tests.planners": {"Planners"},
    "tests.property.test_relocation": {"house_of_issues"},
    "tests.terminals": {"refusal", "run", "run_process"},
    "tests.verified_houses": {"found"},
}
"""Who uses none of these opens no database."""


def pytest_addoption(parser: pytest.Parser) -> None:
    kinds = ("sqlite", "postgresql")
    words = "what holds the houses; on postgresql only tests that open a database run"
    parser.addoption("--database", choices=kinds, default="sqlite", help=words)


def pytest_configure(config: pytest.Config) -> None:
    for kind, other in (("sqlite", "postgresql"), ("postgresql", "sqlite")):
        config.addinivalue_line("markers", f"{kind}: says nothing of a house on {other}")
    databases.watch_connections()
    if config.getoption("--database") != "postgresql":
        return
    # laws are those of the same code: fewer examples tell whether this database keeps them too
    usual = settings()
    settings.register_profile("second", usual, max_examples=usual.max_examples // 3)
    settings.load_profile("second")
    is_parent = not hasattr(config, "workerinput")  # the workers use their parent's server
    if is_parent:
        databases.start_server()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    chosen = config.getoption("--database")
    other = {"sqlite": "postgresql", "postgresql": "sqlite"}[chosen]
    left_out = [
        item
        for item in items
        if item.get_closest_marker(other) or (chosen == "postgresql" and not _opens_database(item))
    ]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


def pytest_collection_finish() -> None:
    gc.freeze()  # what was imported stays: looking through it again and again took a fifth of a run


def _opens_database(item: pytest.Item) -> bool:
    return any(
        name in _OPENING.get(getattr(each, "__module__", None) or "", ())
        for name, each in vars(item.module).items()
    )


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    if nextitem is None or nextitem.path != item.path:
        browsers.end_chromium()
    folder = getattr(item, "funcargs", {}).get("tmp_path")
    if folder is not None:
        databases.remove_databases([folder])


def pytest_sessionfinish() -> None:
    databases.remove_databases()
    databases.close_connections()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _without_skip((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _without_skip((yield))


def _without_skip(report):
    if _MUST_RUN_ALL and report.skipped:
        report.outcome = "failed"
        report.longrepr = f"skipped, but CI=true and everything must run: {report.longrepr}"
        vars(report).pop("wasxfail", None)
    return report
