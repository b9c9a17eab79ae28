"""Possible duplicates near by: issues of the same category around an issue, or around a place."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from geo_service.errors import IssueNotFound
from geo_service.governance.event import state_from_values
from geo_service.governance.handling.dues import runs_of, too_late
from geo_service.governance.handling.duplicates import (
    CATEGORY,
    MAJOR,
    DuplicateRules,
    Likeness,
)
from geo_service.governance.handling.life import legal_steps
from geo_service.governance.handling.workflow import MERGE, NAMED, Step
from geo_service.layers.frames import distance_m, parse_frame
from geo_service.layers.reach import grown_boxes
from geo_service.services.callers import Caller
from geo_service.services.handling.standings import standing_in
from geo_service.services.places.placing import place_point
from geo_service.services.workspaces import Workspace
from geo_service.storage import nearby
from geo_service.storage.databases import Transaction
from geo_service.storage.nearby import AskedIssue, Surroundings

MOST_TOLD = 20
"""More than so many are counted, and not listed: nobody compares them one by one."""

_HIGHEST_ID = 2**63 - 1
_Categories = tuple[tuple[str, str | None], ...]


@dataclass(frozen=True)
class Merge:
    """How two of them become one: the step that ``issue`` takes to be a duplicate of ``into``.

    ``newest_event`` is the last one of ``issue`` that was seen. The later report goes into the
    earlier one, whose deadlines run on; the other way round where only that is possible.
    """

    issue: int
    into: int
    step: str
    role: str
    newest_event: int


@dataclass(frozen=True)
class NearIssue:
    """An issue near by with its columns, how it lies to what is asked about, and the merge."""

    row: Mapping[str, Any]
    likeness: Likeness
    merge: Merge | None = None


@dataclass(frozen=True)
class NearIssues:
    """Those that may be the same matter, the most likely first; ``left_out`` are not listed.

    ``text_zh`` and ``text_en`` say what was looked for, or why nothing was.
    """

    rules: DuplicateRules | None
    text_zh: str
    text_en: str
    found: Sequence[NearIssue] = ()
    left_out: int = 0


@dataclass(frozen=True)
class _Center:
    """What others are compared with; ``issue_id`` is None for a place that has no issue yet."""

    lon: float
    lat: float
    at_s: int
    category: _Categories
    same: str | None
    issue_id: int | None = None


class NearbyService:
    """Issues around others."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def around_issue(self, _caller: Caller, issue_id: int) -> NearIssues:
        """Return the issues that may be duplicates of one, or it of them.

        Merged and erased issues and those without a point are never among them; around such a one
        nothing is looked for, and the text says why. Raises IssueNotFound.
        """
        rules = self._workspace.profile.dispatch.duplicates
        with self._workspace.database.read() as connection:
            is_key = 0 < issue_id <= _HIGHEST_ID
            asked = nearby.asked_issue(connection, issue_id) if is_key else None
            if asked is None:
                raise IssueNotFound(id=str(issue_id))
            why = _why_none(asked)
            if rules is None or asked.lon is None or asked.lat is None or why is not None:
                return NearIssues(rules, *(why or _NO_RULES))
            pairs: _Categories = (("category_major", asked.category_major),)
            if rules.same == CATEGORY:
                pairs = (*pairs, ("category_minor", asked.category_minor))
            return self._around(
                connection,
                rules,
                _Center(asked.lon, asked.lat, asked.reported_at_s, pairs, rules.same, issue_id),
            )

    def around_place(
        self, _caller: Caller, *, x: float, y: float, frame: str, category: str | None = None
    ) -> NearIssues:
        """Return the issues that a report from this place, now, may be a duplicate of.

        ``category`` is ``major``, which takes all of its minors, or ``major/minor``; without it
        every category counts.

        Raises
        ------
        UnknownFrame, UnsupportedFrame, InvalidCoordinates, InvalidValue
            What was sent is no place, or the category is not known.
        """
        rules = self._workspace.profile.dispatch.duplicates
        lon, lat = place_point(x, y, parse_frame(frame))
        pairs = () if category is None else self._category(category)
        if rules is None:
            return NearIssues(None, *_NO_RULES)
        if rules.same == MAJOR:
            pairs = pairs[:1]
        same = {0: None, 1: MAJOR, 2: CATEGORY}[len(pairs)]
        center = _Center(lon, lat, int(self._workspace.now_s()), pairs, same)
        with self._workspace.database.read() as connection:
            return self._around(connection, rules, center)

    def _around(
        self, connection: Transaction, rules: DuplicateRules, center: _Center
    ) -> NearIssues:
        found = sorted(
            _near(nearby.issues_around(connection, _surroundings(rules, center)), center, rules),
            key=lambda each: (*each.likeness.order, each.row["id"]),
        )
        shown = found[:MOST_TOLD]
        if center.issue_id is not None:
            shown = self._with_merges(connection, center.issue_id, shown)
        count = len(found)
        asked = [rules.text(language, center.same) for language in ("zh", "en")]
        told = (f"{asked[0]}：{count} 件", f"{count} of {asked[1]}")
        none = (f"没有：{asked[0]}", f"none of {asked[1]}")
        return NearIssues(rules, *(told if count else none), shown, count - len(shown))

    def _with_merges(
        self, connection: Transaction, issue_id: int, found: Sequence[NearIssue]
    ) -> list[NearIssue]:
        """Return them with what one key press may do about each."""
        step = self._merge_step()
        if step is None:
            return list(found)
        ids = [issue_id, *(each.row["id"] for each in found)]
        newest = nearby.newest_states(connection, ids)
        legal = {each for each in ids if self._is_legal(step, newest[each][1])}
        told = []
        for each in found:
            other = each.row["id"]
            is_later = (each.likeness.later_s, other - issue_id) > (0, 0)
            ways = [(other, issue_id), (issue_id, other)]
            way = next((way for way in (ways if is_later else ways[::-1]) if way[0] in legal), None)
            merge = None
            if way is not None:
                merge = Merge(*way, step.name, self._role(step), newest[way[0]][0])
            told.append(NearIssue(each.row, each.likeness, merge))
        return told

    def _merge_step(self) -> Step | None:
        """Return the step that merges and needs nothing but the other's number."""
        for step in self._workspace.profile.workflow.steps.values():
            if step.effect == MERGE and step.needs == ("issue",) and step.tier != NAMED:
                return step
        return None

    def _is_legal(self, step: Step, values: Mapping[str, Any]) -> bool:
        workflow, state = self._workspace.profile.workflow, state_from_values(values)
        late = too_late(runs_of(state.deadlines), at_s=int(self._workspace.now_s()))
        has_photos = set(step.requires) <= set(state.attached)
        return has_photos and step in legal_steps(
            workflow, standing_in(workflow, state), too_late=late
        )

    def _role(self, step: Step) -> str:
        profile = self._workspace.profile
        roles = step.roles or tuple(profile.workflow.roles)
        return profile.dispatch.role if profile.dispatch.role in roles else roles[0]

    def _category(self, key: str) -> _Categories:
        major, minor = self._workspace.profile.category_asked(key)
        pairs: _Categories = (("category_major", major),)
        return pairs if minor is None else (*pairs, ("category_minor", minor))


