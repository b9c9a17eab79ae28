"""Years of issues in one database: a quarter through the real intake, then past it.

The quarter is a list as an office exports it. It is stored again and again, thirteen weeks earlier
each time so that every day keeps its rhythm, with numbers and days of its own; what was still open
is left out of all but the newest. Verifying calls the result clean, once a service has opened it.
"""

import gc
import json
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from hashlib import sha256
from itertools import chain, islice
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from geo_service.app import create_services
from geo_service.demo.issues import issues as demo_issues
from geo_service.demo.places import x_street
from geo_service.governance.issue import TOLD_BESIDE, IssueReport
from geo_service.layers.files import write_csv
from geo_service.services.callers import LOCAL_ADMINISTRATOR
from geo_service.services.databases.copies import copy_database
from geo_service.services.issues.files.options import IssueFileOptions
from geo_service.settings import Settings
from geo_service.storage.databases import Database, Transaction
from geo_service.storage.databases.rows import insert_rows
from geo_service.storage.tables import assignments, issue_events, issue_texts, issues, place_matches

QUARTER = 180_000
DAYS = 91
PIECE = 5_000
OTHERS = (issue_texts, issue_events, assignments, place_matches)
FILLED = (issues, *OTHERS)
_HASHED = [name for name in IssueReport._fields if name not in TOLD_BESIDE]
"""The list tells no more, and what is not told is not hashed."""


Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Stored:
    """One issue with all its rows, and what its ``content_hash`` is made of."""

    issue: dict[str, Any]
    said: str
    others: Mapping[str, Rows]
    """By table."""


def make_quarter(house: Path, quarter: Path, total: int, until: date) -> None:
    """Make a database with one quarter of issues at the most, and one of the house alone."""
    rows = min(total, QUARTER)
    columns = demo_issues(x_street(), seed=1, until=until, days=DAYS, total=rows)
    columns["地址"] = [f"示例街道示例路{n % 977}弄{n % 89}号" for n in range(rows)]
    columns["内容"] = [f"{title}，请尽快处理，谢谢。" for title in columns["标题"]]
    path = quarter.with_suffix(".csv")
    write_csv(path, headings=list(columns), rows=zip(*columns.values(), strict=True))
    settings = Settings(database_url=url_of(quarter), profile="x-street")
    with closing(create_services(settings)) as services:
        services.demonstrations.load(LOCAL_ADMINISTRATOR, total=100)
        _remove_issues(services.workspace.database)
        services.issues.import_file(LOCAL_ADMINISTRATOR, path, IssueFileOptions())
    path.unlink()
    shutil.copy(quarter, house)
    with closing(Database(url_of(house))) as database:
        _remove_issues(database)


def fill(house: Path, quarter: Path, url: str, total: int) -> None:
    """Write ``total`` issues into a new database, the oldest first, as time would have."""
    copy_database(LOCAL_ADMINISTRATOR, source_url=url_of(house), target_url=url)
    gc.disable()  # a million rows stay, and none is in a cycle
    with closing(Database(url_of(quarter))) as source, source.read() as reading:
        newest = list(_stored(reading))
    closed = [each for each in newest if each.issue["status"] == "closed"]
    quarters, part = divmod(max(total - len(newest), 0), len(closed))
    wanted = chain(
        ((quarters + 1, each) for each in closed[len(closed) - part :]),
        ((earlier, each) for earlier in range(quarters, 0, -1) for each in closed),
        ((0, each) for each in newest),
    )
    with closing(Database(url)) as target:
        first_event = 1
        for start in range(1, total + 1, PIECE):
            rows = _shifted(islice(wanted, PIECE), start, first_event)
            first_event += len(rows["issue_events"])
            _store(target, rows)
        _go_on_counting(target)


def url_of(file: Path) -> str:
    """Return the address of an SQLite file."""
    return f"sqlite:///{file}"


def _remove_issues(database: Database) -> None:
    with database.write() as connection:
        for table in reversed(FILLED):
            connection.execute(table.delete())


