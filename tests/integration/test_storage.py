"""The database itself: how it is opened, migrated and shared, and what it says when it cannot."""

from pathlib import Path

import numpy as np
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Float, Integer, case, cast, literal, select

from geo_service.app import read_profile
from geo_service.errors import (
    EditionNotFound,
    EmptyInput,
    InvalidValue,
    IssueNotFound,
    ProfileConflict,
    StorageUnavailable,
)
from geo_service.layers.area import area_set
from geo_service.layers.edition import EditionChoice
from geo_service.services.boundaries.publications import Publication, publish
from geo_service.services.workspaces import Workspace
from geo_service.storage import figures, idempotency, issues, references
from geo_service.storage.databases import Database
from geo_service.storage.databases.rows import read_columns
from geo_service.storage.figures import Figure
from geo_service.storage.idempotency import KEPT_FOR_S, KeptAnswer, RequestKey
from geo_service.storage.issue_queries import IssueFilter
from geo_service.storage.issues import IssueRow
from geo_service.storage.relocations import Relocation
from geo_service.storage.tables import metadata
from tests.databases import change, database_url, everything, is_postgresql
from tests.houses import (
    CALLER,
    LONG_AGO_S,
    NOW_S,
    Clock,
    center,
    grid_code,
    open_house,
    publish_areas,
    publish_street,
    square,
    street_boundaries,
)
from tests.old_databases import TO_THE_FIRST_TABLES
from tests.troubles import fill_disk, free_disk, lose_patience

LAYERS = """
[[layers]]
name = "{}"
title_zh = "甲"
title_en = "A"
"""


def ticket(number, **cells):
    lon, lat = center(0, 0)
    place = {"x": lon, "y": lat, "frame": "EPSG:4490"}
    named = {"source": "complaint", "external_id": str(number)}
    return {**place, **named, "reported_at": "2026-11-20 08:00", **cells}


def count(house, table):
    with house.workspace.database.read() as connection:
        return connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar()


@pytest.mark.sqlite
@pytest.mark.parametrize("kind", ["read", "write"])
def test_every_connection_is_durable_and_checks_its_keys(tmp_path, kind):
    house = open_house(tmp_path)
    with getattr(house.workspace.database, kind)() as connection:
        found = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("synchronous", "foreign_keys", "journal_mode", "busy_timeout")
        ]
    full = 2
    assert found == [full, 1, "wal", 60_000]


def is_of_the_code(_thing, name, _kind, _is_reflected, _other):
    """Leave out what PostGIS brings, and what the server alone fills for it."""
    return name not in {"spatial_ref_sys", "geometry", "ix_areas_geometry"}


@pytest.mark.filterwarnings("ignore:Did not recognize type 'geometry'")
def test_migrations_make_the_tables_that_the_code_speaks_of(tmp_path):
    house = open_house(tmp_path)
    with house.workspace.database.read() as connection:
        options = {"compare_type": True, "include_object": is_of_the_code}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []


def test_a_database_of_the_first_tables_is_brought_up_to_date_and_its_issues_follow(tmp_path):
    house = open_house(tmp_path)
    publish_street(house)
    house.issues.report(CALLER, ticket(1), is_updating=False)
    house.issues.report(CALLER, {**ticket(2), "accuracy_m": 500.0}, is_updating=False)
    told = [house.issues.issue(CALLER, number)["assignments"] for number in (1, 2)]
    house.close()
    if is_postgresql():
        change(tmp_path, "DROP SCHEMA gis CASCADE", "ALTER TABLE areas DROP COLUMN geometry")
    change(tmp_path, *TO_THE_FIRST_TABLES)
    house = open_house(tmp_path)
    assert house.editions.editions(CALLER)[0].uncorrected == ()
    assert {each["status"] for each in house.issues.issue(CALLER, 2)["assignments"]} == {"assigned"}
    # on which edition the issues stand is not known: all are located again, circles included
    assert house.schedule.apply_due_editions(CALLER) == Relocation(1, located=2, reassigned=1)
    assert [house.issues.issue(CALLER, number)["assignments"] for number in (1, 2)] == told
    assert {each["status"] for each in told[1]} == {"ambiguous"}


