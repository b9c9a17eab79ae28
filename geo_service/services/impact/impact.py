"""What a redraw would change: asked of two contents of which only what differs is looked at."""

from dataclasses import replace

from geo_service.layers.area import Boundaries
from geo_service.layers.edition import Edition
from geo_service.layers.locator import Locator
from geo_service.services.callers import Caller
from geo_service.services.coverage.picture import day_number, picture_of
from geo_service.services.impact.issues.book import IssueBooks
from geo_service.services.impact.look import DEFAULT, ImpactOptions, Now, look, people_of
from geo_service.services.impact.people import People
from geo_service.services.impact.redrawing import (
    FindOthers,
    Redrawing,
    no_others,
    redrawing_of,
)
from geo_service.services.impact.registers import Registers
from geo_service.services.impact.result import Impact
from geo_service.services.impact.stored_areas import StoredAreas
from geo_service.services.kept import Kept
from geo_service.services.workspaces import Workspace
from geo_service.storage import area_boxes, editions, registers
from geo_service.storage.databases import Transaction

_EDITIONS_KEPT = 2


class ImpactService:
    """What would change, for planners who look before they publish."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._stored = Kept[StoredAreas](_EDITIONS_KEPT, may_be_large=True)
        self._registers = Kept[Registers](1, may_be_large=True)
        self._books = IssueBooks()

    def between_editions(
        self, _caller: Caller, before: int, after: int, options: ImpactOptions = DEFAULT
    ) -> Impact:
        """Return what lies between two editions, as registers, issues and figures stand now.

        Figures dated before the later edition took effect are of the ground before; those from
        then on of the ground after.

        Raises
        ------
        EditionNotFound
            There is no such edition.
        """
        with self._workspace.database.read() as connection:
            base = self._workspace.edition_number(connection, before)
            other = self._workspace.edition_number(connection, after)
            return self.between_stored(connection, base, other, options)

    def between_stored(
        self,
        connection: Transaction,
        base: Edition,
        other: Edition,
        options: ImpactOptions = DEFAULT,
    ) -> Impact:
        """Return what `between_editions` does, within the caller's transaction."""
        entered_from_s = options.entered_from_s
        if entered_from_s is None and other.effective_from_s > base.effective_from_s:
            entered_from_s = other.effective_from_s
        return self.between(
            connection,
            base,
            editions.read_differing(connection, base.number, other=other.number),
            editions.read_differing(connection, other.number, other=base.number),
            replace(options, entered_from_s=entered_from_s),
        )

    def between(
        self,
        connection: Transaction,
        base: Edition,
        before: Boundaries,
        after: Boundaries,
        options: ImpactOptions = DEFAULT,
    ) -> Impact:
        """Return what changes where some areas of an edition give way to others.

        Reads within the caller's transaction, and of the edition no outlines but those around.

        Parameters
        ----------
        base
            The stored edition that is before.
        before, after
            At least the areas that differ: as ``base`` has them, and what is to stand in their
            place. An area in ``before`` alone is to go. What is the same in both is left out; all
            other areas of ``base`` stay.
        options
            How much is told.

        Raises
        ------
        CoverageOverlap
            Two areas of a nested layer would hold the same ground, so that it has no one owner.
        """
        now = self._now(connection, base)
        redrawing = redrawing_of(before, after)
        return look(now, redrawing, self._areas(now), self._registers_now(now), options)

    def of_step(
        self,
        connection: Transaction,
        base: Edition,
        told: Redrawing,
        options: ImpactOptions,
        others: FindOthers,
    ) -> Impact:
        """Return what `between` does around one of many steps; ``told`` is what differs there.

        ``others`` finds the areas that differ too and are not told of. Keeps the locator of the
        edition and all issues, so that little is read at each step.
        """
        self.prepare(connection, base)
        now = self._now(connection, base, others)
        now = replace(now, book=self._books.get(now.workspace, connection))
        return look(now, told, self._areas(now), self._registers_now(now), options)

    def prepare(self, connection: Transaction, base: Edition) -> None:
        """Make what `of_step` keeps, so that the first step takes no longer than others."""
        self._workspace.locator(connection, base)
        self._books.get(self._workspace, connection)

    def people(self, connection: Transaction, base: Edition, redrawing: Redrawing) -> People:
        """Return who lives where after a redraw of an edition, as `between` tells it."""
        now = self._now(connection, base)
        return people_of(now, redrawing, self._areas(now))

    def _now(self, connection: Transaction, base: Edition, others: FindOthers = no_others) -> Now:
        workspace = self._workspace.standing_still()
        standing = workspace.agreements(connection).standing(now_s=workspace.now_s())
        return Now(workspace, connection, base, standing, others)

    def _areas(self, now: Now) -> StoredAreas:
        layers, number = now.workspace.layers, now.base.number
        return self._stored.get(
            (number, now.base.content_hash),
            lambda: StoredAreas(layers, area_boxes.area_boxes(now.connection, number)),
        )

    def _registers_now(self, now: Now) -> Registers:
        """Return the registers of today, on no ground: read once while nothing is recorded."""
        workspace, connection = now.workspace, now.connection
        now_s = workspace.now_s()
        key = (registers.revision(connection), day_number(now_s))
        nowhere = Locator(workspace.layers, {})
        return self._registers.get(
            key,
            lambda: Registers(picture_of(workspace, connection, now.base, nowhere, now_s, now_s)),
        )
