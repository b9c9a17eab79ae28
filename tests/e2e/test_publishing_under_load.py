"""Law 4 over HTTP: drafts are published while issues come in and places are located, full rate.

Every answer names one edition and is what that edition says; no issue is lost, none is located by
parts of two, and each change of an owner follows the one before it.
"""

import json
import random
from collections import defaultdict
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from itertools import pairwise
from threading import Event, Thread

import numpy as np

from geo_service.governance.event import REASSIGNED, REPORTED
from geo_service.layers.assignment.rule import assign
from geo_service.services.issues.assignments import chain_links
from geo_service.services.webhooks.outgoing import OwnersBook
from geo_service.storage import logged_events
from geo_service.storage.issue_queries import IssueFilter
from tests.crash_clients import cells
from tests.crashes import GIVE_UP_S, Service, wait_for
from tests.databases import database_url
from tests.doors import publish_street_in
from tests.drafting import A, at
from tests.houses import CALLER, SOUTH, STEP, WEST
from tests.losses import opened, stale_owners

PUBLICATIONS = 6
LEAST_BETWEEN = 8
"""So many answers of each client come between two publications, and before the first."""
MANY = 20
LAYERS = ("district", "street", "community", "grid")


class Clients:
    """Who asks at full rate: ``located`` are (lon, lat, edition, chain), ``reported`` names."""

    def __init__(self, service):
        self.service, self.is_over, self.failures = service, Event(), []
        self.located, self.reported, self.counts = [], [], defaultdict(int)

    @contextmanager
    def at_work(self):
        works = (self.locate, self.locate, self.locate_many, self.report, self.report_many)
        threads = [Thread(target=self.keep, args=each) for each in enumerate(works)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.is_over.set()
            for thread in threads:
                thread.join(GIVE_UP_S)

    def keep(self, number, work):
        draw = random.Random(number)  # noqa: S311  # where is asked is no secret
        try:
            with closing(HTTPConnection("127.0.0.1", self.service.port, timeout=GIVE_UP_S)) as line:
                while not self.is_over.is_set():
                    work(line, draw, number)
                    self.counts[number] += 1
        except BaseException as error:  # noqa: BLE001  # the test fails by it, not the thread alone
            self.failures.append(error)

    def locate(self, line, draw, _number):
        lon, lat = place(draw)
        told = ask(line, "GET", f"/locate?lon={lon}&lat={lat}")
        [family] = told["families"]
        chain = [(each["layer"], each["code"]) for each in family["chain"]]
        self.located.append((lon, lat, told["edition"], chain))

    def locate_many(self, line, draw, _number):
        lon, lat = zip(*[place(draw) for _ in range(MANY)], strict=True)
        told = ask(line, "POST", "/locate/batch", {"lon": lon, "lat": lat})
        columns = told["families"]["grid"]["layers"]
        for i, point in enumerate(zip(lon, lat, strict=True)):
            chain = [
                (name, columns[name]["codes"][columns[name]["position"][i]]) for name in LAYERS
            ]
            self.located.append((*point, told["edition"], chain))

    def report(self, line, draw, number):
        name = f"{number}-{self.counts[number]}"
        assert ask(line, "POST", "/issues", cells(draw, name))["outcome"] == "added"
        self.reported.append(name)

    def report_many(self, line, draw, number):
        names = [f"{number}-{self.counts[number]}-{i}" for i in range(MANY)]
        told = ask(line, "POST", "/issues/batch", {"issues": [cells(draw, n) for n in names]})
        assert told["counts"]["added"] == MANY
        self.reported += names

    def wait_for_more(self):
        before = dict(self.counts)
        wait_for(lambda: self.failures or self.is_further_than(before), "answers of every client")
        for failure in self.failures:
            raise failure

    def is_further_than(self, before):
        return all(self.counts[n] >= before.get(n, 0) + LEAST_BETWEEN for n in range(5))


def place(draw):
    return WEST + draw.random() * 4 * STEP, SOUTH + draw.random() * 2 * STEP


def ask(line, method, path, value=None):
    body = None if value is None else json.dumps(value)
    line.request(method, f"/api/v1{path}", body, {"Content-Type": "application/json"})
    answer = line.getresponse()
    told = json.loads(answer.read())
    assert answer.status in {200, 201}, told
    return told


def publish_a_draft(line, number):
    """Move the corner that the four western grids share, there and back again."""
    to = [at(1, 1), at(1.3, 0.7)]
    draft = ask(line, "POST", "/drafts", {"name": f"第{number}次"})["id"]
    step = {"kind": "move-junction", "layer": "grid", "code": A}
    step |= {"place": to[number % 2], "to": to[(number + 1) % 2]}
    ask(line, "POST", f"/drafts/{draft}/operations", step)
    told = ask(line, "POST", f"/drafts/{draft}/publication", {"reason": "挪动角点"})
    assert told["number"] == number + 2


def test_drafts_are_published_while_everybody_goes_on(tmp_path):
    publish_street_in(tmp_path)
    service = Service(tmp_path, database_url(tmp_path), workers=2, work_interval_s="0.2")
    service.start()
    try:
        clients = Clients(service)
        with clients.at_work():
            with closing(HTTPConnection("127.0.0.1", service.port, timeout=GIVE_UP_S)) as line:
                for number in range(PUBLICATIONS):
                    clients.wait_for_more()
                    publish_a_draft(line, number)
            clients.wait_for_more()
    finally:
        service.kill()
    with closing(opened(service.url)) as house:
        assert {edition for *_, edition, _ in clients.located} >= {1, PUBLICATIONS + 1}
        assert_chains_are_those_of(house, clients.located)
        assert_no_issue_is_lost(house, clients.reported)
        assert stale_owners(house) == []
        assert_owners_follow_each_other(house)


def assert_chains_are_those_of(house, located):
    """Each chain is what a locator of the edition says that was told with it."""
    for number in {edition for *_, edition, _ in located}:
        told = [each for each in located if each[2] == number]
        lon, lat = np.array([each[:2] for each in told]).T
        with house.workspace.database.read() as connection:
            edition = house.workspace.edition_number(connection, number)
            locator = house.workspace.locator(connection, edition)
        [family] = house.workspace.layers.families
        chains = chain_links(locator, assign(locator, family, lon=lon, lat=lat))
        assert [each[3] for each in told] == [list(chain) for chain in chains]


def assert_no_issue_is_lost(house, reported):
    rows = list(house.issues.every_issue(CALLER, IssueFilter()))
    assert len(set(reported)) == len(reported)
    assert {row["external_id"] for row in rows} >= set(reported)
    kept = [
        (row["lon"], row["lat"], own["edition"], [tuple(link) for link in own["links"]])
        for row in rows
        for own in row["assignments"]
    ]
    assert_chains_are_those_of(house, kept)


def assert_owners_follow_each_other(house):
    """An issue that moved left the owner that it had, and each edition moved it once at most."""
    with house.workspace.database.read() as connection:
        log = logged_events.events_above(connection, 0, most=1_000_000)
        book = OwnersBook(connection, log)
    moves = defaultdict(list)
    for each in log:
        if each.kind == REASSIGNED:
            moves[each.issue_id].append(book.moved(each))
    assert moves
    assert {each.kind for each in log} == {REPORTED, REASSIGNED}
    for told in moves.values():
        numbers = [each["edition"] for each in told]
        assert numbers == sorted(set(numbers))
        for earlier, later in pairwise(told):
            assert earlier["after"] == later["before"]
        assert all(each["before"] != each["after"] for each in told)
