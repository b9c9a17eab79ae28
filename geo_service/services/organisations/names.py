"""What names in lists mean: areas and organisations that only one of them fits.

A code in other width or case than it was registered with is a name too.
"""

from collections.abc import Callable, Collection, Iterable, Mapping

from geo_service.governance.organisations.register import Entry
from geo_service.governance.word import word_key
from geo_service.layers.locator import Locator

_Codes = Mapping[str, str | None]
"""Name → code; None where several have the name."""

_READ_ONE_BY_ONE = 200
"""From so many questions on it is cheaper to read all organisations at once."""


class Organisations:
    """Organisations by code, read when they are asked for; told ones stand before stored ones."""

    def __init__(self, read: Callable[[Collection[str] | None], dict[str, Entry]]) -> None:
        self._read = read
        self._told: dict[str, Entry] = {}
        self._asked: dict[str, Entry | None] = {}
        self._stored: dict[str, Entry] | None = None

    def tell(self, told: Mapping[str, Entry]) -> None:
        """Take organisations as known that are about to be stored."""
        self._told |= told

    def get(self, code: str) -> Entry | None:
        """Return one, or None."""
        return self._told.get(code) or self.stored(code)

    def stored(self, code: str) -> Entry | None:
        """Return one as it is stored, or None."""
        if self._stored is None and len(self._asked) >= _READ_ONE_BY_ONE:
            self._stored = self._read(None)
        if self._stored is not None:
            return self._stored.get(code)
        if code not in self._asked:
            self._asked[code] = self._read([code]).get(code)
        return self._asked[code]

    def all(self) -> Mapping[str, Entry]:
        """Return every organisation by its code."""
        if self._stored is None:
            self._stored = self._read(None)
        return self._stored | self._told


class Names:
    """Codes by what offices write: the code itself, or a name that only one has."""

    def __init__(self, locator: Locator | None, organisations: Organisations) -> None:
        self._locator = locator
        self._organisations = organisations
        self._areas: dict[str, _Codes] = {}
        self._by_name: _Codes | None = None

    def area(self, layer: str, text: str) -> str:
        """Return the code that a text means; the text itself where nobody knows it."""
        if self._locator is None or text in self._locator.areas(layer).position_by_code:
            return text
        if layer not in self._areas:
            areas = self._locator.areas(layer)
            named = zip(areas.names, areas.codes, strict=True)
            self._areas[layer] = _unique([*named, *zip(areas.codes, areas.codes, strict=True)])
        return self._areas[layer].get(word_key(text)) or text

    def organisation(self, text: str) -> str | tuple[str, str]:
        """Return the code that a text means, or why it is unclear (zh, en).

        A text that nobody knows is a code that may still come.
        """
        if self._organisations.get(text) is not None:
            return text
        if self._by_name is None:
            known = self._organisations.all()
            named = ((each.name, code) for code, each in known.items())
            self._by_name = _unique([*named, *((code, code) for code in known)])
        key = word_key(text)
        if key in self._by_name and self._by_name[key] is None:
            return "有多个党组织叫这个名字：请写编码", "several have this name: write the code"
        return self._by_name.get(key) or text


def _unique(pairs: Iterable[tuple[str, str]]) -> _Codes:
    found: dict[str, str | None] = {}
    for name, code in pairs:
        key = word_key(name)
        found[key] = None if key in found and found[key] != code else code
    return found
