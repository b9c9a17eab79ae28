"""Text of two encodings in one file: what fits is read, what does not is named by its line."""

import pytest

from geo_service.errors import UnreadableFile
from geo_service.layers.files import RowProblem, read_rows

HEAD = "编号,描述\n"


def saved(path, *parts: tuple[str, str]):
    path.write_bytes(b"".join(text.encode(encoding) for text, encoding in parts))
    return path


def lines(first: int, count: int) -> str:
    return "".join(f"{i},示例居民区第{i}组\n" for i in range(first, first + count))


@pytest.mark.parametrize(
    ("most", "few", "name"), [("utf-8", "gbk", "GBK"), ("gbk", "utf-8", "UTF-8")]
)
def test_halves_in_two_encodings_are_refused_by_the_first_line_of_the_rarer(
    tmp_path, most, few, name
):
    path = saved(tmp_path / "a.csv", (HEAD + lines(1, 20), most), (lines(21, 10), few))
    with pytest.raises(UnreadableFile) as caught:
        read_rows(path)
    said = caught.value.text("en")
    assert "it mixes two encodings" in said
    assert f"line 22 is the first in {name}" in said
    assert "Save both parts as UTF-8" in said
    assert f"第 22 行是第一个 {name} 行" in caught.value.text("zh")


@pytest.mark.parametrize(
    ("most", "few", "name"), [("utf-8", "gbk", "GBK"), ("gbk", "utf-8", "UTF-8")]
)
def test_a_few_rows_in_another_encoding_are_rejected_and_named(tmp_path, most, few, name):
    path = saved(
        tmp_path / "a.csv",
        *[(HEAD + lines(1, 30), most), (lines(31, 2), few), (lines(33, 30), most)],
    )
    rows = read_rows(path)
    found = dict(rows)
    bad = {number for number, row in found.items() if isinstance(row, RowProblem)}
    assert bad == {32, 33}
    assert "UTF-8 and GBK are mixed" in found[32].reason_en
    assert found[34] == {"编号": "33", "描述": "示例居民区第33组"}
    assert any(f"the first in line 32, are {name} and are rejected" in en for _, en in rows.notes)


def test_rows_of_utf8_that_happen_to_fit_gbk_are_not_read_as_nonsense(tmp_path):
    # 24 bytes of UTF-8 are twelve pairs, each of which is a character of GB18030
    text = "示例街道示例街道"
    text.encode().decode("gb18030")
    path = saved(tmp_path / "a.csv", (HEAD + lines(1, 30), "gbk"), (f"31,{text}\n", "utf-8"))
    assert isinstance(dict(read_rows(path))[32], RowProblem)


def test_two_characters_that_fit_both_encodings_do_not_make_a_file_mixed(tmp_path):
    # 联通 in GBK is C1 AA CD A8; 敬 in GBK is BE B4; дж in UTF-8 is D0 B4 D0 B6
    both = b"\xd0\xb4"
    assert both.decode("utf-8") == "д"
    assert both.decode("gbk") == "写"
    path = tmp_path / "a.csv"
    path.write_bytes((HEAD + lines(1, 5)).encode("gbk") + b"6," + both + b"\n")
    rows = read_rows(path)
    assert rows.encoding == "GB18030"
    assert dict(rows)[7] == {"编号": "6", "描述": "写"}
    assert all("mixes" not in en for _, en in rows.notes)


def test_a_list_in_a_language_of_europe_with_one_broken_row_stays_utf8(tmp_path):
    text = "".join(f"{i},Straße {i}\n" for i in range(30))
    path = tmp_path / "a.csv"
    path.write_bytes(b"n,name\n" + text.encode() + b"30,Stra\xdfe\n")
    rows = read_rows(path)
    assert rows.encoding == "UTF-8"
    assert isinstance(dict(rows)[32], RowProblem)


@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_one_line_of_megabytes_decides_no_encoding(tmp_path, encoding):
    monster = "长" * (2 << 20)
    path = saved(tmp_path / "a.csv", (HEAD + f"1,{monster}\n" + lines(2, 3), encoding))
    found = dict(read_rows(path))
    assert isinstance(found[2], RowProblem)
    assert found[3]["描述"] == "示例居民区第2组"


def test_a_file_of_one_endless_line_is_decoded_as_a_whole(tmp_path):
    # line ends of old Macs: one line to whoever looks for line feeds
    text = (HEAD + lines(1, 60_000)).replace("\n", "\r")
    path = saved(tmp_path / "a.csv", (text, "gbk"))
    assert read_rows(path).encoding == "GB18030"
    path.write_bytes(text.encode("gbk") + b"\xff")
    with pytest.raises(UnreadableFile, match="neither in UTF-8 nor in GBK"):
        read_rows(path)
