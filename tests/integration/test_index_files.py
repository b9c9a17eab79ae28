"""Index files: what one holds, and that no other is ever taken for it."""

import json
import os
import struct
import sys
import time
import zlib

import numpy as np
import pytest

from geo_service.layers.layer import Layer, Layers
from geo_service.layers.locator import Locator
from geo_service.storage.index_files import (
    UnusableIndex,
    damaged_sections,
    index_key,
    index_path,
    open_index,
    remove_unused,
    stored_indexes,
    write_index,
)
from tests.shapes import ALL_LAYERS, ONE_LAYER, areas_of, grid_of, one_layer, three_levels, without

KEY = index_key(ALL_LAYERS, "some boundaries")
DAY_S = 86_400
PRELUDE_BYTES = 32


@pytest.fixture(scope="module")
def sections():
    """Five coverages: grids with one missing, so communities too, a family more, two sheets."""
    boundaries = without(three_levels(origin=(118.5, 33.6), size=(0.001, 0.001)), "grid", 11)
    estates = grid_of(2, 2, origin=(118.5, 33.6), size=(0.002, 0.002))
    overlapping = [*estates, *(estate.buffer(0.0004) for estate in estates[:1])]
    party_grids = boundaries["grid"].take(range(20))
    return dict(
        Locator(
            ALL_LAYERS,
            {
                **boundaries,
                "party_grid": party_grids,
                "estate": areas_of("estate", overlapping),
            },
        ).sections
    )


@pytest.fixture
def path(tmp_path, sections):
    path = index_path(tmp_path, KEY)
    write_index(path, KEY, sections)
    return path


def head_bytes(path) -> int:
    """Return how many bytes stand before the padding that leads to the sections."""
    return PRELUDE_BYTES + struct.unpack_from("=I", path.read_bytes(), 16)[0]


