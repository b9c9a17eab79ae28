"""What must hold for the sections of a profile, each refusal with its line."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from geo_service.governance.clock import deadline_keys
from geo_service.governance.handling import workflow_keys
from geo_service.governance.indicators import indicator_keys
from geo_service.governance.organisations import profile_keys
from geo_service.governance.privacy.retention import PRIVACY
from geo_service.governance.profile_file import (
    DAYS,
    FLAG,
    LENGTH_M,
    RANGE,
    SHARE,
    TABLE,
    TABLES,
    TEXT,
    USUAL,
    WIDTHS,
    WORD_KEYS,
    WORDS,
    Place,
    ProfileFile,
    is_cycle,
    one_of,
)
from geo_service.governance.rates import rules as rate_keys
from geo_service.governance.word import (
    CATEGORY_KINDS,
    categories_by_words,
    category_of_table,
    word_key,
)

_TITLES = {"name": TEXT, "title_zh": TEXT, "title_en": TEXT}
_CATEGORY = {
    **WORD_KEYS,
    "origin": TEXT,
    "department": TEXT,
    "statutory": FLAG,
    "code": TEXT,
    "kind": one_of(*CATEGORY_KINDS),
}
_LAYER = {
    **_TITLES,
    "parent": TEXT,
    "overlay": FLAG,
    "geometry": one_of("polygon", "line"),
    "authority": one_of("managed", "statutory"),
    "nearest_m": LENGTH_M,
    "reach_m": LENGTH_M,
    "overrides": WORDS,
    "bodies": WORDS,
    "codes": WIDTHS,
    "usual_area_m2": RANGE,
}
_PROFILE = {
    **_TITLES,
    "certain_share": SHARE,
    "layers": TABLES,
    "sources": TABLES,
    "statuses": TABLE,
    "request_types": TABLES,
    "hotspots": TABLE,
    "categories": TABLES,
    "community_types": TABLES,
    "figures": TABLES,
    "notices": TABLES,
    "coverage": TABLE,
    **dict.fromkeys(profile_keys.SECTIONS, TABLES),
    "privacy": TABLE,
    "departments": TABLES,
    **dict.fromkeys(indicator_keys.SECTIONS, TABLES),
    "category_set": TABLE,
    "handling": TABLE,
    "rates": TABLE,
    "office": TABLE,
    "dispatch": TABLE,
    "limits": TABLES,
    **dict.fromkeys(deadline_keys.SECTIONS, TABLES),
    **dict.fromkeys(workflow_keys.SECTIONS, TABLES),
}
_SECTIONS = {
    "sources": WORD_KEYS,
    "request_types": WORD_KEYS,
    "community_types": WORD_KEYS,
    "figures": {
        **WORD_KEYS,
        "kind": one_of("count", "community_type", "text"),
        "levels": TABLES,
        "usual": USUAL,
    },
    "notices": _TITLES,
    "categories": {**_CATEGORY, "minors": TABLES},
    "departments": {**WORD_KEYS, "stationed": FLAG},
    **profile_keys.SECTIONS,
    **indicator_keys.SECTIONS,
    **workflow_keys.SECTIONS,
    **deadline_keys.SECTIONS,
}
HANDLING_SECTIONS = frozenset(
    {"handling", "limits", "dispatch", *workflow_keys.SECTIONS, *deadline_keys.SECTIONS}
)
"""What belongs together: a profile that writes one of them has none of the defaults' others but
for its states, steps, tiers and roles, which it must write then."""
_HOTSPOTS = {"layer": TEXT, "days": DAYS, "excluded_request_types": WORDS}
_CATEGORY_SET = {"origin": TEXT, "version": TEXT}
_STATUSES = {"open": WORDS, "closed": WORDS}
_LAYER_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


def check_profile(file: ProfileFile) -> None:
    """Refuse what the file itself says wrongly; references are checked by check_references.

    Raises
    ------
    InvalidProfile
        With file, line, key and reason.
    """
    file.check_keys(Place(), file.tables, _PROFILE, required=["layers"])
    _check_layers(file)
    for section, kinds in _SECTIONS.items():
        tables = file.tables.get(section, [])
        for index, table in enumerate(tables):
            file.check_keys(Place(section, index), table, kinds, required=["name"])
        _check_words(file, section, [(Place(section, i), t) for i, t in enumerate(tables)])
    for index, category in enumerate(file.tables.get("categories", [])):
        _check_minors(file, index, category)
    for index, figure in enumerate(file.tables.get("figures", [])):
        _check_figure(file, index, figure)
    _check_statuses(file)
    indicator_keys.check_indicators(file)
    if "category_set" in file.tables:
        place, required = Place("category_set"), list(_CATEGORY_SET)
        file.check_keys(place, file.tables["category_set"], _CATEGORY_SET, required=required)


def check_references(file: ProfileFile, tables: Mapping[str, Any]) -> None:
    """Refuse what names layers, kinds or request types that the complete profile has not."""
    desk = tables["hotspots"]
    file.check_keys(Place("hotspots"), desk, _HOTSPOTS)
    polygons = [t["name"] for t in tables["layers"] if t.get("geometry") != "line"]
    file.check_known(Place("hotspots", key="layer"), desk["layer"], polygons)
    names = [table["name"] for table in tables["request_types"]]
    for name in desk.get("excluded_request_types", []):
        file.check_known(Place("hotspots", key="excluded_request_types"), name, names)
    file.check_keys(Place("coverage"), tables["coverage"], profile_keys.COVERAGE)
    profile_keys.check_organisations(file, tables)
    file.check_keys(
        Place("handling"), tables["handling"], workflow_keys.HANDLING, required=["start"]
    )
    workflow_keys.check_handling(file, tables)
    rate_keys.check_rates(file, tables)
    categories = categories_by_words(category_of_table(table) for table in tables["categories"])
    deadline_keys.check_deadlines(file, tables, categories)
    file.check_keys(Place("privacy"), tables["privacy"], PRIVACY, required=list(PRIVACY))


def _check_layers(file: ProfileFile) -> None:
    tables = file.tables["layers"]
    for index, table in enumerate(tables):
        file.check_keys(Place("layers", index), table, _LAYER, required=["name"])
    _check_words(file, "layers", [(Place("layers", i), t) for i, t in enumerate(tables)])
    if all(table.get("geometry") == "line" for table in tables):
        raise file.error(
            Place("layers"),
            zh="至少要有一个面图层",
            en="at least one layer of polygons is needed",
        )
    for index, table in enumerate(tables):
        _check_layer(file, index, table)
        _check_parent(file, index, table)
        _check_codes(file, index, table)


def _check_layer(file: ProfileFile, index: int, table: Mapping[str, Any]) -> None:
    is_line, is_overlay = table.get("geometry") == "line", table.get("overlay", False)
    if not _LAYER_NAME.fullmatch(table["name"]):
        raise file.error(
            Place("layers", index, "name"),
            zh="图层名只能用小写英文字母、数字和下划线（中文名写在 title_zh）",
            en="a layer's name takes lower-case letters, digits and underscores only",
        )
    if is_line and not is_overlay:
        raise file.error(
            Place("layers", index, "geometry"),
            zh="线图层不能嵌套：请加 overlay = true",
            en="a layer of lines cannot nest: add overlay = true",
        )
    if is_line and not table.get("reach_m"):
        raise file.error(
            Place("layers", index, "reach_m" if "reach_m" in table else "name"),
            zh="线图层需要大于 0 的 reach_m（离线多少米以内算属于它）",
            en="a layer of lines needs reach_m above 0 (how near a point must be to belong)",
        )
    if "reach_m" in table and not is_line:
        raise file.error(
            Place("layers", index, "reach_m"),
            zh='reach_m 只用于 geometry = "line" 的图层',
            en='reach_m is for layers with geometry = "line" only',
        )


def _check_parent(file: ProfileFile, index: int, table: Mapping[str, Any]) -> None:
    parent, at = table.get("parent"), Place("layers", index, "parent")
    if parent is None:
        return
    tables: list[dict[str, Any]] = file.tables["layers"]
    if table.get("overlay"):
        raise file.error(at, zh="叠加图层不能有上级", en="an overlay cannot have a parent")
    if parent not in [above["name"] for above in tables]:
        file.check_known(at, parent, [above["name"] for above in tables[:index]])
    if is_cycle(table["name"], {t["name"]: t.get("parent") for t in tables}):
        raise file.error(at, zh="上级关系成环", en="the parents form a cycle")
    if parent not in [above["name"] for above in tables[:index]]:
        raise file.error(
            at,
            zh=f"上级 {parent} 须写在它前面",
            en=f"its parent {parent} must be declared before it",
        )
    if any(above["name"] == parent and above.get("overlay") for above in tables):
        raise file.error(
            at, zh=f"上级 {parent} 是叠加图层", en=f"its parent {parent} is an overlay"
        )


def _check_codes(file: ProfileFile, index: int, table: Mapping[str, Any]) -> None:
    """Refuse a scheme of codes without a parent, or that does not begin with the parent's."""
    if "usual_area_m2" in table and table.get("geometry") == "line":
        raise file.error(
            Place("layers", index, "usual_area_m2"),
            zh="只用于面图层",
            en="is for layers of polygons only",
        )
    if "codes" not in table:
        return
    at, (*above, _) = Place("layers", index, "codes"), table["codes"]
    if table.get("parent") is None:
        raise file.error(
            at,
            zh="只用于有上级的图层：编码由上级编码加顺序号组成",
            en="is for layers with a parent: a code is the parent's and a running number",
        )
    own = next(t for t in file.tables["layers"] if t["name"] == table["parent"])
    if sum(own.get("codes", above)) != sum(above):
        raise file.error(
            at,
            zh=f"末段之前共 {sum(above)} 位，而上级 {own['name']} 的编码是 {sum(own['codes'])} 位",
            en=f"has {sum(above)} digits before its last part, but codes of its parent"
            f" {own['name']} have {sum(own['codes'])}",
        )


