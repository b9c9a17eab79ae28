"""The database itself: its tables, keys, settings, and on PostgreSQL its geometries and views."""

from collections.abc import Iterable

from geo_service.services.verification.findings import CheckReport
from geo_service.services.verification.sentences import PARTS_ZH
from geo_service.services.workspaces import Workspace
from geo_service.storage import verification_tables
from geo_service.storage.databases import Transaction
from geo_service.storage.migrations import check_known, revision_of
from geo_service.storage.tables import metadata
from geo_service.storage.verification_tables import Flaw

_WHERE = ("table", "id", "layer", "code")


def check_database(
    workspace: Workspace, connection: Transaction, report: CheckReport, *, is_quick: bool
) -> bool:
    """Check what the database says of itself; return whether its rows can be looked at.

    Raises
    ------
    DatabaseUnfit
        Its tables are of a later version.
    """
    if not workspace.database.is_newest():
        check_known(revision_of(connection))
        report.add("other_revision", {})
        return False
    report.cover(tables=len(metadata.tables))
    missing = list(verification_tables.missing_parts(connection))
    _tell(report, missing)
    if any(flaw.facts["what"] in ("table", "column") for flaw in missing):
        return False
    _tell(report, verification_tables.is_durable(connection))
    if verification_tables.is_postgresql(connection):
        flaws = list(verification_tables.postgresql_flaws(connection))
        _tell(report, flaws)
        # codes of two orders cannot be compared, PostgreSQL refuses to
        return all(flaw.kind != "other_collation" for flaw in flaws)
    faults = verification_tables.file_faults(connection, is_quick=is_quick, most=report.listed)
    for line in faults:
        report.add("file_fault", {}, line=line)
    if is_quick:
        report.left_out.append(
            (
                "只做了 SQLite 的 quick_check，没有逐条比对索引（integrity_check）",
                "SQLite's quick_check alone: indexes were not compared (integrity_check)",
            )
        )
    return not faults


def check_rows(connection: Transaction, report: CheckReport) -> None:
    """Check that what rows name is there, and that no key stands twice."""
    for name in metadata.tables:
        report.cover(rows=verification_tables.count_rows(connection, name))
    _tell(report, verification_tables.orphans(connection))
    _tell(report, verification_tables.doubled_keys(connection))


def check_geometries(workspace: Workspace, connection: Transaction, report: CheckReport) -> None:
    """Check what PostGIS holds beside the outlines, and the views that others read."""
    if not verification_tables.is_postgresql(connection):
        return
    _tell(report, verification_tables.geometry_flaws(connection))
    _tell(report, verification_tables.view_flaws(connection, workspace.layers))


def _tell(report: CheckReport, flaws: Iterable[Flaw]) -> None:
    for kind, facts in flaws:
        where = {name: facts[name] for name in _WHERE if name in facts}
        others = {name: value for name, value in facts.items() if name not in where}
        if "what" in others:
            others["what_zh"] = PARTS_ZH[others["what"]]
        report.add(kind, where, **others)
