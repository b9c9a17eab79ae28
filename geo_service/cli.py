"""The command line: one door that knows the app, and the commands behind it.

What a command stands on is imported when it runs, so that ``--help`` answers at once.
"""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError

from geo_service import __version__
from geo_service.commands import (
    agreements,
    boundaries,
    databases,
    desk,
    editions,
    frames,
    issues,
    verify,
    work,
)
from geo_service.commands.addresses import finding, lists
from geo_service.commands.bounds_texts import areas as bounds_texts
from geo_service.commands.bounds_texts import drafts as draft_bounds_texts
from geo_service.commands.drafts import divisions, drafts, operations
from geo_service.commands.drafts import figures as draft_figures
from geo_service.commands.drafts import files as draft_files
from geo_service.commands.drafts import lists as draft_lists
from geo_service.commands.handling import (
    attachments,
    nearby,
    owners,
    privacy,
    profiles,
    queue,
    steps,
    webhooks,
)
from geo_service.commands.lineages import adjustments, crosswalks, rollbacks
from geo_service.commands.organisations import coverage, reach, registers
from geo_service.commands.places import index, locations
from geo_service.commands.rates import rates, sheets
from geo_service.commands.redraws import balance, enclaves
from geo_service.commands.terminal import Terminal
from geo_service.errors import NO_TITLES, GeoServiceError, InvalidValue, LayerTitles
from geo_service.settings import Settings, hand_on

if TYPE_CHECKING:
    from geo_service.services.service_set import ServiceSet
    from geo_service.services.verification.verifications import VerificationService

app = typer.Typer(
    help="geo_service · 网格一张图", no_args_is_help=True, pretty_exceptions_enable=False
)
demo = typer.Typer(help="虚构的演示数据 / the fictional demo", no_args_is_help=True)

app.command("import")(boundaries.import_boundaries)
app.command("frame")(frames.examine_frame)
app.command("locate")(locations.locate)
app.command("layers")(desk.list_layers)
app.command("work")(work.work)
app.command("copy")(databases.copy)
app.command("backup")(databases.back_up)
app.command("restore")(databases.restore)
app.command("verify")(verify.verify)
app.add_typer(agreements.app, name="agreements")
app.add_typer(enclaves.app, name="enclaves")
app.add_typer(bounds_texts.app, name="areas")
app.add_typer(coverage.app, name="coverage")
coverage.app.command("reach")(reach.tell_reach)
app.add_typer(drafts.app, name="drafts")
_DRAFTS = {
    **operations.COMMANDS,
    **divisions.COMMANDS,
    **draft_figures.COMMANDS,
    **draft_files.COMMANDS,
    **draft_lists.COMMANDS,
    **draft_bounds_texts.COMMANDS,
}
for _name, _command in _DRAFTS.items():
    drafts.app.command(_name)(_command)
app.add_typer(editions.app, name="editions")
editions.app.command("balance")(balance.tell_balance)
editions.app.command("lineage")(crosswalks.tell_lineage)
editions.app.command("crosswalk")(crosswalks.tell_crosswalk)
editions.app.command("carry")(crosswalks.carry)
editions.app.command("adjustments")(adjustments.tell_adjustments)
editions.app.command("restore")(rollbacks.restore)
editions.app.command("revert")(rollbacks.revert)
app.add_typer(index.app, name="index")
app.add_typer(issues.app, name="issues")
issues.app.command("history")(steps.tell_history)
issues.app.command("step")(steps.take_step)
issues.app.command("queue")(queue.tell_queue)
issues.app.command("accept")(queue.accept)
issues.app.command("step-each")(queue.take_each)
issues.app.command("owner")(owners.tell_owner)
issues.app.command("decide")(owners.decide)
issues.app.command("undecide")(owners.withdraw)
issues.app.command("nearby")(nearby.tell_nearby)
issues.app.command("attach")(attachments.attach)
issues.app.command("attachments")(attachments.list_attachments)
issues.app.command("erase")(privacy.erase)
issues.app.command("expire")(privacy.expire)
app.add_typer(lists.app, name="places")
lists.app.command("find")(finding.find_places)
lists.app.command("locate-waiting")(finding.locate_waiting)
app.add_typer(profiles.profile, name="profile")
app.add_typer(profiles.calendar, name="calendar")
app.command("rates")(rates.tell_rates)
app.add_typer(sheets.app, name="sheets")
app.add_typer(registers.app, name="registers")
app.add_typer(webhooks.app, name="webhooks")
app.add_typer(desk.figures, name="figures")
app.add_typer(desk.references, name="references")
app.add_typer(desk.draw, name="draw")
desk.draw.command("adjustments")(adjustments.draw_adjustments)
app.add_typer(demo, name="demo")
demo.command("load")(desk.load_demo)
demo.command("boundaries")(desk.write_boundaries)


