"""Alembic migrations, run by the service itself inside one transaction."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from geo_service.errors import DatabaseUnfit

FOLDER = Path(__file__).parent


def upgrade(
    read: Callable[[], AbstractContextManager[Connection]],
    write: Callable[[], AbstractContextManager[Connection]],
    revision: str = "head",
) -> None:
    """Bring the database to a revision; two processes take turns to ``write``.

    Raises
    ------
    DatabaseUnfit
        A later version of the service has changed its tables.
    """
    with read() as connection:
        if is_newest(connection):
            return
        check_known(revision_of(connection))
    config = _config()
    with write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def is_newest(connection: Connection) -> bool:
    """Tell whether a database is at the newest revision."""
    return revision_of(connection) == _scripts().get_current_head()


def is_known(revision: str) -> bool:
    """Tell whether this version of the service has a revision, or had it on its way."""
    return revision in {script.revision for script in _scripts().walk_revisions()}


def check_known(revision: str | None) -> None:
    """Refuse the tables of a later version; raises DatabaseUnfit."""
    if revision is not None and not is_known(revision):
        raise DatabaseUnfit(
            f"它的表结构（{revision}）来自较新的版本：请升级本系统",
            f"its tables ({revision}) are of a newer version: upgrade this service",
        )


def revision_of(connection: Connection) -> str | None:
    """Return the revision of a database; None where it has none of our tables."""
    return MigrationContext.configure(connection).get_current_revision()


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    return config
