"""What is known of a small town by name, and what different askers mean by it."""

from math import isnan, nan

import pytest
import shapely

from geo_service.layers.addresses.address import Address
from geo_service.layers.addresses.book import AddressBook, KnownPlace
from geo_service.layers.addresses.gazetteer import Gazetteer, NamedSpot
from geo_service.layers.addresses.hit import (
    INCOMPLETE,
    NEAR,
    NO_POINT,
    ONE,
    SEVERAL,
    UNKNOWN,
    decided,
)
from geo_service.layers.addresses.reading import read_addresses
from geo_service.layers.addresses.searching import found_places, named_places


def _place(number, road=None, lane=None, house=None, estate=None, building=None, **more):
    lanes = tuple(lane.split("/")) if lane else ()
    address = Address(road, lanes, house, estate, building)
    lon = more.pop("lon", 120 + number / 100)
    return KnownPlace(
        number,
        address,
        more.get("title"),
        more.get("aliases", ()),
        lon,
        nan if isnan(lon) else 30.0,
    )


_PLACES = [
    _place(1, "桂香路", "88", "3", "幸福花园", aliases=("小白楼", "兰和街12号")),
    _place(2, "桂香路", "88", "4", "幸福花园"),
    _place(3, "桂香路", "88", estate="幸福花园"),
    _place(4, "桂香路", house="90", building="1"),
    _place(5, "桂香路", house="90", building="2"),
    _place(6, "桂香路", house="100~104"),
    _place(7, "桂香路", house="9"),
    _place(8, "桂香路", house="200", estate="示例超市"),
    _place(9, "桂香路", house="200", estate="示例药店"),
    _place(10, "兰和街", "5/7", "2"),
    _place(11, None, None, None, "安宁苑", "1"),
    _place(12, None, None, None, "安宁苑", "2"),
    _place(13, None, None, None, "安宁苑", "2"),
    _place(14, title="示例大厦"),
    _place(15, "枫柳路", "1", "1", lon=nan),
    _place(16, "枫柳路", "2", "1"),
    _place(17, "枫柳路", "2", "1", lon=120.16 + 1e-6),
    _place(18, "桂香路", house="300", building="3"),
    _place(19, "桂香路", house="301", title="同心馆"),
    _place(20, title="同心馆"),
    _place(21, None, None, None, "乐学园"),
    _place(22, "桂香路", "66", "8", "睦邻里"),
    _place(23, title="soho"),
    _place(24, "桂香路", house="400", building="东楼"),
    *(_place(200 + i, "莲菊路", "3", building=str(i)) for i in range(1, 30)),
    *(_place(100 + i, "杏坛路", str(i), "1") for i in range(1, 60)),
]
_LINES = {
    "桂香路": shapely.LineString([(120, 30), (121, 30)]),
    "兰和街": shapely.MultiLineString(
        [[(120.5, 29), (120.5, 31)], [(120.5001, 29), (120.5001, 31)]]
    ),
    "枣泰路": shapely.LineString([(120, 40), (121, 40)]),
}


@pytest.fixture(scope="module")
def town():
    return Gazetteer(
        AddressBook(_PLACES),
        facilities=[NamedSpot(("党群服务中心",), 120.3, 30.0), NamedSpot(("桂花站",))],
        areas=[NamedSpot(("示例街道",), 120.0, 30.0), NamedSpot(("安宁苑",), 120.0, 30.0)],
        lines=_LINES,
    )


def _decision(town, text):
    found = decided(named_places(town, read_addresses(text)))
    return found.why, found.hit and town.book.ids[found.hit.number]


