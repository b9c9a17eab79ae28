"""What all public answers together give away of counts that the registers do not tell.

The reader here asks for everything, writes an equation for every printed total, and solves for the
least and the greatest value that each small count may have. He knows the registers, where their
entries lie, and that an entry whose version is the same has the same counts on another day. Of two
days he leaves out the totals of sites by kind, which are exact where one day alone allows it.
"""

import csv
import re
from dataclasses import dataclass, field
from io import StringIO

import numpy as np
from scipy.optimize import linprog

from tests.doors import open_door
from tests.drawn_registers import BLOCKS, DAYS, FIELDS, LAYERS, area_of, fill
from tests.houses import street_boundaries
from tests.parsed_pages import PageText
from tests.registers import WEST_COMMUNITY

API = "/api/v1"
HIDDEN = {"members": (0, 2), "full_members": (0, 2)}
OTHERS = (1, 4)
SEED = 1


def test_all_answers_of_two_days_tell_no_more_of_a_small_count_than_that_it_is_small(tmp_path):
    fill(tmp_path, SEED, _same)
    with open_door(tmp_path, is_published=False, profile=str(tmp_path / "p.toml")) as door:
        both = Reader()
        for day in DAYS:
            reader = Reader()
            reader.read(door, day)
            both.join(reader)
            reader.read_stations(door, day)
            reader.read_partners(door, day)
            assert len(reader.small) > 20
            # that a unit has somebody to join with is told, and not how few
            found = reader.found_out(reader.small)
            assert {(key[0], told) for key, told in found.items()} <= {("unit", (1, 2))}

        both.read_changes(door)
        assert both.found_out(both.small) == {}

        # one exact total more, and he finds out
        key = next(iter(both.small))
        both.rows.append(({key: 1.0}, 1, 1))
        assert both.found_out([key]) == {key: (1, 1)}


def test_registers_that_differ_in_small_counts_alone_have_the_same_answers(tmp_path):
    answers = []
    for name, other in {"first": _same, "second": _other}.items():
        folder = tmp_path / name
        folder.mkdir()
        fill(folder, SEED, other)
        with open_door(folder, is_published=False, profile=str(folder / "p.toml")) as door:
            answers.append({path: _answer(door, path) for path in _paths()})

    first, second = answers
    assert [path for path in first if first[path] != second[path]] == []


def _same(_: str, count: int) -> int:
    return count


def _other(name: str, count: int) -> int:
    """Return another count where this one is not told; nobody stays nobody in a unit."""
    pairs = {
        "members": {0: 2, 1: 0, 2: 1},
        "full_members": {1: 2, 2: 1},
        "registered_members": {1: 4, 2: 1, 3: 2, 4: 3},
    }
    return pairs.get(name, {}).get(count, count)


def _paths() -> list[str]:
    """Return every answer that rests on registers but the totals of sites by kind."""
    lists = ["", ".csv", ".geojson", "/blank-spots", "/due-units", "/due-units.csv"]
    codes = {layer: areas.codes for layer, areas in street_boundaries().items()}
    codes |= {layer: list(blocks) for layer, blocks in BLOCKS.items()}
    return [
        *(f"{API}/coverage/{layer}{each}" for layer in LAYERS for each in lists),
        *(f"{API}/coverage/{layer}/changes" for layer in LAYERS),
        *(f"{API}/registers/{register}{each}" for register in FIELDS for each in ("", ".csv")),
        *(f"{API}/registers/party_organisation/D{i}" for i in range(8)),
        *(f"{API}/areas/{layer}/{code}/sheet" for layer in LAYERS for code in codes[layer]),
        f"/areas/community/{WEST_COMMUNITY}",
        f"{API}/ladder",
        f"{API}/reminders",
    ]


def _answer(door, path: str) -> str:
    days = {"before": DAYS[0], "after": DAYS[1]} if path.endswith("/changes") else {}
    asked = {"as_of": DAYS[1], **days, "known_at": "2027-01-01"}
    answer = door.get(path, params=asked)
    assert answer.status_code == 200, (path, answer.text)
    return re.sub(r'"recorded_at": ?"[^"]*"', "", answer.text)


