"""Names and texts that have no place in the house; what ruff can see is left to ruff."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from tests.guards.sources import (
    ROOT,
    definitions,
    functions,
    listed,
    paths,
    python_paths,
    text,
    tree,
    words,
)

_EMPTY_WORDS = {"util", "utils", "helper", "helpers", "common", "manager", "managers", "misc"}
_UNIT_NEEDED = {"tolerance", "distance", "radius", "timeout", "buffer"}
_PAGE_SUFFIXES = (".html", ".jinja", ".j2", ".js", ".mjs", ".css", ".svg")
# a namespace is a name, nothing is loaded from it
_NAMESPACE = re.compile(r"http://www\.w3\.org/\d{4}/\w+")
_OUTSIDE = re.compile(r"https?://[\w\[]|[\"'(=]\s*//\w[\w.-]*\.\w")
_HOMES = re.compile(r"(?<![\w.:/-])/(?:home|root|Users|mnt)/\w|\b[A-Z]:\\\\?Users\b")
_EXEMPTION = re.compile(r"#\s*(noqa|type:\s*ignore|pragma:\s*no)")
_EXEMPTION_WITH_REASON = re.compile(
    r"#\s*(noqa:\s*[A-Z]+\d+(,\s*[A-Z]+\d+)*|type:\s*ignore\[[\w,\s-]+\]|pragma:\s*no \w+)"
    r"\s*(#|:)?\s*\S+\s+\S+"
)


def _texts() -> Iterator[tuple[str, str]]:
    for path in paths():
        try:
            yield path, text(path)
        except UnicodeDecodeError:
            continue  # a picture or a zipped file


def _arguments(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    arguments = function.args
    return [a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]


def test_no_module_class_or_function_has_an_empty_name():
    named = {path for path in python_paths() if _EMPTY_WORDS & set(words(Path(path).stem))}
    for path in python_paths():
        named |= {
            f"{path}::{name}"
            for name, _ in definitions(path)
            if not name.startswith("test_") and _EMPTY_WORDS & set(words(name.split(".")[-1]))
        }
    assert not named, listed(named)


def test_every_length_and_time_carries_its_unit_in_its_name():
    bare = {
        f"{path}::{name}({argument})"
        for path in python_paths("geo_service/")
        for name, function in functions(path)
        for argument in _arguments(function)
        if argument in _UNIT_NEEDED
    }
    assert not bare, listed(bare)


def test_only_the_settings_read_the_environment():
    reading = set()
    for path in set(python_paths("geo_service/")) - {"geo_service/settings.py"}:
        names = {node.attr for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute)}
        imports = [node for node in ast.walk(tree(path)) if isinstance(node, ast.ImportFrom)]
        names |= {alias.name for node in imports if node.module == "os" for alias in node.names}
        reading |= {f"{path}: {name}" for name in names & {"environ", "getenv", "environb"}}
    assert not reading, listed(reading)


def test_nobody_suppresses_every_exception():
    suppressing = set()
    for path in python_paths("geo_service/"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("suppress"):
                kinds = {ast.unparse(argument) for argument in node.args}
                if kinds & {"Exception", "BaseException"}:
                    suppressing.add(f"{path}:{node.lineno}")
    assert not suppressing, listed(suppressing)


def test_every_exemption_from_a_check_gives_its_reason():
    bare = set()
    for path in python_paths():
        for token in tokenize.generate_tokens(io.StringIO(text(path)).readline):
            is_exemption = token.type == tokenize.COMMENT and _EXEMPTION.search(token.string)
            if is_exemption and not _EXEMPTION_WITH_REASON.search(token.string):
                bare.add(f"{path}:{token.start[0]} {token.string}")
    assert not bare, listed(bare)


def test_no_page_refers_to_anything_outside():
    outside = set()
    for path, content in _texts():
        is_ours = path.startswith(("static/app/", "geo_service/"))
        if is_ours and path.endswith(_PAGE_SUFFIXES):
            found = _OUTSIDE.findall(_NAMESPACE.sub("", content))
            outside |= {f"{path}: {address}" for address in found}
    assert not outside, listed(outside)


def test_no_file_names_a_folder_of_one_machine():
    here = [str(folder) for folder in (ROOT, Path.home()) if len(folder.parts) > 1]
    places = re.compile("|".join([_HOMES.pattern, *(re.escape(f"{folder}/") for folder in here)]))
    naming = {
        f"{path}: {found[0]}" for path, content in _texts() if (found := places.search(content))
    }
    assert not naming, listed(naming)


def test_every_test_is_named_by_a_sentence():
    short = {
        f"{path}::{name}"
        for path in python_paths("tests/")
        if PurePosixPath(path).name.startswith("test_")
        for name in (dotted.split(".")[-1] for dotted, _ in functions(path))
        if name.startswith("test_") and len(words(name)) < 4
    }
    assert not short, listed(short)