def test_opening_again_changes_nothing(tmp_path):
    house = open_house(tmp_path)
    publish_street(house)
    house.close()
    before = everything(tmp_path)
    open_house(tmp_path).close()
    assert everything(tmp_path) == before


def test_a_full_disk_is_an_answer_and_leaves_nothing_by_halves(tmp_path):
    house = open_house(tmp_path)
    publish_street(house)
    house.issues.report(CALLER, ticket("first"), is_updating=False)
    fill_disk(house)
    rows = [ticket(number) for number in range(500)]
    with pytest.raises(StorageUnavailable):
        house.issues.batch(CALLER, rows, is_updating=False)
    assert [count(house, name) for name in ("issues", "issue_events", "assignments")] == [1] * 3
    free_disk(house)
    answer = house.issues.batch(CALLER, rows, is_updating=False)
    assert answer["counts"]["added"] == 500


@pytest.mark.sqlite
def test_a_database_that_may_only_be_read_answers_reads_and_refuses_writes(tmp_path):
    publish_street(open_house(tmp_path))
    database = Database(f"sqlite:///file:{tmp_path / 'house.db'}?mode=ro&uri=true")
    workspace = Workspace(database, read_profile("generic"), now_s=Clock())
    with database.read() as connection:
        assert workspace.edition(connection).number == 1
    with pytest.raises(StorageUnavailable), database.write() as connection:
        publish(
            workspace,
            connection,
            CALLER,
            Publication(street_boundaries(), 1, LONG_AGO_S, False, "again"),
        )


def test_a_lock_that_is_never_given_back_is_an_answer(tmp_path):
    house = open_house(tmp_path)
    publish_street(house)
    lose_patience(house)
    other = open_house(tmp_path)
    with other.workspace.database.write(), pytest.raises(StorageUnavailable):
        house.issues.report(CALLER, ticket(1), is_updating=False)
    assert house.issues.report(CALLER, ticket(1), is_updating=False)["outcome"] == "added"


@pytest.mark.sqlite
def test_what_is_no_database_is_said_to_be_unavailable(tmp_path):
    text = tmp_path / "text.db"
    text.write_text("this is no database\n" * 1000)
    for path in (text, tmp_path, text / "below" / "a.db"):
        with pytest.raises(StorageUnavailable):
            Database(f"sqlite:///{path}").migrate()


@pytest.mark.sqlite
def test_a_damaged_database_is_said_to_be_unavailable(tmp_path):
    house = open_house(tmp_path)
    publish_street(house)
    house.close()
    path = tmp_path / "house.db"
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(StorageUnavailable):
        open_house(tmp_path)


def test_before_the_first_edition_every_choice_finds_none(tmp_path):
    house = open_house(tmp_path)
    for choice in (EditionChoice(), EditionChoice(as_of_s=0), EditionChoice(known_at_s=NOW_S)):
        with pytest.raises(EditionNotFound):
            house.editions.areas(CALLER, "grid", choice=choice)
    publish_street(house)
    for choice in (EditionChoice(as_of_s=LONG_AGO_S - 1), EditionChoice(known_at_s=NOW_S - 1)):
        with pytest.raises(EditionNotFound):
            house.editions.areas(CALLER, "grid", choice=choice)


def test_only_a_correction_may_apply_from_before_the_edition_in_force(tmp_path):
    house = open_house(tmp_path)
    publish_street(house)

    def put(*, is_correction):
        return publish_areas(
            house,
            street_boundaries(),
            on=1,
            effective_from_s=LONG_AGO_S - 1,
            is_correction=is_correction,
        )

    with pytest.raises(InvalidValue, match="2023-11-15T06:13:20"):
        put(is_correction=False)
    assert put(is_correction=True).number == 2
    assert house.editions.in_force(CALLER).number == 1


def opened_with(folder: Path, profile: str) -> Workspace:
    workspace = Workspace(Database(database_url(folder)), read_profile(profile), now_s=Clock())
    workspace.open()
    return workspace


