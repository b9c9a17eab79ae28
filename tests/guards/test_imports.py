"""Whatever one of our modules takes from another is there.

mypy knows that of the package alone. A test that takes a name which moved is found when all tests
are collected, at the end of a long run.
"""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import PurePosixPath

from tests.guards.sources import listed, python_paths, tree


def _module_path(module: str) -> str | None:
    """Return where one of our modules stands; None where it is somebody else's."""
    folder = module.replace(".", "/")
    places = (f"{folder}.py", f"{folder}/__init__.py")
    return next((path for path in places if path in python_paths()), None)


def _names(node: ast.stmt) -> Iterator[str]:
    """Yield the names that a statement at the top of a module binds."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield node.name
        case ast.Import() | ast.ImportFrom():
            yield from ((each.asname or each.name).partition(".")[0] for each in node.names)
        case _:
            for child in ast.walk(node):
                if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
                    yield child.id
                elif isinstance(child, ast.Import | ast.ImportFrom | ast.FunctionDef):
                    yield from _names(child)


def _bound(path: str) -> set[str]:
    return {name for node in tree(path).body for name in _names(node)}


@cache
def _offered(module: str) -> set[str] | None:
    """Return what may be taken from one of our modules or folders; None of anybody else's."""
    folder = module.replace(".", "/")
    below = python_paths(f"{folder}/")
    inside = {PurePosixPath(path).relative_to(folder).parts[0] for path in below}
    path = _module_path(module)
    if path is None and not inside:
        return None
    return {name.removesuffix(".py") for name in inside} | (_bound(path) if path else set())


def test_every_name_that_is_taken_from_our_own_modules_is_there():
    missing = [
        f"{path}:{node.lineno} {node.module}.{each.name}"
        for path in python_paths()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom) and node.module and not node.level
        for each in node.names
        if (offered := _offered(node.module)) is not None and each.name not in offered
    ]
    assert not missing, listed(missing)
