"""The only place that joins rooms: settings → workspace → services → HTTP."""

import warnings
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from threading import Event, Thread

from fastapi import FastAPI

from geo_service import __version__
from geo_service.api import (
    addresses,
    adjustments,
    agreements,
    area_sheets,
    areas,
    attachments,
    boundaries,
    bounds_texts,
    building_lists,
    change_orders,
    comparisons,
    coverage,
    desks,
    drafts,
    editions,
    enclaves,
    handling,
    handovers,
    hotspots,
    issues,
    lineages,
    locations,
    nearby,
    owners,
    privacy,
    problems,
    queue,
    rates,
    reach,
    registers,
    sheets,
    webhooks,
)
from geo_service.api.batches import locations as location_batches
from geo_service.api.files import CachedFiles
from geo_service.api.guards import BodyLimit, OriginGuard, SafeHeaders
from geo_service.api.news import News
from geo_service.errors import NotLoopback, UnreadableFile
from geo_service.governance.delivery.retry import RetryRules
from geo_service.governance.delivery.target import read_targets
from geo_service.governance.profile import (
    Profile,
    parse_profile,
    shipped_profile,
    shipped_profiles,
)
from geo_service.services.attachments.attaching import PhotoLimits
from geo_service.services.page_facts import PageFacts
from geo_service.services.service_set import ServiceSet, service_set
from geo_service.services.verification.verifications import VerificationService
from geo_service.services.webhooks.connections import tls_context
from geo_service.services.webhooks.deliveries import DELIVERY_INTERVAL_S
from geo_service.services.webhooks.rules import DeliveryRules
from geo_service.services.workspaces import Workspace
from geo_service.settings import Settings
from geo_service.storage.databases import Database

# Our own files keep their names when they change; those of vendor hold a version in their path.
_STATIC_FOLDERS = {"app": "no-cache", "vendor": "public, max-age=31536000, immutable"}


def create_services(settings: Settings, *, may_make: bool = True) -> ServiceSet:
    """Open the database with its profile and return the services on it.

    A file of SQLite that is not there is made, unless it must be there (``may_make``).
    """
    rules = _delivery_rules(settings)
    workspace = _workspace(settings)
    workspace.open(may_make=may_make)
    facts = PageFacts(
        static_folder=settings.static_folder,
        map_unit=settings.map_unit,
        review_number=settings.review_number,
        secrecy_notice=settings.secrecy_notice,
    )
    photos = PhotoLimits(settings.photo_limit_mb, settings.photo_limit_megapixels)
    return service_set(workspace, facts, rules=rules, photos=photos)


def _delivery_rules(settings: Settings) -> DeliveryRules:
    rules = DeliveryRules(
        targets=read_targets(settings.webhook_targets),
        source=settings.webhook_source,
        retry=RetryRules(
            first_pause_s=settings.webhook_retry_s,
            longest_pause_s=settings.webhook_longest_retry_s,
            dead_after_s=int(settings.webhook_dead_after_h * 3600),
            dead_after_tries=settings.webhook_dead_after_tries,
        ),
        timeout_s=settings.webhook_timeout_s,
        authorities_file=Path(settings.webhook_ca_file) if settings.webhook_ca_file else None,
    )
    if rules.authorities_file is not None:
        tls_context(rules)  # what cannot be used is told at the start, not with the first event
    return rules


def create_verification(settings: Settings) -> VerificationService:
    """Return what verifies the database as it is: nothing is made or brought up to date."""
    return VerificationService(_workspace(settings))


def _workspace(settings: Settings) -> Workspace:
    return Workspace(
        Database(settings.database_url),
        read_profile(settings.profile),
        index_folder=Path(settings.index_folder) if settings.index_folder else None,
        attachment_folder=settings.attachment_folder,
    )


def create_worker() -> FastAPI:
    """Return the app of one of several processes, whose database is there already.

    One that takes a dead one's place must not begin a new database where the file is gone.
    """
    return create_app(may_make=False)


