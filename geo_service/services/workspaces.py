"""What every service works on: one database, one profile, one clock, the edition in force."""

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from geo_service.errors import EditionNotFound, ProfileConflict, UnknownLayer
from geo_service.governance.profile import Profile
from geo_service.layers.edition import IN_FORCE, Edition, EditionChoice, governing_edition
from geo_service.layers.layer import Layers
from geo_service.layers.layer_tables import layers_from_tables
from geo_service.layers.locator import Locator
from geo_service.storage import editions, profiles
from geo_service.storage.databases import Database, Transaction

_LOCATORS_KEPT = 4


class Workspace:
    """One database opened with one profile."""

    def __init__(
        self, database: Database, profile: Profile, *, now_s: Callable[[], float] = time.time
    ) -> None:
        self.database = database
        self.profile = profile
        self.layers: Layers = layers_from_tables(profile.layers)
        self.now_s = now_s
        self._locators: OrderedDict[tuple[str, str], Locator] = OrderedDict()
        self._lock = Lock()

    def open(self) -> None:
        """Bring the tables up to date and adopt the profile.

        Raises
        ------
        ProfileConflict
            The profile lacks layers that hold areas in the newest edition.
        """
        self.database.migrate()
        with self.database.write() as connection:
            self._check_layers(connection)
            profiles.adopt_profile(
                connection,
                profile_hash=self.profile.hash,
                name=self.profile.name,
                text=self.profile.text,
                adopted_at_s=int(self.now_s()),
            )

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

    def edition_number(self, connection: Transaction, number: int) -> Edition:
        """Return the edition with this number; raises EditionNotFound."""
        for edition in editions.all_editions(connection):
            if edition.number == number:
                return edition
        raise EditionNotFound(asked=str(number))

    def locator(self, connection: Transaction, edition: Edition) -> Locator:
        """Return the locator of an edition; the last few are kept, by content."""
        key = (edition.content_hash, self.profile.hash)
        with self._lock:
            if key in self._locators:
                self._locators.move_to_end(key)
                return self._locators[key]
        locator = Locator(self.layers, editions.read_boundaries(connection, edition.number))
        with self._lock:
            self._locators[key] = locator
            while len(self._locators) > _LOCATORS_KEPT:
                self._locators.popitem(last=False)
        return locator

    def forget_locators(self) -> None:
        """Let go of every kept locator."""
        with self._lock:
            self._locators.clear()

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

    def close(self) -> None:
        """Give back the database's connections."""
        self.database.close()

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


def _asked(choice: EditionChoice) -> str:
    def moment(value: float | None) -> str:
        return "now" if value is None else time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(value))

    return f"as_of={moment(choice.as_of_s)}, known_at={moment(choice.known_at_s)}"
