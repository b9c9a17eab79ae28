"""What a draft would change, before it is published."""

from geo_service.services.callers import Caller
from geo_service.services.drafts.drafts import changes_of, read_draft
from geo_service.services.impact.impact import ImpactService
from geo_service.services.impact.look import ImpactOptions
from geo_service.services.impact.result import Impact
from geo_service.services.workspaces import Workspace


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
            base = self._workspace.edition_number(connection, draft.row.base_edition)
            before, after = changes_of(connection, draft)
            return self._impact.between(connection, base, before, after, options)
