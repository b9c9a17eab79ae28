"""Verifying a whole database on one snapshot; nothing is made, changed or repaired."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from geo_service.errors import DatabaseUnfit
from geo_service.governance.profile import Profile
from geo_service.services.callers import Caller
from geo_service.services.places.indexes import IndexService
from geo_service.services.verification.assignments import check_chains
from geo_service.services.verification.databases import (
    check_database,
    check_geometries,
    check_rows,
)
from geo_service.services.verification.editions import check_contents, check_editions
from geo_service.services.verification.findings import LISTED, CheckReport, Words
from geo_service.services.verification.handling.laws import check_sheets
from geo_service.services.verification.houses import House, Step, read_profiles
from geo_service.services.verification.issues import (
    IssueReports,
    check_answers,
    check_issues,
)
from geo_service.services.verification.lineages.bounds_texts import check_bounds_texts
from geo_service.services.verification.lineages.entered_figures import check_entered_figures
from geo_service.services.verification.lineages.laws import check_lineages
from geo_service.services.verification.outlines import check_outlines
from geo_service.services.verification.owners import Damaged, check_owners
from geo_service.services.verification.privacy.photos import check_files
from geo_service.services.verification.ranges import check_ranges
from geo_service.services.verification.surroundings import (
    check_agreements,
    check_registers,
    check_surroundings,
    check_webhooks,
)
from geo_service.services.workspaces import Workspace
from geo_service.storage import verification_rows
from geo_service.storage.databases import Transaction

_TITLES: dict[str, Words] = {
    "database": ("数据库本身", "the database itself"),
    "editions": ("版本", "editions"),
    "contents": ("版本内容", "what editions hold"),
    "ranges": ("版本范围与上下级", "ranges and parents"),
    "lineage": ("沿革", "lineage"),
    "bounds_texts": ("四至", "bounds texts"),
    "tiling": ("拼接", "tiling"),
    "areas": ("区域", "areas"),
    "keys": ("编号与内容", "keys and content"),
    "folds": ("事件", "events"),
    "assignments": ("归属", "assignments"),
    "owners": ("未办结工单的归属", "owners of open issues"),
    "agreements": ("边界约定", "agreements"),
    "surroundings": ("指标与参考要素", "figures and references"),
    "registers": ("台账", "registers"),
    "webhooks": ("推送", "webhooks"),
    "attachments": ("照片与抹除", "photos and erasures"),
    "handling": ("办理与报表", "handling and sheets"),
    "indexes": ("索引文件", "index files"),
}

_UNREADABLE = (
    "数据库本身的问题未解决，没有核对",
    "not verified: what is wrong with the database itself comes first",
)
_Found = TypeVar("_Found")
_UNFINISHED = (
    "边界或约定没有核对完，未比对",
    "not compared: boundaries or agreements could not be verified to the end",
)
_QUICK = ("简略核对，没有核对", "not verified, this was a quick one")


@dataclass(frozen=True)
class Verification:
    """What was verified, with which profile, check by check."""

    profile: str
    checks: Sequence[CheckReport]

    @property
    def is_clean(self) -> bool:
        """Whether no check found anything; warnings do not count."""
        return all(check.is_clean for check in self.checks)


@dataclass(frozen=True)
class VerificationOptions:
    """How much is verified, and how much of it is told.

    ``is_quick`` leaves out editions of the past, histories of issues, index files, and the slow
    half of SQLite's own check. ``listed`` findings of each check are listed, the rest counted.
    """

    is_quick: bool = False
    listed: int = LISTED


class VerificationService:
    """Verifying one database, opened or not."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def verify(
        self,
        caller: Caller,
        options: VerificationOptions,
        *,
        on_progress: Callable[[Words, int, int], None] = lambda _title, _done, _total: None,
    ) -> Verification:
        """Check every law that data can break; the tables need not be this version's.

        ``on_progress`` is told the check, how much of it is done, and of how much (0: unknown).

        Raises
        ------
        DatabaseUnfit
            There is no file.
        StorageUnavailable
            The database cannot be reached or read.
        """
        file = self._workspace.database.file
        if file is not None and not file.exists():  # asking would make it
            raise DatabaseUnfit(f"没有数据库文件 {file}", f"there is no database file {file}")
        run = _Run(self._workspace, caller, options, on_progress)
        with self._workspace.database.read() as connection:
            run.verify(connection)
        return Verification(run.workspace.profile.name, list(run.reports.values()))

    def close(self) -> None:
        """Give back the database's connections."""
        self._workspace.close()


