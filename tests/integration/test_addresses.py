"""Lists of addresses in, and issues that tell an address located by them, in one house."""

import csv

import pytest
from openpyxl import Workbook

from geo_service.errors import (
    EmptyInput,
    InvalidValue,
    IssueNotFound,
    MissingColumn,
    MissingFrame,
    UnknownColumn,
)
from geo_service.services.addresses.lists import PlaceFileOptions, named_place_columns
from geo_service.services.addresses.pointing import PointedAt
from geo_service.services.issues.files.options import IssueFileOptions
from geo_service.services.verification.verifications import (
    VerificationOptions,
    VerificationService,
)
from geo_service.storage import place_matches
from tests.houses import (
    CALLER,
    NOW_S,
    STEP,
    Clock,
    center,
    grid_code,
    open_house,
    publish_areas,
    publish_street,
    swapped_street,
)

FRAME = PlaceFileOptions(frame="EPSG:4490")
HEADINGS = "路,弄,号,小区,楼栋,别名,经度,纬度,网格编码"
LON, LAT = center(0, 0)
EAST = LON + STEP
LISTED = [
    f"桂香路,88弄,3号,幸福花园,,小白楼,{LON},{LAT},{grid_code(0, 0)}",
    f"桂香路,88,４,幸福花园,,,{LON + STEP / 8},{LAT},{grid_code(0, 0)}",
    f"桂香路,90,,,,,{LON},{LAT},",
    f"桂香路,90,,,,,{EAST},{LAT},",
]


@pytest.fixture
def house(tmp_path):
    made = open_house(tmp_path, clock=Clock())
    publish_street(made)
    yield made
    made.close()


def write(path, rows, *, headings=HEADINGS, encoding="gbk"):
    path.write_text("\n".join([headings, *rows]) + "\n", encoding=encoding)
    return path


def imported(house, tmp_path, rows, options=FRAME, **more):
    return house.place_lists.import_file(CALLER, write(tmp_path / "表.csv", rows, **more), options)


def counts(report):
    rejected = len(report.rejections)
    return report.added, report.updated, report.unchanged, rejected, report.ended


def found(house, text):
    answer = house.places.find(CALLER, text)
    owner = answer.decisive.chain[-1].code if answer.decisive else None
    return answer.why, owner


def tickets(house, path, rows):
    write(path, rows, headings="工单编号,来源,上报时间,地址,状态")
    return house.issues.import_file(CALLER, path, IssueFileOptions())


def issue(house, external_id):
    from geo_service.storage.issue_queries import IssueFilter

    every = house.issues.every_issue(CALLER, IssueFilter())
    return next(each for each in every if each["external_id"] == external_id)


def test_a_table_comes_in_once_and_a_newer_one_replaces_what_it_lists(house, tmp_path):
    assert counts(imported(house, tmp_path, LISTED)) == (4, 0, 0, 0, 0)
    [kept] = house.place_lists.lists(CALLER)
    assert counts(imported(house, tmp_path, LISTED[::-1])) == (0, 0, 4, 0, 0)
    assert house.place_lists.lists(CALLER) == [kept]
    moved = LISTED[0].replace(str(LON), str(EAST)).replace(grid_code(0, 0), grid_code(1, 0))
    once = LISTED[2]  # an address that stood twice stands once now
    assert counts(imported(house, tmp_path, [moved, once])) == (0, 1, 1, 0, 1)
    assert found(house, "桂香路88弄3号") == ("one", grid_code(1, 0))
    assert found(house, "桂香路90弄") == ("one", grid_code(0, 0))
    assert found(house, "桂香路88弄4号") == ("one", grid_code(0, 0))  # not listed: it stays
    whole = PlaceFileOptions(frame="EPSG:4490", is_whole=True)
    assert counts(imported(house, tmp_path, [moved], whole)) == (0, 0, 1, 0, 2)
    assert found(house, "桂香路88弄4号")[0] == "incomplete"
    other = PlaceFileOptions(frame="EPSG:4490", list_name="楼栋清单")
    assert counts(imported(house, tmp_path, [LISTED[1]], other)) == (1, 0, 0, 0, 0)
    assert [(each.name, each.places) for each in house.place_lists.lists(CALLER)] == [
        ("地址归格表", 1),
        ("楼栋清单", 1),
    ]