def _check_words(
    file: ProfileFile, section: str, placed: Iterable[tuple[Place, Mapping[str, Any]]]
) -> None:
    """Refuse a word that stands for two entries: nobody could tell which one a cell means."""
    owner_by_word: dict[str, tuple[int, str]] = {}
    for number, (at, table) in enumerate(placed):
        titles = [] if section in {"layers", "notices"} else [table.get("title_zh", table["name"])]
        # two majors may have one code, a part and an event; under one major a code is one thing
        codes = [table["code"]] if at.word is not None and "code" in table else []
        for word in [table["name"], *titles, *codes, *table.get("aliases", [])]:
            owner, name = owner_by_word.setdefault(word_key(word), (number, table["name"]))
            if owner != number:
                raise file.error(
                    Place(at.section, at.index, "name" if word == table["name"] else None, word),
                    zh=f"“{word}”出现了两次（另一次在“{name}”）",
                    en=f"'{word}' stands twice (the other under '{name}')",
                )


def _check_minors(file: ProfileFile, index: int, category: Mapping[str, Any]) -> None:
    placed = []
    for minor in category.get("minors", []):
        at = Place("categories", index, word=str(minor.get("name", "minors")))
        file.check_keys(at, minor, _CATEGORY, required=["name"])
        placed.append((at, minor))
    _check_words(file, "categories", placed)


