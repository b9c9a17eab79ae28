"""Many writers share a commit: each is answered as if it came alone, in the order of the queue."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from geo_service.errors import GeoServiceError, StorageUnavailable
from geo_service.services.callers import Caller
from geo_service.services.issues.prepared import PreparedReport
from geo_service.services.issues.singles.group_commit import GroupCommit
from geo_service.services.issues.singles.one_by_one import Single, body_hash, take_in_singles
from geo_service.storage.idempotency import RequestKey
from geo_service.storage.issue_queries import IssueFilter
from tests.databases import everything
from tests.examples import examples
from tests.houses import CALLER, Clock, open_house, publish_street
from tests.property.test_intake import house_with_street, tickets
from tests.troubles import fill_disk, free_disk

GIVE_UP_S = 60
CALLERS = [Caller(name, frozenset()) for name in ("甲", "乙")]

writings = st.lists(
    st.tuples(
        tickets(),
        st.sampled_from(CALLERS),
        st.booleans(),
        st.sampled_from([None, None, "k-1", "k-2"]),
    ),
    max_size=9,
)


def singles_of(house, writings):
    """Return the reports that can be read; the others never come to a queue."""
    found = []
    for cells, caller, is_updating, key in writings:
        [report] = house.issues._prepared([cells])
        if isinstance(report, PreparedReport):
            request = RequestKey(caller.name, "POST /issues", key) if key else None
            hashed = body_hash([cells, is_updating])
            found.append(Single(report.report, caller, is_updating, request, hashed))
    return found


def told(answer):
    if isinstance(answer, GeoServiceError):
        return type(answer).__name__, {name: str(each) for name, each in vars(answer).items()}
    return answer


def stored(house):
    """Return all that reports leave behind, each issue's events in their order."""
    found = []
    for row in house.issues.issues(CALLER, IssueFilter(), limit=1000).rows:
        events = house.issues.issue(CALLER, row["id"])["events"]
        kept = [{**each, "id": None} for each in events]
        found.append((row, kept))
    with house.workspace.database.read() as connection:
        query = "SELECT caller, key, body_hash, answer FROM idempotency_keys ORDER BY caller, key"
        keys = connection.exec_driver_sql(query).all()
        query = "SELECT issue_id, kind, actor FROM issue_events ORDER BY issue_id, id"
        return found, [tuple(row) for row in keys], connection.exec_driver_sql(query).all()


@settings(max_examples=examples(25))
@given(writings, st.lists(st.integers(0, 9), max_size=3))
def test_groups_answer_and_store_what_their_members_would_one_after_the_other(writings, cuts):
    found = []
    for edges in (sorted({0, *cuts, len(writings)}), range(len(writings) + 1)):
        with house_with_street() as house:
            singles, answers = singles_of(house, writings), []
            for start, stop in zip(edges, list(edges)[1:], strict=False):
                if singles[start:stop]:
                    answers += take_in_singles(house.workspace, singles[start:stop])
            found.append(([told(answer) for answer in answers], stored(house)))
    assert found[0] == found[1]


@pytest.fixture
def house(tmp_path):
    house = open_house(tmp_path, clock=Clock())
    publish_street(house)
    yield house
    house.close()


def ticket(key, title=None):
    return {"source": "complaint", "external_id": key, "reported_at": "2026-11-01", "title": title}


def answer(work):
    try:
        return work()
    except GeoServiceError as error:
        return type(error).__name__


def wait_for(is_true):
    give_up_at = time.monotonic() + GIVE_UP_S
    while not is_true():
        assert time.monotonic() < give_up_at, "it did not come"
        time.sleep(0.001)


