"""Which events one receiver wants."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from geo_service.errors import InvalidValue
from geo_service.governance.event import KINDS

Owner: TypeAlias = tuple[str, str]
"""(layer, code)."""

MOST = 200
"""Values of each kind that one receiver may name."""
_LONGEST = 201


@dataclass(frozen=True)
class Selection:
    """What is wanted of each kind; nothing named is everything.

    ``categories`` are major ones (``市容环境``) or minor ones with theirs (``市容环境/暴露垃圾``);
    ``owners`` are areas of any layer: what they hold, and what lies in areas below them.
    """

    kinds: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    owners: tuple[Owner, ...] = ()

    def may_want(self, kind: str, state: Mapping[str, Any]) -> bool:
        """Tell whether an event is wanted, as far as its kind and its issue's state say."""
        major, minor = state.get("category_major"), state.get("category_minor")
        return (
            (not self.kinds or kind in self.kinds)
            and (not self.sources or state.get("source") in self.sources)
            and (
                not self.categories
                or major in self.categories
                or f"{major}/{minor}" in self.categories
            )
        )

    def wants_of(self, owners: Collection[Owner]) -> bool:
        """Tell whether something of these owners is wanted."""
        return not self.owners or any(owner in owners for owner in self.owners)

    def values(self) -> dict[str, list[Any]]:
        """Return it as plain values for JSON."""
        named = {"kinds": self.kinds, "sources": self.sources, "categories": self.categories}
        owners = [{"layer": layer, "code": code} for layer, code in self.owners]
        return {**{name: list(told) for name, told in named.items()}, "owners": owners}


def read_selection(
    *,
    kinds: Iterable[str] = (),
    sources: Iterable[str] = (),
    categories: Iterable[str] = (),
    owners: Iterable[Owner] = (),
    layers: Collection[str],
) -> Selection:
    """Return a selection; each value counts once.

    Raises
    ------
    InvalidValue
        A kind or layer that does not exist, too many or too long values.
    """
    owned = tuple(dict.fromkeys(owners))
    chosen = Selection(
        tuple(dict.fromkeys(kinds)),
        tuple(dict.fromkeys(sources)),
        tuple(dict.fromkeys(categories)),
        owned,
    )
    _check_known("kinds", chosen.kinds, KINDS)
    _check_known("owners", [layer for layer, _ in owned], layers)
    told = {"sources": chosen.sources, "categories": chosen.categories}
    told["owners"] = tuple(code for _, code in owned)
    for name, texts in told.items():
        if len(texts) > MOST or not all(0 < len(text) <= _LONGEST for text in texts):
            raise InvalidValue(
                name,
                f"最多 {MOST} 个，每个 1 到 {_LONGEST} 个字",
                f"{MOST} values at the most, each of 1 to {_LONGEST} characters",
            )
    return chosen


def selection_from_values(values: Mapping[str, Any]) -> Selection:
    """Return what ``Selection.values`` wrote down."""
    owners = tuple((each["layer"], each["code"]) for each in values["owners"])
    kinds, sources, categories = (
        tuple(values[name]) for name in ("kinds", "sources", "categories")
    )
    return Selection(kinds, sources, categories, owners)


def _check_known(where: str, told: Sequence[str], known: Collection[str]) -> None:
    if not set(told) <= set(known):
        raise InvalidValue(where, "只能是 " + "、".join(known), "among " + ", ".join(known))
