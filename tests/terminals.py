"""The command line as a user runs it: a process of its own, in a folder of its own."""

import os
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]


def run(folder: Path, *words: str | Path, code: int = 0, **settings: str) -> str:
    """Run ``geo-service`` in a folder and return what it said; settings by their names."""
    done = _done(folder, words, settings)
    assert done.returncode == code, f"{done.returncode}\n{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stdout + done.stderr
    return done.stdout


def refusal(folder: Path, *words: str | Path, **settings: str) -> str:
    """Run what must fail, and return the one line that says why."""
    done = _done(folder, words, settings)
    assert done.returncode == 1, f"{done.returncode}\n{done.stdout}\n{done.stderr}"
    [line] = done.stderr.splitlines()
    return line


def _done(
    folder: Path, words: tuple[str | Path, ...], settings: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GEO_SERVICE")}
    house = {
        "PYTHONPATH": str(_ROOT),
        "PYTHONUTF8": "1",
        "COLUMNS": "200",
        "GEO_SERVICE_STATIC_FOLDER": str(_ROOT / "static"),
        "GEO_SERVICE_DATABASE_URL": "sqlite:///house.db",
    }
    given = {f"GEO_SERVICE_{name.upper()}": value for name, value in settings.items()}
    return subprocess.run(
        [sys.executable, "-m", "geo_service", *map(str, words)],
        cwd=folder,
        env=kept | house | given,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
