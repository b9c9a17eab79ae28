"""Tables at a terminal: what is copied by hand stays whole, whatever the width."""

from contextlib import redirect_stdout
from io import StringIO

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from geo_service.commands.tables import drawn
from geo_service.commands.terminal import Terminal

HEADINGS = ("边界段", "从", "左", "右")
ROWS = [("4cfb29181b783a26d420", "118.499954,33.594029", "999001001016001", "桂花坊第一微网格")]


def lines(headings, rows, width):
    written = StringIO()
    Console(file=written, width=width).print(drawn(headings, rows, width=width))
    return written.getvalue().splitlines()


def test_a_table_with_room_has_a_line_for_each_row():
    [_, headings, _, row, _] = lines(HEADINGS, ROWS, 120)
    assert [cell.strip() for cell in row.split("│")[1:-1]] == list(ROWS[0])
    assert [cell.strip() for cell in headings.split("┃")[1:-1]] == list(HEADINGS)


def test_chinese_is_folded_before_any_code_is_broken():
    # 20 + 20 + 15 for the codes, 12 for borders, a Chinese name of 16: 80 leave 13 of them
    told = lines(HEADINGS, ROWS, 80)
    assert len(told) == 6
    for whole in ROWS[0][:3]:
        assert any(whole in line for line in told)


def test_without_room_side_by_side_each_row_is_a_paragraph():
    told = lines(HEADINGS, ROWS * 2, 60)
    assert told[1:5] == [
        "边界段  4cfb29181b783a26d420",
        "从      118.499954,33.594029",
        "左      999001001016001",
        "右      桂花坊第一微网格",
    ]
    assert told[5:10] == ["", *told[1:5]]


WORDS = st.text("0123456789abc", min_size=1, max_size=20)
CHINESE = st.text("网格一张图社区", max_size=30)
CELLS = st.builds(lambda word, text: f"{text}{word}", WORDS, CHINESE)


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=5), st.integers(50, 120))
def test_no_line_is_wider_than_the_terminal_and_every_word_stands_in_one(rows, width):
    told = lines(("甲", "乙", "丙"), rows, width)
    assert max(map(cell_len, told)) <= width
    for row in rows:
        for cell in row:
            word = cell.lstrip("网格一张图社区")
            assert any(word in line for line in told)


def test_what_goes_into_a_file_is_as_wide_as_it_needs_to_be(monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    written = StringIO()
    with redirect_stdout(written):
        Terminal("zh", list, "", "", list).table(HEADINGS, [("长" * 80, None, 7, "")])
    [_, _, _, row, _] = written.getvalue().splitlines()
    assert [cell.strip() for cell in row.split("│")[1:-1]] == ["长" * 80, "", "7", ""]