def test_every_row_is_stored_or_told_of_with_its_number_and_reason(house, tmp_path):
    rows = [
        LISTED[0],
        f"桂香路,八十八弄,x,,,,{LON},{LAT},",
        ",,,,,,,,",
        f"桂香路,1,1,,,,{LON},,",
        "桂香路,1,2,,,,,,",
        f"桂香路,1,3,,,,{LAT},{LON},",
        f",,,,,,{LON},{LAT},",
        "桂香路,1,4,,,,0,0,",
        f"桂香路,1,5,,东楼,,,,{grid_code(1, 0)}",
    ]
    report = imported(house, tmp_path, rows)
    assert counts(report) == (2, 0, 0, 6, 0)
    assert report.rows == 8  # a blank row is none
    told = {each.row: each.field for each in report.rejections}
    assert told == {3: "number", 5: "y", 6: "y", 7: "x, y", 8: "address", 9: "x, y"}
    listed = house.places.find(CALLER, "桂香路1弄5号东楼")
    assert [(each.exactness, each.chain[-1].code) for each in listed.places[:1]] == [
        ("listed", grid_code(1, 0))
    ]
    assert (listed.why, listed.decisive) == ("no_point", None)


def test_a_workbook_whose_doors_became_dates_is_told_of(house, tmp_path):
    from datetime import datetime

    book = Workbook()
    sheet = book.active
    sheet.append(["地址", "号", "名称", "经度", "纬度", "坐标系", "姓名"])
    sheet.append(["桂香路88弄", 3.0, "桂香路88弄3号", LON, LAT, "EPSG:4490", "某人"])
    sheet.append(["桂香路", datetime(2026, 3, 5), None, LON, LAT, "EPSG:4490", None])
    sheet.append([None, None, "示例大厦", LON, LAT, "EPSG:9999999", None])
    sheet.append([None, None, "示例大厦", LON, LAT, "EPSG:4490", None])
    book.save(tmp_path / "表.xlsx")
    report = house.place_lists.import_file(CALLER, tmp_path / "表.xlsx", PlaceFileOptions())
    assert counts(report) == (2, 0, 0, 2, 0)
    assert [(each.row, each.field) for each in report.rejections] == [(3, "number"), (4, "frame")]
    assert report.columns.dropped == ("姓名",)
    assert found(house, "桂香路88弄3号") == ("one", grid_code(0, 0))
    assert found(house, "示例大厦") == ("one", grid_code(0, 0))


def test_a_list_that_cannot_be_used_is_refused_as_a_whole(house, tmp_path):
    for error, rows, more, options in [
        (MissingFrame, LISTED, {}, PlaceFileOptions()),
        (MissingColumn, ["1,2"], {"headings": "经度,纬度"}, FRAME),
        (EmptyInput, [], {}, FRAME),
        (InvalidValue, LISTED, {}, PlaceFileOptions(frame="EPSG:4490", list_name=" ")),
        (
            UnknownColumn,
            LISTED,
            {},
            PlaceFileOptions(frame="EPSG:4490", columns={"road": "没有的列"}),
        ),
    ]:
        with pytest.raises(error):
            imported(house, tmp_path, rows, options, **more)
    with pytest.raises(InvalidValue):
        named_place_columns(["路名"], where="--column")
    assert named_place_columns(["road=路名"], where="--column") == {"road": "路名"}
    assert house.place_lists.lists(CALLER) == []


