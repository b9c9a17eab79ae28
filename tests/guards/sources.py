"""The source tree as the guards see it: what git would commit, and what Python says it means."""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = "geo_service"
GROUND_FLOORS = ("geo_service/layers/", "geo_service/governance/", "geo_service/errors/")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def paths() -> tuple[str, ...]:
    """Every file of the project, relative to its root: tracked, or new and not ignored."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return tuple(sorted({path for path in listed.split("\0") if path and (ROOT / path).is_file()}))


@cache
def python_paths(start: str = "") -> tuple[str, ...]:
    """Every Python file whose path starts with ``start``."""
    return tuple(path for path in paths() if path.endswith(".py") and path.startswith(start))


@cache
def text(path: str) -> str:
    """The text of one file; a missing file fails the guard that needs it, by name."""
    assert (ROOT / path).is_file(), f"{path} does not exist yet"
    return (ROOT / path).read_text(encoding="utf-8")


@cache
def tree(path: str) -> ast.Module:
    """The syntax tree of one Python file."""
    return ast.parse(text(path), filename=path)


def is_public(name: str) -> bool:
    """Say whether a dotted name is meant for other modules; dunder methods are."""
    parts = [part for part in name.split(".") if not re.fullmatch(r"__\w+__", part)]
    return "<inner>" not in parts and not any(part.startswith("_") for part in parts)


def functions(path: str) -> Iterator[tuple[str, Function]]:
    """Every function of a file with its dotted name, methods and inner functions too."""
    return ((name, node) for name, node in definitions(path) if isinstance(node, Function))


def definitions(path: str) -> Iterator[tuple[str, Function | ast.ClassDef]]:
    """Every class and function of a file with its dotted name; `f.<inner>.g` stands inside f."""
    yield from _definitions(tree(path), "")


def _definitions(node: ast.AST, prefix: str) -> Iterator[tuple[str, Function | ast.ClassDef]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function | ast.ClassDef):
            inner = "<inner>." if isinstance(child, Function) else ""
            yield prefix + child.name, child
            yield from _definitions(child, f"{prefix}{child.name}.{inner}")
        else:
            yield from _definitions(child, prefix)


def own_nodes(function: Function) -> Iterator[ast.AST]:
    """Every node of a function's body, those of inner functions and classes left out."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, Function | ast.ClassDef | ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))


def body_without_docstring(function: Function) -> list[ast.stmt]:
    """The statements of a function after its docstring."""
    return function.body[1:] if ast.get_docstring(function, clean=False) else function.body


def words(name: str) -> list[str]:
    """The words of an identifier, snake_case or CamelCase, in lower case."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)]


def listed(findings: object) -> str:
    """One finding a line, for a failing assertion."""
    return "\n".join(["", *sorted(map(str, findings))])