def test_a_profile_that_lacks_layers_in_use_is_refused_however_often_it_was_adopted(tmp_path):
    (tmp_path / "small.toml").write_text(LAYERS.format("grid"), "utf-8")
    small = str(tmp_path / "small.toml")
    opened_with(tmp_path, small).close()
    open_house(tmp_path).close()
    opened_with(tmp_path, small).close()
    house = open_house(tmp_path)
    publish_street(house)
    house.close()
    with pytest.raises(ProfileConflict) as caught:
        opened_with(tmp_path, small)
    assert sorted(caught.value.layers) == ["community", "district", "street"]
    open_house(tmp_path)  # the profile that fits still opens


def stored_reports(house, total):
    """Store so many issues in the south-western grid, a second apart, faster than by the door."""
    lon, lat = center(0, 0)
    columns = {"source": "complaint", "status": "open", "content_hash": "", "lon": lon, "lat": lat}
    flags = {"is_provisional": False, "is_late": False}
    row = IssueRow(**{**dict.fromkeys(IssueRow._fields), **columns, **flags})
    with house.workspace.database.write() as connection:
        rows = [row._replace(external_id=str(i), reported_at_s=NOW_S - i) for i in range(total)]
        with issues.issues_added(connection, rows) as ids:
            return ids


def test_an_area_may_hold_more_issues_than_a_statement_takes_values(tmp_path):
    house = open_house(tmp_path)
    publish_street(house)
    total = 33_000  # SQLite takes 32,766
    ids = stored_reports(house, total)
    wanted = IssueFilter(area=("grid", grid_code(0, 0)))
    assert [row["id"] for row in house.issues.every_issue(CALLER, wanted)] == ids
    page = house.issues.issues(CALLER, wanted, after=(NOW_S - 10, ids[10]), limit=3)
    assert [row["id"] for row in page.rows] == ids[11:14]
    assert page.next_after == (NOW_S - 13, ids[13])
    last = house.issues.issues(CALLER, wanted, after=(NOW_S - total + 2, ids[-2]), limit=3)
    assert ([row["id"] for row in last.rows], last.next_after) == (ids[-1:], None)


@pytest.mark.parametrize("limit", [1, 2, 7])
def test_pages_of_issues_of_one_second_show_each_once(tmp_path, limit):
    house = open_house(tmp_path)
    publish_street(house)
    house.issues.batch(CALLER, [ticket(i) for i in range(5)], is_updating=False)
    for area in (None, ("grid", grid_code(0, 0))):
        seen, after = [], None
        while after is not None or not seen:
            page = house.issues.issues(CALLER, IssueFilter(area=area), after=after, limit=limit)
            seen += [row["id"] for row in page.rows]
            after = page.next_after
            if after is None:
                break
        assert seen == [5, 4, 3, 2, 1]


@pytest.mark.parametrize("number", [0, -1, 7, 2**63, 10**30])
def test_an_issue_that_cannot_be_there_is_not_found(tmp_path, number):
    with pytest.raises(IssueNotFound):
        open_house(tmp_path).issues.issue(CALLER, number)


def residents(house):
    with house.workspace.database.read() as connection:
        return figures.figures_as_of(
            connection, layer="grid", figure="residents", as_of_s=LONG_AGO_S
        )


def test_of_figures_of_one_day_the_last_record_counts(tmp_path):
    house = open_house(tmp_path)
    one, two = (Figure("grid", "A", "residents", value, LONG_AGO_S, "x") for value in "12")
    for given, new, value in [
        ([one], 1, "1"),
        ([one], 0, "1"),
        ([two], 1, "2"),
        ([one], 1, "1"),
        ([one, two], 1, "2"),  # one list, a value and its correction
        ([one, two], 0, "2"),
    ]:
        assert house.figures.add(CALLER, given) == (len(given), new)
        assert residents(house) == {"A": value}


