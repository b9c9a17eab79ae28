"""ARCHITECTURE.md draws the tree in fenced blocks, folders as `name/`; the drawing is true."""

import re
from pathlib import PurePosixPath

from tests.guards.sources import PACKAGE, listed, paths, text


def _drawing() -> str:
    blocks = re.findall(r"^```[a-z]*\n(.*?)^```", text("ARCHITECTURE.md"), re.MULTILINE | re.DOTALL)
    return "\n".join(blocks)


def _drawn_folders() -> set[str]:
    return set(re.findall(r"([\w.-]+)/", _drawing()))


def _folders() -> set[str]:
    parents = {parent for path in paths() for parent in PurePosixPath(path).parents}
    return {str(parent) for parent in parents} - {"."}


def test_every_folder_is_drawn_in_the_architecture():
    drawn = _drawn_folders()
    missing = {folder for folder in _folders() if PurePosixPath(folder).name not in drawn}
    assert not missing, listed(missing)


def test_every_module_beside_the_rooms_is_drawn_in_the_architecture():
    doors = {path for path in paths() if re.fullmatch(rf"{PACKAGE}/\w+\.py", path)}
    names = {PurePosixPath(path).name for path in doors} - {"__init__.py"}
    missing = {name for name in names if name not in _drawing()}
    assert not missing, listed(missing)


def test_every_folder_drawn_in_the_architecture_exists():
    generated = {PurePosixPath(line).name for line in text(".gitignore").split()}
    existing = {PurePosixPath(folder).name for folder in _folders()} | generated
    assert not _drawn_folders() - existing, listed(_drawn_folders() - existing)