class _Run:
    """One verification: its reports by their names, in order."""

    def __init__(
        self,
        workspace: Workspace,
        caller: Caller,
        options: VerificationOptions,
        on_progress: Callable[[Words, int, int], None],
    ) -> None:
        self.workspace = workspace.standing_still()
        self.reports = {
            name: CheckReport(name, title, options.listed) for name, title in _TITLES.items()
        }
        self._caller = caller
        self._is_quick = options.is_quick
        self._on_progress = on_progress

    def verify(self, connection: Transaction) -> None:
        """Run every check that can be run."""
        database = self.reports["database"]
        self._step("database")(0, 0)
        if not check_database(self.workspace, connection, database, is_quick=self._is_quick):
            for name, report in self.reports.items():
                if name != "database":
                    report.left_out.append(_UNREADABLE)
            return
        check_rows(connection, database)
        house = self._house(connection)
        self._check("database", check_geometries, self.workspace, connection, database)
        self._check_boundaries(house)
        self._check("attachments", check_files, house, self.reports["attachments"])
        self._check("handling", check_sheets, house, self.reports["handling"])
        if self._is_quick:
            for name in ("folds", "keys", "assignments", "handling", "indexes"):
                self.reports[name].left_out.append(_QUICK)
            return
        names = ("folds", "keys", "assignments", "attachments", "handling")
        issue_reports = IssueReports(*(self.reports[name] for name in names))
        self._check("folds", check_issues, house, issue_reports, self._step("folds"))
        self._check("assignments", check_chains, house, self.reports["assignments"])
        self._check("keys", check_answers, house, self.reports["keys"])
        self._check("indexes", self._check_indexes, house)

    def _check(self, name: str, check: Callable[..., _Found], *given: Any) -> _Found | None:
        """Run a check; where damage stops it, that is a finding, and the others go on."""
        found: list[_Found] = []
        with self.reports[name].going_on({}):
            found.append(check(*given))
        return found[0] if found else None

    def _house(self, connection: Transaction) -> House:
        """Return the house with the profile that it adopted last, whatever the settings name."""
        profiles = read_profiles(connection, self.reports["editions"])
        stored = verification_rows.profile_rows(connection)
        adopted = profiles.get(stored[-1].hash) if stored else None
        if adopted is not None and adopted.hash != self.workspace.profile.hash:
            self.workspace = _with_profile(self.workspace, adopted)
        return House(
            self.workspace,
            connection,
            self._is_quick,
            profiles,
            frozenset(row.hash for row in stored),
            verification_rows.edition_rows(connection),
        )

    def _check_boundaries(self, house: House) -> None:
        reports = self.reports
        self._check("editions", check_editions, house, reports["editions"])
        contents, tiling = reports["contents"], reports["tiling"]
        step = self._step("tiling")
        damaged = self._check("tiling", check_contents, house, contents, tiling, step)
        self._check("ranges", check_ranges, house, reports["ranges"])
        self._check("lineage", check_lineages, house, reports["lineage"])
        self._check("bounds_texts", check_bounds_texts, house, reports["bounds_texts"])
        self._check("areas", check_outlines, house, reports["areas"], self._step("areas"))
        spoiled = self._check("agreements", check_agreements, house, reports["agreements"])
        for check in (check_surroundings, check_entered_figures):
            self._check("surroundings", check, house, reports["surroundings"])
        self._check("registers", check_registers, house, reports["registers"])
        self._check("webhooks", check_webhooks, house, reports["webhooks"])
        if damaged is None or spoiled is None:
            reports["owners"].left_out.append(_UNFINISHED)
            return
        all_damaged = Damaged(damaged, spoiled)
        step = self._step("owners")
        self._check("owners", check_owners, house, reports["owners"], all_damaged, step)

    def _check_indexes(self, house: House) -> None:
        report = self.reports["indexes"]
        for index in IndexService(self.workspace).verify_all(self._caller, house.editions):
            if index.state == "missing":
                continue
            report.cover(indexes=1)
            if index.state in ("damaged", "unusable"):
                reason = index.reason or (", ".join(index.damaged),) * 2
                where = {"edition": index.edition}
                report.add("damaged_index", where, file=index.path.name, reason=reason)

    def _step(self, name: str) -> Step:
        return lambda done, total: self._on_progress(_TITLES[name], done, total)


def _with_profile(workspace: Workspace, profile: Profile) -> Workspace:
    return Workspace(
        workspace.database,
        profile,
        now_s=workspace.now_s,
        index_folder=workspace.locators.folder,
        attachment_folder=str(workspace.attachments.folder),
    ).standing_still()