def _tell_version(is_asked: bool) -> None:
    if is_asked:
        sys.stdout.write(f"geo-service {__version__}\n")
        raise typer.Exit


@app.callback()
def start(
    context: typer.Context,
    version: Annotated[  # noqa: ARG001  # answered by its callback, before anything is read
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="版本")
    ] = False,
) -> None:
    """网格一张图：有版本的网格边界、精确归属、如实的热点图。Dated grids, exact owners, maps."""
    settings = _settings()
    context.obj = Terminal(
        language=settings.language,
        database_url=settings.database_url,
        attachment_folder=settings.attachment_folder,
        open_services=lambda: _services(settings),
        open_verification=lambda: _verification(settings),
    )
    context.call_on_close(context.obj.close)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="只能是本机地址 / loopback only")] = None,
    port: Annotated[int | None, typer.Option(help="端口")] = None,
    workers: Annotated[
        int, typer.Option(min=1, max=64, help="工作进程数 / processes that answer")
    ] = 1,
) -> None:
    """启动服务。Start the service."""
    _serve(_settings(host=host, port=port), workers=workers)


@demo.command("up")
def up(
    context: typer.Context, port: Annotated[int | None, typer.Option(help="端口")] = None
) -> None:
    """装入演示数据并启动服务。Load the demo and serve it."""
    settings = _settings(port=port)
    _check_address(settings)
    desk.load_demo(context)
    _serve(settings)


def main() -> None:
    """Run the command line; an error of ours is one line and exit code 1."""
    try:
        app()
    except GeoServiceError as error:
        sys.stderr.write(f"{error.text(_language(), _layers())}\n")
        raise SystemExit(1) from None


def _language() -> str:
    try:
        return Settings().language
    except ValidationError:
        return "zh"


def _layers() -> LayerTitles:
    """Return what the profile calls its layers; nothing where it cannot be read."""
    if "geo_service.app" not in sys.modules:
        return NO_TITLES  # no services were opened, so the error tells of no area
    from geo_service.app import read_profile
    from geo_service.layers.layer_tables import layers_from_tables

    try:
        return layers_from_tables(read_profile(Settings().profile).layers).titles
    except (ValidationError, GeoServiceError):
        return NO_TITLES


def _settings(**given: object) -> Settings:
    """Return the settings of the environment with what was given here; raises InvalidValue."""
    known: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    try:
        return Settings(**known)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = "_".join(map(str, first["loc"])).upper()
        raise InvalidValue(
            f"GEO_SERVICE_{name}",
            f"合格的设置（{first['msg']}）",
            f"a usable setting ({first['msg']})",
        ) from error


def _services(settings: Settings) -> "ServiceSet":
    from geo_service.app import create_services

    return create_services(settings)


def _verification(settings: Settings) -> "VerificationService":
    from geo_service.app import create_verification

    return create_verification(settings)


def _check_address(settings: Settings) -> None:
    from geo_service.app import check_loopback

    check_loopback(settings.host)
    desk.check_port(settings.host, settings.port)


def _tell_of_new_database(services: "ServiceSet") -> None:
    """Let nobody who named another file by mistake look for their data in an empty one."""
    database = services.workspace.database
    if database.is_new:
        sys.stdout.write(f"新建了空的数据库 a new, empty database  {database.file}\n")


def _serve(settings: Settings, *, workers: int = 1) -> None:
    import uvicorn

    from geo_service.app import create_app

    _check_address(settings)
    if workers == 1:
        service: Any = create_app(settings)
        _tell_of_new_database(service.state.services)
    else:
        # what is wrong is told here once, not by every worker; each of them opens its own
        services = _services(settings)
        _tell_of_new_database(services)
        services.close()
        hand_on(settings)
        service = "geo_service.app:create_worker"
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    sys.stdout.write(f"打开 open  http://{host}:{settings.port}/desk/hotspots\n停止 stop  Ctrl+C\n")
    sys.stdout.flush()
    uvicorn.run(
        service,
        factory=workers > 1,
        workers=workers,
        host=settings.host,
        port=settings.port,
        log_level="warning",
    )
