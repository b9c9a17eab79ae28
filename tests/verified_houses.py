"""A house that has lived, damaged on purpose, and what verifying finds there."""

from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import shapely

from geo_service.app import read_profile
from geo_service.services.verification.verifications import (
    VerificationOptions,
    VerificationService,
)
from geo_service.services.workspaces import Workspace
from geo_service.storage.databases import Database
from tests.databases import database_url, index_folder, is_postgresql, kept_copy, put_copy, rows
from tests.furnished_houses import furnish
from tests.houses import CALLER, NOW_S, Clock

ALL = VerificationOptions(listed=100)


@cache
def _furnished():
    with TemporaryDirectory() as folder:
        furnish(Path(folder))
        return kept_copy(Path(folder))


def put_furnished(folder):
    """Put the house into a folder, and return the folder."""
    put_copy(_furnished(), folder)
    return folder


def verified(folder, options=ALL, now_s=NOW_S):
    """Verify with a profile that is not the house's: it must find its own."""
    workspace = Workspace(
        Database(database_url(folder)),
        read_profile("generic"),
        now_s=Clock(now_s),
        index_folder=index_folder(folder),
    )
    with closing(VerificationService(workspace)) as service:
        return service.verify(CALLER, options)


def found(folder, options=ALL):
    """Return (check, kind, place) of every finding, warnings left out, after writing each down."""
    told = set()
    for check in verified(folder, options).checks:
        for finding in check.findings:
            assert finding.text("zh")
            assert finding.text("en")
            assert finding.advice("zh")
            assert finding.advice("en")
            if not finding.is_warning:
                names = ("table", "id", "layer", "code", "edition")
                place = [str(finding.where[name]) for name in names if name in finding.where]
                told.add((check.name, finding.kind, " ".join(place)))
    return told


def blob(content):
    return f"'\\x{content.hex()}'::bytea" if is_postgresql() else f"x'{content.hex()}'"


def redrawn(folder, row_id, draw):
    """Return the statement that stores an area's outline after its corners were drawn anew."""
    [(outline,)] = rows(folder, f"SELECT outline FROM areas WHERE id = {row_id}")
    corners = draw(shapely.get_coordinates(shapely.from_wkb(bytes(outline))).tolist()[:-1])
    shape = shapely.Polygon([*corners, corners[0]])
    return f"UPDATE areas SET outline = {blob(shapely.to_wkb(shape))} WHERE id = {row_id}"


def statements(faults):
    return [one for some in faults.values() for one in some.split(";") if one.strip()]
