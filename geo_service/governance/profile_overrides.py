"""Which categories the overlays of a profile take from the owner of the ground."""

from collections.abc import Mapping, Sequence
from typing import Any

from geo_service.governance.profile_file import Place, ProfileFile
from geo_service.governance.word import Pair, category_key, category_of_key


def with_named_overrides(
    file: ProfileFile, known: Mapping[tuple[str, str], Pair]
) -> list[dict[str, Any]]:
    """Return the layer tables, each of their ``overrides`` written as the profile's own names.

    Parameters
    ----------
    known
        The categories of the complete profile, as ``categories_by_words`` gives them.

    Raises
    ------
    InvalidProfile
        Overrides of a nested layer, an empty list, a category that nobody knows or that is taken
        twice by one layer.
    """
    return [
        {**table, "overrides": _named(file, index, table, known)} if "overrides" in table else table
        for index, table in enumerate(file.tables["layers"])
    ]


def _named(
    file: ProfileFile,
    index: int,
    table: Mapping[str, Any],
    known: Mapping[tuple[str, str], Pair],
) -> list[str]:
    at, words = Place("layers", index, "overrides"), table["overrides"]
    if not table.get("overlay"):
        raise file.error(
            at,
            zh="只有叠加图层才能代管类别：请加 overlay = true，或删去 overrides",
            en="only an overlay takes categories: add overlay = true, or leave overrides out",
        )
    if not words:
        raise file.error(
            at,
            zh="没有写任何类别：请写出代管的类别，或删去 overrides",
            en="names no category: write those it takes, or leave overrides out",
        )
    found: list[Pair] = []
    for word in words:
        found.append(_one(file, Place("layers", index, "overrides", word), found, known))
    _check_majors(file, index, words, found)
    return [category_key(*pair) for pair in found]


def _one(
    file: ProfileFile,
    at: Place,
    before: Sequence[Pair],
    known: Mapping[tuple[str, str], Pair],
) -> Pair:
    pair = category_of_key(known, at.word or "")
    if pair is None:
        majors = list(dict.fromkeys(major for major, minor in known.values() if minor is None))
        raise file.error(
            at,
            zh=f"没有类别“{at.word}”：请写大类，或 大类/小类；大类有：{'、'.join(majors)}",
            en=f"no category '{at.word}': write major or major/minor; majors: {', '.join(majors)}",
        )
    if pair in before:
        raise file.error(at, zh=f"“{at.word}”写了两次", en=f"'{at.word}' stands twice")
    return pair


def _check_majors(
    file: ProfileFile, index: int, words: Sequence[str], found: Sequence[Pair]
) -> None:
    """Refuse a minor beside its whole major: nobody could tell which of them was meant."""
    for word, (major, minor) in zip(words, found, strict=True):
        if minor is not None and (major, None) in found:
            raise file.error(
                Place("layers", index, "overrides", word),
                zh=f"“{word}”已包含在大类“{major}”之内：请只留一个",
                en=f"'{word}' is part of its major '{major}', which stands here too: leave one",
            )
