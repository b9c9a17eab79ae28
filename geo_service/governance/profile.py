"""The profile: which layers, sources, words and defaults one service runs with; a TOML file."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from pathlib import PurePath
from typing import Any

from geo_service.errors import InvalidValue, UnknownProfile
from geo_service.governance.clock.deadline import DeadlineRules, deadline_rules
from geo_service.governance.clock.shifts import Shifts, shifts
from geo_service.governance.handling.proposal import DispatchRules, dispatch_rules
from geo_service.governance.handling.step_sets import with_step_sets
from geo_service.governance.handling.workflow import Workflow, workflow
from geo_service.governance.indicators.indicator import Indicator, Sheet, cadence, indicators
from geo_service.governance.organisations.rules import OrganisationRules, organisation_rules
from geo_service.governance.privacy.retention import PrivacyRules
from geo_service.governance.profile_file import ProfileFile
from geo_service.governance.profile_overrides import with_named_overrides
from geo_service.governance.profile_rules import (
    HANDLING_SECTIONS,
    check_profile,
    check_references,
)
from geo_service.governance.rates.rules import RateRules, rate_rules
from geo_service.governance.word import (
    Category,
    CategorySet,
    Department,
    Figure,
    Pair,
    Word,
    categories_by_words,
    category_of_key,
    category_of_table,
    figure_of_table,
    names_by_word,
    word_fields,
    word_key,
)

_DEFAULTS = "generic"
_OWN = {"name", "title_zh", "title_en", "layers"}
"""What a profile says for itself alone; every other section may come from the defaults."""


@dataclass(frozen=True)
class HotspotDesk:
    """How the hotspot desk opens: its layer, the days of its period, what stays out of it."""

    layer: str
    days: int
    excluded_request_types: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Profile:
    """One validated profile.

    ``layers`` are the checked tables, parents before children, overrides under the names of their
    categories. ``text`` is the file as given. ``canonical_text`` is the JSON of all tables,
    defaults included, with sorted keys, and ``hash`` its SHA-256 in hexadecimal: comments and order
    do not change it, and a changed default does.
    """

    name: str
    title_zh: str
    title_en: str
    text: str
    canonical_text: str
    layers: tuple[dict[str, Any], ...]
    certain_share: float
    sources: tuple[Word, ...]
    request_types: tuple[Word, ...]
    categories: tuple[Category, ...]
    community_types: tuple[Word, ...]
    figures: tuple[Figure, ...]
    hotspots: HotspotDesk
    organisations: OrganisationRules
    workflow: Workflow
    deadlines: DeadlineRules
    dispatch: DispatchRules
    privacy: PrivacyRules
    indicators: tuple[Indicator, ...]
    cadence: tuple[Sheet, ...]
    departments: tuple[Department, ...]
    category_set: CategorySet
    rates: RateRules
    shifts: Shifts
    statuses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notices: Mapping[str, Word] = field(default_factory=dict)

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the canonical text."""
        return hashlib.sha256(self.canonical_text.encode()).hexdigest()

    def title(self, language: str) -> str:
        """Return the title in ``zh`` or ``en``."""
        return self.title_en if language == "en" else self.title_zh

    def usual_sizes(self, layer: str) -> Mapping[str, tuple[float, float]]:
        """Return the usual least and most of what is counted of an area of a layer, by measure.

        ``area_m2`` is its ground, each other measure a figure by its name. A size outside is a
        question to the planner and refuses nothing.
        """
        found = {each.name: each.usual[layer] for each in self.figures if layer in each.usual}
        for table in self.layers:
            if table["name"] == layer and "usual_area_m2" in table:
                least, most = table["usual_area_m2"]
                found["area_m2"] = (least, most)
        return found

    def source_of(self, text: str) -> str | None:
        """Return the name of the source an office's word means; None when nobody knows it."""
        return self._source_by_word.get(word_key(text))

    def request_type_of(self, text: str) -> str | None:
        """Return the name of the request type a word means; None when nobody knows it."""
        return self._request_type_by_word.get(word_key(text))

    def status_of(self, text: str) -> str | None:
        """Return ``open`` or ``closed`` for an office's word; None when nobody knows it."""
        return self._status_by_word.get(word_key(text))

    def community_type_of(self, text: str) -> str | None:
        """Return the name of the community type a word means; None when nobody knows it."""
        return self._community_type_by_word.get(word_key(text))

    def category_of(self, major: str | None, minor: str | None) -> tuple[str | None, str | None]:
        """Return the (major, minor) that two cells mean, words nobody knows kept as given.

        A minor that stands under one major only brings its major along, also when it was written
        in the major's column. Two empty cells give (None, None): unclassified.
        """
        major, minor = (major or "").strip(), (minor or "").strip()
        known = self._category_by_words.get((word_key(major), word_key(minor)))
        if known:
            return known
        known_major = self._category_by_words.get((word_key(major), ""), (None, None))
        if known_major[0] and known_major[1] is None:
            return known_major[0], minor
        return major or None, minor or None

    def category_named(self, key: str) -> Pair | None:
        """Return what ``major``, ``major/minor`` or a minor alone means; None when nobody knows."""
        return category_of_key(self._category_by_words, key)

    def category_asked(self, key: str) -> Pair:
        """Return what a category that somebody asks for means; see ``category_named``.

        Raises
        ------
        InvalidValue
            Nobody knows it; tells the majors.
        """
        found = self.category_named(key)
        if found is not None:
            return found
        majors = [each.name for each in self.categories]
        raise InvalidValue(
            "category",
            f"配置中的“大类”或“大类/小类”（大类有 {'、'.join(majors)}），而不是 {key}",
            f"a major or major/minor of the profile (majors: {', '.join(majors)}), not {key}",
        )

    def category(self, major: str | None, minor: str | None) -> Category | None:
        """Return the category of these names, the major one where the minor is not known."""
        return self._category_by_names.get((major, minor)) or self._category_by_names.get(
            (major, None)
        )

    @cached_property
    def _category_by_names(self) -> Mapping[tuple[str | None, str | None], Category]:
        found: dict[tuple[str | None, str | None], Category] = {}
        for major in self.categories:
            found[major.name, None] = major
            found |= {(major.name, minor.name): minor for minor in major.minors}
        return found

    @cached_property
    def _source_by_word(self) -> Mapping[str, str]:
        return names_by_word(self.sources)

    @cached_property
    def _request_type_by_word(self) -> Mapping[str, str]:
        return names_by_word(self.request_types)

    @cached_property
    def _community_type_by_word(self) -> Mapping[str, str]:
        return names_by_word(self.community_types)

    @cached_property
    def _status_by_word(self) -> Mapping[str, str]:
        return {word_key(w): name for name, words in self.statuses.items() for w in (name, *words)}

    @cached_property
    def _category_by_words(self) -> Mapping[tuple[str, str], tuple[str, str | None]]:
        return categories_by_words(self.categories)


