"""The root of every error, and the families that say what kind of thing went wrong."""

from dataclasses import fields
from typing import Any, ClassVar


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

    def text(self, language: str = "zh") -> str:
        """Return the sentence in ``zh`` or ``en``."""
        comma = ", " if language == "en" else "、"
        facts = {name: _written(fact, comma) for name, fact in self.facts.items()}
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


def _written(fact: Any, comma: str) -> Any:
    return comma.join(map(str, fact)) if isinstance(fact, list | tuple) else fact


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
