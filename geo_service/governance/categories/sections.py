"""Categories written as the sections of a profile."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from geo_service.governance.categories.code_table import CodeTable

_DELETE = "\x7f"
"""The one character that JSON leaves as it is and TOML does not allow."""


def profile_sections(categories: Iterable[Mapping[str, Any]], table: CodeTable) -> str:
    """Return ``[category_set]`` and ``[[categories]]`` as TOML, to be put into a profile."""
    head = {"origin": table.origin, "version": table.version}
    lines = ["[category_set]", *_pairs(head)]
    for category in categories:
        minors = category["minors"]
        told = {key: value for key, value in category.items() if key != "minors"}
        lines += ["", "[[categories]]", *_pairs(told), "minors = ["]
        lines += [f"    {{ {', '.join(_pairs(minor))} }}," for minor in minors]
        lines.append("]")
    return "\n".join(lines) + "\n"


def _pairs(table: Mapping[str, Any]) -> list[str]:
    return [f"{key} = {_value(value)}" for key, value in table.items() if value not in ("", [])]


def _value(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False).replace(_DELETE, "\\u007f")
