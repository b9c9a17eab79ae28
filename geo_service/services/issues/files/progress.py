"""How far the import of one list has come: kept with its rows, so that it goes on from there."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from secrets import token_hex
from typing import Any

from geo_service.errors import ListUnderWay
from geo_service.services.frames.watch import FrameWatch
from geo_service.services.lists.rejections import Rejection
from geo_service.services.workspaces import Workspace
from geo_service.storage import list_imports
from geo_service.storage.databases import Transaction
from geo_service.storage.list_imports import ListState


def list_hash(file_hash: str, options: Mapping[str, Any], *, profile_hash: str) -> str:
    """Return what tells one import from another: the file's bytes and all that reads them."""
    told = {"file": file_hash, "options": dict(options), "profile": profile_hash}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


class ListProgress:
    """One run of an import; ``continued_after`` is the row that a run before it came to."""

    def __init__(
        self,
        workspace: Workspace,
        name: str,
        key: str,
        *,
        is_anew: bool,
        is_preview: bool = False,
    ) -> None:
        """Go on from what is kept of the list, or begin ``is_anew``; a preview lets it be kept."""
        self._workspace = workspace
        self._name = name
        self._key = key
        self._run = token_hex(16)
        self._kept: ListState | None = None
        self.counts: Counter[str] = Counter()
        self.rejections: list[Rejection] = []
        self.watch = FrameWatch()
        if is_anew and not is_preview:
            with workspace.database.write() as connection:
                list_imports.forget_list(connection, key)
        elif not is_anew:
            self._go_on()
        self.continued_after = self._kept.last_row if self._kept else None

    @property
    def rows(self) -> int:
        """How many rows are done."""
        return self.counts["rows"]

    def keep(
        self,
        connection: Transaction,
        *,
        last_row: int,
        rows: int,
        counts: Mapping[str, int],
        rejections: Sequence[Rejection],
    ) -> ListState:
        """Keep what the list will have come to when the transaction is committed.

        Raises
        ------
        ListUnderWay
            Another process has brought the list further meanwhile.
        """
        now_s = self._now_s()
        state = ListState(
            run=self._run,
            started_at_s=self._kept.started_at_s if self._kept else now_s,
            rows_done=self.rows + rows,
            last_row=last_row,
            counts=self.counts + Counter(counts),
            places=self.watch.state(),
        )
        is_kept = list_imports.keep_state(
            connection,
            self._key,
            state,
            before=self._kept,
            rejections=[(r.row, r.field, r.reason_zh, r.reason_en) for r in rejections],
            now_s=now_s,
        )
        if not is_kept:
            raise ListUnderWay(file=self._name)
        return state

    def forget(self, connection: Transaction) -> None:
        """Let go of the list with its last rows; the same one again is a new import.

        Raises
        ------
        ListUnderWay
            Another process has brought the list further meanwhile.
        """
        now_s = self._now_s()
        if not list_imports.forget_state(connection, self._key, before=self._kept, now_s=now_s):
            raise ListUnderWay(file=self._name)

    def count(
        self, state: ListState | None, counts: Mapping[str, int], rejections: Iterable[Rejection]
    ) -> None:
        """Count rows whose transaction is committed; ``state`` is what it kept."""
        self._kept = state
        self.counts.update(counts)
        self.rejections += rejections

    def finish(self) -> None:
        """Let go of the list where its last rows ended a full transaction."""
        if self._kept is not None:
            with self._workspace.database.write() as connection:
                self.forget(connection)

    def _go_on(self) -> None:
        with self._workspace.database.read() as connection:
            kept = list_imports.kept_state(connection, self._key, now_s=self._now_s())
            if kept is None:
                return
            told = list_imports.kept_rejections(connection, self._key)
        self._kept = kept
        self.counts = Counter(kept.counts)
        self.rejections = [Rejection(*each) for each in told]
        self.watch = FrameWatch.restored(kept.places)

    def _now_s(self) -> int:
        return int(self._workspace.now_s())
