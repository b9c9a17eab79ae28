"""Sets of steps that many offices share: a profile takes them by name and adds to them.

``[handling] with = ["marks"]`` brings the states, steps, deadlines and limits of a set. An entry of
the profile with the name of one of a set lays its own keys over it, as an earlier set does over a
later one. Limits of a set stand for deadlines that nothing before it limits. ``acting`` tells which
roles of the profile act as one that sets speak of.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, TypeAlias

from geo_service.governance.profile_file import TABLES, WORDS, Borrowed, Kind, Place, ProfileFile

_SECTIONS = ("conditions", "states", "steps", "deadlines", "limits")
_Lent: TypeAlias = tuple[str, Mapping[str, Any]]
"""An entry of a set: the set's name and the table."""
_START = "{start}"
_ACTING = Kind(
    '角色到角色列表的表，如 { handler = ["grid_leader"] }',
    'a table from roles to lists of roles, as { handler = ["grid_leader"] }',
    lambda value: isinstance(value, dict) and all(WORDS.is_valid(v) and v for v in value.values()),
)
_KEYS = {"with": WORDS, "acting": _ACTING}


def step_sets() -> list[str]:
    """Return the names of the sets that come with the product."""
    names = (entry.name for entry in (files(__package__) / "step_sets").iterdir())
    return sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml"))


def with_step_sets(file: ProfileFile) -> ProfileFile:
    """Return a profile's file with the tables of the sets it takes among its own.

    What it wrote itself keeps its place; what comes from sets alone follows, in their order. The
    keys ``with`` and ``acting`` are gone then: the result says what writing it all out would say.

    Raises
    ------
    InvalidProfile
        With file, line, key and reason: an unknown set, acting for a role that no set speaks of, or
        by one that the profile has not.
    """
    handling = file.tables.get("handling")
    if not isinstance(handling, dict) or _KEYS.keys().isdisjoint(handling):
        return file
    told = {key: handling[key] for key in _KEYS if key in handling}
    file.check_keys(Place("handling"), told, _KEYS)
    for name in told.get("with", ()):
        file.check_known(Place("handling", key="with", word=name), name, step_sets())
    names = list(dict.fromkeys(_with_those_they_take(told.get("with", ()))))
    acting = told.get("acting", {})
    _check_acting(file, acting, names)
    kept = {key: value for key, value in handling.items() if key not in _KEYS}
    tables: dict[str, Any] = {**file.tables, "handling": kept}
    borrowed = {}
    for section in _SECTIONS:
        own = file.tables.get(section, [])
        lent = [
            (name, _spoken(table, start=str(handling.get("start")), acting=acting))
            for name, table in _lent(names, section)
        ]
        if not lent or (own and not TABLES.is_valid(own)):
            continue  # what is no list of tables is refused when sections are checked
        merged, left = _laid_over(own, lent, by="deadline" if section == "limits" else "name")
        tables[section] = [*merged, *(table for _, table in left)]
        for index, (name, table) in enumerate(left, start=len(merged)):
            borrowed[section, index] = Borrowed(name, table.get("name", table.get("deadline")))
    return file.with_tables(tables, borrowed)


def _lent(names: Sequence[str], section: str) -> list[_Lent]:
    """Return the entries of sets; one of an earlier set lies over that of a later one."""
    found: list[_Lent] = []
    for name in names:
        given = [(name, table) for table in _tables(name).get(section, ())]
        if section == "limits":
            limited = [table["deadline"] for _, table in found]
            found += [each for each in given if each[1]["deadline"] not in limited]
            continue
        by_name = {table["name"]: table for _, table in given}
        above = [(first, {**by_name.pop(t["name"], {}), **t}) for first, t in found]
        found = [*above, *(each for each in given if each[1]["name"] in by_name)]
    return found


def _laid_over(
    own: Sequence[Mapping[str, Any]], lent: Sequence[_Lent], *, by: str
) -> tuple[list[Mapping[str, Any]], list[_Lent]]:
    """Return own entries over those of sets with their name, and what no own one has touched.

    Limits have no names: with ``by`` deadline, own ones stand as they are.
    """
    names = [table.get(by) for table in own]
    left = [each for each in lent if each[1][by] not in names]
    if by != "name":
        return list(own), left
    below = {table["name"]: table for _, table in lent}
    return [{**below.get(str(table.get(by)), {}), **table} for table in own], left


def _spoken(
    table: Mapping[str, Any], *, start: str, acting: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    """Return an entry of a set in the words of a profile: its start, its roles."""
    spoken = dict(table)
    if spoken.get("to") == _START:
        spoken["to"] = start
    if "roles" in spoken:
        roles = (acting.get(role, [role]) for role in spoken["roles"])
        spoken["roles"] = list(dict.fromkeys(role for each in roles for role in each))
    return spoken


def _check_acting(
    file: ProfileFile, acting: Mapping[str, Sequence[str]], names: Sequence[str]
) -> None:
    spoken_of = list(dict.fromkeys(role for name in names for role in _roles(name)))
    given = file.tables.get("roles", [])
    own = [table.get("name") for table in given] if TABLES.is_valid(given) else []
    for role, actors in acting.items():
        file.check_known(Place("handling", key="acting", word=role), role, spoken_of)
        for actor in actors:
            file.check_known(Place("handling", key="acting", word=actor), actor, map(str, own))


def _with_those_they_take(names: Sequence[str]) -> Iterator[str]:
    for name in names:
        yield name
        yield from _with_those_they_take(_tables(name).get("with", ()))


def _roles(name: str) -> Iterator[str]:
    for step in _tables(name).get("steps", ()):
        yield from step.get("roles", ())


@cache
def _tables(name: str) -> Mapping[str, Any]:
    text = (files(__package__) / "step_sets" / f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
