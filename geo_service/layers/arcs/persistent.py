"""A mapping whose changed copies share what did not change, so that keeping old ones is cheap."""

from collections.abc import Hashable, Iterator, Mapping
from typing import TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

_FEWEST_SHELVES = 16
_ITEMS_PER_SHELF = 32


class PersistentMap(Mapping[K, V]):
    """An immutable mapping on shelves of some thirty items, sorted by hash.

    A changed copy costs the list of shelves and the shelves that changed, whatever the size.
    The order of iteration means nothing.
    """

    __slots__ = ("_count", "_shelves")

    def __init__(self, items: Mapping[K, V]) -> None:
        wanted = max(_FEWEST_SHELVES, len(items) // _ITEMS_PER_SHELF)
        count = 1 << (wanted - 1).bit_length()
        shelves: list[dict[K, V]] = [{} for _ in range(count)]
        for key, value in items.items():
            shelves[hash(key) & (count - 1)][key] = value
        self._shelves, self._count = shelves, len(items)

    def __getitem__(self, key: K) -> V:
        return self._shelves[hash(key) & (len(self._shelves) - 1)][key]

    def __iter__(self) -> Iterator[K]:
        for shelf in self._shelves:
            yield from shelf

    def __len__(self) -> int:
        return self._count

    def with_changes(self, changes: Mapping[K, V | None]) -> "PersistentMap[K, V]":
        """Return a copy with other values; None takes a key away."""
        shelves, count = list(self._shelves), self._count
        own: set[int] = set()
        for key, value in changes.items():
            at = hash(key) & (len(shelves) - 1)
            if at not in own:
                own.add(at)
                shelves[at] = dict(shelves[at])
            count -= key in shelves[at]
            shelves[at].pop(key, None)
            if value is not None:
                shelves[at][key] = value
                count += 1
        result: PersistentMap[K, V] = PersistentMap.__new__(PersistentMap)
        result._shelves, result._count = shelves, count
        return result
