"""All services of one running house, as the doors receive them."""

from dataclasses import dataclass

from geo_service.services.addresses.finding import PlaceService
from geo_service.services.addresses.lists import PlaceListService
from geo_service.services.addresses.pointing import PointingService
from geo_service.services.addresses.waiting import WaitingService
from geo_service.services.adjustments.adjustments import AdjustmentService
from geo_service.services.agreements.agreements import AgreementService
from geo_service.services.areas.ground import KnownSurroundings
from geo_service.services.areas.pages import AreaPageService
from geo_service.services.areas.sheet import AreaSheetService
from geo_service.services.attachments.attaching import AttachmentService, PhotoLimits
from geo_service.services.boundaries.editions import EditionService
from geo_service.services.boundaries.imports import BoundaryService
from geo_service.services.bounds_texts.areas import BoundsTextService
from geo_service.services.building_lists.deriving import DeriveService
from geo_service.services.building_lists.knowledge import BuildingKnowledge
from geo_service.services.building_lists.lists import BuildingListService
from geo_service.services.change_orders.pages import ChangeOrderService
from geo_service.services.coverage.changes import CoverageChangeService
from geo_service.services.coverage.checks.service import RegisterCheckService
from geo_service.services.coverage.desk.pages import CoveragePageService
from geo_service.services.coverage.layer_coverage import CoverageService
from geo_service.services.coverage.reach import ReachService
from geo_service.services.demonstrations import DemonstrationService
from geo_service.services.drafts.bounds_texts import DraftBoundsTextService
from geo_service.services.drafts.desk.comparisons import ComparisonService
from geo_service.services.drafts.desk.evenness import EvennessService
from geo_service.services.drafts.desk.pages import PlannerPageService
from geo_service.services.drafts.drafts import DraftService
from geo_service.services.drafts.figures import DraftFigureService
from geo_service.services.drafts.files import DraftFileService
from geo_service.services.drafts.findings import DraftFindings
from geo_service.services.drafts.impact import DraftImpactService
from geo_service.services.drafts.kept.changes import DraftChanges
from geo_service.services.drafts.kept.draft_states import DraftStates
from geo_service.services.drafts.offers.divisions import DraftDivisionService
from geo_service.services.drafts.offers.proposals import DraftProposalService
from geo_service.services.drafts.publishing import DraftPublicationService
from geo_service.services.enclaves import EnclaveService
from geo_service.services.figures import FigureService
from geo_service.services.frames.trust import FrameService
from geo_service.services.handling.deadlines import DeadlineService
from geo_service.services.handling.deciding import DecisionService
from geo_service.services.handling.nearby import NearbyService
from geo_service.services.handling.pages import DispatchPageService
from geo_service.services.handling.queue import QueueService
from geo_service.services.handling.steps import HandlingService
from geo_service.services.handover.handover import HandoverService
from geo_service.services.handover.pages import HandoverPageService
from geo_service.services.hotspots.counts import HotspotService
from geo_service.services.hotspots.pages import HotspotPageService
from geo_service.services.impact.impact import ImpactService
from geo_service.services.inboxes.inbox import InboxService
from geo_service.services.issues.lists import IssueService
from geo_service.services.lineages.crosswalks import CrosswalkService
from geo_service.services.lineages.histories import EditionHistoryService
from geo_service.services.organisations.activities import ActivityService
from geo_service.services.organisations.files import RegisterFileService
from geo_service.services.organisations.registers import RegisterService
from geo_service.services.page_facts import PageFacts
from geo_service.services.places.indexes import IndexService
from geo_service.services.places.locations import LocationService
from geo_service.services.privacy.erasures import ErasureService
from geo_service.services.rates.counts import RateService
from geo_service.services.rates.tables import RateTableService
from geo_service.services.rollbacks.rollbacks import RollbackService
from geo_service.services.schedules import ScheduleService
from geo_service.services.sheets.sheets import SheetService
from geo_service.services.start_pages import StartPageService
from geo_service.services.webhooks.deliveries import DeliveryService
from geo_service.services.webhooks.rules import DeliveryRules
from geo_service.services.webhooks.subscriptions import WebhookService
from geo_service.services.workspaces import Workspace


@dataclass(frozen=True)
class ServiceSet:
    """One of each, on one workspace."""

    workspace: Workspace
    activities: ActivityService
    adjustments: AdjustmentService
    agreements: AgreementService
    enclaves: EnclaveService
    area_pages: AreaPageService
    area_sheets: AreaSheetService
    attachments: AttachmentService
    boundaries: BoundaryService
    bounds_texts: BoundsTextService
    building_lists: BuildingListService
    change_orders: ChangeOrderService
    comparisons: ComparisonService
    coverage: CoverageService
    coverage_changes: CoverageChangeService
    coverage_pages: CoveragePageService
    crosswalks: CrosswalkService
    deadlines: DeadlineService
    decisions: DecisionService
    deliveries: DeliveryService
    demonstrations: DemonstrationService
    desk_pages: DispatchPageService
    drafts: DraftService
    draft_bounds_texts: DraftBoundsTextService
    draft_divisions: DraftDivisionService
    draft_derivations: DeriveService
    draft_files: DraftFileService
    draft_figures: DraftFigureService
    draft_impact: DraftImpactService
    draft_proposals: DraftProposalService
    draft_publications: DraftPublicationService
    editions: EditionService
    edition_histories: EditionHistoryService
    erasures: ErasureService
    evenness: EvennessService
    figures: FigureService
    frames: FrameService
    handling: HandlingService
    handovers: HandoverService
    handover_pages: HandoverPageService
    hotspots: HotspotService
    hotspot_pages: HotspotPageService
    impact: ImpactService
    inboxes: InboxService
    indexes: IndexService
    issues: IssueService
    locations: LocationService
    nearby: NearbyService
    place_lists: PlaceListService
    places: PlaceService
    planner_pages: PlannerPageService
    pointing: PointingService
    queue: QueueService
    rates: RateService
    rate_tables: RateTableService
    reach: ReachService
    registers: RegisterService
    register_checks: RegisterCheckService
    register_files: RegisterFileService
    rollbacks: RollbackService
    schedule: ScheduleService
    sheets: SheetService
    start_pages: StartPageService
    waiting: WaitingService
    webhooks: WebhookService

    def close(self) -> None:
        """Give back what the services hold."""
        self.workspace.close()


