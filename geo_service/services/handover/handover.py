"""What a shift leaves to the next: what happened, what presses, what waits for somebody."""

from dataclasses import dataclass

from geo_service.errors import InvalidValue
from geo_service.governance.clock.limit import DAY_S
from geo_service.governance.clock.shifts import Turn
from geo_service.maps.handover.view import EditionNews, HandoverView
from geo_service.services.callers import Caller
from geo_service.services.handover.figures import shift_figures
from geo_service.services.handover.troubles import troubles
from geo_service.services.handover.waiting import Waiting
from geo_service.services.page_facts import PageFacts, is_fictional, root_areas
from geo_service.services.workspaces import Workspace
from geo_service.storage.databases import Transaction

_LONGEST_DAYS = 31


@dataclass(frozen=True)
class HandoverQuery:
    """Which handover: in which language, since when (None: since the shift began), how much."""

    language: str = "zh"
    since_s: int | None = None
    limit: int = 100


class HandoverService:
    """Handovers as of now."""

    def __init__(self, workspace: Workspace, facts: PageFacts) -> None:
        self._workspace = workspace
        self._facts = facts

    def handover(self, _caller: Caller, query: HandoverQuery) -> HandoverView:
        """Return what is handed over, all of it as one transaction sees it.

        Raises
        ------
        InvalidValue
            ``since`` is to come, or more than a month ago.
        """
        workspace = self._workspace.standing_still()
        turn = _turn(workspace, query.since_s)
        with workspace.database.read() as connection:
            return self._view(workspace, connection, turn, query)

    def _view(
        self, workspace: Workspace, connection: Transaction, turn: Turn, query: HandoverQuery
    ) -> HandoverView:
        now_s, language = int(workspace.now_s()), query.language
        waiting = Waiting(
            workspace, connection, from_s=turn.from_s, next_s=turn.next_s, language=language
        )
        edition = workspace.governing(connection)
        root = root_areas(workspace, connection, edition)
        return HandoverView(
            language=language,
            place="、".join(root.names[:3]),
            edition=None if edition is None else edition.number,
            now_s=now_s,
            turn=turn,
            figures=shift_figures(
                connection,
                workspace.profile,
                from_s=turn.from_s,
                now_s=now_s,
                became_overdue=waiting.counts["became_overdue"],
                language=language,
            ),
            editions=_editions(workspace, connection, turn, now_s),
            counts=waiting.counts,
            groups=waiting.groups(),
            issues=waiting.issues(query.limit),
            troubles=troubles(workspace, connection),
            unit=self._facts.map_unit,
            is_fictional=is_fictional(root),
            notices=self._facts.notices(language),
        )


def _turn(workspace: Workspace, since_s: int | None) -> Turn:
    now_s = int(workspace.now_s())
    turn = workspace.profile.shifts.turn(now_s)
    if since_s is None:
        return turn
    if not now_s - _LONGEST_DAYS * DAY_S <= since_s <= now_s:
        raise InvalidValue(
            "since",
            f"不晚于现在、不早于 {_LONGEST_DAYS} 天前的时间",
            f"a time that is not to come and at most {_LONGEST_DAYS} days ago",
        )
    return turn._replace(from_s=since_s)


def _editions(
    workspace: Workspace, connection: Transaction, turn: Turn, now_s: int
) -> list[EditionNews]:
    """Return the editions that were published or take effect from this shift to the next."""
    return [
        EditionNews(each.number, each.effective_from_s, each.effective_from_s > now_s)
        for each in workspace.editions(connection)
        if turn.from_s <= each.effective_from_s < turn.next_s
        or turn.from_s <= each.published_at_s <= now_s
    ]
