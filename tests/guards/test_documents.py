"""The documents keep what they promise."""

import re
from pathlib import PurePosixPath

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
