"""All services of one running house, as the doors receive them."""

from dataclasses import dataclass

from geo_service.services.agreements import AgreementService
from geo_service.services.boundaries.editions import EditionService
from geo_service.services.boundaries.imports import BoundaryService
from geo_service.services.demonstrations import DemonstrationService
from geo_service.services.figures import FigureService
from geo_service.services.frames.trust import FrameService
from geo_service.services.hotspots.counts import HotspotService
from geo_service.services.hotspots.pages import HotspotPageService
from geo_service.services.inboxes.inbox import InboxService
from geo_service.services.issues.lists import IssueService
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
    agreements: AgreementService
    boundaries: BoundaryService
    demonstrations: DemonstrationService
    editions: EditionService
    figures: FigureService
    frames: FrameService
    hotspots: HotspotService
    hotspot_pages: HotspotPageService
    inboxes: InboxService
    indexes: IndexService
    issues: IssueService
    locations: LocationService
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
    return ServiceSet(
        workspace=workspace,
        agreements=AgreementService(workspace),
        boundaries=boundaries,
        demonstrations=DemonstrationService(workspace, issues, figures),
        editions=EditionService(workspace),
        figures=figures,
        frames=FrameService(workspace),
        hotspots=hotspots,
        hotspot_pages=HotspotPageService(workspace, hotspots, facts),
        inboxes=InboxService(workspace, issues),
        indexes=IndexService(workspace),
        issues=issues,
        locations=LocationService(workspace),
        schedule=ScheduleService(workspace),
        start_pages=StartPageService(workspace, facts),
    )
