"""Issues are found again by what their source numbers them with."""

from geo_service.storage import issues
from geo_service.storage.issues import IssueRow
from tests.houses import NOW_S, open_house


def test_stored_keys_are_found_whatever_is_written_in_them(tmp_path):
    house = open_house(tmp_path)
    keys = ["1", "01", "a'b", 'c"d', "e\\u0041", "f\ng", "示例", "\U0001f6a7", "%s", ":keys", "?"]
    told = {"source": "complaint", "status": "open", "is_provisional": False, "is_late": False}
    row = IssueRow(**{**dict.fromkeys(IssueRow._fields), **told})
    new = [row._replace(external_id=k, content_hash=k, reported_at_s=NOW_S) for k in keys]
    with house.workspace.database.write() as connection, issues.issues_added(connection, new):
        pass
    asked = [("complaint", key) for key in [*keys, *map(str, range(2, 6_000))]]
    with house.workspace.database.read() as connection:
        found = issues.known_hashes(connection, [*asked, ("patrol", "1")])
    assert {key: told for key, (_, told) in found.items()} == {("complaint", k): k for k in keys}
    assert len({row_id for row_id, _ in found.values()}) == len(keys)
