"""Moving house: everything of one database into another one, of either kind."""

from collections.abc import Callable
from contextlib import closing

from geo_service.errors import DatabaseUnfit
from geo_service.services.callers import Caller
from geo_service.services.databases.views import make_views
from geo_service.storage.attachment_files import attachment_files
from geo_service.storage.attachments import every_hash
from geo_service.storage.databases import Database
from geo_service.storage.databases.copies import CopiedTable, copy_tables


def copy_database(
    _caller: Caller,
    *,
    source_url: str,
    target_url: str,
    attachment_folder: str = "",
    on_progress: Callable[[str, int], None] = lambda _table, _rows: None,
) -> list[CopiedTable]:
    """Write all that one moment of the source holds into an empty target, whole or not at all.

    The source is only read. Indexes are not copied: whoever needs one builds it.
    ``on_progress`` is told the table and how many of its rows are written. Photos are copied into
    the folder of the target before, which is ``attachment_folder`` where one is given; those that
    are there already stay, for both databases may share it.

    Raises
    ------
    InvalidValue
        One of the addresses is none.
    DatabaseNotEmpty
        The target holds something.
    DatabaseUnfit
        The source's tables are of another version, or what was written reads back differently.
    """
    with (
        closing(Database(source_url, named="--from")) as source,
        closing(Database(target_url, named="--to")) as target,
    ):
        if source.file is not None and not source.file.exists():  # asking would make it
            raise DatabaseUnfit(
                f"来源库没有这个文件：{source.place}，请核对 --from",
                f"the source has no such file: {source.place}, check --from",
            )
        if not source.is_newest():
            raise DatabaseUnfit(
                "来源库没有本版本的表：请核对地址；若是旧版本的库，先用本版本的服务打开一次",
                "the source lacks this version's tables: check its address; a database of an older"
                " version is brought up to date when this version's service opens it",
            )
        target.migrate()
        _copy_files(source, target, attachment_folder)
        with source.read() as reading, target.write() as writing:
            copied = copy_tables(reading, writing, on_progress=on_progress)
            make_views(target, writing)
        return copied


def _copy_files(source: Database, target: Database, given: str) -> None:
    """Copy the photos that the source names; one that is gone or damaged stays so."""
    from_files, to_files = attachment_files(source), attachment_files(target, given)
    with source.read() as connection:
        named = every_hash(connection)
    for digest in named:
        if to_files.state(digest) != "whole" and from_files.state(digest) == "whole":
            with from_files.path(digest).open("rb") as content:
                to_files.adopt(digest, content)