def _stored(reading: Transaction) -> Iterator[Stored]:
    """Yield every issue, the first that came in first."""
    others: dict[str, dict[int, Rows]] = {}
    for table in OTHERS:
        by_issue = others[table.name] = defaultdict(list)
        for row in reading.execute(select(table).order_by(*table.primary_key.columns)).mappings():
            by_issue[row["issue_id"]].append(dict(row))
    for row in reading.execute(select(issues).order_by(issues.c.id)).mappings():
        own = {name: by_issue[row["id"]] for name, by_issue in others.items()}
        closed_at_s = row["closed_at_s"]
        told = {
            **row,
            **own["issue_texts"][0],
            "reported_at": datetime.fromtimestamp(row["reported_at_s"], UTC),
            "closed_at": closed_at_s and datetime.fromtimestamp(closed_at_s, UTC),
        }
        report = IssueReport(**{name: told[name] for name in _HASHED})
        said = json.dumps([report.values[name] for name in _HASHED], ensure_ascii=False)
        if _hashed(said) != row["content_hash"]:
            raise SystemExit("content hashes are made another way now: see governance.issue")
        yield Stored(dict(row), said, own)


def _shifted(wanted: Iterable[tuple[int, Stored]], issue_id: int, event_id: int) -> dict[str, Rows]:
    """Return the rows of issues like these, so many quarters earlier; the ids are the first."""
    rows: dict[str, Rows] = {table.name: [] for table in FILLED}
    for new, (earlier, stored) in enumerate(wanted, start=issue_id):
        back_s = earlier * DAYS * 86_400
        told = partial(_told, words=_words(stored.issue, earlier, back_s))
        closed_at_s = stored.issue["closed_at_s"]
        rows["issues"].append(
            {
                **stored.issue,
                "id": new,
                "external_id": _number(stored.issue["external_id"], earlier),
                "reported_at_s": stored.issue["reported_at_s"] - back_s,
                "closed_at_s": closed_at_s and closed_at_s - back_s,
                "content_hash": _hashed(told(stored.said)),
            }
        )
        for name in ("issue_texts", "assignments", "place_matches"):
            rows[name] += [{**row, "issue_id": new} for row in stored.others[name]]
        next_id = event_id + len(rows["issue_events"])
        rows["issue_events"] += [
            {
                **row,
                "id": next_id + number,
                "issue_id": new,
                "at_s": row["at_s"] - back_s,
                "recorded_at_s": row["recorded_at_s"] - back_s,
                "payload": told(row["payload"]),
                "state": told(row["state"]),
            }
            for number, row in enumerate(stored.others["issue_events"])
        ]
    return rows


def _words(issue: Mapping[str, Any], earlier: int, back_s: int) -> list[tuple[str, str]]:
    """Return what is said of an issue, and what shall be said of the one so many quarters earlier.

    Both in quotes.
    """
    number = issue["external_id"]
    words = [(f'"{number}"', f'"{_number(number, earlier)}"')]
    for moment_s in (issue["reported_at_s"], issue["closed_at_s"]):
        if moment_s is not None:
            words.append((f'"{_moment(moment_s)}"', f'"{_moment(moment_s - back_s)}"'))
    return words


def _told(text: str, *, words: Sequence[tuple[str, str]]) -> str:
    for old, new in words:
        text = text.replace(old, new)
    return text


def _number(external_id: str, earlier: int) -> str:
    return f"{earlier:02}-{external_id}" if earlier else external_id


def _hashed(said: str) -> str:
    return sha256(said.encode()).hexdigest()


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _store(target: Database, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    with target.write() as connection:
        if connection.dialect.name == "postgresql":  # verifying asks for every foreign key
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for table in FILLED:
            if rows[table.name]:
                insert_rows(connection, table, rows[table.name])


def _go_on_counting(target: Database) -> None:
    """Let the ids of new rows follow those that were written; SQLite does so by itself."""
    with target.write() as connection:
        if connection.dialect.name == "postgresql":
            for table in (issues, issue_events):
                sequence = func.pg_get_serial_sequence(table.name, "id")
                connection.execute(select(func.setval(sequence, func.max(table.c.id))))