def test_writers_that_wait_share_one_commit_in_the_order_in_which_they_came(house):
    writings = [
        ("A", None, CALLERS[0], None),
        ("B", None, CALLERS[0], "k-1"),
        ("B", None, CALLERS[0], "k-1"),  # replayed
        ("C", None, CALLERS[0], "k-1"),  # another body under the key
        ("B", None, CALLERS[1], "k-1"),  # another caller's key
        ("A", "other", CALLERS[1], None),
        ("D", "\x00", CALLERS[1], None),  # refused before the queue
        ("D", None, CALLERS[1], None),
    ]
    commits, queue = [], house.issues._singles
    event.listen(house.workspace.database._engine, "commit", commits.append)
    with ThreadPoolExecutor(len(writings)) as pool:
        with house.workspace.database.write():
            running = []
            for i, (key, title, caller, request) in enumerate(writings):
                running.append(
                    pool.submit(
                        answer,
                        lambda key=key, title=title, caller=caller, request=request: (
                            house.issues.report(
                                caller,
                                ticket(key, title),
                                is_updating=False,
                                idempotency_key=request,
                            )
                        ),
                    )
                )
                queued = i if i < 6 else i - 1  # the first leads, alone
                wait_for(
                    lambda queued=queued, i=i: (
                        queue._is_led
                        and len(queue._waiting) == queued
                        and (i != 6 or running[6].done())
                    )
                )
        answers = [each.result(GIVE_UP_S) for each in running]
    assert len(commits) == 3  # the one that held them up, the leader's, the group's
    first = {"outcome": "added", "id": 2, "replayed": False}
    assert answers == [
        {"outcome": "added", "id": 1, "replayed": False},
        first,
        {**first, "replayed": True},
        "IdempotencyConflict",
        {"outcome": "unchanged", "id": 2, "replayed": True},
        "NaturalKeyConflict",
        "RefusedValue",
        {"outcome": "added", "id": 3, "replayed": False},
    ]
    with house.workspace.database.read() as connection:
        query = "SELECT actor FROM issue_events ORDER BY issue_id, id"
        assert connection.exec_driver_sql(query).scalars().all() == ["甲", "甲", "乙"]


def test_a_failure_of_the_database_is_told_to_every_member_and_stores_nothing(house, tmp_path):
    singles = singles_of(
        house, [(ticket(str(i), "x" * 400), CALLER, False, None) for i in range(60)]
    )
    before = everything(tmp_path)
    fill_disk(house)
    answers = take_in_singles(house.workspace, singles)
    assert all(isinstance(each, StorageUnavailable) for each in answers)
    assert len({id(each) for each in answers}) == 60
    assert everything(tmp_path) == before
    free_disk(house)
    assert {each["outcome"] for each in take_in_singles(house.workspace, singles)} == {"added"}


def test_what_only_one_member_causes_is_told_to_that_one_alone(house):
    rows = [(ticket(key), CALLER, False, None) for key in "ABC"]
    first, bad, last = singles_of(house, rows)
    bad = bad._replace(report=bad.report._replace(title="\ud800"))  # no driver takes it
    answers = take_in_singles(house.workspace, [first, bad, last])
    assert [getattr(each, "get", lambda _: None)("outcome") for each in answers] == [
        "added",
        None,
        "added",
    ]
    assert isinstance(answers[1], UnicodeEncodeError)


def test_who_gives_up_or_is_interrupted_holds_nobody_up():
    is_committing, may_go_on, seen = Event(), Event(), []

    def commit(works):
        seen.append(list(works))
        if works == ["leader"]:
            is_committing.set()
            assert may_go_on.wait(GIVE_UP_S)
        if works[0] == "interrupted":
            raise KeyboardInterrupt
        return [each.upper() for each in works]

    groups = GroupCommit(commit, patience_s=0.05)
    with ThreadPoolExecutor(8) as pool:
        leader = pool.submit(groups.take, "leader")
        assert is_committing.wait(GIVE_UP_S)
        with pytest.raises(StorageUnavailable, match="no turn"):
            groups.take("hasty")
        groups._patience_s = GIVE_UP_S
        others = []
        for name in ("interrupted", "a", "b"):
            others.append(pool.submit(groups.take, name))
            wait_for(lambda: len(groups._waiting) == len(others))
        groups._most = 2
        may_go_on.set()
        assert leader.result(GIVE_UP_S) == "LEADER"
        assert isinstance(others[0].exception(GIVE_UP_S), KeyboardInterrupt)
        assert isinstance(others[1].exception(GIVE_UP_S), StorageUnavailable)
        assert others[2].result(GIVE_UP_S) == "B"
    assert seen == [["leader"], ["interrupted", "a"], ["b"]]
    assert groups.take("alone") == "ALONE"
