"""The locators of editions: built once, their indexes kept on disk, the last few kept in memory."""

import sys
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from threading import Lock

import shapely
import structlog

from geo_service.errors import UnwritableFile
from geo_service.layers.area import Boundaries
from geo_service.layers.edition import Edition
from geo_service.layers.index import Words
from geo_service.layers.layer import Layers
from geo_service.layers.locator import Locator
from geo_service.storage import editions, index_files
from geo_service.storage.databases import Transaction
from geo_service.storage.index_turns import turn_to_build

_KEPT = 16
_KEPT_BYTES = 2 * 2**30
"""Dozens of streets, half a dozen cities, one country."""
_AREA_BYTES = 1_000
_VERTEX_BYTES = 16


class Locators:
    """One locator for all who ask for the same boundaries, from any thread.

    Every index is written, a street's too: opening it spares each new process what the building
    needs to be loaded for, and there is one way instead of two. A file that cannot be used is
    built again; where nothing can be written, the index is used from memory.
    """

    def __init__(self, layers: Layers, folder: Path, *, kept_bytes: int = _KEPT_BYTES) -> None:
        self.folder = folder
        self._kept_bytes = kept_bytes
        self._layers = layers
        self._kept: OrderedDict[str, tuple[Locator, int]] = OrderedDict()
        self._making: dict[str, Lock] = {}
        self._lock = Lock()
        self._has_warned = False

    def get(self, connection: Transaction, edition: Edition) -> Locator:
        """Return the locator of an edition; who asks while it is made waits for it."""
        content = edition.content_hash
        with self._lock:
            found = self._find(content)
            if found is not None:
                return found
            making = self._making.setdefault(content, Lock())
        with making:
            with self._lock:
                found = self._find(content)
            if found is not None:
                return found
            locator = self._load(connection, edition)
            with self._lock:
                self._keep(content, locator)
        return locator

    def find(self, edition: Edition) -> Locator | None:
        """Return the locator of an edition if it is in memory."""
        with self._lock:
            return self._find(edition.content_hash)

    def deciding_depths(self, edition: Edition) -> Mapping[str, frozenset[int]] | None:
        """Return the depths at which areas of each family decide; None where no index is at hand.

        At others every area is held by its children, to the last bit. Nothing is built for it.
        """
        found = self.find(edition)
        sections = self._open(edition) if found is None else found.sections
        if sections is None:
            return None
        names = [name.split("/") for name in sections]
        return {
            family: frozenset(int(own[2]) for own in names if own[:2] == ["family", family])
            for family in self._layers.families
        }

    def forget(self) -> None:
        """Let go of every locator; files stay."""
        with self._lock:
            self._kept.clear()

    def key(self, edition: Edition) -> str:
        """Return the key of an edition's index."""
        return index_files.index_key(self._layers, edition.content_hash)

    def path(self, edition: Edition) -> Path:
        """Return where the index of an edition is kept."""
        return index_files.index_path(self.folder, self.key(edition))

    def build(self, connection: Transaction, edition: Edition) -> bool:
        """See that an edition's index is on disk, intact; return whether it was built now.

        Raises
        ------
        UnwritableFile
            The folder cannot be written to.
        """
        with turn_to_build(self.folder):
            try:
                if index_files.damaged_sections(self.path(edition), self.key(edition)) == []:
                    return False
            except index_files.UnusableIndex as reason:
                _tell_unusable(self.path(edition), reason)
            boundaries = editions.read_boundaries(connection, edition.number)
            self._write(edition, Locator(self._layers, boundaries).sections)
            return True

    def _find(self, content: str) -> Locator | None:
        if content not in self._kept:
            return None
        self._kept.move_to_end(content)
        return self._kept[content][0]

    def _keep(self, content: str, locator: Locator) -> None:
        self._kept[content] = (locator, _size_in_memory(locator, self._layers))
        self._making.pop(content, None)
        while len(self._kept) > 1 and (
            len(self._kept) > _KEPT
            or sum(size for _, size in self._kept.values()) > self._kept_bytes
        ):
            self._kept.popitem(last=False)

    def _load(self, connection: Transaction, edition: Edition) -> Locator:
        boundaries = editions.read_boundaries(connection, edition.number)
        sections = self._open(edition)
        if sections is None:
            with turn_to_build(self.folder):
                sections = self._found_by_now(edition) or self._built(edition, boundaries)
        return Locator(self._layers, boundaries, sections)

    def _built(self, edition: Edition, boundaries: Boundaries) -> Mapping[str, Words]:
        sections = Locator(self._layers, boundaries).sections
        try:
            self._write(edition, sections)
        except UnwritableFile as error:
            self._warn_once(error)
            return sections
        return self._open(edition) or sections  # mapped, all processes share one copy

    def _found_by_now(self, edition: Edition) -> Mapping[str, Words] | None:
        """Return what another process built while we waited for our turn."""
        try:
            return index_files.open_index(self.path(edition), self.key(edition))
        except index_files.UnusableIndex:
            return None  # it was told of before we waited

    def _open(self, edition: Edition) -> Mapping[str, Words] | None:
        path = self.path(edition)
        try:
            sections = index_files.open_index(path, self.key(edition))
        except index_files.UnusableIndex as reason:
            _tell_unusable(path, reason)
            return None
        if sections is not None:
            index_files.note_use(path)
        return sections

    def _write(self, edition: Edition, sections: Mapping[str, Words]) -> None:
        """Write an index, and remove what nobody used for long."""
        path = self.path(edition)
        try:
            index_files.write_index(path, self.key(edition), sections)
        except OSError as error:
            reason = error.strerror or str(error)
            raise UnwritableFile(str(path), reason, reason) from error
        index_files.remove_unused(self.folder, keep=[path])

    def _warn_once(self, error: UnwritableFile) -> None:
        if not self._has_warned:
            self._has_warned = True
            _warn("indexes are used from memory, none is kept", reason=str(error))


def _size_in_memory(locator: Locator, layers: Layers) -> int:
    """Return about how many bytes a locator takes, mapped ones included."""
    total = sum(words.nbytes for words in locator.sections.values())
    for layer in layers:
        areas = locator.areas(layer.name)
        vertices = int(shapely.get_num_coordinates(areas.geometries).sum())
        total += _AREA_BYTES * len(areas) + _VERTEX_BYTES * vertices
    return total


def _tell_unusable(path: Path, reason: index_files.UnusableIndex) -> None:
    _warn("an index file cannot be used", path=str(path), reason=str(reason))


def _warn(event: str, **facts: str) -> None:
    """Write one line to standard error, as the service does for its own failures."""
    structlog.wrap_logger(
        structlog.PrintLogger(sys.stderr),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    ).warning(event, **facts)