def test_the_frame_is_asked_for_with_what_the_coordinates_look_like(house, tmp_path):
    from geo_service.layers.frames import from_storage

    x, y = from_storage(lon=[LON] * 40, lat=[LAT] * 40, target_frame="GCJ02")
    rows = [f"桂香路,{i},1,,,,{x[i]},{y[i]}," for i in range(40)]
    with pytest.raises(MissingFrame) as asked:
        imported(house, tmp_path, rows, PlaceFileOptions())
    assert "--frame" in asked.value.text("zh")
    report = imported(house, tmp_path, rows, PlaceFileOptions(frame="GCJ02"))
    assert (report.added, report.frame_warnings) == (40, [])
    assert found(house, "桂香路7弄1号") == ("one", grid_code(0, 0))


def test_a_list_that_contradicts_the_boundaries_is_named_and_decides_nothing(house, tmp_path):
    border = f"桂香路,5,1,,,,{LON + STEP / 2},{LAT},{grid_code(1, 0)}"
    rows = [
        f"桂香路,1,1,,,,{LON},{LAT},{grid_code(1, 0)}",
        f"桂香路,2,1,,,,{LON},{LAT},999",
        f"桂香路,3,1,,,,{LON + 1},{LAT},{grid_code(0, 0)}",
        f"桂香路,4,1,,,,{LON},{LAT},第1网格",
        border,
        *LISTED[2:],
    ]
    report = imported(house, tmp_path, rows)
    assert report.defects.counts == {
        "other_area": 1,
        "unknown_area": 1,
        "outside": 1,
        "several_places": 2,
    }
    [wrong] = [
        each for each in house.place_lists.defects(CALLER).defects if each.kind == "other_area"
    ]
    assert (wrong.told, wrong.found) == (grid_code(1, 0), grid_code(0, 0))
    assert found(house, "桂香路1弄1号") == ("contradicted", None)
    assert found(house, "桂香路4弄1号") == ("one", grid_code(0, 0))
    assert found(house, "桂香路5弄1号") == ("one", grid_code(0, 0))  # on the border: lowest code


def test_the_district_in_front_tells_which_of_two_places_is_meant(house, tmp_path):
    west, east = center(0, 0), center(3, 0)
    rows = [f"桂香路,7,1,,,,{lon},{lat}," for lon, lat in (west, east)]
    imported(house, tmp_path, rows)
    assert found(house, "桂香路7弄1号") == ("several", None)
    assert found(house, "东社区桂香路7弄1号") == ("one", grid_code(3, 0))
    assert found(house, "没有的社区桂香路7弄1号") == ("several", None)
    imported(house, tmp_path, [f"兰和街,1,1,,,,{west[0]},{west[1]},"])
    assert found(house, "示例区西社区兰和街1弄1号") == ("one", grid_code(0, 0))
    assert found(house, "东社区兰和街1弄1号") == ("elsewhere", None)


def test_tickets_with_addresses_alone_are_located_where_one_place_is_meant(house, tmp_path):
    imported(house, tmp_path, LISTED)
    rows = [
        "A1,12345,2026-11-20 08:00,示例街道桂香路88弄3号501室,待办",
        "A2,12345,2026-11-20 08:00,桂香路90弄,待办",
        "A3,12345,2026-11-20 08:00,没有的路1号,待办",
        "A4,12345,2026-11-20 08:00,桂香路88弄3号对面,待办",
        "A5,12345,2026-11-20 08:00,,待办",
    ]
    first = tickets(house, tmp_path / "工单.csv", rows)
    assert (first.added, first.located_by_address) == (5, 1)
    again = tickets(house, tmp_path / "工单.csv", rows)
    assert (again.added, again.updated, again.unchanged) == (0, 0, 5)
    located = issue(house, "A1")
    assert (located["located_by"], located["ground"]["code"]) == ("place", grid_code(0, 0))
    assert (located["x"], located["source_frame"], located["lon"]) == (None, None, LON)
    assert located["place"]["text"] == "示例街道桂香路88弄3号501室"
    assert located["place"]["how"] == "exact"
    for external_id, why, candidates in [
        ("A2", "several", 2),
        ("A3", "unknown", 0),
        ("A4", "near", 1),
    ]:
        waiting = issue(house, external_id)
        assert (waiting["located_by"], waiting["ground"], waiting["lon"]) == (None, None, None)
        assert waiting["place"]["why"] == why
        assert len(waiting["place"]["candidates"]) == candidates
    assert issue(house, "A5")["place"] is None
    closed = tickets(house, tmp_path / "工单.csv", [rows[0].replace("待办", "办结")])
    assert closed.updated == 1
    assert issue(house, "A1")["lon"] == LON  # what else is told moves nothing
    assert house_is_whole(house)


