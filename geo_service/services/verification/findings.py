"""What a check covered and found: every finding with its place and what to do about it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import shapely

from geo_service.errors import GeoServiceError, StorageUnavailable
from geo_service.services.verification.sentences import ADVICE, SENTENCES, TABLES_ZH

LISTED = 20
"""So many findings of a check are listed; the others are counted."""

_WARNINGS = {"not_durable", "other_view", "bad_profile", "no_measures"}

Words = tuple[str, str]
"""The same in Chinese and in English."""

_STOPPING = (
    *(GeoServiceError, ValueError, TypeError, AttributeError, LookupError, ArithmeticError),
    OSError,  # a file that cannot be read, a moment that no calendar has
    shapely.errors.ShapelyError,
)
"""What damaged data may raise where no check foresees it; not what the database itself says."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    ``kind`` names the law. ``where`` holds what is known of ``table``, ``id``, ``issue``,
    ``layer``, ``code`` and ``edition``; ``facts`` fill the sentence. A warning breaks no law yet.
    """

    kind: str
    where: Mapping[str, Any]
    facts: Mapping[str, Any]

    @property
    def is_warning(self) -> bool:
        """Whether nothing is lost yet."""
        return self.kind in _WARNINGS

    def text(self, language: str) -> str:
        """Return one sentence with the place in ``zh`` or ``en``."""
        is_english = language == "en"
        facts = {
            name: value[is_english] if isinstance(value, tuple) else value
            for name, value in self.facts.items()
        }
        sentence = SENTENCES[self.kind][is_english].format(**{**self.where, **facts})
        place = self._place(is_english)
        colon = ": " if is_english else "："
        return f"{place}{colon}{sentence}" if place else sentence

    def advice(self, language: str) -> str:
        """Return what to do about it."""
        return ADVICE[SENTENCES[self.kind][2]][language == "en"]

    def _place(self, is_english: bool) -> str:
        where = self.where
        table = where.get("table", "")
        title = "" if is_english else TABLES_ZH.get(table, "")
        named = (title, table, where.get("id"))
        parts = [" ".join(str(part) for part in named if part not in ("", None))]
        if "issue" in where and where.get("table") != "issues":
            parts.append(f"issue {where['issue']}" if is_english else f"工单 {where['issue']}")
        if "code" in where:
            parts.append(f"{where['layer']}/{where['code']}")
        if "edition" in where:
            number = where["edition"]
            parts.append(f"edition {number}" if is_english else f"第 {number} 版")
        return (", " if is_english else "，").join(part for part in parts if part)


@dataclass
class CheckReport:
    """One check: ``covered`` counts what it looked at, ``found`` and ``warned`` what it found.

    ``findings`` are the first of them. ``notes`` tell what is allowed though it may surprise;
    ``left_out`` what was not looked at, and why.
    """

    name: str
    title: Words
    listed: int = LISTED
    covered: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    found: int = 0
    warned: int = 0
    notes: list[Words] = field(default_factory=list)
    left_out: list[Words] = field(default_factory=list)

    def add(self, law: str, where: Mapping[str, Any], /, **facts: Any) -> None:
        """Count a finding, and list it where there is room."""
        finding = Finding(law, where, facts)
        if finding.is_warning:
            self.warned += 1
        else:
            self.found += 1
        if len(self.findings) < self.listed:
            self.findings.append(finding)

    @contextmanager
    def going_on(self, where: Mapping[str, Any]) -> Iterator[None]:
        """Go on after what is done inside, also where damage stops it: that is a finding then."""
        try:
            yield
        except StorageUnavailable:
            raise
        except _STOPPING as error:
            self.add("unfinished", where, reason=_words_of(error))

    def cover(self, **counts: int) -> None:
        """Add to what was looked at."""
        for name, count in counts.items():
            self.covered[name] = self.covered.get(name, 0) + count

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found; warnings do not count."""
        return not self.found


def _words_of(error: Exception) -> Words:
    if isinstance(error, GeoServiceError):
        return error.text("zh"), error.text("en")
    return (f"{type(error).__name__}: {error}",) * 2
