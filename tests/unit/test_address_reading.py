"""Addresses as offices, callers and spreadsheets write them, read into their parts."""

import pytest

from geo_service.layers.addresses.address import Address, numbers_of, written
from geo_service.layers.addresses.numeral import numeral_value
from geo_service.layers.addresses.reading import (
    names_above,
    read_address,
    read_addresses,
    read_number,
)

_LANE = Address("桂香路", ("88",), "3")
_HOUSE = Address("桂香路", (), "88")
_BUILDING = Address(name="幸福花园", building="3")
_CORNER = Address("桂香路", crossing="兰和街")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("桂香路88弄3号", _LANE),
        ("桂香路 ８８弄 ３号", _LANE),
        ("桂香路八十八弄三号", _LANE),
        ("桂香路88弄3號501室", _LANE),
        ("桂香路88弄3-501", _LANE),
        ("桂香路东段88弄3号", _LANE),
        ("上海市示例区示例街道桂香路88弄3号", _LANE._replace(above="上海市示例区示例街道")),
        ("示例镇桂香路88弄3号", _LANE._replace(above="示例镇")),
        ("桂香路88弄3号门口", _LANE._replace(is_near=True)),
        ("桂香路88弄3号，楼道堆物", _LANE),
        ("桂香路88弄5支弄3号", Address("桂香路", ("88", "5"), "3")),
        ("桂香路88弄3号楼2单元501室", Address("桂香路", ("88",), None, None, "3")),
        ("桂香路88弄幸福花园3号楼", Address("桂香路", ("88",), None, "幸福花园", "3")),
        ("88弄3号", Address(None, ("88",), "3")),
        ("桂香路88号", _HOUSE),
        ("桂香路88", _HOUSE),
        ("桂香路88号旁", _HOUSE._replace(is_near=True)),
        ("桂香路88号对面", _HOUSE._replace(is_near=True)),
        ("桂香路88号示例超市", _HOUSE._replace(name="示例超市")),
        ("桂香路88号院3号楼", _HOUSE._replace(building="3")),
        ("桂香路甲88号", _HOUSE._replace(number="88甲")),
        ("桂香路88号甲", _HOUSE._replace(number="88甲")),
        ("桂香路88号之1", _HOUSE._replace(number="88-1")),
        ("桂香路88-1号", _HOUSE._replace(number="88-1")),
        ("桂香路88～90号", _HOUSE._replace(number="88~90")),
        ("桂香路88-90号", _HOUSE._replace(number="88~90")),
        ("桂香路88号至90号", _HOUSE._replace(number="88~90")),
        ("桂香路88、90号", _HOUSE._replace(number="88~90")),
        ("桂香路3-12号", _HOUSE._replace(number="3-12")),
        ("中山北一路88号", Address("中山北一路", (), "88")),
        ("1号公路88号", Address("1号公路", (), "88")),
        ("新市路十二号", Address("新市路", (), "12")),
        ("桂香路一百二弄3号", Address("桂香路", (), None, "一百二弄", "3")),
        ("幸福花园3号楼", _BUILDING),
        ("幸福花园三幢二单元", _BUILDING),
        ("幸福花园3-2-501", _BUILDING),
        ("幸福花园3#", _BUILDING),
        ("幸福花园3", _BUILDING),
        ("幸福花园一百二号3幢", Address(name="幸福花园一百二号", building="3")),
        ("幸福花园A座1201室", _BUILDING._replace(building="a")),
        ("幸福新村二十三号", Address(name="幸福新村", building="23")),
        ("幸福小区南门", Address(name="幸福小区", is_near=True)),
        ("示例市民广场501室", Address(name="示例市民广场")),
        ("桂香路与兰和街路口", _CORNER),
        ("桂香路/兰和街", _CORNER),
        ("桂香路兰和街交叉口", _CORNER),
        ("桂香路近兰和街", _CORNER._replace(is_near=True)),
        ("桂香路兰和街口东北角", _CORNER._replace(is_near=True)),
        ("桂香路口", Address("桂香路", name="口")),
        ("示例街道办事处", Address(name="示例街道办事处")),
        ("", Address()),
        ("。。", Address()),
    ],
)
def test_an_address_is_read_into_its_parts(text, parts):
    assert read_address(text) == parts


def test_what_stands_in_brackets_is_another_reading():
    found = read_addresses("幸福花园（桂香路88弄）3号楼，兰和街5号")
    assert [each.address for each in found.outside] == [_BUILDING, Address("兰和街", (), "5")]
    assert [each.address for each in found.inside] == [Address("桂香路", ("88",))]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("88", "88"),
        ("88弄", "88"),
        ("第八十八号楼", "88"),
        ("０８８", "88"),
        ("88~90", "88~90"),
        ("一百二~90", None),
        ("甲3", "3甲"),
        ("A座", "a"),
        ("东楼", None),
        ("一百二", None),
    ],
)
def test_a_number_is_read_with_and_without_its_word(text, number):
    assert read_number(text) == number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("八十八", 88),
        ("廿三", 23),
        ("三〇五", 305),
        ("一百十二", 112),
        ("一百零二", 102),
        ("两百", 200),
        ("一百二", None),
        ("十百", None),
        ("百廿", None),
        ("二零十", None),
        ("百", 100),
        ("路", None),
        ("", None),
    ],
)
def test_numerals_count_or_are_none(text, value):
    assert numeral_value(text) == value


def test_a_stretch_holds_the_numbers_of_its_side():
    assert numbers_of("88~92") == ["88", "90", "92"]
    assert numbers_of("88~91") == ["88", "91"]
    assert numbers_of("2~88甲") == ["2", "88甲"]
    assert numbers_of("88") == ["88"]


def test_names_above_are_told_one_by_one():
    assert names_above("上海市示例区示例街道") == ["上海市", "示例区", "示例街道"]
    assert names_above("") == []


def test_a_crossing_and_a_place_nearby_are_written_as_they_are_read():
    for address in (_CORNER, _LANE._replace(is_near=True), _BUILDING):
        assert read_address(written(address)) == address
