"""What the state of an issue says, as the columns that queues ask for."""

from geo_service.governance.clock.deadline import DeadlineRules
from geo_service.governance.clock.run import Runs
from geo_service.governance.event import IssueState
from geo_service.governance.handling.dues import runs_of
from geo_service.governance.handling.life import SUMMONED, Handling, beginning, from_values
from geo_service.governance.handling.workflow import Workflow
from geo_service.governance.issue import OPEN
from geo_service.governance.profile import Profile
from geo_service.storage.standings import StandingRow


def standing_row(issue_id: int, standing: Handling, runs: Runs, profile: Profile) -> StandingRow:
    """Return the columns of an issue that somebody handles."""
    workflow = profile.workflow
    return StandingRow(
        issue_id=issue_id,
        state=standing.state,
        phase=standing.phase,
        tier=standing.tier,
        unit=standing.unit,
        condition=standing.answers.get("condition"),
        waited_for=sum(became == SUMMONED for became in standing.departments.values()),
        returned=sum(standing.taken.get(name, 0) for name in workflow.returns),
        duplicate_of=standing.duplicate_of,
        marks=_marks(runs, profile.deadlines),
    )


def kept_standing(issue_id: int, state: IssueState, profile: Profile) -> StandingRow | None:
    """Return the columns of an issue that somebody handles, or that its source calls pressing.

    None for every other one: queues then read that it is where all begin.
    """
    is_pressing = state.status == OPEN and state.values.get("condition") is not None
    if state.handling is None and not is_pressing:
        return None
    standing = standing_in(profile.workflow, state)
    return standing_row(issue_id, standing, runs_of(state.deadlines), profile)


def standing_in(workflow: Workflow, state: IssueState) -> Handling:
    """Return where an issue stands; at the start if the profile has lost its state or tier."""
    if state.handling is not None:
        standing = from_values(state.handling)
        if standing.state in workflow.states and standing.tier in (None, *workflow.tiers):
            return standing
    return beginning(workflow, status=state.status, condition=state.values.get("condition"))


def _marks(runs: Runs, rules: DeadlineRules) -> str:
    names = [
        name
        for name, run in runs.items()
        if run.is_running and name in rules.deadlines and rules.deadlines[name].is_mark
    ]
    return f",{','.join(names)}," if names else ""
