"""How kernels are compiled and run: without the interpreter's lock, each rounding as written.

Never ``parallel=True``: concurrent calls abort under numba's workqueue layer, and a fork after use
dies under omp. Work is cut over our own threads.
"""

import hashlib
import os
import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar, cast

import numba
from numba.core.caching import FunctionCache

_Result = TypeVar("_Result")
_Kernel = TypeVar("_Kernel", bound=Callable[..., object])
_Cache: Any = FunctionCache


def _hash_of_sources() -> str:
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


_SOURCES = _hash_of_sources()
_CORES = os.cpu_count() or 1  # asking the system takes as long as a thousand points
_ROWS_PER_THREAD, _CELLS_PER_THREAD = 64, 2**16
"""To begin a thread takes as long as thousands of cells."""


class _KernelCache(_Cache):  # type: ignore[misc]  # numba's has no types
    """Compiled kernels on disk, mended in two ways.

    A kernel holds what it calls, and numba asks only whether the kernel's own file has changed:
    after an update, half of the old method would stay in use. And numba lets a full disk or a
    damaged file fail the call that needs the kernel; here either costs time and nothing else.
    """

    def __init__(self, kernel: Callable[..., object]) -> None:
        super().__init__(kernel)
        kept = self._cache_file
        kept._source_stamp = (kept._source_stamp, _SOURCES)

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return what was compiled for a signature before; None where that cannot be read."""
        try:
            return super().load_overload(sig, target_context)
        except Exception:  # noqa: BLE001  # what is damaged raises anything when it is unpickled
            with suppress(OSError):
                self.flush()
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep what was compiled, where there is room."""
        with suppress(OSError, EOFError, pickle.PickleError):
            super().save_overload(sig, data)


def compiled(kernel: _Kernel) -> _Kernel:
    """Compile a kernel at its first call; no fast-math, so no contraction changes a sign.

    What was compiled is kept beside the sources or, where these cannot be written to, in the user's
    cache folder. Where that cannot be written to either, each process compiles for itself.
    """
    dispatcher: Any = numba.njit(nogil=True, error_model="numpy")(kernel)
    with suppress(RuntimeError):  # "no locator available" comes at import: nothing would start
        dispatcher._cache = _KernelCache(kernel)  # as enable_caching() does with numba's own
    return cast("_Kernel", dispatcher)


def in_threads(work: Callable[[slice], _Result], count: int, *, per_thread: int) -> list[_Result]:
    """Do ``count`` pieces of work, cut over as many threads as are worth it; results in order.

    Less than ``per_thread`` pieces are not worth a second thread.
    """
    threads = max(1, min(_CORES, count // per_thread))
    if threads == 1:
        return [work(slice(0, count))]
    cuts = [count * thread // threads for thread in range(threads + 1)]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, map(slice, cuts[:-1], cuts[1:])))


def in_rows(rows: int, columns: int, work: Callable[[int, int], None]) -> None:
    """Do a work on all rows of a lattice; it takes the first of some rows and the one after."""
    per_thread = max(_ROWS_PER_THREAD, _CELLS_PER_THREAD // columns)
    in_threads(lambda some: work(some.start, some.stop), rows, per_thread=per_thread)
