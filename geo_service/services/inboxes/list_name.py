"""Names of lists that every disk, report and terminal can hold."""

import os
import unicodedata
from pathlib import PurePath

_MOST_BYTES = 200
"""Of 255 that disks allow: what is left holds the day, a number, and the ends of reports."""


def usable_name(name: str) -> str:
    """Return the name under which a list is kept: mostly its own.

    A name that is no UTF-8 is read as GB 18030, as old systems and unpacked archives write it.
    Control characters become ``_``. One that is too long loses the end of its stem, never its
    suffix.
    """
    name = "".join("_" if unicodedata.category(each) == "Cc" else each for each in _read(name))
    path = PurePath(name)
    room = _MOST_BYTES - len(path.suffix.encode())
    return path.stem.encode()[:room].decode(errors="ignore") + path.suffix


def _read(name: str) -> str:
    try:
        name.encode()
    except UnicodeEncodeError:
        return os.fsencode(name).decode("gb18030", errors="replace")
    return name
