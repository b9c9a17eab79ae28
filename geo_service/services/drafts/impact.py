"""What a draft would change, before it is published."""

from geo_service.services.callers import Caller
from geo_service.services.drafts.drafts import read_draft
from geo_service.services.drafts.states import done_steps
from geo_service.services.impact.impact import ImpactService
from geo_service.services.impact.look import ImpactOptions
from geo_service.services.impact.result import Impact
from geo_service.services.workspaces import Workspace
from geo_service.storage import drafts, editions


class DraftImpactService:
    """The impact of drafts."""

    def __init__(self, workspace: Workspace, impact: ImpactService) -> None:
        self._workspace, self._impact = workspace, impact

    def impact(self, _caller: Caller, draft_id: int, options: ImpactOptions) -> Impact:
        """Return what stands to change where a draft takes the place of its base.

        Raises
        ------
        DraftNotFound
            There is no such draft.
        """
        with self._workspace.database.read() as connection:
            draft = read_draft(connection, draft_id)
            content, ended = drafts.resulting_areas(connection, done_steps(draft.steps))
            base = self._workspace.edition_number(connection, draft.row.base_edition)
            before = editions.content_at(connection, base.number, content.keys() | ended)
            return self._impact.between(
                connection,
                base,
                editions.boundaries_of(before),
                editions.boundaries_of(content),
                options,
            )