@dataclass
class Reader:
    """Equations and what they leave open."""

    bounds: dict[tuple, tuple[float, float]] = field(default_factory=dict)
    small: dict[tuple, tuple[float, float]] = field(default_factory=dict)
    rows: list[tuple[dict[tuple, float], float, float]] = field(default_factory=list)
    entries: dict[tuple[str, str], list[dict]] = field(default_factory=dict)

    def join(self, other: "Reader") -> None:
        """Know what another one read."""
        self.bounds |= other.bounds
        self.small |= other.small
        self.rows += other.rows
        self.entries |= other.entries

    def read(self, door, day: str) -> None:
        """Read the registers, and every total of every layer from each place that tells it."""
        for register, fields in FIELDS.items():
            listed = door.get(f"{API}/registers/{register}", params={"as_of": day}).json()["items"]
            saved = _saved(door, f"registers/{register}.csv", day)
            assert len(listed) == len(saved)
            self.entries[day, register] = listed
            for entry, row in zip(listed, saved, strict=True):
                for name in fields:
                    self._count(_key(register, entry, name), entry[name])
                    assert row[name] == ("" if entry[name] is None else str(entry[name]))
        for layer in LAYERS:
            self._read_layer(door, layer, day)

    def _read_layer(self, door, layer: str, day: str) -> None:
        """Read one layer as data, as a file, area by area and, as one is enough, as a page."""
        found = door.get(f"{API}/coverage/{layer}", params={"as_of": day}).json()
        saved = {row["code"]: row for row in _saved(door, f"coverage/{layer}.csv", day)}
        for area in found["items"]:
            code = area["code"]
            sheet = door.get(f"{API}/areas/{layer}/{code}/sheet", params={"as_of": day}).json()
            for told in (area["members"], saved[code]["members"], sheet["members"]):
                if told is not None:
                    self._total(self._in("party_organisation", "members", layer, code, day), told)
            told = area["registered_members"]
            self._total(self._in("facility", "registered_members", layer, code, day), told)
        if layer == "community":
            asked = {"layer": layer, "as_of": day, "lang": "en"}
            areas = PageText(door.get("/desk/coverage", params=asked).text).data["areas"]
            for code, line in zip(areas["codes"], areas["summaries"], strict=True):
                [told] = re.findall(r"(\S+) members", line)
                self._total(self._in("party_organisation", "members", layer, code, day), told)

    def read_stations(self, door, day: str) -> None:
        """Read the totals of sites by kind."""
        for kind in door.get(f"{API}/stations", params={"as_of": day}).json()["items"]:
            own = [e for e in self.entries[day, "facility"] if e["kind"] == kind["kind"]]
            both = [e for e in own if e["staff"] is not None and e["staff_members"] is not None]
            for entry in both:
                members, staff = (_key("facility", entry, n) for n in ("staff_members", "staff"))
                self.rows.append(({staff: 1.0, members: -1.0}, 0, 10**6))
            self._total(_parts(own, "registered_members"), kind["registered_members"])
            if kind["staff_members"] is not None:
                share = kind["staff_members"]
                self._total(_parts(both, "staff_members"), share["numerator"])
                self._total(_parts(both, "staff"), share["denominator"])

    def read_partners(self, door, day: str) -> None:
        """Read who is proposed to join: a unit with members, or one that is in an organisation."""
        for due in door.get(f"{API}/coverage/grid/due-units", params={"as_of": day}).json()[
            "items"
        ]:
            partner = due["joint_candidate"]
            [entry] = [
                e for e in self.entries[day, "unit"] if partner and e["code"] == partner["code"]
            ]
            self._total({_key("unit", entry, "full_members"): 1.0}, f"1–{10**6}")

    def read_changes(self, door) -> None:
        """Read the differences of both days, which are equations between versions."""
        for layer in LAYERS:
            asked = dict(zip(("before", "after"), DAYS, strict=True))
            for change in door.get(f"{API}/coverage/{layer}/changes", params=asked).json()["items"]:
                if change["members_difference"] == "*":
                    continue
                row: dict[tuple, float] = {}
                for sign, day in zip((-1.0, 1.0), DAYS, strict=True):
                    own = self._in("party_organisation", "members", layer, change["code"], day)
                    for key in own:
                        row[key] = row.get(key, 0.0) + sign
                self.rows.append((row, change["members_difference"], change["members_difference"]))

    def found_out(self, keys) -> dict[tuple, tuple[int, int]]:
        """Return the small counts of which less is left open than the register does."""
        columns = {key: i for i, key in enumerate(self.small)}
        above = np.zeros((2 * len(self.rows), len(columns)))
        most = []
        for i, (row, low, high) in enumerate(self.rows):
            for key, sign in row.items():
                if key in columns:
                    above[2 * i : 2 * i + 2, columns[key]] += (sign, -sign)
            known = sum(
                sign * self.bounds[key][0] for key, sign in row.items() if key not in columns
            )
            most += [high - known, known - low]
        found = {}
        for key in keys:
            goal = np.zeros(len(columns))
            goal[columns[key]] = 1.0
            ends = []
            for sign in (1, -1):
                solved = linprog(sign * goal, above, most, bounds=list(self.small.values()))
                assert solved.status == 0, solved.message
                ends.append(round(sign * solved.fun, 6))
            if tuple(ends) != self.small[key]:
                found[key] = tuple(ends)
        return found

    def _count(self, key: tuple, told) -> None:
        low, high = _told(told)
        is_small = isinstance(told, str)
        if is_small:
            low, high = HIDDEN.get(key[2], OTHERS)
            self.small[key] = (low, high)
        self.bounds[key] = (low, high)

    def _total(self, row: dict[tuple, float], told) -> None:
        self.rows.append((row, *_told(told)))

    def _in(self, register: str, name: str, layer: str, code: str, day: str) -> dict:
        own = [e for e in self.entries[day, register] if area_of(e, layer) == code]
        return _parts(own, name, register)


def _parts(entries, name: str, register: str = "facility") -> dict[tuple, float]:
    return {_key(register, entry, name): 1.0 for entry in entries}


def _key(register: str, entry, name: str) -> tuple:
    return register, entry["code"], name, entry["from"]


def _told(text) -> tuple[float, float]:
    """Return the bounds that a printed count tells."""
    if text in (None, "—", "*"):
        return 0, 10**6
    numbers = [int(each) for each in re.findall(r"\d+", str(text))]
    if str(text)[0] == "≥":
        return numbers[0], 10**6
    if str(text)[0] in "<不":
        return 0, numbers[0] - 1
    return numbers[0], numbers[-1]


def _saved(door, path: str, day: str) -> list[dict[str, str]]:
    answer = door.get(f"{API}/{path}", params={"as_of": day, "lang": "en"})
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))
