"""The root of every error, and the families that say what kind of thing went wrong."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, ClassVar, Final, TypeAlias

LayerTitles: TypeAlias = Mapping[str, tuple[str, str]]
"""What layers are called in Chinese and in English, by their keys."""
NO_TITLES: Final[LayerTitles] = {}

LISTED: Final = 20
"""So many areas, buildings or defects are named; of more the number is told."""
_LAYER_KEYS: Final = frozenset({"layer", "parent_layer"})
_AREAS: Final = frozenset({"area", "areas", "where"})
"""Facts that may name areas as ``layer/code`` or ``layer code``."""
_BOUNDED: Final = frozenset({"areas", "codes", "parents", "shares", "buildings", "defects"})


class GeoServiceError(Exception):
    """The root; every subclass takes facts and writes its own sentence in two languages."""

    zh: ClassVar[str] = "出错了"
    en: ClassVar[str] = "something went wrong"
    asks_for_a_key: ClassVar[bool] = False
    """Whether the sentence is about the key of a layer itself, and which ones are known."""
    place: str = ""
    """Which of several things that came together it is about; set on the error itself."""

    @property
    def facts(self) -> dict[str, Any]:
        """The facts by name, as they were given."""
        return {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]  # every concrete error is a dataclass

    @property
    def told(self) -> dict[str, Any]:
        """The facts as others are told them: of many areas the first, with ``…_total`` of all."""
        found = {}
        for name, fact in self.facts.items():
            is_long = _is_long(name, fact)
            found[name] = fact[:LISTED] if is_long else fact
            if is_long:
                found[f"{name}_total"] = len(fact)
        return found

    def text(self, language: str = "zh", layers: LayerTitles = NO_TITLES) -> str:
        """Return the sentence in ``zh`` or ``en``; layers stand by their titles where known."""
        layers = NO_TITLES if self.asks_for_a_key else layers
        facts = {
            name: _written(name, _titled(name, fact, language, layers), language)
            for name, fact in self.facts.items()
        }
        said = (self.en if language == "en" else self.zh).format(**facts)
        if not self.place:
            return said
        return f"{self.place}: {said}" if language == "en" else f"{self.place}：{said}"

    def __str__(self) -> str:
        """Return the English sentence, for logs and tracebacks."""
        return self.text("en")

    def __reduce__(self) -> tuple[Any, ...]:
        """Come out of another process with every fact; an exception by itself keeps none."""
        return _made_again, (type(self), self.facts), vars(self)


def _made_again(kind: type[GeoServiceError], facts: dict[str, Any]) -> GeoServiceError:
    return kind(**facts)


def _titled(name: str, fact: Any, language: str, titles: LayerTitles) -> Any:
    """Return a fact with the layers that it names by their titles."""
    if name in _LAYER_KEYS:
        return titled_layer(fact, language, titles) if isinstance(fact, str) else fact
    if name not in _AREAS:
        return fact
    if isinstance(fact, list | tuple):
        return [_titled(name, each, language, titles) for each in fact]
    return titled_area(fact, language, titles) if isinstance(fact, str) else fact


def titled_layer(layer: str, language: str, titles: LayerTitles) -> str:
    """Return what a layer is called in ``zh`` or ``en``; its key where nobody says."""
    return titles[layer][language == "en"] if layer in titles else layer


def titled_area(area: str, language: str, titles: LayerTitles) -> str:
    """Return an area that is named ``layer/code`` or ``layer code`` by its layer's title."""
    for mark in "/ ":
        layer, found, code = area.partition(mark)
        if found and layer in titles:
            return f"{titled_layer(layer, language, titles)} {code}"
    return area


def _written(name: str, fact: Any, language: str) -> Any:
    if not isinstance(fact, list | tuple):
        return fact
    is_english = language == "en"
    comma = ", " if is_english else "、"
    if not _is_long(name, fact):
        return comma.join(map(str, fact))
    total = f" … ({len(fact)} in all)" if is_english else f" …（共 {len(fact)} 个）"
    return comma.join(map(str, fact[:LISTED])) + total


def _is_long(name: str, fact: Any) -> bool:
    return name in _BOUNDED and isinstance(fact, list | tuple) and len(fact) > LISTED


class InvalidInput(GeoServiceError):
    """What was sent cannot be used as sent."""


class NotFound(GeoServiceError):
    """What was asked for does not exist."""


class Conflict(GeoServiceError):
    """What was asked for contradicts what is stored."""


class Forbidden(GeoServiceError):
    """The caller may not do this."""


class Unavailable(GeoServiceError):
    """A thing the service stands on is not there now."""
