"""Whether the bodies of a ladder hold together: parents that exist, no cycles, step by step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Rung:
    """One organisation of the ladder on a day: its parent's code, and the areas it stands for."""

    code: str
    parent: str | None
    layer: str | None
    areas: tuple[str, ...]


@dataclass(frozen=True)
class LadderFault:
    """Something wrong with one organisation.

    ``kind`` is ``orphan`` (no parent, though not at the top), ``unknown_parent`` (not there on that
    day), ``cycle`` (it stands above itself) or ``inconsistent`` (its parent stands for an area that
    its own does not lie in). ``others`` names the parent, or the codes of the cycle in order. A
    liaison may be of an organisation that is not there (``liaison_lost``), or that stands for areas
    of which none holds its own (``liaison_elsewhere``); ``others`` is then the liaison's code.
    """

    kind: str
    code: str
    others: tuple[str, ...] = ()


def parent_cycle(code: str, parents: Mapping[str, str | None]) -> tuple[str, ...]:
    """Return the codes of the cycle that an organisation stands in, itself first; () for none."""
    path = [code]
    at = parents.get(code)
    while at is not None and at not in path:
        path.append(at)
        at = parents.get(at)
    return tuple(path) if at == code else ()


def ladder_faults(
    rungs: Sequence[Rung],
    *,
    top_layers: frozenset[str],
    ancestors: Mapping[tuple[str, str], frozenset[tuple[str, str]]],
) -> list[LadderFault]:
    """Return what is wrong, in the order of codes, each organisation once.

    Parameters
    ----------
    rungs
        The organisations that exist on the day.
    top_layers
        Layers whose bodies need no parent.
    ancestors
        For each area (layer, code) of the day the areas it lies in, itself among them.
    """
    by_code = {rung.code: rung for rung in rungs}
    parents = {rung.code: rung.parent for rung in rungs}
    faults = [_fault(rung, by_code, parents, top_layers, ancestors) for rung in rungs]
    return sorted((f for f in faults if f is not None), key=lambda fault: fault.code)


def _fault(
    rung: Rung,
    by_code: Mapping[str, Rung],
    parents: Mapping[str, str | None],
    top_layers: frozenset[str],
    ancestors: Mapping[tuple[str, str], frozenset[tuple[str, str]]],
) -> LadderFault | None:
    if rung.parent is None:
        is_top = rung.layer is None or rung.layer in top_layers
        return None if is_top else LadderFault("orphan", rung.code)
    if rung.parent not in by_code:
        return LadderFault("unknown_parent", rung.code, (rung.parent,))
    if cycle := parent_cycle(rung.code, parents):
        return LadderFault("cycle", rung.code, cycle)
    if not _is_consistent(rung, by_code[rung.parent], ancestors):
        return LadderFault("inconsistent", rung.code, (rung.parent,))
    return None


def _is_consistent(
    rung: Rung,
    parent: Rung,
    ancestors: Mapping[tuple[str, str], frozenset[tuple[str, str]]],
) -> bool:
    """Tell whether every area that can be placed lies in one of the parent's."""
    if rung.layer is None or parent.layer is None:
        return True
    above = {(parent.layer, code) for code in parent.areas}
    known = [ancestors[rung.layer, code] for code in rung.areas if (rung.layer, code) in ancestors]
    return all(above & found for found in known)