def create_app(settings: Settings | None = None, *, may_make: bool = True) -> FastAPI:
    """Return the service as an ASGI app; raises NotLoopback for any other address."""
    settings = settings or Settings()
    check_loopback(settings.host)
    app = FastAPI(
        title="geo_service · 网格一张图",
        version=__version__,
        docs_url=None,  # FastAPI's pages load their scripts from a CDN
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        lifespan=_lifespan,
    )
    app.state.settings = settings
    app.state.services = create_services(settings, may_make=may_make)
    app.state.news = News(app.state.services.queue.news)
    doubt = app.state.services.workspace.database.durability_doubt()
    if doubt is not None:
        problems.log_doubt(doubt)
    problems.install(app)
    app.add_middleware(
        BodyLimit, limit_mb=settings.upload_limit_mb, photo_limit_mb=settings.photo_limit_mb
    )
    app.add_middleware(OriginGuard)
    app.add_middleware(SafeHeaders)
    _include_api(app)
    app.include_router(desks.router, include_in_schema=False)
    app.include_router(area_sheets.pages, include_in_schema=False)
    app.include_router(handovers.pages, include_in_schema=False)
    app.include_router(change_orders.pages, include_in_schema=False)
    app.include_router(adjustments.pages, include_in_schema=False)
    app.include_router(sheets.pages, include_in_schema=False)
    for folder, cache_control in _STATIC_FOLDERS.items():
        files = CachedFiles(settings.static_folder / folder, cache_control)
        app.mount(f"/static/{folder}", files, name=folder)
    return app


def read_profile(name: str) -> Profile:
    """Return a shipped profile by its name, or the one in a TOML file."""
    if name in shipped_profiles() or not name.endswith(".toml"):
        return shipped_profile(name)
    try:
        text = Path(name).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = str(error)
        raise UnreadableFile(where=name, reason_zh=reason, reason_en=reason) from error
    return parse_profile(text, file=name)


def check_loopback(host: str) -> None:
    """Refuse every address but this machine's own, while there is no access control."""
    if host != "localhost" and not (_is_address(host) and ip_address(host).is_loopback):
        raise NotLoopback(host=host)


def _include_api(app: FastAPI) -> None:
    for room in (
        # routes are asked one after the other: what is asked most, and waits least, stands first
        locations,
        location_batches,
        nearby,  # before the issues: /issues/nearby is no number of one
        issues,
        handling,
        queue,
        drafts,
        addresses,
        adjustments,
        agreements,
        area_sheets,
        areas,
        attachments,
        boundaries,
        bounds_texts,
        comparisons,
        building_lists,
        coverage,
        editions,
        enclaves,
        handovers,
        hotspots,
        lineages,
        privacy,
        owners,
        rates,
        reach,
        registers,
        sheets,
        webhooks,
    ):
        app.include_router(room.router, prefix="/api/v1", responses=problems.PROBLEM_ANSWERS)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    services: ServiceSet = app.state.services
    # what folium imports silences this itself, and in vain where another thread sets filters aside
    warnings.filterwarnings("ignore", "SOCKS support in urllib3")
    # the service answers at once; who opens the desk a second later finds it loaded
    Thread(target=services.hotspot_pages.prepare, name="prepare", daemon=True).start()
    news: News = app.state.news
    with (
        _worker(services, interval_s=app.state.settings.work_interval_s),
        news.ending_with_signals(),
    ):
        yield
    services.close()


@contextmanager
def _worker(services: ServiceSet, *, interval_s: float) -> Iterator[None]:
    """Do what is due by the clock, and deliver, meanwhile; 0 seconds leave it out."""
    is_stopped = Event()
    works = {
        "work": partial(services.schedule.keep_working, interval_s=interval_s),
        "deliver": partial(
            services.deliveries.keep_delivering, interval_s=min(interval_s, DELIVERY_INTERVAL_S)
        ),
    }
    threads = [
        Thread(
            target=partial(work, is_stopped=is_stopped, on_failure=problems.log_failed_work),
            name=name,
            daemon=True,
        )
        for name, work in works.items()
        if interval_s > 0
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        is_stopped.set()
        for thread in threads:
            thread.join()
