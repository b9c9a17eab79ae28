"""The command line as a user runs it: a process of its own, with a house of its own."""

import os
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]


def run(folder: Path, *words: str | Path, code: int = 0, **environment: str) -> str:
    """Run ``geo-service`` in a folder and return what it said, after checking its exit code.

    With a code that is not 0 the answer is what it wrote to the error channel, which must be one
    line and no traceback.
    """
    given = {f"GEO_SERVICE_{name.upper()}": value for name, value in environment.items()}
    static = {"GEO_SERVICE_STATIC_FOLDER": str(_ROOT / "static")}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GEO_SERVICE")}
    paths = {"PYTHONPATH": str(_ROOT), "PYTHONUTF8": "1", "COLUMNS": "200"}
    done = subprocess.run(
        [sys.executable, "-m", "geo_service", *map(str, words)],
        cwd=folder,
        env=kept | static | paths | given,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == code, f"{done.returncode}\n{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stdout + done.stderr
    return done.stdout


def refusal(folder: Path, *words: str | Path, **environment: str) -> str:
    """Run what must fail; return the one line of the error channel."""
