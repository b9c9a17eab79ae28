"""Laws of looking at a list before it is stored: storing then reports the same, row by row."""

import csv
import io
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo_service.errors import GeoServiceError
from geo_service.services.addresses.lists import PlaceFileOptions
from geo_service.services.addresses.pointing import PointedAt
from geo_service.services.handling.deciding import DecisionAsked
from geo_service.services.handling.steps import StepAsked
from geo_service.services.issues.files import imports, preview
from geo_service.services.issues.files.options import IssueFileOptions
from geo_service.services.issues.files.report import report_json
from tests.databases import everything, is_postgresql, put_copy, rows
from tests.examples import examples
from tests.houses import CALLER, SOUTH, STEP, WEST, Clock, center, grid_code, open_house
from tests.property.test_intake import new_street, publish_swapped, rows_of

A_HOUSE_EACH = settings(max_examples=examples(25))
HEADINGS = ["工单号", "来源", "上报时间", "办结时间", "状态", "标题", "地址", "经度", "纬度"]
HEADINGS += ["坐标系", "精度", "大类", "小类"]

# On borders, in the middle of grids, outside near and far.
ordinates = st.sampled_from([-0.2, 0, 0.5, 1, 1.5, 2, 30])
ODD = {  # what no row is taken with, by the number of its column
    0: ["", "3.10E+14"],
    1: ["无此来源", ""],
    2: ["昨天", "2031-01-01", ""],
    3: ["2019-01-01"],
    4: ["不详"],
    7: ["十", "0"],
    9: ["EPSG:99", ""],
    10: ["-1"],
}


@st.composite
def cells(draw):
    def among(*known):
        return draw(st.sampled_from(known))

    has_place = draw(st.booleans())
    status = among("", "open", "closed")
    row = [
        among("A", "B", "C"),
        "12345",
        among("2026-11-01 08:00", "2020-01-01"),
        among("", "2026-11-02 08:00") if status == "closed" else "",
        status,
        among("", "井盖", "路灯"),
        among("", "幸福路88弄3号", "幸福路88弄5号", "幸福路88弄", "某处"),
        str(WEST + draw(ordinates) * STEP) if has_place else "",
        str(SOUTH + draw(ordinates) * STEP) if has_place else "",
        among("EPSG:4490", "EPSG:4490", "GCJ02"),
        among("", "", "30", "500"),
        *among(("", ""), ("市容秩序", "违法建设"), ("", "违停"), ("外星", "")),
    ]
    if draw(st.integers(0, 7)) == 0:
        column = among(*ODD)
        row[column] = among(*ODD[column])
    return row


lists = st.lists(cells(), min_size=1, max_size=9)


def write_list(folder: Path, told, name="list.csv") -> Path:
    text = io.StringIO()
    csv.writer(text).writerows([HEADINGS, *told])
    path = folder / name
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def know_addresses(house, folder: Path) -> None:
    at = [f"幸福路,88,{3 + 2 * i},{WEST + (0.5 + i) * STEP},{SOUTH + STEP / 2}" for i in range(2)]
    path = folder / "addresses.csv"
    path.write_text("路,弄,号,经度,纬度\n" + "\n".join(at), encoding="utf-8")
    house.place_lists.import_file(CALLER, path, PlaceFileOptions(frame="EPSG:4490"))


def act_on(house, act):
    """Let somebody do something with each issue that it can be done with."""
    for row in rows_of(house):
        asked = (CALLER, row["id"])
        if act == "erase":
            house.erasures.erase(*asked, "request")
        elif act == "point" and row["x"] is None and row["status"] == "open":
            lon, lat = center(3, 1)
            with suppress(GeoServiceError):  # an erased one is pointed at by nobody
                house.pointing.point(*asked, PointedAt(lon, lat, "EPSG:4490", "dispatcher"))
        elif act == "decide" and row["status"] == "open":
            said = DecisionAsked("grid", grid_code(2, 1), "现场核实", "派单员")
            house.decisions.decide(*asked, said, newest_event=None)
        elif act == "decline" and row["status"] == "open":
            house.handling.take_step(
                *asked, StepAsked("decline", "dispatcher", {"reason": "unclear"})
            )


def state_of(folder: Path):
    """Return all that is there: every row, every number that was given out, every file."""
    numbers = []
    if is_postgresql():
        query = "SELECT sequencename, last_value FROM pg_sequences ORDER BY sequencename"
        numbers = rows(folder, query)
    # whoever locates first writes the index of an edition, whatever for
    names = sorted(each.name for each in folder.iterdir() if each.suffix != ".index")
    return everything(folder), numbers, names


def kept_rows(house):
    """Return what is kept of each issue that a preview tells: point, result, owner."""
    found, family = {}, house.workspace.layers.ground_family
    for row in rows_of(house):
        [kept] = [each for each in row["assignments"] if each["family"] == family]
        result = "ambiguous" if kept["status"] == "ambiguous" else kept["rule"]
        owner = tuple(kept["links"][-1]) if kept["links"] else None
        found[row["external_id"]] = (row["lon"], row["lat"], result, owner)
    return found


@A_HOUSE_EACH
@given(
    before=st.lists(lists, max_size=2),
    told=lists,
    is_updating=st.booleans(),
    is_published=st.booleans(),
    acts=st.lists(
        st.sampled_from(["decide", "decline", "point", "erase"]), max_size=3, unique=True
    ),
    rows_a_transaction=st.sampled_from([2, 5, 99]),
)
def test_storing_reports_what_the_preview_told_row_by_row(
    before, told, is_updating, is_published, acts, rows_a_transaction
):
    with (
        TemporaryDirectory() as home,
        TemporaryDirectory() as lists_folder,
        pytest.MonkeyPatch.context() as patch,
    ):
        for module in (imports, preview):
            patch.setattr(module, "ROWS_A_TRANSACTION", rows_a_transaction)
        put_copy(new_street(), Path(home))
        house, folder = open_house(Path(home), clock=Clock()), Path(lists_folder)
        know_addresses(house, folder)
        for i, each in enumerate(before):
            path = write_list(folder, each, f"{i}.csv")
            house.issues.import_file(CALLER, path, IssueFileOptions())
        for act in acts:
            act_on(house, act)
        if is_published:
            publish_swapped(house, 1)
        house.workspace.now_s.now_s += 60
        path, options = write_list(folder, told), IssueFileOptions(is_updating=is_updating)
        held = state_of(Path(home))

        looked = house.issues.preview_file(CALLER, path, options)
        assert state_of(Path(home)) == held

        report = house.issues.import_file(CALLER, path, options)
        assert report_json(looked.report, "zh", listed=99) == report_json(report, "zh", listed=99)
        check_rows(looked, report, told, kept_rows(house))
        house.close()


def check_rows(looked, report, told, kept):
    """Each row that was shown has what is kept of its issue after the last one of its key."""
    assert looked.rows_left_out == 0
    refused = {each.row for each in report.rejections}
    shown = {each.row: each for each in looked.rows}
    assert shown.keys() == set(range(2, len(told) + 2)) - refused
    last = {told[number - 2][0]: each for number, each in shown.items()}
    for key, each in last.items():
        assert (each.lon, each.lat, each.result, each.owner) == kept[key]
    counted = [
        (each.area and (each.area.layer, each.area.code), each[1:]) for each in looked.owners
    ]
    for owner, counts in counted:
        kinds = [each.outcome for each in looked.rows if each.owner == owner]
        assert counts == tuple(kinds.count(kind) for kind in ("added", "updated", "unchanged"))
    assert sum(sum(counts) for _, counts in counted) == len(shown) == sum(looked.results.values())