def house_is_whole(house):
    return VerificationService(house.workspace).verify(CALLER, VerificationOptions()).is_clean


def test_a_ticket_told_elsewhere_moves_and_one_with_coordinates_is_not_looked_up(house, tmp_path):
    imported(house, tmp_path, LISTED)
    base = {"source": "12345", "external_id": "B1", "reported_at": "2026-11-20"}

    def report(**told):
        return house.issues.report(CALLER, {**base, **told}, is_updating=True)

    added = report(address="桂香路88弄3号")
    assert (added["located_by"], added["place_why"]) == ("place", "one")
    report(address="桂香路88弄4号")
    assert issue(house, "B1")["lon"] == LON + STEP / 8
    report(address="桂香路90弄")
    waiting = issue(house, "B1")
    assert (waiting["lon"], waiting["ground"], waiting["place"]["why"]) == (None, None, "several")
    report(address="桂香路90弄", x=EAST, y=LAT, frame="EPSG:4490")
    told = issue(house, "B1")
    assert (told["located_by"], told["place"]) == ("coordinates", None)
    assert told["ground"]["code"] == grid_code(1, 0)
    report(address="桂香路88弄3号")
    assert issue(house, "B1")["ground"]["code"] == grid_code(0, 0)
    report(address="桂香路90弄")
    report(address=None)
    gone = issue(house, "B1")
    assert (gone["lon"], gone["place"], gone["ground"]) == (None, None, None)
    batch = house.issues.batch(
        CALLER,
        [{**base, "external_id": "B2", "address": "小白楼"}, {**base, "external_id": "B3"}],
        is_updating=False,
    )
    assert [each.get("located_by") for each in batch["results"]] == ["place", None]


def test_a_table_that_comes_later_locates_what_waits_and_says_so(house, tmp_path):
    clock = house.workspace.now_s
    rows = [f"C{i},12345,2026-11-20 08:00,桂香路88弄3号,待办" for i in range(3)]
    rows += ["C3,12345,2026-11-20 08:00,桂香路90弄,待办"]
    report = tickets(house, tmp_path / "工单.csv", rows)
    assert report.located_by_address == 0
    assert issue(house, "C0")["place"] is None  # nothing is looked up without a list
    assert house.waiting.locate(CALLER).counts == {}
    imported(house, tmp_path, LISTED)
    clock.now_s = NOW_S + 60
    found_now = house.waiting.locate(CALLER)
    assert (found_now.waiting, dict(found_now.counts)) == (4, {"one": 3, "several": 1})
    assert house.waiting.locate(CALLER).counts == {"several": 1}
    located = issue(house, "C0")
    assert located["ground"]["code"] == grid_code(0, 0)
    event = house.issues.issue(CALLER, located["id"])["events"][-1]
    assert (event["kind"], event["payload"]["located_by"]) == ("reassigned", "place")
    assert event["payload"]["before"]["rule"] == "unassigned"
    queue = house.waiting.waiting(CALLER)
    assert [(each["external_id"], each["why"]) for each in queue.rows] == [("C3", "several")]
    waiting, [_, second] = queue.rows[0]["id"], queue.rows[0]["candidates"]
    for candidate, label in [(1, "桂香路88弄"), (7, second["label"])]:
        with pytest.raises(InvalidValue):
            house.waiting.choose(CALLER, waiting, candidate=candidate, label=label)
    house.waiting.choose(CALLER, waiting, candidate=1, label=second["label"])
    with pytest.raises(IssueNotFound):
        house.waiting.choose(CALLER, waiting, candidate=1, label=second["label"])
    decided = issue(house, "C3")
    assert decided["ground"]["code"] == grid_code(1, 0)
    assert (decided["place"]["why"], decided["place"]["id"]) == ("chosen", second["place"])
    assert house.waiting.waiting(CALLER).rows == []