def parse_profile(text: str, *, file: str) -> Profile:
    """Return the profile that a TOML text describes.

    A text with layers alone is enough: its name is then the file's, and each section it leaves out
    is the one of the shipped ``generic`` profile.

    Parameters
    ----------
    text
        The TOML, with or without a byte order mark, any line ends.
    file
        The name errors speak of; nothing is read from it.

    Raises
    ------
    InvalidProfile
        With file, line, key and reason: TOML errors, unknown keys, values of the wrong kind, a word
        with two meanings, layers whose parents are missing, late, overlays or a cycle.
    """
    source = with_step_sets(ProfileFile(text, file=file))
    check_profile(source)
    tables = {
        **_defaults_for(source.tables),
        "name": PurePath(file).stem,
        "departments": [],
        **source.tables,
    }
    tables["hotspots"] = _desk(source.tables.get("hotspots", {}), tables)
    tables["coverage"] = {**_default_tables()["coverage"], **source.tables.get("coverage", {})}
    check_references(source, tables)
    categories = categories_by_words(category_of_table(table) for table in tables["categories"])
    tables["layers"] = with_named_overrides(source, categories)
    return _profile(source.text, tables)


def shipped_profile(name: str) -> Profile:
    """Return the shipped profile of this name.

    Raises
    ------
    UnknownProfile
        Naming those that are shipped.
    """
    if name not in shipped_profiles():
        raise UnknownProfile(name=name, known=shipped_profiles())
    return parse_profile(_shipped_text(name), file=f"{name}.toml")


