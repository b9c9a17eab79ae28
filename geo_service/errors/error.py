"""The root of every error, and the families that say what kind of thing went wrong."""

from dataclasses import fields
from typing import Any, ClassVar, Final

LISTED: Final = 20
"""So many areas, buildings or defects are named; of more the number is told."""
_BOUNDED: Final = frozenset({"areas", "codes", "parents", "shares", "buildings", "defects"})


class GeoServiceError(Exception):
    """The root; every subclass takes facts and writes its own sentence in two languages."""

    zh: ClassVar[str] = "出错了"
    en: ClassVar[str] = "something went wrong"
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

    def text(self, language: str = "zh") -> str:
        """Return the sentence in ``zh`` or ``en``."""
        facts = {name: _written(name, fact, language) for name, fact in self.facts.items()}
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
