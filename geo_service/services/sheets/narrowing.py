"""What a sheet is narrowed to: one major category, one source, or both."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from geo_service.errors import InvalidValue
from geo_service.services.workspaces import Workspace
from geo_service.storage.databases import Transaction
from geo_service.storage.issue_queries import distinct_values


class Narrowing(NamedTuple):
    """The names of a category and a source; None of one is all of them.

    ``title`` names them in the language of the sheet, empty where it is narrowed to nothing.
    """

    category: str | None
    source: str | None
    title: str

    @property
    def figures(self) -> dict[str, Any]:
        """What of it is frozen with a sheet; nothing of one that is narrowed to nothing."""
        names = {"category": self.category, "source": self.source}
        told = {name: value for name, value in names.items() if value is not None}
        return {"narrowed": told, "narrowed_title": self.title} if told else {}


def narrowing(
    workspace: Workspace,
    connection: Transaction,
    *,
    category: str | None,
    source: str | None,
    language: str,
) -> Narrowing:
    """Return what words of the office narrow a sheet to.

    Raises
    ------
    InvalidValue
        A category or source that neither the profile nor any issue has; a minor category.
    """
    found = (
        _category(workspace, connection, category) if category else None,
        _source(workspace, connection, source) if source else None,
    )
    titles = {
        **{each.name: each.title(language) for each in workspace.profile.categories},
        **{each.name: each.title(language) for each in workspace.profile.sources},
    }
    return Narrowing(*found, " · ".join(titles.get(name, name) for name in found if name))


def narrowed_to(figures: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the names that the frozen figures of a sheet are narrowed to; empty for none."""
    told: Mapping[str, Any] = figures.get("narrowed", {})
    return told


def _category(workspace: Workspace, connection: Transaction, text: str) -> str:
    pair = workspace.profile.category_named(text)
    if pair is not None and pair[1] is None:
        return pair[0]
    if pair is None and text in distinct_values(connection, "category_major"):
        return text
    majors = [each.name for each in workspace.profile.categories]
    raise InvalidValue(
        "category",
        f"一个大类（{'、'.join(majors)}，或已有问题所写的大类）",
        f"a major category ({', '.join(majors)}, or one that issues have)",
    )


def _source(workspace: Workspace, connection: Transaction, text: str) -> str:
    known = distinct_values(connection, "source")
    found = workspace.profile.source_of(text) or (text if text in known else None)
    if found is None:
        names = [each.name for each in workspace.profile.sources]
        titles = [each.title_zh for each in workspace.profile.sources]
        raise InvalidValue("source", "、".join(titles) + " 之一", "one of " + ", ".join(names))
    return found