def shipped_profiles() -> list[str]:
    """Return the names of the profiles that come with the product."""
    names = (entry.name for entry in (files(__package__) / "profiles").iterdir())
    return sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml"))


def _shipped_text(name: str) -> str:
    return (files(__package__) / "profiles" / f"{name}.toml").read_text(encoding="utf-8")


@cache
def _default_tables() -> Mapping[str, Any]:
    file = ProfileFile(_shipped_text(_DEFAULTS), file=f"{_DEFAULTS}.toml")
    tables = with_step_sets(file).tables
    return {section: table for section, table in tables.items() if section not in _OWN}


def _defaults_for(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the defaults that go with what a profile says itself.

    Deadlines of another handling than its own are none of them, nor what the default categories
    say of themselves, nor limits of categories that it has not.
    """
    defaults = dict(_default_tables())
    if not HANDLING_SECTIONS.isdisjoint(given):
        defaults |= {"conditions": [], "deadlines": [], "limits": [], "dispatch": {}}
    if "categories" in given:
        known = categories_by_words(map(category_of_table, given["categories"]))
        limits = defaults["limits"]
        defaults["limits"] = [each for each in limits if _applies(each, known)]
        defaults["category_set"] = {"origin": "", "version": ""}
    return defaults


def _applies(limit: Mapping[str, Any], known: Mapping[tuple[str, str], Pair]) -> bool:
    return "category" not in limit or category_of_key(known, limit["category"]) is not None


def _desk(given: Mapping[str, Any], tables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the desk with the default of each key that is not given, as far as it applies."""
    default = _default_tables()["hotspots"]
    known = {table["name"] for table in tables["request_types"]}
    excluded = [name for name in default["excluded_request_types"] if name in known]
    return {
        "layer": _deepest_layer(tables["layers"]),
        **default,
        "excluded_request_types": excluded,
        **given,
    }


def _profile(text: str, tables: Mapping[str, Any]) -> Profile:
    name, desk = tables["name"], tables["hotspots"]
    categories = tuple(category_of_table(table) for table in tables["categories"])
    steps, rules = workflow(tables), deadline_rules(tables, categories_by_words(categories))
    return Profile(
        name=name,
        title_zh=tables.get("title_zh", name),
        title_en=tables.get("title_en", name),
        text=text,
        canonical_text=json.dumps(tables, ensure_ascii=False, sort_keys=True),
        layers=tuple(tables["layers"]),
        certain_share=float(tables["certain_share"]),
        sources=tuple(Word(**word_fields(table)) for table in tables["sources"]),
        request_types=tuple(Word(**word_fields(table)) for table in tables["request_types"]),
        categories=categories,
        community_types=tuple(Word(**word_fields(table)) for table in tables["community_types"]),
        figures=tuple(map(figure_of_table, tables["figures"])),
        hotspots=HotspotDesk(
            layer=desk["layer"],
            days=desk["days"],
            excluded_request_types=tuple(desk["excluded_request_types"]),
        ),
        organisations=organisation_rules(tables),
        workflow=steps,
        deadlines=rules,
        rates=rate_rules(tables, steps, rules.responding),
        dispatch=dispatch_rules(tables),
        shifts=shifts(tables["office"]),
        privacy=PrivacyRules(**tables["privacy"]),
        indicators=indicators(tables),
        cadence=cadence(tables),
        departments=tuple(Department(**word_fields(each)) for each in tables["departments"]),
        category_set=CategorySet(**tables["category_set"]),
        statuses={status: tuple(words) for status, words in tables["statuses"].items()},
        notices={table["name"]: Word(**word_fields(table)) for table in tables["notices"]},
    )


def _deepest_layer(tables: Iterable[Mapping[str, Any]]) -> str:
    """Return the leaf of the first family; of overlays alone, the first of them."""
    ordered = list(tables)
    nested = [table for table in ordered if not table.get("overlay")] or ordered
    name: str = nested[0]["name"]
    while children := [table["name"] for table in nested if table.get("parent") == name]:
        name = children[0]
    return name
