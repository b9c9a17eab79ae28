"""What a draft would change, before it is published: of all of it, and around a step alone."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from geo_service.services.callers import Caller
from geo_service.services.drafts.draft import Draft, read_draft
from geo_service.services.drafts.drafts import Step
from geo_service.services.drafts.figures import entered_values
from geo_service.services.drafts.kept.changes import DraftChanges
from geo_service.services.impact.impact import ImpactService
from geo_service.services.impact.look import ImpactOptions
from geo_service.services.impact.result import Impact
from geo_service.services.workspaces import Workspace
from geo_service.storage.databases import Transaction
from geo_service.storage.editions import AreaKey


@dataclass(frozen=True, eq=False)
class StepImpact:
    """What stands to change around a step, since the base.

    ``about`` are all areas whose numbers the step can have changed. Those of them that are not in
    ``impact`` are as in the base; what is told of all others before still holds.
    """

    impact: Impact
    about: Collection[AreaKey]


class DraftImpactService:
    """The impact of drafts."""

    def __init__(self, workspace: Workspace, impact: ImpactService, changes: DraftChanges) -> None:
        self._workspace, self._impact, self._changes = workspace, impact, changes

    def impact(self, _caller: Caller, draft_id: int, options: ImpactOptions) -> Impact:
        """Return what stands to change where a draft takes the place of its base.

        Raises
        ------
        DraftNotFound
            There is no such draft.
        """
        with self._workspace.database.read() as connection:
            draft = read_draft(connection, draft_id)
            base = self._workspace.edition_number(connection, draft.row.base_edition)
            now = self._changes.of(connection, draft, draft.done)
            told = now.only(now.keys)
            options = replace(options, entered=entered_values(connection, draft, now))
            found = self._impact.between(connection, base, told.before, told.after, options)
            self._impact.prepare(connection, base)  # who looks at all of it goes on step by step
            return found

    def around(self, _caller: Caller, step: Step, options: ImpactOptions) -> StepImpact:
        """Return what stands to change around a step that was just done, undone or done again.

        Takes as long as what hangs together with the step is large, not the draft.
        """
        draft, number = step.draft, step.number
        before = draft.done[:-1] if number in draft.done[-1:] else [*draft.done, number]
        with self._workspace.database.read() as connection:
            former = self._changes.of(connection, draft, before)
            near = former.around(step.touched)
            return self._about(connection, draft, near | step.touched, options)

    def about(
        self, _caller: Caller, draft: Draft, keys: Collection[AreaKey], options: ImpactOptions
    ) -> StepImpact:
        """Return the same around areas of which a value was entered, or taken away."""
        with self._workspace.database.read() as connection:
            return self._about(connection, draft, keys, options)

    def _about(
        self,
        connection: Transaction,
        draft: Draft,
        keys: Collection[AreaKey],
        options: ImpactOptions,
    ) -> StepImpact:
        base = self._workspace.edition_number(connection, draft.row.base_edition)
        now = self._changes.of(connection, draft, draft.done)
        about = now.around(keys)
        told = now.only(about)
        options = replace(options, entered=entered_values(connection, draft, now))
        impact = self._impact.of_step(connection, base, told, options, now.others)
        return StepImpact(impact, about.union(keys))
