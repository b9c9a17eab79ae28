"""The last few results of slow work, kept by what they rest on."""

import gc
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Kept(Generic[Value]):
    """Up to ``limit`` values, the one asked for longest ago goes first; any thread may ask.

    Two threads that ask for a new key at once both make its value: nobody waits for slow work of
    another, and both values are the same. Values that are ``is_large`` are left out of collections.
    """

    def __init__(self, limit: int, *, is_large: bool = False) -> None:
        self._limit = limit
        self._is_large = is_large
        self._values: OrderedDict[Hashable, Value] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """Return the value kept under ``key``, made now where there is none."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        value = make()
        self.put(key, value)
        if self._is_large:
            leave_out_of_collections()
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


def leave_out_of_collections() -> None:
    """Let the garbage collector pass over all that lives now.

    Each time it looked at the objects of a city everybody waited for a quarter of a second. What it
    passed over before is looked at again here, so that nothing stays for ever.
    """
    gc.unfreeze()
    gc.collect()
    gc.freeze()
