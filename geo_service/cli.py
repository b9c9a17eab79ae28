"""The command line: one door that knows the app, and the commands behind it."""

import sys
from typing import Annotated, Any

import typer
import uvicorn

from geo_service.app import check_loopback, create_app, create_services
from geo_service.commands import boundaries, desk, editions, issues, references
from geo_service.commands.terminal import Terminal
from geo_service.errors import GeoServiceError
from geo_service.settings import Settings

app = typer.Typer(
    help="geo_service · 网格一张图", no_args_is_help=True, pretty_exceptions_enable=False
)
demo = typer.Typer(help="虚构的演示数据 / the fictional demo", no_args_is_help=True)

app.command("import")(boundaries.import_boundaries)
app.command("locate")(desk.locate)
app.command("layers")(desk.list_layers)
app.add_typer(editions.app, name="editions")
app.add_typer(issues.app, name="issues")
app.add_typer(desk.figures, name="figures")
app.add_typer(references.app, name="references")
app.add_typer(desk.draw, name="draw")
app.add_typer(demo, name="demo")
demo.command("load")(desk.load_demo)
demo.command("boundaries")(desk.write_boundaries)


@app.callback()
def start(context: typer.Context) -> None:
    """网格一张图：有版本的网格边界、精确归属、如实的热点图。Dated grids, exact owners, maps."""
    settings = Settings()
    context.obj = Terminal(settings.language, lambda: create_services(settings))


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="只能是本机地址 / loopback only")] = None,
    port: Annotated[int | None, typer.Option(help="端口")] = None,
) -> None:
    """启动服务。Start the service."""
    _serve(_settings(host=host, port=port))


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
        sys.stderr.write(f"{error.text(Settings().language)}\n")
        raise SystemExit(1) from None


def _settings(**given: object) -> Settings:
    known: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    return Settings(**known)


def _check_address(settings: Settings) -> None:
    check_loopback(settings.host)
    desk.check_port(settings.host, settings.port)


def _serve(settings: Settings) -> None:
    _check_address(settings)
    service = create_app(settings)
    url = f"http://{settings.host}:{settings.port}"
    sys.stdout.write(f"打开 open  {url}/desk/hotspots\n停止 stop  Ctrl+C\n")
    sys.stdout.flush()
    uvicorn.run(service, host=settings.host, port=settings.port, log_level="warning")
