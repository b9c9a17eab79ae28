"""Every error speaks two languages, has an answer over HTTP and a section in docs/problems.md."""

import dataclasses
import re
import string

import pytest

from geo_service import errors
from geo_service.api.problems import PROBLEMS
from tests.guards.sources import listed, text, words

_HAN = re.compile(r"[\u4e00-\u9fff]")
_SAMPLES = {"<class 'int'>": 7, "int": 7, "<class 'float'>": 1.5, "float": 1.5}


def _subclasses(kind: type) -> set[type]:
    return {kind}.union(*(_subclasses(child) for child in kind.__subclasses__()))


# errors/ draws its own tree; subclasses made elsewhere, by a test for instance, are not in it
_ALL = {
    kind
    for kind in _subclasses(errors.GeoServiceError)
    if kind.__module__.startswith(f"{errors.__name__}.")
}
CONCRETE = sorted((kind for kind in _ALL if dataclasses.is_dataclass(kind)), key=str)
_ids = [kind.__name__ for kind in CONCRETE]


def _slug(kind: type) -> str:
    return "-".join(words(kind.__name__))


def _sections() -> dict[str, str]:
    parts = re.split(r"^## `?([\w-]+)`?.*$", text("docs/problems.md"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def _placeholders(sentence: str) -> set[str]:
    found = (name for _, name, _, _ in string.Formatter().parse(sentence) if name)
    return {re.split(r"[.\[]", name)[0] for name in found}


def _sample(kind: type) -> errors.GeoServiceError:
    kinds = {field.name: str(field.type).partition(" |")[0] for field in dataclasses.fields(kind)}
    return kind(**{name: _SAMPLES.get(kind, "甲") for name, kind in kinds.items()})


@pytest.mark.parametrize("kind", CONCRETE, ids=_ids)
def test_both_sentences_use_only_facts_the_error_carries(kind):
    facts = {field.name for field in dataclasses.fields(kind)}
    assert _placeholders(kind.zh) <= facts
    assert _placeholders(kind.en) <= facts
    assert _sample(kind).text("zh")
    assert _sample(kind).text("en")


@pytest.mark.parametrize("kind", CONCRETE, ids=_ids)
def test_each_sentence_is_written_for_its_language(kind):
    assert _HAN.search(kind.zh)
    assert not _HAN.search(kind.en)
    assert {"zh", "en"} <= vars(kind).keys(), "the sentences are its own, not a parent's"


def test_every_error_can_be_imported_from_errors():
    missing = {kind.__name__ for kind in _ALL if vars(errors).get(kind.__name__) is not kind}
    assert not missing, listed(missing)


def test_every_error_stands_in_the_tree_at_the_top_of_errors():
    missing = {kind.__name__ for kind in _ALL if kind.__name__ not in errors.__doc__}
    assert not missing, listed(missing)


@pytest.mark.parametrize("kind", CONCRETE, ids=_ids)
def test_every_error_has_a_row_of_its_own_or_of_a_parent(kind):
    rows = [PROBLEMS[parent] for parent in kind.__mro__ if parent in PROBLEMS]
    assert rows, f"{kind.__name__} would answer as an internal error: give it a row in PROBLEMS"
    status, slug, title = rows[0]
    assert 400 <= status < 600
    assert title
    assert slug in _sections(), f"docs/problems.md has no section {slug}"
    assert f"`{status}`" in _sections()[slug], f"docs/problems.md: {slug} is {status}"


def test_every_problem_is_called_as_its_error_is():
    differing = {kind.__name__: row[1] for kind, row in PROBLEMS.items() if row[1] != _slug(kind)}
    assert not differing


def test_every_error_has_a_section_in_the_list_of_problems():
    missing = {_slug(kind) for kind in CONCRETE} - _sections().keys()
    assert not missing, listed(missing)


def test_every_section_of_the_problems_says_in_both_languages_what_to_do():
    silent = {
        slug
        for slug, section in _sections().items()
        if not _HAN.search(section) or not re.search(r"[a-z]+ [a-z]+ [a-z]+", section)
    }
    assert not silent, listed(silent)


@pytest.mark.parametrize("kind", CONCRETE, ids=_ids)
def test_no_fact_has_the_name_of_a_member_that_every_problem_has(kind):
    facts = {field.name for field in dataclasses.fields(kind)}
    assert not facts & {"type", "title", "status", "detail", "instance"}
