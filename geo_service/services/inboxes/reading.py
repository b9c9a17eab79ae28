"""How the lists of an inbox are to be read: its ``inbox.toml``, checked line by line."""

from collections.abc import Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from geo_service.errors import InvalidInput, InvalidValue, UnreadableFile
from geo_service.governance.profile import Profile
from geo_service.governance.profile_file import TABLES, TEXT, WORDS, Place, ProfileFile
from geo_service.layers.frames import parse_frame
from geo_service.services.issues.files.options import IssueFileOptions, named_columns

FILE_NAME = "inbox.toml"

_HOW = {"source": TEXT, "frame": TEXT, "sheet": TEXT, "columns": WORDS}
_LIST = {"files": TEXT, **_HOW}


class InboxOptions:
    """How each list of an inbox is read: by the first table whose ``files`` its name matches."""

    def __init__(self, tables: Mapping[str, Any]) -> None:
        self._default = _options({key: tables[key] for key in _HOW if key in tables})
        self._lists = [(table["files"], table) for table in tables.get("lists", [])]

    def of(self, name: str) -> IssueFileOptions:
        """Return how a file of this name is read."""
        for pattern, table in self._lists:
            if fnmatchcase(name.casefold(), pattern.casefold()):
                given = {key: value for key, value in vars(_options(table)).items() if value}
                return replace(self._default, **given)
        return self._default


def read_options(folder: Path, profile: Profile) -> InboxOptions:
    """Return what ``inbox.toml`` says; a folder without one leaves everything to the lists.

    Raises
    ------
    InvalidProfile
        With file, line, key and reason.
    UnreadableFile
        It is there, and cannot be read as UTF-8.
    """
    path = folder / FILE_NAME
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return InboxOptions({})
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(str(path), str(error), str(error)) from error
    source = ProfileFile(text, file=str(path))
    source.check_keys(Place(), source.tables, {**_HOW, "lists": TABLES})
    _check_meaning(source, Place(), source.tables, profile)
    for i, table in enumerate(source.tables.get("lists", [])):
        place = Place("lists", i)
        source.check_keys(place, table, _LIST, required=["files"])
        _check_meaning(source, place, table, profile)
    return InboxOptions(source.tables)


def _check_meaning(
    source: ProfileFile, place: Place, table: Mapping[str, Any], profile: Profile
) -> None:
    word = table.get("source")
    if word is not None and profile.source_of(word) is None:
        at = replace(place, key="source")
        raise source.error(
            at,
            zh="来源不在配置的 sources 里：请在配置中为它加别名",
            en="the profile has no such source: add it to the aliases of one",
        )
    for key in ("frame", "columns"):
        try:
            _check_key(key, table)
        except InvalidInput as error:
            at = replace(place, key=key)
            raise source.error(at, zh=error.text("zh"), en=error.text("en")) from error


def _check_key(key: str, table: Mapping[str, Any]) -> None:
    if key not in table:
        return
    if key == "frame":
        parse_frame(table[key])
    elif len(named_columns(table[key], where=key)) < len(table[key]):
        raise InvalidValue(key, "每个字段只写一次", "a list that names each field once")


def _options(table: Mapping[str, Any]) -> IssueFileOptions:
    return IssueFileOptions(
        source=table.get("source"),
        frame=table.get("frame"),
        sheet=table.get("sheet"),
        columns=named_columns(table.get("columns", []), where="columns"),
    )
