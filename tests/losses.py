"""What a database lacks of what was acknowledged, and what stands in it by halves."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from sqlalchemy import Connection, NullPool, create_engine, text

from geo_service.app import create_services
from geo_service.layers.assignment.rule import assign
from geo_service.services.issues.assignments import chain_links
from geo_service.services.service_set import ServiceSet
from geo_service.settings import Settings
from geo_service.storage import editions
from geo_service.storage.issue_queries import IssueFilter
from tests.crashes import Promises
from tests.houses import CALLER


def losses(url: str, promises: Promises) -> list[str]:
    """Return what was acknowledged and is not there."""
    with _connected(url) as connection:
        query = "SELECT external_id, title FROM issues"
        titles: dict[str, str] = dict(connection.execute(text(query)).all())
        query = "SELECT number, reason FROM editions"
        reasons: dict[int, str] = dict(connection.execute(text(query)).all())
        query = "SELECT operation_id, name FROM draft_areas JOIN draft_operations"
        query += " ON draft_operations.id = operation_id WHERE state = 'done'"
        drawn: dict[int, str] = dict(connection.execute(text(query)).all())
    undrawn = [number for number, name in promises.drawn.items() if drawn.get(number) != name]
    lost = [
        name
        for name, revision in promises.issues.items()
        if name not in titles or int(titles[name].split()[1]) < revision
    ]
    lost += [f"operation {number}" for number in undrawn]
    return lost + [
        f"edition {number}"
        for number, why in promises.editions.items()
        if why not in reasons.get(number, "")  # what is taken back is named before the reason
    ]


_HALVES = {
    "issue without events": "SELECT id FROM issues WHERE id NOT IN"
    " (SELECT issue_id FROM issue_events)",
    "issue without assignments": "SELECT id FROM issues WHERE id NOT IN"
    " (SELECT issue_id FROM assignments)",
    "issue without texts": "SELECT id FROM issues WHERE id NOT IN"
    " (SELECT issue_id FROM issue_texts)",
    "event of no issue": "SELECT id FROM issue_events WHERE issue_id NOT IN"
    " (SELECT id FROM issues)",
    "edition without areas": "SELECT number FROM editions WHERE NOT EXISTS (SELECT 1 FROM areas"
    " WHERE first_edition <= number AND (last_edition IS NULL OR last_edition >= number))",
    "operation without areas": "SELECT id FROM draft_operations WHERE id NOT IN"
    " (SELECT operation_id FROM draft_areas)",
    "draft that counted other steps than it has": "SELECT id FROM drafts WHERE revision !="
    " (SELECT count(*) FROM draft_operations WHERE draft_id = drafts.id)"
    " + CASE status WHEN 'published' THEN 1 ELSE 0 END",
    "draft published as no edition": "SELECT id FROM drafts WHERE (status = 'published')"
    " != (edition IS NOT NULL)",
    "edition without lineage": "SELECT number FROM editions WHERE number IN"
    " (SELECT edition FROM drafts) AND number NOT IN (SELECT edition FROM lineage)",
    "area of no edition": "SELECT id FROM areas WHERE first_edition >"
    " (SELECT max(number) FROM editions)",
}


def halves(url: str) -> list[str]:
    """Return what is there by halves: rows without those that belong to them, damaged pages."""
    with _connected(url) as connection:
        found = [
            f"{what}: {key}"
            for what, query in _HALVES.items()
            for (key,) in connection.execute(text(query))
        ]
        if connection.dialect.name == "sqlite":
            for pragma in ("integrity_check", "foreign_key_check"):
                rows = connection.execute(text(f"PRAGMA {pragma}")).all()
                found += [f"{pragma}: {row}" for row in rows if tuple(row) != ("ok",)]
    return found + _wrong_contents(url)


def _wrong_contents(url: str) -> list[str]:
    house = opened(url)
    try:
        with house.workspace.database.read() as connection:
            wrong = [
                f"content of edition {each.number}"
                for each in editions.all_editions(connection)
                if editions.content_hash(editions.read_content(connection, each.number))
                != each.content_hash
            ]
        return wrong + stale_owners(house)
    finally:
        house.close()


def opened(url: str) -> ServiceSet:
    """Open the services on a database, in this process."""
    return create_services(Settings(_env_file=None, database_url=url, profile="generic"))


def stale_owners(house: ServiceSet) -> list[str]:
    """Return the open issues whose stored owner is not that of a fresh locate."""
    rows = list(house.issues.every_issue(CALLER, IssueFilter(status="open")))
    lon, lat = (np.array([row[name] for row in rows], float) for name in ("lon", "lat"))
    with house.workspace.database.read() as connection:
        locator = house.workspace.locator(connection, house.workspace.edition(connection))
    wrong = []
    for family in house.workspace.layers.families:
        links = chain_links(locator, assign(locator, family, lon=lon, lat=lat))
        for row, chain in zip(rows, links, strict=True):
            kept = {each["family"]: each["links"] for each in row["assignments"]}
            if kept.get(family) != [list(link) for link in chain]:
                wrong.append(f"owner of issue {row['id']} in {family}")
    return wrong


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as connection:
        yield connection
