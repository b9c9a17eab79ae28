"""When a thing was founded and dissolved: told otherwise, it holds for every day it is known of."""

from collections.abc import Mapping, Sequence

from geo_service.governance.organisations.register import Entry
from geo_service.storage import registers
from geo_service.storage.databases import Transaction


def has_other_life(entry: Entry, base: Entry) -> bool:
    """Tell whether two versions were founded or dissolved on other days."""
    return _life(entry) != _life(base)


def is_founded_again(entry: Entry, base: Entry | None) -> bool:
    """Tell whether what was dissolved begins anew under its code: another life, no correction."""
    ended_s = None if base is None else base.dissolved_s
    return entry.founded_s is not None and ended_s is not None and entry.founded_s >= ended_s


def with_corrections(
    connection: Transaction,
    register: str,
    stored: Sequence[tuple[Entry, bool]],
    *,
    known_at_s: float,
) -> list[Entry]:
    """Return the versions to store, in order, before each of them what it corrects.

    ``stored`` are new versions, and whether each tells another founding or end of all others.
    """
    corrected = sorted({entry.code for entry, is_correction in stored if is_correction})
    timelines = registers.timelines(connection, register, corrected, known_at_s=known_at_s)
    found: list[Entry] = []
    for entry, is_correction in stored:
        timeline = timelines.setdefault(entry.code, {})
        earlier = _corrections(entry, timeline) if is_correction else []
        timeline |= {each.from_s: each for each in [*earlier, entry]}
        found += [*earlier, entry]
    return found


def _corrections(entry: Entry, timeline: Mapping[int | None, Entry]) -> list[Entry]:
    """Return the other versions of an entry, as they are with its founding and its end.

    Where it was founded before the first of them begins, that one applies from the founding, too.
    """
    others = [
        each._replace(founded_s=entry.founded_s, dissolved_s=entry.dissolved_s)
        for each in sorted(timeline.values(), key=lambda each: each.from_s or 0)
        if each.from_s != entry.from_s
    ]
    first = min([*others, entry], key=lambda each: each.from_s or 0)
    found = [each for each in others if has_other_life(timeline[each.from_s], entry)]
    if entry.founded_s is not None and entry.founded_s < (first.from_s or 0):
        found.insert(0, first._replace(from_s=entry.founded_s))
    return found


def _life(entry: Entry) -> tuple[int | None, int | None]:
    return entry.founded_s, entry.dissolved_s
