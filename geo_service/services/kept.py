"""The last few results of slow work, kept by what they rest on."""

import gc
import sys
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")

LARGE_BLOCKS = 100_000
"""Blocks of memory from which on a value is large: 28 an area, the drafts of 20,000 grids take six
times as many."""


class Kept(Generic[Value]):
    """Up to ``limit`` values, the one asked for longest ago goes first; any thread may ask.

    Two threads that ask for a new key at once both make its value: nobody waits for slow work of
    another, and both values are the same. Where values may be of a whole city, large ones are left
    out of collections.
    """

    def __init__(self, limit: int, *, may_be_large: bool = False) -> None:
        self._limit = limit
        self._may_be_large = may_be_large
        self._values: OrderedDict[Hashable, Value] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """Return the value kept under ``key``, made now where there is none."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        value = made_apart(make) if self._may_be_large else make()
        self.put(key, value)
        return value

    def put(self, key: Hashable, value: Value) -> None:
        """Keep a value under ``key`` in the place of the one before."""
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            while len(self._values) > self._limit:
                self._values.popitem(last=False)

    def find(self, key: Hashable) -> Value | None:
        """Return the value kept under ``key``, None where there is none."""
        with self._lock:
            return self._values.get(key)


def made_apart(make: Callable[[], Value]) -> Value:
    """Return what ``make`` makes; where it is large, let the garbage collector pass over it.

    Each time it looked at the objects of a city everybody waited for a quarter of a second. It
    passes over all that lives now, and looks once more at what it passed over before, so that
    nothing stays for ever. That takes as long, and is not worth it for a street.
    """
    before = sys.getallocatedblocks()
    value = make()
    if sys.getallocatedblocks() - before >= LARGE_BLOCKS:
        gc.unfreeze()
        gc.collect()
        gc.freeze()
    return value
