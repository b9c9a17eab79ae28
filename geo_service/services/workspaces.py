"""What every service works on: one database, one profile, one clock, the edition in force."""

import time
from collections.abc import Callable, Sequence
from copy import copy
from pathlib import Path
from typing import Generic, TypeVar

from geo_service.errors import EditionNotFound, ProfileConflict, UnknownLayer
from geo_service.governance.clock.calendar import (
    CalendarYear,
    read_calendar_year,
    shipped_calendar,
)
from geo_service.governance.clock.limit import Clock
from geo_service.governance.clock.run import DeadlineClock
from geo_service.governance.profile import Profile
from geo_service.layers.agreement import AgreementBook
from geo_service.layers.edition import IN_FORCE, Edition, EditionChoice, governing_edition
from geo_service.layers.layer import Enclave, Layers
from geo_service.layers.layer_tables import layers_from_tables
from geo_service.layers.locator import Locator
from geo_service.services.addresses.knowledge import Knowledge
from geo_service.services.places.locators import Locators
from geo_service.storage import agreements, calendars, editions, enclaves, profiles
from geo_service.storage.agreements import Revision
from geo_service.storage.attachment_files import attachment_files
from geo_service.storage.databases import Database, Transaction

_Known = tuple[int | None, Sequence[Edition], AgreementBook]
"""What was read at a change mark."""

_Mark = TypeVar("_Mark")
_Rows = TypeVar("_Rows")

_INDEX_FOLDER = Path("var/index")
"""Where a database that is no file of this machine has its indexes."""


