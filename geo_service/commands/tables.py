"""Tables at a terminal: codes and names of borders stay whole, for they are copied from there.

Chinese is broken between any two characters, other text at spaces. Where even so there is no room
for all columns side by side, each row is told as a paragraph.
"""

import re
from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import RenderableType
from rich.table import Column, Table
from rich.text import Text

_BORDER = 3
"""Characters that each column takes beside its text, and one more for the table."""
_WHOLE = 40
"""Longer words are broken: they are paths or texts, nothing to be copied by hand."""
_WIDE = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef"
"""Ideographs, kana, and what is as wide as they are."""
_PARTS = re.compile(rf"[^\s{_WIDE}]{{1,{_WHOLE}}}|[{_WIDE}]|\s")


def drawn(headings: Sequence[str], rows: Sequence[Sequence[str]], *, width: int) -> RenderableType:
    """Return rows as a table of at most ``width`` characters, else as a paragraph each."""
    cells = [headings, *rows]
    columns = range(len(headings))
    natural = [max(cell_len(row[i]) for row in cells) for i in columns]
    room = width - _BORDER * len(headings) - 1
    if sum(natural) <= room:
        return _table(headings, rows, natural)
    least = [max(_longest_word(row[i]) for row in cells) for i in columns]
    if sum(least) > room:
        return _paragraphs(headings, rows, width)
    return _table(headings, rows, _shared(least, natural, room))


def _longest_word(text: str) -> int:
    return max(map(cell_len, _PARTS.findall(text)), default=1)


def _folded(text: str, width: int) -> str:
    lines = [""]
    for part in _PARTS.findall(text):
        if part == "\n" or cell_len(lines[-1] + part) > width:
            lines.append("")
        if lines[-1] or not part.isspace():
            lines[-1] += part
    return "\n".join(line.rstrip() for line in lines)


def _shared(least: Sequence[int], natural: Sequence[int], room: int) -> list[int]:
    """Give columns what they need at least, and share the rest: what lacks little gets it all."""
    widths = list(least)
    lacks = [max(0, wide - narrow) for wide, narrow in zip(natural, least, strict=True)]
    lacking = sorted(range(len(least)), key=lacks.__getitem__)
    for place, i in enumerate(lacking):
        share = (room - sum(widths)) // (len(lacking) - place)
        widths[i] += min(share, lacks[i])
    return widths


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int]) -> Table:
    columns = [
        Column(_folded(heading, width), width=width)
        for heading, width in zip(headings, widths, strict=True)
    ]
    table = Table(*columns)
    for row in rows:
        table.add_row(*[Text(_folded(cell, w)) for cell, w in zip(row, widths, strict=True)])
    return table


def _paragraphs(
    headings: Sequence[str], rows: Sequence[Sequence[str]], width: int
) -> RenderableType:
    indent = max(map(cell_len, headings)) + 2
    names = [heading + " " * (indent - cell_len(heading)) for heading in headings]
    lines = [""]
    for row in rows:
        for name, cell in zip(names, row, strict=True):
            told = _folded(cell, max(width - indent, 2)).replace("\n", "\n" + " " * indent)
            lines.append(f"{name}{told}".rstrip())
        lines.append("")
    return Text("\n".join(lines[:-1]))