def _check_figure(file: ProfileFile, index: int, figure: Mapping[str, Any]) -> None:
    kind, placed = figure.get("kind", "count"), []
    for key, of_kind in (("levels", "text"), ("usual", "count")):
        if key in figure and kind != of_kind:
            raise file.error(
                Place("figures", index, key),
                zh=f'只用于 kind = "{of_kind}" 的指标',
                en=f'is for figures with kind = "{of_kind}" only',
            )
    for level in figure.get("levels", []):
        at = Place("figures", index, word=str(level.get("name", "levels")))
        file.check_keys(at, level, WORD_KEYS, required=["name"])
        placed.append((at, level))
    _check_words(file, "figures", placed)
    for layer in figure.get("usual", {}):
        names = [table["name"] for table in file.tables["layers"]]
        file.check_known(Place("figures", index, "usual", word=layer), layer, names)


def _check_statuses(file: ProfileFile) -> None:
    statuses = file.tables.get("statuses")
    if statuses is None:
        return
    file.check_keys(Place("statuses"), statuses, _STATUSES, required=list(_STATUSES))
    both = {word_key(word) for word in statuses["open"]}
    for word in statuses["closed"]:
        if word_key(word) in both:
            raise file.error(
                Place("statuses", key="closed", word=word),
                zh=f"“{word}”既算在办又算办结",
                en=f"'{word}' is both open and closed",
            )