_NO_RULES = (
    "治理配置没有写多远、多久以内算可能的重复件：在 [dispatch] 里写 duplicate_distance_m 和 "
    "duplicate_days",
    "the profile does not say how near and how long apart duplicates may be: write "
    "duplicate_distance_m and duplicate_days in [dispatch]",
)


def _why_none(asked: AskedIssue) -> tuple[str, str] | None:
    """Return why nothing is looked for around an issue."""
    if asked.duplicate_of is not None:
        return f"已并入 {asked.duplicate_of}", f"it is merged into {asked.duplicate_of}"
    if asked.is_erased:
        return (
            "个人信息已清除，坐标只代表所在区域，不能量距离",
            "what was private was erased: its point stands for a whole area",
        )
    if asked.lon is None:
        return "没有坐标，不能量距离", "it has no point to measure from"
    if asked.category_major is None:
        return "没有类别，无从比较", "it has no category to compare"
    return None


def _surroundings(rules: DuplicateRules, center: _Center) -> Surroundings:
    place = np.array([[center.lon, center.lat, center.lon, center.lat]])
    west, south, east, north = grown_boxes(place, reach_m=rules.distance_m)[0].tolist()
    return Surroundings(
        bbox=(west, south, east, north),
        from_s=center.at_s - rules.apart_s,
        to_s=center.at_s + rules.apart_s,
        category=center.category,
        without=center.issue_id,
    )


def _near(
    rows: Sequence[Mapping[str, Any]], center: _Center, rules: DuplicateRules
) -> Iterator[NearIssue]:
    """Yield those within the distance on the ellipsoid, the distance itself included."""
    if not rows:
        return
    lon, lat = (np.array([row[name] for row in rows]) for name in ("lon", "lat"))
    away_m = distance_m(lon1=center.lon, lat1=center.lat, lon2=lon, lat2=lat)
    for row, each_m in zip(rows, away_m.tolist(), strict=True):
        if each_m <= rules.distance_m:
            later_s = row["reported_at_s"] - center.at_s
            yield NearIssue(row, Likeness(each_m, later_s, center.same))
