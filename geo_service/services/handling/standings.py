"""What the state of an issue says, as the columns that queues and rates ask for."""

from geo_service.governance.clock.deadline import DeadlineRules
from geo_service.governance.clock.run import Run, Runs
from geo_service.governance.handling.life import SUMMONED, Handling
from geo_service.governance.profile import Profile
from geo_service.storage.standings import StandingRow


def standing_row(issue_id: int, standing: Handling, runs: Runs, profile: Profile) -> StandingRow:
    """Return the columns of an issue that somebody handles."""
    rules, workflow, answers = profile.deadlines, profile.workflow, standing.answers
    response = runs.get(rules.response or "")
    return StandingRow(
        issue_id=issue_id,
        state=standing.state,
        phase=standing.phase,
        tier=standing.tier,
        unit=standing.unit,
        condition=answers.get("condition"),
        waited_for=sum(became == SUMMONED for became in standing.departments.values()),
        returned=sum(standing.taken.get(name, 0) for name in workflow.returns),
        responded_s=_responded_s(standing, response, rules),
        response_due_s=None if response is None else response.due_s,
        resolved=answers.get("resolved"),
        satisfaction=answers.get("satisfaction"),
        is_exempted=standing.is_exempted,
        is_excluded=standing.is_excluded,
        duplicate_of=standing.duplicate_of,
        marks=_marks(runs, rules),
    )


def _responded_s(standing: Handling, response: Run | None, rules: DeadlineRules) -> int | None:
    """Return when somebody responded; a deadline that ended by closing alone was not met."""
    if response is None or rules.response is None:
        return None
    steps = rules.deadlines[rules.response].ends
    return response.ended_s if any(name in standing.taken for name in steps) else None


def _marks(runs: Runs, rules: DeadlineRules) -> str:
    names = [
        name
        for name, run in runs.items()
        if run.is_running and name in rules.deadlines and rules.deadlines[name].is_mark
    ]
    return f",{','.join(names)}," if names else ""