def test_located_issues_follow_a_new_edition_and_so_does_what_lists_decide(house, tmp_path):
    imported(house, tmp_path, LISTED)
    tickets(house, tmp_path / "工单.csv", ["D1,12345,2026-11-20 08:00,桂香路88弄3号,待办"])
    house.workspace.now_s.now_s += 60
    publish_areas(house, swapped_street(), on=1, effective_from_s=NOW_S + 60)
    assert issue(house, "D1")["ground"]["code"] == grid_code(1, 0)
    assert issue(house, "D1")["located_by"] == "place"
    assert house.place_lists.defects(CALLER).counts["other_area"] == 2
    assert found(house, "桂香路88弄3号") == ("one", grid_code(1, 0))  # the list is the older word
    again = LISTED[0].replace("小白楼", "白楼")
    imported(house, tmp_path, [again])
    assert found(house, "桂香路88弄3号") == ("contradicted", None)


def test_what_an_address_meant_is_erased_and_the_issue_stays_whole(house, tmp_path):
    imported(house, tmp_path, LISTED)
    tickets(house, tmp_path / "工单.csv", ["E1,12345,2026-11-20 08:00,桂香路88弄3号,待办"])
    row_id = issue(house, "E1")["id"]
    with house.workspace.database.write() as connection:
        place_matches.erase_matches(connection, [row_id])
    erased = issue(house, "E1")
    assert (erased["located_by"], erased["place"]) == ("place", {"why": "one", "id": None})


def test_defects_and_rejections_are_written_as_lists(house, tmp_path):
    from geo_service.services.addresses.defects import write_defects
    from geo_service.services.addresses.lists import write_rejections

    rows = [f"桂香路,1,1,,,,{LON},{LAT},{grid_code(1, 0)}", f"桂香路,x,1,,,,{LON},{LAT},"]
    report = imported(house, tmp_path, rows)
    write_rejections(tmp_path / "退回.csv", report)
    write_defects(tmp_path / "缺陷.csv", report.defects)
    with (tmp_path / "退回.csv").open(encoding="utf-8-sig") as lines:
        assert [row[:3] for row in csv.reader(lines)][1] == ["3", "lane", "弄"]
    with (tmp_path / "缺陷.csv").open(encoding="utf-8-sig") as lines:
        assert list(csv.reader(lines))[1][4:6] == [grid_code(1, 0), grid_code(0, 0)]


def test_a_place_set_by_hand_gives_way_to_an_address_that_the_source_tells_later(house, tmp_path):
    imported(house, tmp_path, LISTED)
    told = {"source": "12345", "external_id": "1", "reported_at": "2026-11-20 08:00"}
    issue = house.issues.report(CALLER, told, is_updating=True)["id"]
    lon, lat = center(3, 1)
    house.pointing.point(CALLER, issue, PointedAt(lon, lat, "EPSG:4490", "dispatcher"))
    again = {**told, "address": "桂香路88弄3号"}
    assert house.issues.report(CALLER, again, is_updating=True)["outcome"] == "updated"
    row = house.issues.issue(CALLER, issue)
    assert (row["lon"], row["lat"], row["located_by"]) == (LON, LAT, "place")
