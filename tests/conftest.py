"""How every test runs: the hypothesis profiles, and no skipping where everything must run."""

import os
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings

# the machine may be shared: how long an example takes says nothing about the code
_SHARED_MACHINE = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}

settings.register_profile("dev", max_examples=50, **_SHARED_MACHINE)
settings.register_profile("ci", max_examples=100, derandomize=True, **_SHARED_MACHINE)
settings.register_profile("night", max_examples=5000, **_SHARED_MACHINE)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))

_MUST_RUN_ALL = os.environ.get("CI") == "true"


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