@pytest.mark.parametrize("value", ["²", "nan", "inf", "-1", "1e400", "1 000", "", "9" * 400])
def test_what_is_no_number_of_residents_is_refused(tmp_path, value):
    house = open_house(tmp_path)
    path = tmp_path / "figures.csv"
    path.write_text(f"layer,code,figure,value,from,source\ngrid,A,residents,{value},2023-01-01,x")
    with pytest.raises(InvalidValue):
        house.figures.import_file(CALLER, path)
    assert count(house, "figures") == 0


def test_replaced_references_are_noticed_and_no_others_are_touched(tmp_path):
    house = open_house(tmp_path)
    shapes = area_set("x", codes=["a", "b"], geometries=[square(0, 0), square(1, 0)]).geometries
    seen = []
    for kind, name in (("water", "old"), ("building", "old"), ("building", "new")):
        house.figures.replace_references(CALLER, kind, names=[name] * 2, geometries=shapes)
        with house.workspace.database.read() as connection:
            seen.append(references.latest_reference_id(connection))
            found = references.read_references(connection)
    assert len(set(seen)) == 3
    assert {kind: names for kind, (names, _) in found.items()} == {
        "water": ["old"] * 2,
        "building": ["new"] * 2,
    }


def test_a_file_without_references_replaces_nothing(tmp_path):
    house = open_house(tmp_path)
    path = tmp_path / "empty.geojson"
    path.write_text('{"type": "FeatureCollection", "features": []}')
    with pytest.raises(EmptyInput):
        house.figures.import_references(CALLER, path, "water", "EPSG:4490")


def test_columns_hold_every_row_bit_for_bit_and_nan_where_nothing_is_stored(tmp_path):
    total = 2_345  # more than are read at once
    numbers = select(literal(1).label("n")).cte(recursive=True)
    numbers = numbers.union_all(select(numbers.c.n + 1).where(numbers.c.n < total))
    number, seventh = numbers.c.n, cast(numbers.c.n, Float) / 7
    query = select(number, seventh, case((number % 3 > 0, seventh)), cast(number > 9, Integer))
    kinds = (int, float, float, int)
    with open_house(tmp_path).workspace.database.read() as connection:
        found = read_columns(connection, query, kinds)
        nothing = read_columns(connection, query.where(number < 0), kinds)
    order = np.argsort(found[0])
    n = np.arange(1, total + 1)
    expected = [n, n / 7, np.where(n % 3 > 0, n / 7, np.nan), n > 9]
    for column, values, empty in zip(found, expected, nothing, strict=True):
        np.testing.assert_array_equal(column[order], values)
        assert (len(empty), empty.dtype) == (0, column.dtype)
    assert [column.dtype for column in found] == [np.int64, np.float64, np.float64, np.int64]


def test_an_idempotency_key_is_forgotten_after_its_time(tmp_path):
    house = open_house(tmp_path)
    request = RequestKey("a", "POST /issues", "k")
    with house.workspace.database.write() as connection:
        kept = {request: KeptAnswer("h", "{}")}
        idempotency.keep_answers(connection, kept, now_s=0)
        for now_s, expected in ((KEPT_FOR_S - 1, kept), (KEPT_FOR_S, {})):
            assert idempotency.kept_answers(connection, [request], now_s=now_s) == expected
        idempotency.keep_answers(connection, kept, now_s=KEPT_FOR_S)


def test_an_interrupted_demo_is_completed_and_a_complete_one_left_alone(tmp_path):
    house = open_house(tmp_path, profile="x-street")
    full = house.demonstrations.load(CALLER, total=100)
    assert (full.is_new, full.issues) == (True, 100)
    assert not house.demonstrations.load(CALLER, total=100).is_new
    with house.workspace.database.write() as connection:  # as if stopped among the issues
        for table in ("issue_texts", "issue_events", "assignments", "issues"):
            key = "id" if table == "issues" else "issue_id"
            connection.exec_driver_sql(f"DELETE FROM {table} WHERE {key} > 40")
        connection.exec_driver_sql("DELETE FROM reference_features")
    again = house.demonstrations.load(CALLER, total=100)
    assert (again.is_new, again.issues, again.edition) == (True, 100, 1)
