"""Everything that somebody has to decide or do, as of a day."""

from geo_service.layers.edition import IN_FORCE, EditionChoice
from geo_service.services.callers import Caller
from geo_service.services.coverage.bindings import OldBinding, old_bindings
from geo_service.services.coverage.checks.ladder import Ladder, checked_ladder
from geo_service.services.coverage.checks.reminders import Reminder, reminders
from geo_service.services.coverage.checks.stations import StationIndicators, station_indicators
from geo_service.services.coverage.layer_coverage import CoverageService
from geo_service.services.coverage.picture import Picture
from geo_service.services.workspaces import Workspace


class RegisterCheckService:
    """What a party-work officer has to look at; each of a moment, or of a picture taken before."""

    def __init__(self, workspace: Workspace, coverage: CoverageService) -> None:
        self._workspace = workspace
        self._coverage = coverage

    def picture(self, _caller: Caller, choice: EditionChoice = IN_FORCE) -> Picture:
        """Return the registers as of a moment, to check several things of it."""
        with self._workspace.database.read() as connection:
            return self._coverage.picture(connection, choice)

    def ladder(self, caller: Caller, choice: EditionChoice = IN_FORCE) -> Ladder:
        """Check the ladder of a day: a body on every level, parents that fit, no cycles."""
        return self.ladder_of(self.picture(caller, choice))

    def ladder_of(self, picture: Picture) -> Ladder:
        """Return the same for a picture that was taken before."""
        named = self._workspace.layers.by_name
        return checked_ladder(picture, [name for name in named if name in picture.rules.bodies])

    def reminders(self, caller: Caller, choice: EditionChoice = IN_FORCE) -> list[Reminder]:
        """Return what is due, the most urgent first."""
        return self.reminders_of(self.picture(caller, choice))

    def reminders_of(self, picture: Picture) -> list[Reminder]:
        """Return the same for a picture that was taken before."""
        return reminders(picture)

    def stations(self, caller: Caller, choice: EditionChoice = IN_FORCE) -> list[StationIndicators]:
        """Return the indicators of every kind of site that there is."""
        return self.stations_of(self.picture(caller, choice))

    def stations_of(self, picture: Picture) -> list[StationIndicators]:
        """Return the same for a picture that was taken before."""
        return station_indicators(picture.facilities, picture.rules.limits, picture.day)

    def old_bindings(self, caller: Caller, choice: EditionChoice = IN_FORCE) -> list[OldBinding]:
        """Return entries bound by codes to areas redrawn since, for a person to decide."""
        return self.old_bindings_of(self.picture(caller, choice))

    def old_bindings_of(self, picture: Picture) -> list[OldBinding]:
        """Return the same for a picture that was taken before."""
        with self._workspace.database.read() as connection:
            return old_bindings(connection, picture)
