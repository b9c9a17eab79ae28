"""One row of a list of addresses: its parts, its point, the area that it is listed in."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from geo_service.errors import UnknownLayer
from geo_service.governance.cell import (
    HALF_A_PLACE,
    NO_FRAME,
    RefusedCell,
    key_of,
    number_of,
    text_of,
)
from geo_service.governance.issue import RowError, check_place
from geo_service.layers.addresses.address import Address, written
from geo_service.layers.addresses.reading import read_address, read_number
from geo_service.layers.addresses.text import plain
from geo_service.layers.layer import Layers

LONGEST = 500
_LONGEST_NAME = 100
_MOST_ALIASES = 20
_BETWEEN = re.compile(r"[、,，;；|\n]+")
_plain = lru_cache(maxsize=65_536)(plain)
_read = lru_cache(maxsize=65_536)(read_address)
"""Of names that many rows share; a whole address is read once and no more."""
_NUMBERS = {"lane": "弄", "inner_lane": "支弄", "number": "号", "building": "楼栋"}


class ReadPlace(NamedTuple):
    """A row of a list of addresses, whose point is not converted yet.

    ``code`` is the list's own key of the row; ``layer`` and ``area`` what it is listed in.
    """

    code: str | None
    address: Address
    title: str | None
    aliases: tuple[str, ...]
    kind: str | None
    told: str | None
    layer: str | None
    area: str | None
    x: float | None
    y: float | None
    source_frame: str | None

    @property
    def row_key(self) -> str:
        """What tells which row of its list it is: its code, else its address, else its name."""
        if self.code is not None:
            return f"#{self.code}"
        return written(self.address._replace(above="", is_near=False)) or self.title or ""


@dataclass(frozen=True)
class PlaceReader:
    """Reads rows; ``default_frame`` is for rows that name none, ``default_layer`` for codes.

    ``fields`` are those that the list has columns for.
    """

    layers: Layers
    default_layer: str | None
    default_frame: str | None
    fields: Collection[str]

    @cached_property
    def layers_told(self) -> list[str]:
        """The layers that the list has a column for, the finest first."""
        names = (layer.name for layer in reversed(list(self.layers)))
        return [name for name in names if f"area:{name}" in self.fields]

    def read(self, cells: Mapping[str, Any]) -> ReadPlace | RowError:
        """Return what a row tells, or why it cannot be read."""
        row = _Row(cells, self)
        try:
            return row.place()
        except RefusedCell as refused:
            return RowError(row.field, refused.zh, refused.en)


class _Row:
    """One row being read; ``field`` is the one at hand, for the error."""

    def __init__(self, cells: Mapping[str, Any], reader: PlaceReader) -> None:
        self.field = ""
        self._cells = cells
        self._reader = reader

    def place(self) -> ReadPlace:
        told = self._text("address", LONGEST)
        title, aliases = self._name("title"), self._aliases()
        address = self._address(told)
        if title is not None and read_address(title) == address:
            title = None
        if address.name and address.building and not address.building[0].isascii():
            aliases += (address.name + address.building,)
        if address.is_empty and title is None:
            self.field = "address"
            raise RefusedCell("没有地址，也没有名称", "neither an address nor a name")
        layer, area = self._area()
        x, y, source_frame = self._point(has_area=area is not None)
        self.field = "code"
        code = key_of(self._cells.get("code"), longest=_LONGEST_NAME)
        kind = self._text("kind", _LONGEST_NAME)
        return ReadPlace(code, address, title, aliases, kind, told, layer, area, x, y, source_frame)

    def _address(self, told: str | None) -> Address:
        """Return the parts by their own columns, the rest as the whole address tells it."""
        whole = read_address(told) if told else Address()
        road, estate = self._name("road"), self._name("estate")
        on_road = _read(road) if road else Address()
        lane, inner = self._number("lane"), self._number("inner_lane")
        number, building = self._number("number"), self._number("building")
        lanes = tuple(each for each in (lane, inner) if each) or on_road.lanes
        if not (road or estate or lanes):
            return whole._replace(
                number=number or whole.number, building=building or whole.building, is_near=False
            )
        parts = Address(on_road.road or road, lanes, number or on_road.number, estate, building)
        if not road and whole.road:
            parts = parts._replace(
                road=whole.road, lanes=lanes or whole.lanes, number=number or whole.number
            )
        return parts._replace(name=estate or whole.name, building=building or whole.building)

    def _number(self, field: str) -> str | None:
        self.field = field
        cell = self._cells.get(field)
        if isinstance(cell, date | datetime):
            raise RefusedCell(
                "被表格软件当成了日期（3-5 成了 3 月 5 日）：请把该列设为文本后重新导出",
                "a spreadsheet made a date of it (3-5 became 5 March): export the column as text",
            )
        if isinstance(cell, float) and cell.is_integer():
            cell = int(cell)
        text = text_of(cell, longest=_LONGEST_NAME)
        if text is None:
            return None
        found = read_number(text)
        if found is not None and found[0].isalpha() and field != "building":
            found = None
        if found is None and field == "building":
            return _plain(text) or None
        if found is None:
            word = _NUMBERS[field]
            raise RefusedCell(
                f"不是能识别的{word}（如 88、88甲、88-1、88~90）",
                f"no {field} that can be read (such as 88, 88甲, 88-1, 88~90)",
            )
        return found

    def _aliases(self) -> tuple[str, ...]:
        text = self._text("aliases", LONGEST)
        if text is None:
            return ()
        names = [plain(each) for each in _BETWEEN.split(text)]
        return tuple(dict.fromkeys(each for each in names if each))[:_MOST_ALIASES]

    def _area(self) -> tuple[str | None, str | None]:
        """Return the layer and code of the area that the row is listed in, the finest if several.

        Layers are asked from the last of the profile to the first.
        """
        for layer in self._reader.layers_told:
            self.field = f"area:{layer}"
            code = key_of(self._cells.get(self.field), longest=_LONGEST_NAME)
            if code:
                return layer, code
        self.field = "area"
        code = key_of(self._cells.get("area"), longest=_LONGEST_NAME)
        if not code:
            return None, None
        name = self._text("layer", _LONGEST_NAME) or self._reader.default_layer
        try:
            return self._reader.layers[name or ""].name, code
        except UnknownLayer as error:
            raise RefusedCell(error.text("zh"), error.text("en")) from error

    def _point(self, *, has_area: bool) -> tuple[float | None, float | None, str | None]:
        x, y = self._coordinate("x"), self._coordinate("y")
        if x is None and y is None:
            if has_area:
                return None, None, None
            raise RefusedCell(
                "没有坐标，也没有写明在哪个网格", "neither coordinates nor the area that it is in"
            )
        if x is None or y is None:
            raise RefusedCell(*HALF_A_PLACE)
        source_frame = self._text("frame", _LONGEST_NAME) or self._reader.default_frame
        if source_frame is None:
            raise RefusedCell(*NO_FRAME)
        self.field = "x, y"
        check_place(x, y, source_frame)
        return x, y, source_frame

    def _coordinate(self, field: str) -> float | None:
        self.field = field
        return number_of(self._cells.get(field))

    def _name(self, field: str) -> str | None:
        text = self._text(field, _LONGEST_NAME)
        return _plain(text) or None if text else None

    def _text(self, field: str, longest: int) -> str | None:
        self.field = field
        return text_of(self._cells.get(field), longest=longest)
