"""The documents keep what they promise."""

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import PurePosixPath

from typer.core import TyperGroup
from typer.main import get_command

from geo_service import cli
from tests.guards.sources import ROOT, listed, paths, text

_ADR_HEADINGS = ["Status", "Context", "Decision", "Consequences", "Alternatives"]


def _documents() -> list[str]:
    return [path for path in paths() if path.endswith(".md")]


def _decisions() -> list[str]:
    return [path for path in _documents() if path.startswith("docs/adr/")]


def _prose(path: str) -> str:
    return re.sub(r"^```.*?^```", "", text(path), flags=re.MULTILINE | re.DOTALL)


def test_every_link_between_documents_leads_somewhere():
    broken = set()
    for path in _documents():
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", _prose(path)):
            is_outside = re.match(r"[a-z]+:", target)
            if not is_outside and not (ROOT / PurePosixPath(path).parent / target).exists():
                broken.add(f"{path} → {target}")
    assert not broken, listed(broken)


def test_the_decisions_are_numbered_without_a_hole():
    numbers = [int(PurePosixPath(path).name[:4]) for path in _decisions()]
    assert numbers == list(range(1, len(numbers) + 1))


def test_every_decision_has_the_five_parts_on_one_page():
    for path in _decisions():
        headings = re.findall(r"^## (\w+)", text(path), re.MULTILINE)
        assert headings == _ADR_HEADINGS, path
        assert len(text(path).splitlines()) <= 60, f"{path} is longer than a page"


def test_every_make_target_a_document_names_exists():
    targets = set(re.findall(r"^([a-z]+):", text("Makefile"), re.MULTILINE))
    named = {
        f"{path}: make {target}"
        for path in _documents()
        for target in re.findall(r"`(?:[A-Z_]+=\S+ )*make ([a-z]+)", text(path))
        if target not in targets
    }
    assert not named, listed(named)


def test_the_change_log_has_a_place_for_what_comes_next():
    assert "\n## [Unreleased]\n" in text("CHANGELOG.md")


def test_the_readme_leads_to_its_chinese_twin_and_names_the_two_commands():
    for path in ("README.md", "README.zh-CN.md"):
        assert "make demo" in text(path), path
        assert "make test" in text(path), path
    assert "README.zh-CN.md" in text("README.md").splitlines()[0]


def _commands(path: str) -> Iterator[str]:
    """Yield what a document tells its reader to type after ``geo-service``, a line each."""
    blocks = re.findall(r"^```.*?\n(.*?)^```", text(path), flags=re.MULTILINE | re.DOTALL)
    spans = re.findall(r"`([^`\n]+)`", _prose(path))
    for line in chain(*(block.splitlines() for block in blocks), spans):
        for told in re.findall(
            r"(?:^|(?<!-[uo])\s|/)geo-service +([^#|>&·]*)", line.split(" # ")[0]
        ):
            yield told.strip()


def _unknown_word(told: str) -> str | None:
    """Return the first command or option that the command line does not have, None without one."""
    command = get_command(cli.app)
    for word in told.split():
        named = re.match(r"--[a-z][a-z-]*", word)
        options = {option for each in command.params for option in each.opts} | {"--help"}
        if named and named[0] not in options:
            return word
        if isinstance(command, TyperGroup) and re.fullmatch(r"[a-z][a-z-]*", word):
            if word not in command.commands:
                return word
            command = command.commands[word]
    return None


def test_every_command_that_a_document_names_exists_with_its_options():
    wrong = {
        f"{path}: geo-service {told}: {word}"
        for path in _documents()
        for told in _commands(path)
        if (word := _unknown_word(told))
    }
    assert not wrong, listed(wrong)


def test_the_operator_is_told_the_figures_that_the_benchmarks_printed():
    printed = set(re.findall(r"[\d.,]*\d", text("bench/README.md")))
    rows = re.findall(r"^\|.*`make bench`.*\|$", text("docs/guides/operator.md"), re.MULTILINE)
    told = {
        f"{figure}: {row}"
        for row in rows
        for figure in re.findall(r"([\d.]+) (?:MB|s)\b", row)
        if figure not in printed
    }
    assert rows
    assert not told, listed(told)
