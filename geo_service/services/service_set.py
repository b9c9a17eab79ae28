"""All services of one running house, as the doors receive them."""

from dataclasses import dataclass

from geo_service.services.agreements import AgreementService
from geo_service.services.areas.pages import AreaPageService
from geo_service.services.areas.sheet import AreaSheetService
from geo_service.services.boundaries.editions import EditionService
from geo_service.services.boundaries.imports import BoundaryService
from geo_service.services.coverage.changes import CoverageChangeService
from geo_service.services.coverage.checks.service import RegisterCheckService
from geo_service.services.coverage.desk.pages import CoveragePageService
from geo_service.services.coverage.layer_coverage import CoverageService
from geo_service.services.coverage.reach import ReachService
from geo_service.services.demonstrations import DemonstrationService
from geo_service.services.figures import FigureService
from geo_service.services.frames.trust import FrameService
from geo_service.services.hotspots.counts import HotspotService
from geo_service.services.hotspots.pages import HotspotPageService
from geo_service.services.inboxes.inbox import InboxService
from geo_service.services.issues.handling import HandlingService
from geo_service.services.issues.lists import IssueService
from geo_service.services.organisations.activities import ActivityService
from geo_service.services.organisations.files import RegisterFileService
from geo_service.services.organisations.registers import RegisterService
from geo_service.services.page_facts import PageFacts
from geo_service.services.places.indexes import IndexService
from geo_service.services.places.locations import LocationService
from geo_service.services.schedules import ScheduleService
from geo_service.services.start_pages import StartPageService
from geo_service.services.workspaces import Workspace


@dataclass(frozen=True)
class ServiceSet:
    """One of each, on one workspace."""

    workspace: Workspace
    activities: ActivityService
    agreements: AgreementService
    area_pages: AreaPageService
    area_sheets: AreaSheetService
    boundaries: BoundaryService
    coverage: CoverageService
    coverage_changes: CoverageChangeService
    coverage_pages: CoveragePageService
    demonstrations: DemonstrationService
    editions: EditionService
    figures: FigureService
    frames: FrameService
    handling: HandlingService
    hotspots: HotspotService
    hotspot_pages: HotspotPageService
    inboxes: InboxService
    indexes: IndexService
    issues: IssueService
    locations: LocationService
    reach: ReachService
    registers: RegisterService
    register_checks: RegisterCheckService
    register_files: RegisterFileService
    schedule: ScheduleService
    start_pages: StartPageService

    def close(self) -> None:
        """Give back what the services hold."""
        self.workspace.close()


def service_set(workspace: Workspace, facts: PageFacts) -> ServiceSet:
    """Make every service on one workspace."""
    boundaries, issues, figures = (
        BoundaryService(workspace),
        IssueService(workspace),
        FigureService(workspace),
    )
    hotspots = HotspotService(workspace)
    registers, activities = RegisterService(workspace), ActivityService(workspace)
    coverage = CoverageService(workspace)
    checks = RegisterCheckService(workspace, coverage)
    changes, reach = CoverageChangeService(coverage), ReachService(workspace, coverage)
    sheets = AreaSheetService(workspace, coverage, facts)
    return ServiceSet(
        workspace=workspace,
        activities=activities,
        agreements=AgreementService(workspace),
        area_pages=AreaPageService(sheets, facts),
        area_sheets=sheets,
        boundaries=boundaries,
        coverage=coverage,
        coverage_changes=changes,
        coverage_pages=CoveragePageService(workspace, coverage, changes, reach, checks, facts),
        demonstrations=DemonstrationService(workspace, issues, figures, registers, activities),
        editions=EditionService(workspace),
        figures=figures,
        frames=FrameService(workspace),
        handling=HandlingService(workspace),
        hotspots=hotspots,
        hotspot_pages=HotspotPageService(workspace, hotspots, facts),
        inboxes=InboxService(workspace, issues),
        indexes=IndexService(workspace),
        issues=issues,
        locations=LocationService(workspace),
        reach=reach,
        registers=registers,
        register_checks=checks,
        register_files=RegisterFileService(workspace, registers, activities),
        schedule=ScheduleService(workspace),
        start_pages=StartPageService(workspace, facts),
    )
