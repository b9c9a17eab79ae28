"""Laws of addresses: what is written is read again, however wide; what is listed is found."""

from math import isnan

from hypothesis import given
from hypothesis import strategies as st

from geo_service.layers.addresses.address import Address, written
from geo_service.layers.addresses.book import AddressBook, KnownPlace
from geo_service.layers.addresses.gazetteer import Gazetteer
from geo_service.layers.addresses.hit import ONE, SEVERAL, decided
from geo_service.layers.addresses.numeral import numeral_value
from geo_service.layers.addresses.reading import read_address, read_addresses
from geo_service.layers.addresses.searching import found_places, named_places

_ROADS = ("桂香路", "兰和街", "中山北一路", "世纪大道", "安康巷", "创新二路")
_ESTATES = ("幸福花园", "桂花里", "安宁苑", "同心大厦")
_ABOVE = ("", "示例区", "上海市示例区示例街道", "示例镇")
_DIGITS = "零一二三四五六七八九"

counts = st.integers(1, 9_999)
numbers = st.builds(
    lambda count, mark: f"{count}{mark}", counts, st.sampled_from(["", "", "", "甲", "乙", "-1"])
)
lanes = st.lists(counts.map(str), max_size=2).map(tuple)
buildings = counts.map(str)
on_road = st.builds(
    Address,
    st.sampled_from(_ROADS),
    lanes,
    numbers,
    st.sampled_from([None, *_ESTATES]),
    st.none() | buildings,
    st.none(),
    st.sampled_from(_ABOVE),
    st.booleans(),
)
in_estate = st.builds(
    Address,
    st.none(),
    st.just(()),
    st.none(),
    st.sampled_from(_ESTATES),
    buildings,
    st.none(),
    st.sampled_from(_ABOVE),
    st.booleans(),
)


def wide(text):
    """Return a text as full-width forms."""
    return "".join(chr(ord(each) + 0xFEE0) if "!" <= each <= "~" else each for each in text)


def numeral(count):
    """Return how a count is written with 千, 百 and 十."""
    told = ""
    for unit, word in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = count // unit % 10
        if digit:
            told += _DIGITS[digit] + word
        elif told and not told.endswith("零"):
            told += "零"
    return told.rstrip("零")


@given(on_road | in_estate)
def test_an_address_that_is_written_is_read_again(address):
    assert read_address(written(address)) == address


@given(on_road | in_estate, st.integers(0, 20))
def test_width_and_blanks_say_nothing(address, at):
    text = written(address)
    assert read_address(wide(text)) == address
    assert read_address(f"{text[:at]} {text[at:]}　") == address


@given(counts)
def test_a_numeral_counts_what_it_was_written_for(count):
    assert numeral_value(numeral(count)) == count
    assert numeral_value("".join(_DIGITS[int(each)] for each in str(count))) == count


@given(st.text(max_size=40))
def test_any_text_is_read_and_searched_without_a_fault(text):
    known = Gazetteer(AddressBook([KnownPlace(1, _HOME, "小白楼", ("老楼",), 120.0, 30.0)]))
    readings = read_addresses(text)
    for hit in (*named_places(known, readings), *found_places(known, text, limit=5)):
        assert hit.label


_HOME = Address("桂香路", ("88",), "3", "幸福花园", None)


@given(st.lists(on_road | in_estate, min_size=1, max_size=30), st.data())
def test_a_listed_address_is_found_and_decided_only_where_it_stands_once(listed, data):
    plain = [each._replace(above="", is_near=False) for each in listed]
    book = AddressBook(
        KnownPlace(i, each, None, (), 120 + i / 100, 30.0) for i, each in enumerate(plain)
    )
    known = Gazetteer(book)
    asked = data.draw(st.sampled_from(plain))
    found = decided(named_places(known, read_addresses(written(asked))))
    same = [i for i, each in enumerate(plain) if each == asked]
    if len(same) > 1:
        assert found.why == SEVERAL
    if found.why == ONE:
        assert found.hit is not None
        assert not isnan(found.hit.lon)
        assert [found.hit.number] == same
    else:
        assert found.why == SEVERAL  # listed, so never unknown; perhaps as another's short form
