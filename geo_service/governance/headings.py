"""Which column of a list holds which field, guessed from Chinese and English headings."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from geo_service.errors import InvalidValue, UnknownColumn
from geo_service.governance.personal import heading_words, personal_columns

_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_SHAPEFILE_BYTES = (9, 10)
"""A shapefile cuts a field's name at 10 bytes: five Chinese characters in GBK, three in UTF-8."""


@dataclass(frozen=True)
class Columns:
    """Which heading holds which field.

    ``heading_by_field`` has the fields that were found. ``guessed`` names those nobody said,
    ``ambiguous`` every candidate of a guessed field that more than one heading could hold, the
    chosen one first. ``dropped`` are the columns about persons and special groups, which are read
    for nothing, and ``unused`` the rest.
    """

    heading_by_field: Mapping[str, str]
    guessed: tuple[str, ...]
    ambiguous: Mapping[str, tuple[str, ...]]
    dropped: tuple[str, ...]
    unused: tuple[str, ...]


_CODE_ENDINGS = ("编码", "代码", "编号", "_code", "code", "", "名称", "_name")


@dataclass(frozen=True)
class LayerWords:
    """How a layer and its parent are called: 社区编码 is a community's code and a grid's parent."""

    layer: tuple[str, ...] = field(default=())
    parent: tuple[str, ...] = field(default=())


def issue_columns(
    headings: Sequence[str], *, overrides: Mapping[str, str] | None = None
) -> Columns:
    """Return which heading of a list of issues holds which issue field.

    Raises
    ------
    UnknownColumn
        An override names a column that is not there.
    InvalidValue
        An override names a column about persons.
    """
    return _columns(headings, heading_words()["issue"], overrides or {})


def area_columns(
    headings: Sequence[str],
    *,
    words: LayerWords = LayerWords(),
    overrides: Mapping[str, str] | None = None,
) -> Columns:
    """Return which heading of a boundary file holds code, name and parent.

    Parameters
    ----------
    headings
        As the file has them; names cut by a shapefile are recognized by their beginning.
    words
        Names and titles of the layer and of its parent, such as ``("grid", "网格")``.
    overrides
        Field → heading, as the user said.

    Raises
    ------
    UnknownColumn
        An override names a column that is not there.
    InvalidValue
        An override names a column about persons.
    """
    return _columns(headings, _area_words(words), overrides or {})


def agreement_columns(headings: Sequence[str]) -> Columns:
    """Return which heading of a list of border agreements holds which field."""
    return _columns(headings, heading_words()["agreement"], {})


def building_list_columns(
    headings: Sequence[str],
    *,
    words: LayerWords = LayerWords(),
    overrides: Mapping[str, str] | None = None,
) -> Columns:
    """Return which heading of a building list holds area code, area name, parent and building.

    ``words`` and errors are those of `area_columns`.
    """
    known = {**heading_words()["building_list"], **_area_words(words)}
    return _columns(headings, known, overrides or {})


def code_table_columns(headings: Sequence[str]) -> Columns:
    """Return which heading of a code table of categories holds which field."""
    return _columns(headings, heading_words()["code_table"], {})


def register_columns(
    headings: Sequence[str],
    register: str,
    *,
    layers: Mapping[str, Sequence[str]],
    overrides: Mapping[str, str] | None = None,
) -> Columns:
    """Return which heading of a list holds which field of a register's entries, or of activities.

    ``layers`` are the words for each layer: a column 网格编码 or 所属社区 is ``area:grid`` or
    ``area:community``, the area that an entry stands for.

    Raises
    ------
    UnknownColumn
        An override names a column that is not there.
    InvalidValue
        An override names a column about persons.
    """
    words = dict(heading_words()[register])
    if register != "activity":
        words |= heading_words()["placed"]
        words |= _words_of_layers(layers)
    return _columns(headings, words, overrides or {})


def place_columns(
    headings: Sequence[str],
    *,
    layers: Mapping[str, Sequence[str]],
    overrides: Mapping[str, str] | None = None,
) -> Columns:
    """Return which heading of a list of addresses holds which field of a place.

    ``layers`` are the words for each layer: a column 微网格编码 is ``area:micro_grid``, one that
    says 网格编码 of a profile without such a layer is ``area``.

    Raises
    ------
    UnknownColumn
        An override names a column that is not there.
    InvalidValue
        An override names a column about persons.
    """
    words = dict(heading_words()["place"])
    words |= {name: heading_words()["placed"][name] for name in ("x", "y", "frame")}
    return _columns(headings, words | _words_of_layers(layers), overrides or {})


