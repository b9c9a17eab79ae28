"""What is larger than the house allows stands in larger_than_usual.toml, with its reason."""

import ast
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath

from tests.guards.sources import (
    Function,
    body_without_docstring,
    functions,
    listed,
    python_paths,
    text,
)

FUNCTION_LINES = 40
ENDPOINT_LINES = 12
MODULE_LINES = 400
NESTING = 4
FOLDER_MODULES = 13

_EXCEPTIONS = "tests/guards/larger_than_usual.toml"
_SOURCES = ("geo_service/", "bench/", "bundle/", "frontend/")
_VERBS = {"get", "post", "put", "patch", "delete"}
_BLOCKS = (ast.If, ast.For, ast.While, ast.With, ast.Try, ast.Match, ast.AsyncFor, ast.AsyncWith)


def _lines(function: Function) -> int:
    first = function.body[0]
    has_docstring = ast.get_docstring(function, clean=False) is not None
    docstring_lines = first.end_lineno - first.lineno + 1 if has_docstring else 0
    return function.end_lineno - function.lineno + 1 - docstring_lines


def _body_lines(function: Function) -> int:
    body = body_without_docstring(function)
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def _is_endpoint(function: Function) -> bool:
    calls = [node.func for node in function.decorator_list if isinstance(node, ast.Call)]
    return any(isinstance(call, ast.Attribute) and call.attr in _VERBS for call in calls)


def _depth(node: ast.AST) -> int:
    return max((_depth_of(child) for child in ast.iter_child_nodes(node)), default=0)


def _depth_of(node: ast.AST) -> int:
    if isinstance(node, Function | ast.ClassDef):
        return 0
    if not isinstance(node, _BLOCKS):
        return _depth(node)
    # an elif is an If alone in orelse: it stands beside its if, not inside
    is_chained = isinstance(node, ast.If) and len(node.orelse) == 1
    if is_chained and isinstance(node.orelse[0], ast.If):
        below = [_depth_of(child) for child in node.body]
        return max(1 + max(below), _depth_of(node.orelse[0]))
    return 1 + _depth(node)


def _large_functions() -> Iterator[tuple[str, str]]:
    for path in python_paths():
        if path.startswith(_SOURCES):
            for name, function in functions(path):
                if _lines(function) > FUNCTION_LINES:
                    yield f"{path}::{name}", f"{_lines(function)} lines"
                if _depth(function) > NESTING:
                    yield f"{path}::{name}", f"{_depth(function)} blocks deep"
                if _is_endpoint(function) and _body_lines(function) > ENDPOINT_LINES:
                    yield f"{path}::{name}", f"an endpoint of {_body_lines(function)} lines"


def _large_modules() -> Iterator[tuple[str, str]]:
    for path in python_paths():
        lines = text(path).count("\n")
        if lines > MODULE_LINES:
            yield path, f"{lines} lines"


def _large_folders() -> Iterator[tuple[str, str]]:
    folders = Counter(str(PurePosixPath(path).parent) for path in python_paths("geo_service/"))
    for folder, modules in folders.items():
        if modules > FOLDER_MODULES:
            yield f"{folder}/", f"{modules} modules"


def _large() -> dict[str, str]:
    return dict([*_large_functions(), *_large_modules(), *_large_folders()])


def _reasons() -> dict[str, str]:
    return tomllib.loads(text(_EXCEPTIONS))["reasons"]


def test_everything_larger_than_the_guidance_has_a_reason():
    reasons = _reasons()
    unexplained = {f"{name}: {size}" for name, size in _large().items() if name not in reasons}
    assert not unexplained, listed(unexplained)


def test_no_reason_outlives_what_it_excused():
    stale = _reasons().keys() - _large().keys()
    assert not stale, listed(stale)


def test_every_listed_reason_is_a_sentence():
    thin = {name for name, reason in _reasons().items() if len(reason.split()) < 4}
    assert not thin, listed(thin)
