"""Starting the service from the command line, and settings that make no sense."""

import socket
import subprocess
import sys
from pathlib import Path

from geo_service import __version__
from tests.databases import change, everything
from tests.terminals import refusal, run

_HEAVY = ("scipy", "numpy", "pyogrio", "folium", "fastapi", "sqlalchemy", "pyproj", "uvicorn")


def test_only_this_machine_may_be_listened_on(tmp_path):
    assert "0.0.0.0" in refusal(tmp_path, "serve", "--host", "0.0.0.0")  # noqa: S104  # refused
    assert "only loopback" in refusal(tmp_path, "serve", "--host", "192.168.1.5", language="en")


def test_a_taken_port_is_refused_in_one_line(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        line = refusal(tmp_path, "serve", "--port", str(port))
    assert line.startswith(f"端口 {port} 已被占用")
    assert not (tmp_path / "house.db").exists()


def test_a_setting_that_makes_no_sense_is_named_in_one_line(tmp_path):
    assert "GEO_SERVICE_PORT" in refusal(tmp_path, "layers", port="eighty")
    assert "GEO_SERVICE_LANGUAGE" in refusal(tmp_path, "layers", language="fr")
    assert "GEO_SERVICE_PORT" in refusal(tmp_path, "serve", "--port", "70000")
    for url in ("nonsense", "foo://x"):
        assert "GEO_SERVICE_DATABASE_URL" in refusal(tmp_path, "layers", database_url=url)
    assert "no-street" in refusal(tmp_path, "layers", profile="no-street")
    assert "mine.toml" in refusal(tmp_path, "layers", profile="mine.toml")


def test_a_database_of_a_newer_version_is_refused_and_left_as_it_is(tmp_path):
    run(tmp_path, "layers")
    change(tmp_path, "UPDATE alembic_version SET version_num = '9999'")
    before = everything(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    for words in (("serve", "--port", str(port)), ("layers",), ("work", "--once"), ("verify",)):
        line = refusal(tmp_path, *words, language="en")
        assert "its tables (9999) are of a newer version: upgrade this service" in line
    assert "newer" in refusal(tmp_path, "backup", tmp_path / "backup.zip", language="en")
    assert not (tmp_path / "backup.zip").exists()
    assert everything(tmp_path) == before


def test_the_version_is_told_whatever_the_settings_are(tmp_path):
    assert run(tmp_path, "--version", port="eighty") == f"geo-service {__version__}\n"


def test_layers_are_listed_in_the_language_of_the_settings(tmp_path):
    assert "网格" in run(tmp_path, "layers")
    english = run(tmp_path, "layers", language="en")
    assert "parent" in english
    assert "网格" not in english


def test_help_comes_without_loading_what_the_commands_stand_on():
    script = "import sys, geo_service.cli; print(*sys.modules)"
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, encoding="utf-8", check=True
    )
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert not loaded & set(_HEAVY)
