"""The restore drill: a backup while tickets pour in, and the house that comes out of it."""

from contextlib import closing
from itertools import count
from threading import Event, Thread

from geo_service.services.databases.backups import back_up, restore
from tests.databases import database_url
from tests.full_houses import content, open_house_in, ticket
from tests.houses import CALLER, center, open_house, publish_street
from tests.terminals import run

_WRITERS = 3


class Intake:
    """Writers that take in tickets until they are told to stop, and what was acknowledged."""

    def __init__(self, house):
        self.acknowledged = []
        self._numbers, self._house, self._stopped = count(), house, Event()
        self._threads = [Thread(target=self._write) for _ in range(_WRITERS)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error):
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def _write(self):
        while not self._stopped.is_set():
            number = next(self._numbers)
            self._house.issues.report(CALLER, ticket(number), is_updating=False)
            self.acknowledged.append(str(number))

    def wait_for(self, so_many):
        while len(self.acknowledged) < so_many and any(map(Thread.is_alive, self._threads)):
            self._stopped.wait(0.005)
        assert len(self.acknowledged) >= so_many


def beginning(rows, until):
    """Return the rows of tickets that were taken in first."""
    return {row for row in rows if int(row.split(",")[0].lstrip("(")) <= until}


def test_a_backup_under_writers_is_of_one_moment_and_comes_back_alive_on_both(tmp_path):
    house, path = open_house(tmp_path), tmp_path / "drill.zip"
    publish_street(house)
    seen = []
    with Intake(house) as intake:
        intake.wait_for(10)
        before = set(intake.acknowledged)
        url = house.workspace.database.url
        made = back_up(
            CALLER, source_url=url, path=path, on_step=lambda step, *_: seen.append(step)
        )
        intake.wait_for(len(intake.acknowledged) + 10)  # writers were never stopped
    assert {"snapshot", "rows", "pack", "verify", "unpack"} >= set(seen) >= {"pack", "verify"}
    (tmp_path / "new").mkdir()
    targets = [database_url(tmp_path / "new"), f"sqlite:///{tmp_path / 'file.db'}"]
    for target in targets:
        restore(CALLER, path=path, target_url=target)
    ours, [there, also] = content(url), map(content, targets)
    assert there == also
    until = len(there["issues"])
    assert before <= {row.split("'")[3] for row in there["issues"]}
    assert until < len(ours["issues"])
    for name in ("issues", "issue_texts", "assignments", "issue_events"):
        # one ticket, one event: what came first is whole, and nothing later is there
        assert set(there[name]) == beginning(ours[name], until), name
    for name in ("profiles", "editions", "areas"):
        assert there[name] == ours[name]
    assert made.manifest.rows == sum(map(len, there.values()))
    place = dict(zip("xy", center(1, 1), strict=True), frame="EPSG:4490")
    for target in targets:
        with closing(open_house_in(target, tmp_path)) as restored:
            assert restored.editions.editions(CALLER) == house.editions.editions(CALLER)
            answers = [each.locations.locate(CALLER, **place) for each in (restored, house)]
            assert answers[0] == answers[1]
            for number in (1, until):
                assert restored.issues.issue(CALLER, number) == house.issues.issue(CALLER, number)
            assert restored.issues.report(CALLER, ticket(9**9), is_updating=False)["id"] > until
    house.close()


def test_the_drill_of_the_operators_guide(tmp_path):
    house = open_house(tmp_path)
    publish_street(house)
    house.close()
    (tmp_path / "drill").mkdir()
    drill = database_url(tmp_path / "drill")
    run(tmp_path, "backup", "day.zip")
    run(tmp_path, "restore", "day.zip", "--check")
    run(tmp_path, "restore", "day.zip", database_url=drill)
    lon, lat = map(str, center(0, 0))
    words = ("locate", lon, lat, "--frame", "EPSG:4490")
    assert run(tmp_path, *words, database_url=drill) == run(tmp_path, *words)
    assert run(tmp_path, "editions", "list", database_url=drill) == run(
        tmp_path, "editions", "list"
    )