def _words_of_layers(layers: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    return {
        f"area:{layer}": [
            f"{prefix}{word}{suffix}"
            for word in spellings
            for suffix in _CODE_ENDINGS
            for prefix in ("", "所属", "对应", "覆盖", "所在")
        ]
        for layer, spellings in layers.items()
    }


def _area_words(words: LayerWords) -> Mapping[str, Sequence[str]]:
    known = heading_words()["area"]
    suffixes = ["编码", "代码", "编号", "_code", "code", "_id"]
    own = [f"{word}{suffix}" for word in words.layer for suffix in suffixes]
    names = [f"{word}{suffix}" for word in words.layer for suffix in ["名称", "名", "_name"]]
    above = [
        f"{prefix}{word}{suffix}"
        for word in words.parent
        for prefix in ["所属", "上级", ""]
        for suffix in [*suffixes, ""]
    ]
    return {
        "code": [*own, *known["code"]],
        "name": [*names, *known["name"], *words.layer],
        "parent": [*known["parent"], *above],
    }


def _columns(
    headings: Sequence[str], words: Mapping[str, Sequence[str]], overrides: Mapping[str, str]
) -> Columns:
    dropped = personal_columns(headings)
    _check_overrides(headings, dropped, overrides)
    candidates = _candidates(
        [h for h in headings if h not in dropped and h not in overrides.values()],
        {name: spellings for name, spellings in words.items() if name not in overrides},
    )
    guesses = {name: found[0] for name, found in candidates.items()}
    found = {**guesses, **overrides}
    used = {*found.values(), *dropped}
    return Columns(
        heading_by_field={name: found[name] for name in words if name in found},
        guessed=tuple(guesses),
        ambiguous={name: tuple(names) for name, names in candidates.items() if len(names) > 1},
        dropped=tuple(dropped),
        unused=tuple(heading for heading in headings if heading not in used),
    )


def _check_overrides(
    headings: Sequence[str], dropped: Sequence[str], overrides: Mapping[str, str]
) -> None:
    for name, heading in overrides.items():
        if heading not in headings:
            raise UnknownColumn(column=heading, known=list(headings))
        if heading in dropped:
            raise InvalidValue(
                where=f"{name} = {heading}",
                expected_zh="不含个人信息的列（此列按约定不读取）",
                expected_en="a column without personal information (this one is never read)",
            )


def _candidates(
    headings: Iterable[str], words: Mapping[str, Sequence[str]]
) -> Mapping[str, Sequence[str]]:
    """Return the headings that could hold each field, most trusted first; each in one field only.

    A heading goes to the field that trusts it most, whole spellings before cut ones.
    """
    spellings = {name: [_key(word) for word in known] for name, known in words.items()}
    ranked: dict[str, list[tuple[int, str]]] = {}
    for heading in headings:
        ranks = [(_rank(heading, known), name) for name, known in spellings.items()]
        rank, name = min(ranks, key=lambda pair: pair[0], default=(_NOWHERE, ""))
        if rank < _NOWHERE:
            ranked.setdefault(name, []).append((rank, heading))
    return {
        name: [heading for _, heading in sorted(ranked[name], key=lambda pair: pair[0])]
        for name in words
        if name in ranked
    }


_CUT = 1_000
_NOWHERE = 1_000_000


def _rank(heading: str, spellings: Sequence[str]) -> int:
    key = _key(heading)
    if key in spellings:
        return spellings.index(key)
    if _is_cut(heading):
        begins = (_CUT + i for i, spelling in enumerate(spellings) if spelling.startswith(key))
        return next(begins, _NOWHERE)
    return _NOWHERE


def _is_cut(heading: str) -> bool:
    if heading.isascii():
        return len(heading) == max(_SHAPEFILE_BYTES)
    gbk = len(heading.encode("gbk", errors="replace"))
    return gbk in _SHAPEFILE_BYTES or len(heading.encode()) in _SHAPEFILE_BYTES


def _key(heading: str) -> str:
    """Return a heading without case, width, spaces, underscores and what stands in brackets."""
    plain = unicodedata.normalize("NFKC", heading).casefold()
    return "".join(_BRACKETS.sub("", plain).replace("_", " ").replace("-", " ").split())
