"""PostGIS: a geometry beside every outline, and views that a desktop GIS reads.

The reader is GDAL's PostgreSQL driver, by its ``ogrinfo``.
"""

import json
import re
import subprocess
import time
from contextlib import closing

import psycopg
import pytest
import shapely
from sqlalchemy import make_url

from geo_service.errors import DatabaseUnfit
from geo_service.services.databases.backups import back_up, restore
from geo_service.services.databases.copies import copy_database
from geo_service.storage.databases import Database
from geo_service.storage.databases.postgis import READER, extension_schema
from tests.databases import blank_database, change, database_url, rows
from tests.doors import open_door
from tests.full_houses import open_house_in
from tests.houses import (
    CALLER,
    LONG_AGO_S,
    SOUTH,
    STEP,
    WEST,
    center,
    grid_code,
    open_house,
    publish_areas,
    publish_street,
    swapped_street,
)
from tests.old_databases import TO_BEFORE_GEOMETRIES
from tests.terminals import run

pytestmark = pytest.mark.postgresql

REFUSALS = (
    psycopg.errors.InsufficientPrivilege,
    psycopg.errors.ObjectNotInPrerequisiteState,  # a view of several tables takes no changes
)
LAYERS = ["district", "street", "community", "grid"]


@pytest.fixture
def house(tmp_path):
    services = open_house(tmp_path, clock=time.time)  # the views go by the server's
    publish_street(services)
    yield services
    services.close()


def report(house, number, **cells):
    lon, lat = center(0, 0)
    place = {"x": lon, "y": lat, "frame": "EPSG:4490"}
    named = {"source": "complaint", "external_id": str(number), "title": "路灯不亮"}
    ticket = {**place, **named, "reported_at": "2025-11-20 08:00", **cells}
    house.issues.report(CALLER, ticket, is_updating=False)


def place_of_first_grid(tmp_path):
    query = "SELECT ST_AsText(ST_Centroid(geometry)), edition FROM gis.current_grid WHERE code = :c"
    [(point, edition)] = rows(tmp_path, query, c=grid_code(0, 0))
    return shapely.from_wkt(point).coords[0], edition


def driver_address(tmp_path):
    """Return the house's address as libpq and GDAL take it."""
    user, name, host = re.search(r"//(\w+)@/(\w+)\?host=(.*)", database_url(tmp_path)).groups()
    return f"host={host} dbname={name} user={user}"