class Workspace:
    """One database opened with one profile."""

    def __init__(
        self,
        database: Database,
        profile: Profile,
        *,
        now_s: Callable[[], float] = time.time,
        index_folder: Path | None = None,
        attachment_folder: str = "",
    ) -> None:
        self.database = database
        self.profile = profile
        self.layers: Layers = layers_from_tables(profile.layers)
        self.now_s = now_s
        self._known: _Known = (None, (), AgreementBook())
        self._books: _Last[Revision, AgreementBook] = _Last((0, 0), AgreementBook())
        self._every_edition: _Last[str, Sequence[Edition]] = _Last("", ())
        self._is_still = False
        self._book: AgreementBook | None = None
        self._editions: Sequence[Edition] | None = None
        self._calendar_texts: Sequence[tuple[int, str]] = []
        self.deadlines = self._deadlines(())
        self.locators = Locators(self.layers, index_folder or _index_folder(database))
        self.attachments = attachment_files(database, attachment_folder)
        self.knowledge = Knowledge()

    def open(self, *, may_make: bool = True) -> None:
        """Bring the tables up to date and adopt the profile.

        A file of SQLite that is not there is made, unless it must be there (``may_make``). Nothing
        is written into one that has this profile: one that can only be read still answers.

        Raises
        ------
        StorageUnavailable
            The database cannot be read, or what it needs not be written.
        ProfileConflict
            The profile lacks layers that hold areas in the newest edition.
        DatabaseUnfit
            A PostgreSQL database without PostGIS, or too old, or whose views cannot be changed.
        """
        self.database.migrate(may_make=may_make)
        with self.database.read() as connection:
            self.learn_calendars(connection)
        if self.database.file is not None and self._is_adopted():
            return
        with self.database.write() as connection:
            self._check_layers(connection)
            profiles.adopt_profile(
                connection,
                profile_hash=self.profile.hash,
                name=self.profile.name,
                text=self.profile.text,
                adopted_at_s=int(self.now_s()),
            )
            self.database.refresh_views(connection, self.layers)

    def learn_calendars(self, connection: Transaction) -> None:
        """Read which years were announced since; those of the product stand beneath them."""
        texts = calendars.calendar_texts(connection)
        if texts != self._calendar_texts:
            years = [read_calendar_year(text, file=str(year)) for year, text in texts]
            self.deadlines, self._calendar_texts = self._deadlines(years), texts

    def _deadlines(self, years: Sequence[CalendarYear]) -> DeadlineClock:
        calendar = shipped_calendar().with_years(years) if years else shipped_calendar()
        rules = self.profile.deadlines
        return DeadlineClock(rules, Clock(calendar, rules.hours))

    def edition(self, connection: Transaction, choice: EditionChoice = IN_FORCE) -> Edition:
        """Return the edition that is asked for; raises EditionNotFound."""
        found = self.governing(connection, choice)
        if found is None:
            raise EditionNotFound(asked=_asked(choice))
        return found

    def governing(
        self, connection: Transaction, choice: EditionChoice = IN_FORCE
    ) -> Edition | None:
        """Return the edition that is asked for, None where nothing was published for it."""
        known = editions.all_editions(connection)
        return governing_edition(known, choice, now_s=self.now_s())

    def pin(self, choice: EditionChoice = IN_FORCE) -> tuple[Edition, Locator]:
        """Return the edition that is asked for with its locator; no query while nothing changed.

        The locator obeys the agreements that stand at the same two moments.

        Raises
        ------
        EditionNotFound
            Nothing was published for that moment.
        """
        now_s = self.now_s()
        known, book = self._known_rows()
        edition = governing_edition(known, choice, now_s=now_s)
        if edition is None:
            raise EditionNotFound(asked=_asked(choice))
        locator = self.locators.find(edition)
        if locator is None:
            with self.database.read() as connection:
                locator = self.locators.get(connection, edition)
        return edition, locator.with_agreements(book.standing(choice, now_s=now_s))

    def _known_rows(self) -> tuple[Sequence[Edition], AgreementBook]:
        mark = self.database.change_mark()
        known_at, known, book = self._known
        if mark is None or mark != known_at:
            with self.database.read() as connection:
                known = editions.all_editions(connection)
                book = self.agreements(connection)
            # the mark is of before the query, so that what came in between is seen next; and all
            # in one value, so that no other thread's edition stands beside this one's mark
            self._known = (mark, known, book)
        return known, book

    def enclaves(self, connection: Transaction) -> list[Enclave]:
        """Return the enclaves that are declared now."""
        found = enclaves.all_enclaves(connection)
        return [each for each in found if each.withdrawn_at_s is None]

    def agreements(
        self, connection: Transaction, revision: Revision | None = None
    ) -> AgreementBook:
        """Return every border agreement that a transaction sees; ``revision`` if it was just read.

        Standing still, it is read once, and again only where a revision is given.
        """
        if revision is None and self._book is not None:
            return self._book
        book = self._books.at(
            revision or agreements.revision(connection),
            lambda: AgreementBook(agreements.all_agreements(connection)),
        )
        if self._is_still:
            self._book = book
        return book

    def editions(self, connection: Transaction, newest: str | None = None) -> Sequence[Edition]:
        """Return every edition that a transaction sees; ``newest`` if that was just read.

        Standing still, none is read where one with the same ``newest`` has read them.
        """
        if newest is None:
            kept = self._editions
            return editions.all_editions(connection) if kept is None else kept
        found = self._every_edition.at(newest, lambda: editions.all_editions(connection))
        if self._is_still:
            self._editions = found
        return found

    def edition_number(self, connection: Transaction, number: int) -> Edition:
        """Return the edition with this number; raises EditionNotFound."""
        for edition in editions.all_editions(connection):
            if edition.number == number:
                return edition
        raise EditionNotFound(asked=str(number))

    def locator(
        self, connection: Transaction, edition: Edition, choice: EditionChoice = IN_FORCE
    ) -> Locator:
        """Return the locator of an edition, with the agreements that stand at some moments."""
        standing = self.agreements(connection).standing(choice, now_s=self.now_s())
        return self.locators.get(connection, edition).with_agreements(standing)

    def forget_locators(self) -> None:
        """Let go of every kept locator."""
        self.locators.forget()

    def family_of(self, layer: str) -> str:
        """Return the family that a nested layer stands in; the first where it stands in several.

        Raises
        ------
        UnknownLayer
            No such layer, or an overlay, which has no family.
        """
        for family, chain in self.layers.families.items():
            if layer in [each.name for each in chain]:
                return family
        nested = [each.name for each in self.layers if not each.is_overlay]
        raise UnknownLayer(layer=layer, known=nested)

    def standing_still(self) -> "Workspace":
        """Return the same workspace with its clock stopped: one transaction, one moment.

        An edition that takes effect while a transaction runs must not govern its second half.
        """
        now_s = self.now_s()
        stopped = copy(self)
        stopped.now_s = lambda: now_s
        stopped._is_still, stopped._book, stopped._editions = True, None, None
        return stopped

    def recording(self) -> "Workspace":
        """Return the same for a transaction that records agreements: its clock stands still.

        What it reads of its own, and may have to take back, is not kept for others.
        """
        alone = self.standing_still()
        alone._books = _Last((0, 0), AgreementBook())
        alone._every_edition = _Last("", ())
        return alone

    def close(self) -> None:
        """Give back the database's connections."""
        self.database.close()

    def _is_adopted(self) -> bool:
        with self.database.read() as connection:
            self._check_layers(connection)
            stored = profiles.adopted_profile(connection)
        return stored is not None and stored[0] == self.profile.hash

    def _check_layers(self, connection: Transaction) -> None:
        stored = profiles.adopted_profile(connection)
        if stored is None:
            return
        number = editions.latest_number(connection)
        missing = [
            name
            for name in editions.layers_in(connection, number)
            if name not in self.layers.by_name
        ]
        if missing:
            raise ProfileConflict(stored=stored[1], given=self.profile.name, layers=missing)


class _Last(Generic[_Mark, _Rows]):
    """What was read last, and the mark of the moment it was read at."""

    def __init__(self, mark: _Mark, rows: _Rows) -> None:
        self._last = (mark, rows)

    def at(self, mark: _Mark, read: Callable[[], _Rows]) -> _Rows:
        """Return the rows of a mark, read where another one was read last."""
        last = self._last
        if last[0] != mark:
            last = self._last = mark, read()
        return last[1]


def _index_folder(database: Database) -> Path:
    """Return the folder beside an SQLite file, so that both are moved and removed together."""
    if database.file is None:
        return _INDEX_FOLDER
    return database.file.with_name(f"{database.file.name}.index")


def _asked(choice: EditionChoice) -> str:
    def moment(value: float | None) -> str:
        return "now" if value is None else time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(value))

    return f"as_of={moment(choice.as_of_s)}, known_at={moment(choice.known_at_s)}"
