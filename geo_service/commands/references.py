"""`geo-service references`: roads, water and buildings drawn under the areas."""

from pathlib import Path
from typing import Annotated

import typer

from geo_service.commands.terminal import terminal
from geo_service.layers.file_format import READABLE

app = typer.Typer(help="底图参考要素（道路、水系、建筑） / reference layers", no_args_is_help=True)


@app.callback()
def references() -> None:
    """底图参考要素。Reference layers under the map."""


@app.command("import")
def import_references(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help=READABLE)],
    kind: Annotated[str, typer.Option(help="road_main、road_side、water、building")],
    frame: Annotated[str | None, typer.Option(help="坐标系：EPSG 编号、GCJ02、BD09")] = None,
) -> None:
    """导入参考要素，替换同类的旧要素。Import features in the place of those of the same kind."""
    desk = terminal(context)
    count = desk.services.figures.import_references(desk.caller, file, kind, frame)
    desk.say(f"{count} 个要素", f"{count} features")