@pytest.mark.parametrize(
    ("text", "why", "place"),
    [
        ("桂香路88弄3号", ONE, 1),
        ("示例街道桂香路88弄3号501室", ONE, 1),
        ("桂香路88弄", ONE, 3),
        ("幸福花园3号", ONE, 1),
        ("幸福花园（桂香路88弄）4号楼", ONE, 2),
        ("小白楼", ONE, 1),
        ("兰和街12号", ONE, 1),
        ("安宁苑1幢", ONE, 11),
        ("安宁苑1号楼3单元", ONE, 11),
        ("示例街道安宁苑1幢", ONE, 11),
        ("桂香路90号2幢", ONE, 5),
        ("桂香路102号", ONE, 6),
        ("桂香路200号示例药店", ONE, 9),
        ("兰和街5弄7支弄2号", ONE, 10),
        ("示例大厦", ONE, 14),
        ("示例街道示例大厦", ONE, 14),
        ("枫柳路2弄1号", ONE, 16),  # two lists hold one place
        ("莲菊路3弄7号楼", ONE, 207),
        ("soho", ONE, 23),
        ("桂香路400号东楼", ONE, 24),
        ("安宁苑1", ONE, 11),
        ("乐学园", ONE, 21),
        ("睦邻里", ONE, 22),
        ("桂香路88弄3号，桂香路88弄3号", ONE, 1),
        ("没有的路5号（桂香路88弄3号）", ONE, 1),
        ("安宁苑2幢", SEVERAL, None),
        ("桂香路200号", SEVERAL, None),
        ("桂香路200号示例银行", SEVERAL, None),
        ("同心馆", SEVERAL, None),
        ("桂香路88弄3号，桂香路88弄4号", SEVERAL, None),
        ("桂香路88弄3号对面", NEAR, None),
        ("小白楼旁边", NEAR, None),
        ("桂香路102号门口", NEAR, None),
        ("枫柳路1弄1号", NO_POINT, None),
        ("桂花站", NO_POINT, None),
        ("桂香路88弄5号", INCOMPLETE, None),
        ("桂香路88弄3号楼", INCOMPLETE, None),  # the building 3 may be the number 3
        ("桂香路88弄7号楼", INCOMPLETE, None),
        ("桂香路90号", INCOMPLETE, None),
        ("桂香路90号7幢", INCOMPLETE, None),
        ("桂香路90号999幢", INCOMPLETE, None),
        ("桂香路9号之1", INCOMPLETE, None),
        ("桂香路999弄3号", INCOMPLETE, None),
        ("桂香路77号", INCOMPLETE, None),
        ("桂香路7号楼", INCOMPLETE, None),
        ("桂香路", INCOMPLETE, None),
        ("桂香路路边", INCOMPLETE, None),
        ("桂香路示例银行", INCOMPLETE, None),
        ("枣泰路3号", INCOMPLETE, None),
        ("枣泰路", INCOMPLETE, None),
        ("88弄3号", INCOMPLETE, None),
        ("安宁苑", INCOMPLETE, None),
        ("安宁苑9幢", INCOMPLETE, None),
        ("示例街道", INCOMPLETE, None),
        ("桂香路枣泰路路口", INCOMPLETE, None),
        ("桂香路杏坛路路口", INCOMPLETE, None),
        ("没有的路5号", UNKNOWN, None),
        ("没有的路与没有的街路口", UNKNOWN, None),
        ("77弄", UNKNOWN, None),
        ("某某花园", UNKNOWN, None),
        ("。", UNKNOWN, None),
    ],
)
def test_a_text_means_one_place_or_says_why_not(town, text, why, place):
    assert _decision(town, text) == (why, place)


def test_a_site_and_a_crossing_are_meant_by_their_names(town):
    site = decided(named_places(town, read_addresses("党群服务中心")))
    assert (site.why, site.hit.kind, site.hit.lon) == (ONE, "facility", 120.3)
    corner = decided(named_places(town, read_addresses("示例街道桂香路与兰和街路口")))
    assert (corner.why, corner.hit.kind) == (ONE, "crossing")
    assert corner.hit.lon == pytest.approx(120.50005)  # its two lanes are one crossing
    near = decided(named_places(town, read_addresses("桂香路近兰和街")))
    assert near.why == NEAR


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("桂香路88弄3号", ("exact", "桂香路88弄3号幸福花园")),
        ("桂香", ("prefix", "桂香路")),
        ("桂香路8", ("broader", "桂香路")),
        ("桂香路88弄", ("exact", "桂香路88弄幸福花园")),
        ("xfhy", ("initials", "幸福花园")),
        ("xingfu", ("pinyin", "幸福花园")),
        ("xfhy3", ("initials", "桂香路88弄3号幸福花园")),
        ("gxl88n3h", ("initials", "桂香路88弄3号幸福花园")),
        ("gxl88", ("initials", "桂香路88弄幸福花园")),
        ("贵乡路88弄3号", ("same_sound", "桂香路88弄3号幸福花园")),
        ("幸福化园", ("same_sound", "幸福花园")),
        ("花园", ("contains", "幸福花园")),
        ("服务中心", ("contains", "党群服务中心")),
        ("示例街道", ("area", "示例街道")),
        ("88弄3号", ("without_road", "桂香路88弄3号幸福花园")),
        ("杏坛路", ("narrower", "杏坛路")),
    ],
)
def test_a_search_says_how_it_found_its_first_answer(town, text, first):
    found = found_places(town, text, limit=5)
    assert (found[0].how, found[0].label) == first
    assert len(found) <= 5


def test_numbers_are_offered_while_they_are_typed_nine_before_ten(town):
    labels = [hit.label for hit in found_places(town, "桂香路9", limit=10)]
    assert labels[:3] == ["桂香路9号", "桂香路90号1号楼", "桂香路90号2号楼"]
    in_lane = [hit.label for hit in found_places(town, "桂香路88弄", limit=10)]
    assert in_lane[1:] == ["桂香路88弄", "桂香路88弄3号幸福花园", "桂香路88弄4号幸福花园"]
    assert found_places(town, "桂香路777弄3", limit=10)[0].how == "broader"
    assert len(found_places(town, "杏坛路", limit=50)) > 40


def test_the_nearest_of_those_found_alike_comes_first(town):
    far, close = (
        [hit.number for hit in found_places(town, "安宁苑2幢", limit=2, near=near)]
        for near in ((121.0, 30.0), (120.0, 30.0))
    )
    assert far == close[::-1]
    named = found_places(town, "桂", limit=5, near=(120.0, 30.0))
    assert named[-1].lon != named[-1].lon  # what has no point comes last


def test_the_book_tells_how_much_it_holds(town):
    assert len(town.book) == len(_PLACES)
    assert town.book.nbytes > 0
    assert len(town.words) > 0
    assert len(AddressBook([])) == 0
    assert found_places(Gazetteer(AddressBook([])), "桂香路88弄3号", limit=5) == []
