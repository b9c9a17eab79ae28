"""Files that no issue names: of photos that were erased, and of attaching that was broken off."""

from collections.abc import Iterable, Sequence
from itertools import islice

from geo_service.services.workspaces import Workspace
from geo_service.storage import attachments

GRACE_S = 3_600
"""A file that is younger may still get its event."""
_AT_ONCE = 500


def remove_unneeded(workspace: Workspace, digests: Sequence[str]) -> int:
    """Remove the files of some hashes that no issue names, and return how many.

    In a transaction that writes, as attaching does: nobody can name them meanwhile.
    """
    if not digests:
        return 0
    workspace.attachments.check_owner()
    with workspace.database.write() as connection:
        needed = attachments.needed_hashes(connection, digests)
        unneeded = [digest for digest in digests if digest not in needed]
        for digest in unneeded:
            workspace.attachments.remove(digest)
    return len(unneeded)


def remove_leftovers(workspace: Workspace) -> int:
    """Remove every file that is old enough and that no issue names, and return how many.

    Raises
    ------
    AttachmentsUnwritable
        The folder belongs to another database.
    """
    files = workspace.attachments
    files.check_owner()
    removed = files.remove_unfinished(older_than_s=GRACE_S)
    for some in _pieces(files.stored(older_than_s=GRACE_S)):
        with workspace.database.read() as connection:  # most of the time that is all
            needed = attachments.needed_hashes(connection, some)
        removed += remove_unneeded(workspace, [each for each in some if each not in needed])
    return removed


def _pieces(digests: Iterable[str]) -> Iterable[list[str]]:
    rest = iter(digests)
    while some := list(islice(rest, _AT_ONCE)):
        yield some