def places(path) -> dict[str, slice]:
    """Return the bytes of each section."""
    content, length = path.read_bytes(), head_bytes(path)
    start = -(-length // 4096) * 4096
    table = json.loads(content[PRELUDE_BYTES:length])["sections"]
    return {
        name: slice(start + offset, start + offset + 8 * words) for name, offset, words, _ in table
    }


def flip(path, bit: int) -> None:
    with path.open("r+b") as file:
        file.seek(bit // 8)
        [byte] = file.read(1)
        file.seek(bit // 8)
        file.write(bytes([byte ^ 1 << bit % 8]))


def test_what_was_written_is_read_bit_for_bit_and_cannot_be_written_to(path, sections):
    assert len(sections) > 4
    found = open_index(path, KEY)
    assert list(found) == list(sections)
    for name, words in sections.items():
        assert found[name].tobytes() == words.tobytes()
        assert not found[name].flags.writeable
    assert damaged_sections(path, KEY) == []


def test_every_section_starts_at_a_page_of_the_file(path):
    assert [each.start % 4096 for each in places(path).values()] == [0] * len(places(path))


def test_an_index_of_no_areas_is_a_file_too(tmp_path):
    path = tmp_path / "none.index"
    write_index(path, KEY, {})
    assert open_index(path, KEY) == {}
    assert damaged_sections(path, KEY) == []


def test_where_there_is_no_file_there_is_no_index(tmp_path):
    assert open_index(tmp_path / "none.index", KEY) is None
    assert damaged_sections(tmp_path / "none.index", KEY) is None
    assert stored_indexes(tmp_path / "nothing") == []


def test_format_2_is_read_whatever_this_version_writes(tmp_path):
    """One square from 0.25 to 0.75 in one cell of 16 x 8 parts; written by hand, word by word.

    Where this test has to change, FORMAT has to change: files of format 2 are out there.
    """
    edges = [
        (0.25, 0.25, 0.75, 0.25),
        (0.25, 0.75, 0.75, 0.75),
        (0.25, 0.25, 0.25, 0.75),
        (0.75, 0.25, 0.75, 0.75),
    ]
    content = struct.pack("=6d3q", 1, 1, 0, 0, 1, 1, 1, len(edges), len(edges)).ljust(128, b"\0")
    content += struct.pack("=ii", ~0, 0).ljust(64, b"\0")
    touched, inside, outside = 3, 1, 0
    row_of_outside = [outside] * 16
    row_of_border = [outside] * 4 + [touched] * 9 + [outside] * 3
    row_of_inside = [outside] * 4 + [touched] + [inside] * 7 + [touched] + [outside] * 3
    parts = [*row_of_outside * 2, *row_of_border, *row_of_inside * 3, *row_of_border]
    parts += row_of_outside
    bits = sum(part << 2 * place for place, part in enumerate(parts))
    content += struct.pack("=4Q", *(bits >> 64 * word & (2**64 - 1) for word in range(4)))
    content += struct.pack("=4i2q", 0, 1, 0, 0, 0, len(edges))
    content += b"".join(struct.pack("=4dq", *edge, 1 | 0 << 32) for edge in edges)
    content += struct.pack("=4i", *range(len(edges)))
    table = [["family/street/0", 0, len(content) // 8, zlib.crc32(content)]]
    key = index_key(ONE_LAYER, "one square")
    head = json.dumps({"key": key, "sections": table}).encode()
    crc, length = zlib.crc32(head), 4096 + len(content)
    prelude = b"\x89GSIDX\r\n" + struct.pack("=IIIIQ", 2, 0x01020304, len(head), crc, length)
    path = tmp_path / "square.index"
    path.write_bytes((prelude + head).ljust(4096, b"\0") + content)

    assert damaged_sections(path, key) == []
    square = one_layer(areas_of("street", grid_of(1, 1)).geometries[0])
    locator = Locator(ONE_LAYER, square, open_index(path, key))
    lon = np.array([0.5, 0.1, 0.25, 0.75, 0.8, 0.26, 0.24])
    lat = np.array([0.5, 0.1, 0.5, 0.75, 0.5, 0.27, 0.27])
    assert locator.owners("street", lon=lon, lat=lat).position.tolist() == [0, -1, 0, 0, -1, 0, -1]


def test_the_key_tells_content_and_nesting_apart_and_nothing_else():
    street = Layer("street", "街道", "street")
    grid = Layer("grid", "网格", "grid", parent="street")
    key = index_key(Layers((street, grid)), "a")
    assert key != index_key(Layers((street, grid)), "b")
    assert key != index_key(Layers((street, Layer("grid", "网格", "grid"))), "a")
    overlay = Layer("grid", "网格", "grid", parent="street", is_overlay=True)
    assert key != index_key(Layers((street, overlay)), "a")
    renamed = Layer("grid", "微网格", "cell", parent="street", nearest_m=7.0)
    assert key == index_key(Layers((street, renamed)), "a")


def test_a_flipped_bit_before_the_sections_is_seen_at_opening(path):
    for bit in range(8 * head_bytes(path)):
        flip(path, bit)
        with pytest.raises(UnusableIndex):
            open_index(path, KEY)
        flip(path, bit)
    assert damaged_sections(path, KEY) == []


def test_a_flipped_bit_in_a_section_is_found_and_the_section_named(path):
    draw = np.random.default_rng(1)
    for name, place in places(path).items():
        head_end = 8 * (place.start + 16 * 8)
        for bit in draw.integers(head_end, 8 * place.stop, 5).tolist():
            flip(path, bit)
            assert damaged_sections(path, KEY) == [name]
            flip(path, bit)


def test_a_lattice_that_asks_for_more_than_is_there_is_seen_at_opening(path):
    whole = path.read_bytes()
    for name, place in places(path).items():
        for word, value in [(0, 0.3), (1, -1.0), (2, 0.5), (3, np.inf), (4, 0.0), (5, 1e300)]:
            content = bytearray(whole)
            struct.pack_into("=d", content, place.start + 8 * word, value)
            path.write_bytes(content)
            with pytest.raises(UnusableIndex, match=name):
                open_index(path, KEY)
        for word, value in [(6, -1), (6, 2**40), (7, -1), (7, 2**40), (8, -1), (8, 2**40)]:
            content = bytearray(whole)
            struct.pack_into("=q", content, place.start + 8 * word, value)
            path.write_bytes(content)
            with pytest.raises(UnusableIndex, match=name):
                open_index(path, KEY)


def test_a_section_too_short_for_a_lattice_is_refused(tmp_path):
    path = tmp_path / "short.index"
    write_index(path, KEY, {"family/grid/2": np.zeros(5, dtype=np.int64)})
    with pytest.raises(UnusableIndex, match="lattice of family/grid/2"):
        open_index(path, KEY)


def test_a_truncated_file_is_refused_wherever_it_was_cut(path):
    whole = path.read_bytes()
    draw = np.random.default_rng(2)
    cuts = {0, 1, 8, PRELUDE_BYTES, head_bytes(path), len(whole) - 1, len(whole) - 8}
    cuts |= {edge for place in places(path).values() for edge in (place.start, place.stop)}
    cuts |= set(draw.integers(0, len(whole), 200).tolist())
    for cut in cuts - {len(whole)}:
        path.write_bytes(whole[:cut])
        with pytest.raises(UnusableIndex):
            open_index(path, KEY)


def test_a_file_with_something_behind_it_is_refused(path):
    with path.open("ab") as file:
        file.write(b"\0" * 8)
    with pytest.raises(UnusableIndex, match="bytes long instead of"):
        open_index(path, KEY)


def test_another_format_another_byte_order_and_another_edition_are_refused_by_name(path):
    whole = path.read_bytes()
    path.write_bytes(whole[:8] + struct.pack("=I", 1) + whole[12:])
    with pytest.raises(UnusableIndex, match="format 1, not 2"):
        open_index(path, KEY)
    other = ">" if sys.byteorder == "little" else "<"
    path.write_bytes(whole[:8] + struct.pack(f"{other}II", 2, 0x01020304) + whole[16:])
    with pytest.raises(UnusableIndex, match="byte order"):
        open_index(path, KEY)
    path.write_bytes(whole)
    with pytest.raises(UnusableIndex, match="other boundaries"):
        open_index(path, index_key(ALL_LAYERS, "other boundaries"))


def test_what_is_no_index_file_is_refused(tmp_path):
    for content in (b"", b"PK\3\4", b"\x89GSIDX\r\n", b"\0" * 10_000):
        (tmp_path / "some.index").write_bytes(content)
        with pytest.raises(UnusableIndex, match="not an index file"):
            open_index(tmp_path / "some.index", KEY)
    (tmp_path / "folder.index").mkdir()
    with pytest.raises(UnusableIndex, match="directory"):
        open_index(tmp_path / "folder.index", KEY)


def test_a_new_file_takes_the_name_while_the_old_one_stays_mapped(path, sections):
    before = open_index(path, KEY)
    write_index(path, KEY, {"family/grid/2": sections["family/grid/2"]})
    path.unlink()
    assert {name: words.tobytes() for name, words in before.items()} == {
        name: words.tobytes() for name, words in sections.items()
    }


def test_only_files_unused_for_a_season_are_removed(tmp_path):
    now_s = time.time()
    ages = {"new": 0, "used": 80, "old": 100, "kept": 100, ".half": 2, ".writing": 0}
    for name, days in ages.items():
        path = tmp_path / f"{name}.index"
        path.write_bytes(b"")
        os.utime(path, (now_s, now_s - days * DAY_S))
    (tmp_path / "folder.index").mkdir()
    (tmp_path / "house.db").write_bytes(b"")
    remove_unused(tmp_path, keep=[tmp_path / "kept.index"])
    left = {path.name for path in tmp_path.iterdir()}
    files = {"new.index", "used.index", "kept.index", ".writing.index"}
    assert left == {*files, "folder.index", "house.db"}


def test_beyond_eight_gigabytes_those_used_longest_ago_are_removed(tmp_path):
    now_s = time.time()
    for hours, name in enumerate(("newest", "second", "third", "oldest")):
        path = tmp_path / f"{name}.index"
        path.touch()
        os.truncate(path, 3 * 2**30)  # a hole: it takes no room
        os.utime(path, (now_s, now_s - 3600 * hours))
    remove_unused(tmp_path, keep=[])
    assert {path.stem for path in tmp_path.iterdir()} == {"newest", "second"}
