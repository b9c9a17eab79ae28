"""Codes, cells and the file that is written aside."""

import datetime as dt
import hashlib
import math
import warnings
from pathlib import Path

import pytest

from geo_service.errors import InvalidValue, RefusedValue, SpoiledCodes, UnwritableFile
from geo_service.layers.files import as_code, check_codes, file_hash, writing_aside
from geo_service.layers.files.disk import noted_warnings


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("007", "007"),
        (" 999001\u3000", "999001"),
        ("\ufeff999", "999"),
        ("1.0", "1.0"),
        (7, "7"),
        (7.0, "7"),
        (-0.0, "0"),
        (1.5, "1.5"),
        (310101001001001.0, "310101001001001"),
        (310101001001001123, "310101001001001123"),
        (None, ""),
        (math.nan, ""),
    ],
)
def test_a_code_is_written_as_it_was_meant(value, code):
    assert as_code(value) == code


@pytest.mark.parametrize("value", [2.0**53, -(2.0**53), 3.1010100100100112e17])
def test_a_float_that_lost_digits_is_no_code(value):
    with pytest.raises(InvalidValue, match="digits after the fifteenth are lost"):
        as_code(value)


def test_a_file_written_aside_appears_whole(tmp_path):
    path = tmp_path / "新 文件夹" / "a.txt"
    with writing_aside(path) as aside:
        aside.write_text("new")
        assert aside.parent == path.parent
        assert aside.suffix == ".txt"
        assert not path.exists()
    assert path.read_text() == "new"
    assert list(path.parent.iterdir()) == [path]


def test_a_failure_while_writing_aside_changes_nothing(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with (
        pytest.raises(UnicodeEncodeError),
        writing_aside(path) as aside,
        aside.open("w", encoding="gbk") as file,
    ):
        file.writelines(["half", "𬭎"])
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").touch()
    for path in (tmp_path, tmp_path / "file" / "a.txt"):
        with pytest.raises(UnwritableFile), writing_aside(path):
            pass


def test_a_folder_of_the_system_that_takes_no_files_is_named():
    # not even root makes a file there
    path = Path("/proc/a.txt")
    with (
        pytest.raises(UnwritableFile, match="its folder cannot be written to"),
        writing_aside(path),
    ):
        pass


def all_notes() -> list[str]:
    with noted_warnings(RuntimeWarning, UserWarning) as noted:
        for text in ("row 5", "row 7", "row 5"):
            warnings.warn(text, RuntimeWarning, stacklevel=1)
        warnings.warn("no style", UserWarning, stacklevel=1)
        warnings.warn("old", DeprecationWarning, stacklevel=1)
    return noted


def test_a_warning_told_twice_is_noted_once_and_one_of_another_kind_is_passed_on():
    with pytest.warns(DeprecationWarning, match="old") as passed_on:
        noted = all_notes()
    assert noted == ["row 5", "row 7", "no style"]
    assert len(passed_on) == 1


def test_what_goes_wrong_beside_the_disk_while_a_file_is_written_stays_what_it_is(tmp_path):
    with pytest.raises(FileNotFoundError), writing_aside(tmp_path / "a.csv"):
        (tmp_path / "b.csv").read_bytes()
    assert list(tmp_path.iterdir()) == []


def test_the_hash_of_a_file_is_its_sha256(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"abc" * 100_000)
    assert file_hash(path) == hashlib.sha256(b"abc" * 100_000).hexdigest()


@pytest.mark.parametrize("cell", ["3.10E+14", " 3e+14 ", 3.1e17])
def test_a_code_in_scientific_notation_is_spoiled_in_every_format(cell):
    with pytest.raises(SpoiledCodes) as caught:
        check_codes("a.gpkg", "编码", ["1", cell, None, cell], rows=None)
    assert (caught.value.count, list(caught.value.rows)) == (2, [2, 4])


def test_a_whole_number_of_sixteen_digits_is_spoiled_in_a_spreadsheet_alone():
    check_codes("a.gpkg", "编码", [310101001001001000], rows=None)
    check_codes("a.xlsx", "编码", [310101001001001, "310101001001001123", 1.5, True], rows=range(4))
    with pytest.raises(SpoiledCodes) as caught:
        check_codes("a.xlsx", "编码", [7, 3101010010010010], rows=[5, 9])
    assert (caught.value.example, list(caught.value.rows)) == ("3101010010010010", [9])


@pytest.mark.parametrize(
    "cell", ["#N/A", " #REF! ", "2024-01-02T00:00:00", dt.datetime(2024, 1, 2), dt.time(8, 5)]
)
def test_a_code_that_a_spreadsheet_made_a_date_or_an_error_of_is_refused_with_its_row(cell):
    with pytest.raises(RefusedValue, match="'编码' in row 9 is a date or an error"):
        check_codes("a.xlsx", "编码", ["1-1", cell, cell], rows=[5, 9, 11])
    check_codes("a.gpkg", "编码", [cell], rows=None)
