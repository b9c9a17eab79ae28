"""The command line as a user runs it: in a folder of its own, here or in a process of its own."""

import contextlib
import io
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from geo_service import cli
from tests.databases import attachment_folder, database_url, index_folder

_ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Said:
    """What one run wrote, and its exit code."""

    stdout: str
    stderr: str
    code: int


def run(folder: Path, *words: str | Path, code: int = 0, **settings: str) -> str:
    """Run ``geo-service`` in a folder and return what it said; settings by their names."""
    said = _run_here(folder, words, settings)
    assert said.code == code, said
    return said.stdout


def refusal(folder: Path, *words: str | Path, **settings: str) -> str:
    """Run what must fail, and return the one line that says why."""
    said = _run_here(folder, words, settings)
    assert said.code == 1, said
    [line] = said.stderr.splitlines()
    return line


def run_process(folder: Path, *words: str | Path, **settings: str) -> Said:
    """Run ``python -m geo_service`` as a process of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GEO_SERVICE")}
    done = subprocess.run(
        [sys.executable, "-m", "geo_service", *map(str, words)],
        cwd=folder,
        env=kept | environment(folder, settings),
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    return Said(done.stdout, done.stderr, done.returncode)


def _run_here(folder: Path, words: tuple[str | Path, ...], settings: dict[str, str]) -> Said:
    out, err, code = io.StringIO(), io.StringIO(), 0
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(sys, "argv", ["geo-service", *map(str, words)])
        for name, value in environment(folder, settings).items():
            patch.setenv(name, value)
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                cli.main()
            except SystemExit as end:
                code = end.code
    return Said(out.getvalue(), err.getvalue(), code)


def environment(folder: Path, settings: dict[str, str]) -> dict[str, str]:
    """Return the variables of a house in a folder, and of some settings by their names."""
    house = {
        "PYTHONPATH": str(_ROOT),
        "PYTHONUTF8": "1",
        "COLUMNS": "200",
        "GEO_SERVICE_STATIC_FOLDER": str(_ROOT / "static"),
        "GEO_SERVICE_DATABASE_URL": database_url(folder),
        "GEO_SERVICE_INDEX_FOLDER": str(index_folder(folder)),
        "GEO_SERVICE_ATTACHMENT_FOLDER": str(attachment_folder(folder)),
    }
    return house | {f"GEO_SERVICE_{name.upper()}": value for name, value in settings.items()}
