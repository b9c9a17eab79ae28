"""How a ticket list is to be read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from geo_service.errors import InvalidValue
from geo_service.governance.personal import heading_words


@dataclass(frozen=True)
class IssueFileOptions:
    """How to read a ticket list; None leaves it to the file.

    ``is_anew`` begins at the first row also where an import of the same list was broken off.
    """

    source: str | None = None
    frame: str | None = None
    sheet: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    is_updating: bool = True
    is_anew: bool = False


def named_columns(given: Sequence[str], *, where: str) -> dict[str, str]:
    """Return field → heading of texts such as ``external_id=工单号``.

    Raises
    ------
    InvalidValue
        A text of another form, or a field that no issue has.
    """
    pairs = [text.partition("=") for text in given]
    fields = heading_words()["issue"]
    if not all(field in fields and heading for field, _, heading in pairs):
        known = "、".join(fields)
        raise InvalidValue(
            where,
            f"字段=列名，如 external_id=工单号；字段有 {known}",
            f"field=heading, such as external_id=工单号; the fields are {', '.join(fields)}",
        )
    return {field: heading for field, _, heading in pairs}