def service_set(
    workspace: Workspace,
    facts: PageFacts,
    *,
    rules: DeliveryRules | None = None,
    photos: PhotoLimits | None = None,
) -> ServiceSet:
    """Make every service on one workspace; without ``rules`` no event may go out."""
    rules, photos = rules or DeliveryRules(), photos or PhotoLimits()
    boundaries, issues = BoundaryService(workspace), IssueService(workspace)
    figures, hotspots = FigureService(workspace), HotspotService(workspace)
    registers, activities = RegisterService(workspace), ActivityService(workspace)
    coverage, deadlines = CoverageService(workspace), DeadlineService(workspace)
    handling, locations = HandlingService(workspace), LocationService(workspace)
    checks = RegisterCheckService(workspace, coverage)
    changes, reach = CoverageChangeService(coverage), ReachService(workspace, coverage)
    erasures, rates = ErasureService(workspace), RateService(workspace)
    surroundings, buildings = KnownSurroundings(), BuildingKnowledge(workspace)
    area_sheets = AreaSheetService(workspace, coverage, facts, surroundings, buildings)
    handovers = HandoverService(workspace, facts)
    draft_states, impact = DraftStates(workspace, buildings), ImpactService(workspace)
    drafts, draft_changes = DraftService(workspace, draft_states), DraftChanges(workspace)
    findings = DraftFindings(workspace, draft_states, impact)
    return ServiceSet(
        workspace=workspace,
        activities=activities,
        adjustments=AdjustmentService(workspace, facts, surroundings, buildings),
        agreements=AgreementService(workspace),
        enclaves=EnclaveService(workspace, draft_states),
        area_pages=AreaPageService(area_sheets, facts),
        area_sheets=area_sheets,
        attachments=AttachmentService(workspace, photos),
        boundaries=boundaries,
        bounds_texts=BoundsTextService(workspace, surroundings),
        building_lists=BuildingListService(workspace, draft_states, buildings),
        change_orders=ChangeOrderService(workspace, impact, facts, surroundings),
        comparisons=ComparisonService(workspace),
        coverage=coverage,
        coverage_changes=changes,
        coverage_pages=CoveragePageService(workspace, coverage, changes, reach, checks, facts),
        crosswalks=CrosswalkService(workspace),
        deadlines=deadlines,
        decisions=DecisionService(workspace),
        deliveries=DeliveryService(workspace, rules),
        demonstrations=DemonstrationService(workspace, issues, figures, registers, activities),
        desk_pages=DispatchPageService(workspace, facts),
        drafts=drafts,
        draft_bounds_texts=DraftBoundsTextService(workspace, surroundings),
        draft_divisions=DraftDivisionService(workspace, draft_states),
        draft_derivations=DeriveService(workspace, draft_states, drafts),
        draft_files=DraftFileService(workspace, draft_states, drafts),
        draft_figures=DraftFigureService(workspace, draft_changes),
        draft_impact=DraftImpactService(workspace, impact, draft_changes),
        draft_proposals=DraftProposalService(workspace, draft_states, drafts, findings),
        draft_publications=DraftPublicationService(
            workspace, draft_states, findings, draft_changes
        ),
        editions=EditionService(workspace),
        edition_histories=EditionHistoryService(workspace),
        erasures=erasures,
        evenness=EvennessService(workspace),
        figures=figures,
        frames=FrameService(workspace),
        handling=handling,
        handovers=handovers,
        handover_pages=HandoverPageService(handovers, facts),
        hotspots=hotspots,
        hotspot_pages=HotspotPageService(workspace, hotspots, facts),
        impact=impact,
        inboxes=InboxService(workspace, issues),
        indexes=IndexService(workspace),
        issues=issues,
        locations=locations,
        nearby=NearbyService(workspace),
        place_lists=PlaceListService(workspace),
        places=PlaceService(workspace, locations, coverage),
        planner_pages=PlannerPageService(workspace, facts),
        pointing=PointingService(workspace),
        queue=QueueService(workspace, handling),
        rates=rates,
        rate_tables=RateTableService(rates, facts),
        reach=reach,
        registers=registers,
        register_checks=checks,
        register_files=RegisterFileService(workspace, registers, activities),
        rollbacks=RollbackService(workspace),
        schedule=ScheduleService(workspace, deadlines, erasures),
        sheets=SheetService(workspace, rates, facts),
        start_pages=StartPageService(workspace, facts),
        waiting=WaitingService(workspace),
        webhooks=WebhookService(workspace, rules),
    )