def ogrinfo(address, *words):
    done = subprocess.run(
        ["ogrinfo", "-ro", *words[:-1], f"PG:{address}", *words[-1:]],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.usefixtures("house")
def test_every_row_has_the_geometry_that_its_outline_holds(tmp_path):
    query = "SELECT ST_AsBinary(geometry), outline, ST_SRID(geometry) FROM areas"
    found = rows(tmp_path, query)
    assert len(found) == 12
    assert all(geometry == outline and frame == 4490 for geometry, outline, frame in found)


def test_rows_of_before_get_their_geometry_when_the_tables_are_brought_up_to_date(house, tmp_path):
    house.close()
    change(
        tmp_path,
        "DROP SCHEMA gis CASCADE",
        "ALTER TABLE areas DROP COLUMN geometry",
        *TO_BEFORE_GEOMETRIES,
        "UPDATE alembic_version SET version_num = '0005'",
    )
    open_house(tmp_path).close()
    [(count,)] = rows(tmp_path, "SELECT count(*) FROM areas WHERE ST_AsBinary(geometry) = outline")
    assert count == 12


@pytest.mark.usefixtures("house")
def test_the_geometries_have_an_index_that_a_window_of_a_map_uses(tmp_path):
    window = f"ST_MakeEnvelope({WEST}, {SOUTH}, {WEST + STEP / 2}, {SOUTH + STEP / 2}, 4490)"
    query = f"SELECT id FROM gis.current_grid WHERE geometry && {window}"
    with psycopg.connect(driver_address(tmp_path)) as connection:
        connection.execute("SET enable_seqscan = off")
        connection.execute("DROP INDEX ix_areas_layer_last_edition")
        connection.execute("ALTER TABLE areas DROP CONSTRAINT uq_areas_layer_code_first_edition")
        plan = "\n".join(line for (line,) in connection.execute(f"EXPLAIN {query}"))
    assert "ix_areas_geometry" in plan


@pytest.mark.usefixtures("house")
def test_gdal_lists_the_layers_of_the_profile_as_they_are_now(tmp_path):
    listed = ogrinfo(driver_address(tmp_path) + " schemas=gis", "-q")
    for layer in LAYERS:
        assert f"current_{layer}\n" in listed
    assert "issues (Point)" in listed


@pytest.mark.usefixtures("house")
def test_gdal_reads_count_extent_frame_and_key(tmp_path):
    told = ogrinfo(driver_address(tmp_path) + " schemas=gis", "-so", "current_grid")
    assert "Feature Count: 8" in told
    east, north = WEST + 4 * STEP, SOUTH + 2 * STEP
    assert f"Extent: ({WEST:f}, {SOUTH:f}) - ({east:f}, {north:f})" in told
    assert "China Geodetic Coordinate System 2000" in told
    for column in ("id: Integer64", "code: String", "area_m2: Real", "parent_code: String"):
        assert column in told


@pytest.mark.usefixtures("house")
def test_gdal_reads_the_outline_that_the_service_hands_out(tmp_path):
    where = f"code = '{grid_code(1, 1)}'"
    told = ogrinfo(driver_address(tmp_path) + " schemas=gis", "-where", where, "current_grid")
    [outline] = re.findall(r"POLYGON \(.*\)", told)
    answer = open_door(tmp_path, is_published=False).get(f"/api/v1/areas/grid/{grid_code(1, 1)}")
    exported = shapely.geometry.shape(answer.json()["geometry"])
    assert shapely.from_wkt(outline).equals_exact(exported, 0)


def copied(_folder, **urls):
    copy_database(CALLER, **urls)


def backed_up_and_restored(folder, *, source_url, target_url):
    file = folder / "house.zip"
    back_up(CALLER, source_url=source_url, path=file)
    restore(CALLER, path=file, target_url=target_url)


@pytest.mark.parametrize("moved", [copied, backed_up_and_restored])
def test_a_house_that_moved_here_shows_its_views_before_any_service_opened_it(tmp_path, moved):
    old = f"sqlite:///{tmp_path / 'old.db'}"
    with closing(open_house_in(old, tmp_path)) as house:
        publish_street(house)
        report(house, 1)
    moved(tmp_path, source_url=old, target_url=database_url(tmp_path))
    for view, count in (("current_grid", 8), ("issues", 1)):
        told = ogrinfo(driver_address(tmp_path) + " schemas=gis", "-so", view)
        assert f"Feature Count: {count}\n" in told
    assert "未发现问题" in run(tmp_path, "verify", profile="generic")


def test_a_published_edition_is_what_the_views_show(house, tmp_path):
    assert place_of_first_grid(tmp_path) == (center(0, 0), 1)
    publish_areas(house, swapped_street(), on=1, effective_from_s=LONG_AGO_S + 1)
    assert place_of_first_grid(tmp_path) == (center(1, 0), 2)
    [(count,)] = rows(tmp_path, "SELECT count(*) FROM gis.current_grid")
    assert count == 8


def test_a_scheduled_edition_shows_when_it_takes_effect_and_not_before(house, tmp_path):
    [(now_s,)] = rows(tmp_path, "SELECT CAST(floor(extract(epoch FROM now())) AS bigint)")
    publish_areas(house, swapped_street(), on=1, effective_from_s=now_s + 3600)
    assert place_of_first_grid(tmp_path) == (center(0, 0), 1)
    change(tmp_path, f"UPDATE editions SET effective_from_s = {now_s} WHERE number = 2")
    assert place_of_first_grid(tmp_path) == (center(1, 0), 2)


def test_of_equal_dates_the_highest_number_shows_and_of_unequal_ones_the_later_date(
    house, tmp_path
):
    publish_areas(house, swapped_street(), on=1, effective_from_s=LONG_AGO_S)
    assert place_of_first_grid(tmp_path)[1] == 2
    change(tmp_path, f"UPDATE editions SET effective_from_s = {LONG_AGO_S - 1} WHERE number = 2")
    assert place_of_first_grid(tmp_path)[1] == 1


def test_issues_stand_with_place_time_and_owner_and_without_a_word_of_the_reporter(house, tmp_path):
    report(house, 1, address="示例街道 1 号", description="请尽快处理")
    report(house, 2, x=None, y=None, frame=None, closed_at="2025-11-20 09:00")
    [(row,), (away,)] = rows(tmp_path, "SELECT to_jsonb(i) FROM gis.issues i ORDER BY id")
    assert (row["id"], row["status"], row["source"]) == (1, "open", "complaint")
    assert row["geometry"]["coordinates"] == list(center(0, 0))
    assert (row["grid_owner_layer"], row["grid_owner_code"]) == ("grid", grid_code(0, 0))
    query = "SELECT reported_at = timestamptz '2025-11-20 08:00+08' FROM gis.issues WHERE id = 1"
    assert rows(tmp_path, query) == [(True,)]
    assert (away["geometry"], away["grid_owner_code"], away["status"]) == (None, None, "closed")
    assert rows(tmp_path, "SELECT id FROM gis.open_issues") == [(1,)]
    told = json.dumps([row, away], ensure_ascii=False)
    for word in ("路灯不亮", "示例街道 1 号", "请尽快处理"):
        assert word not in told


@pytest.fixture
def reader(tmp_path):
    change(tmp_path, "CREATE ROLE qgis LOGIN", f"GRANT {READER} TO qgis")
    yield driver_address(tmp_path).replace("user=tester", "user=qgis")
    change(tmp_path, "DROP ROLE qgis")


def test_the_reading_role_reads_the_views_and_nothing_else(house, tmp_path, reader):
    report(house, 1)
    listed = ogrinfo(reader + " schemas=gis", "-so", "open_issues")
    assert "Feature Count: 1" in listed
    tables = rows(tmp_path, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    ours = [name for (name,) in tables if name != "spatial_ref_sys"]
    assert "issue_texts" in ours
    views = rows(tmp_path, "SELECT viewname FROM pg_views WHERE schemaname = 'gis'")
    with psycopg.connect(reader, autocommit=True) as connection:
        for (name,) in views:
            connection.execute(f"SELECT * FROM gis.{name}")
            with pytest.raises(REFUSALS):
                connection.execute(f"DELETE FROM gis.{name}")
        for name in ours:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"SELECT * FROM {name}")


@pytest.mark.usefixtures("house")
def test_opening_again_leaves_the_views_to_those_who_are_reading_them(tmp_path):
    with psycopg.connect(driver_address(tmp_path)) as reading:
        reading.execute("SELECT * FROM gis.current_grid")
        open_house(tmp_path).close()


def test_another_profile_has_views_of_its_own_layers(tmp_path):
    query = "SELECT viewname FROM pg_views WHERE schemaname = 'gis'"
    open_house(tmp_path).close()
    before = {name for (name,) in rows(tmp_path, query)}
    open_house(tmp_path, profile="x-street").close()
    after = {name for (name,) in rows(tmp_path, query)}
    assert before >= {f"current_{layer}" for layer in LAYERS}
    assert "current_grid" not in after
    assert after >= {"current_micro_grid", "issues", "open_issues"}
    open_house(tmp_path).close()
    assert {name for (name,) in rows(tmp_path, query)} == before


def test_a_view_that_others_stand_on_is_not_taken_from_under_them(tmp_path):
    open_house(tmp_path, profile="x-street").close()
    change(tmp_path, "CREATE VIEW mine AS SELECT * FROM gis.open_issues")
    with pytest.raises(DatabaseUnfit, match="mine"):
        open_house(tmp_path)


def test_a_user_who_may_not_enable_postgis_is_told_who_can(tmp_path):
    url = blank_database(tmp_path)
    name = make_url(url).database
    change(tmp_path, "CREATE ROLE plain LOGIN", f"ALTER DATABASE {name} OWNER TO plain")
    database = Database(url.replace("tester@", "plain@"))
    with pytest.raises(DatabaseUnfit, match=f"psql {name} -c 'CREATE EXTENSION postgis'"):
        database.migrate()
    assert rows(tmp_path, "SELECT * FROM pg_tables WHERE schemaname = 'public'") == []
    change(tmp_path, "CREATE EXTENSION postgis")
    database.migrate()
    database.close()
    change(tmp_path, "DROP OWNED BY plain", f"ALTER DATABASE {name} OWNER TO tester")
    change(tmp_path, "DROP ROLE plain")


def test_an_extension_that_the_server_lacks_is_named_with_its_package(house):
    with (
        house.workspace.database.write() as connection,
        pytest.raises(DatabaseUnfit, match="the server has no postgis_of_tomorrow: install"),
    ):
        extension_schema(connection, "postgis_of_tomorrow")
