"""The index files of editions, as an operator sees them: build, list, verify."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from geo_service.layers.edition import Edition
from geo_service.services.callers import Caller
from geo_service.services.workspaces import Workspace
from geo_service.storage import editions, index_files
from geo_service.storage.index_files import StoredIndex, UnusableIndex


@dataclass(frozen=True)
class EditionIndex:
    """How it stands with the index of one edition.

    ``stored`` is None where no file is there; ``reason`` says why a file cannot be used, in Chinese
    and English; ``damaged`` names the sections whose content differs from their checksum.
    """

    edition: int
    path: Path
    state: Literal["missing", "usable", "intact", "damaged", "unusable"]
    stored: StoredIndex | None = None
    reason: tuple[str, str] | None = None
    damaged: tuple[str, ...] = ()


@dataclass(frozen=True)
class IndexFolder:
    """The folder: an entry for each edition, and the files that belong to none of them."""

    path: Path
    indexes: list[EditionIndex]
    others: list[StoredIndex]


class IndexService:
    """Index files on this machine; nothing here changes an answer."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def build(self, _caller: Caller, number: int | None = None) -> tuple[EditionIndex, bool]:
        """See that an edition (by default the one in force) has an intact index file.

        Returns
        -------
        tuple[EditionIndex, bool]
            The file, and whether it was built now.

        Raises
        ------
        EditionNotFound
            No such edition, or none in force.
        UnwritableFile
            The folder cannot be written to.
        """
        with self._workspace.database.read() as connection:
            if number is None:
                edition = self._workspace.edition(connection)
            else:
                edition = self._workspace.edition_number(connection, number)
            is_new = self._workspace.locators.build(connection, edition)
        return self._states([edition], is_reading=False)[0], is_new

    def folder(self, _caller: Caller) -> IndexFolder:
        """Return what is there, without reading the files' content."""
        path = self._workspace.locators.folder
        indexes = self._states(self._editions(), is_reading=False)
        ours = {index.path for index in indexes}
        stored = index_files.stored_indexes(path)
        return IndexFolder(path, indexes, [each for each in stored if each.path not in ours])

    def verify(self, _caller: Caller, number: int | None = None) -> list[EditionIndex]:
        """Read the whole file of an edition, by default of each, and compare the checksums.

        Raises
        ------
        EditionNotFound
            No such edition.
        """
        return self._states(self._editions(number), is_reading=True)

    def verify_all(self, _caller: Caller, known: list[Edition]) -> list[EditionIndex]:
        """Do the same for editions that were read already."""
        return self._states(known, is_reading=True)

    def _editions(self, number: int | None = None) -> list[Edition]:
        with self._workspace.database.read() as connection:
            if number is None:
                return editions.all_editions(connection)
            return [self._workspace.edition_number(connection, number)]

    def _states(self, asked: list[Edition], *, is_reading: bool) -> list[EditionIndex]:
        locators = self._workspace.locators
        stored = {each.path: each for each in index_files.stored_indexes(locators.folder)}
        found = []
        for edition in asked:
            path = locators.path(edition)
            index = EditionIndex(edition.number, path, "missing", stored.get(path))
            found.append(_judged(index, locators.key(edition), is_reading=is_reading))
        return found


def _judged(index: EditionIndex, key: str, *, is_reading: bool) -> EditionIndex:
    try:
        if not is_reading:
            is_there = index_files.open_index(index.path, key) is not None
            return replace(index, state="usable") if is_there else index
        damaged = index_files.damaged_sections(index.path, key)
    except UnusableIndex as error:
        return replace(index, state="unusable", reason=(error.zh, error.en))
    if damaged is None:
        return index
    return replace(index, state="damaged" if damaged else "intact", damaged=tuple(damaged))
