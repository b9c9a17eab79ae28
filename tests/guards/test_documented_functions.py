"""The ground floors say what a signature cannot."""

import ast
from collections.abc import Iterator

from geo_service import errors
from tests.guards.sources import (
    GROUND_FLOORS,
    Function,
    definitions,
    functions,
    is_public,
    listed,
    own_nodes,
    python_paths,
    tree,
)

_OWN_ERRORS = {
    name
    for name, value in vars(errors).items()
    if isinstance(value, type) and issubclass(value, errors.GeoServiceError)
}
_READ_BY_NAME = ("geo_service/api/", "geo_service/commands/")


def _ground_modules() -> list[str]:
    return [path for path in python_paths() if path.startswith(GROUND_FLOORS)]


def _public_functions(path: str) -> Iterator[tuple[str, Function]]:
    return ((name, function) for name, function in functions(path) if is_public(name))


def _raised(function: Function) -> set[str]:
    raised = [node.exc for node in own_nodes(function) if isinstance(node, ast.Raise)]
    calls = [node.func for node in raised if isinstance(node, ast.Call)]
    return {call.id for call in calls if isinstance(call, ast.Name)} & _OWN_ERRORS


def test_every_public_thing_of_the_ground_floors_is_documented():
    silent = {path for path in _ground_modules() if not ast.get_docstring(tree(path))}
    for path in _ground_modules():
        for name, node in definitions(path):
            is_dunder = name.endswith("__")  # its class describes it
            if is_public(name) and not is_dunder and not ast.get_docstring(node):
                silent.add(f"{path}::{name}")
    assert not silent, listed(silent)


def test_every_public_function_of_the_ground_floors_names_the_errors_it_raises():
    silent = set()
    for path in _ground_modules():
        for name, function in _public_functions(path):
            unnamed = {e for e in _raised(function) if e not in (ast.get_docstring(function) or "")}
            silent |= {f"{path}::{name} raises {error}" for error in unnamed}
    assert not silent, listed(silent)


def test_public_functions_take_lon_and_lat_by_keyword_only():
    positional = set()
    for path in python_paths("geo_service/"):
        if not path.startswith(_READ_BY_NAME):
            for name, function in _public_functions(path):
                names = {argument.arg for argument in function.args.args}
                if {"lon", "lat"} <= names:
                    positional.add(f"{path}::{name}")
    assert not positional, listed(positional)
