"""Timing rounds and printing them: minimum, median and maximum, never a single number."""

import statistics
import time
from collections.abc import Callable


def timed(work: Callable[[], object], *, rounds: int) -> list[float]:
    """Return the seconds of each round."""
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return seconds


def interleaved(works: dict[str, Callable[[], object]], *, rounds: int) -> dict[str, list[float]]:
    """Return the seconds of each work, taken in turns so that both see the same machine."""
    seconds: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            seconds[name] += timed(work, rounds=1)
    return seconds


def row(name: str, seconds: list[float], note: str = "") -> None:
    """Print one line of a Markdown table."""
    low, middle, high = min(seconds), statistics.median(seconds), max(seconds)
    print(f"| {name} | {low:.3f} | {middle:.3f} | {high:.3f} | {note} |")


def heading(title: str) -> None:
    """Print the head of a Markdown table."""
    print(f"\n### {title}\n\n| work | min s | median s | max s | note |\n|---|---:|---:|---:|---|")
