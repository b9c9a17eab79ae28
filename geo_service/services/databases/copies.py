"""Moving house: everything of one database into another one, of either kind."""

from collections.abc import Callable
from contextlib import closing

from geo_service.errors import DatabaseUnfit
from geo_service.services.callers import Caller
from geo_service.storage.databases import Database
from geo_service.storage.databases.copies import CopiedTable, copy_tables


def copy_database(
    _caller: Caller,
    *,
    source_url: str,
    target_url: str,
    on_progress: Callable[[str, int], None] = lambda _table, _rows: None,
) -> list[CopiedTable]:
    """Write all that one moment of the source holds into an empty target, whole or not at all.

    The source is only read. Indexes are not copied: whoever needs one builds it.
    ``on_progress`` is told the table and how many of its rows are written.

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
        is_there = source.file is None or source.file.exists()  # asking would make the file
        if not is_there or not source.is_newest():
            raise DatabaseUnfit(
                "来源库没有本版本的表：请核对地址；若是旧版本的库，先用本版本的服务打开一次",
                "the source lacks this version's tables: check its address; a database of an older"
                " version is brought up to date when this version's service opens it",
            )
        target.migrate()
        with source.read() as reading, target.write() as writing:
            return copy_tables(reading, writing, on_progress=on_progress)
