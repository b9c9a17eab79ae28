"""`geo-service copy`: everything of one database into another one."""

from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn

from geo_service.commands.terminal import terminal


def copy(
    context: typer.Context,
    source: Annotated[str, typer.Option("--from", help="来源库地址 / URL of the source")],
    target: Annotated[str, typer.Option("--to", help="空的目标库地址 / URL of an empty one")],
) -> None:
    """把整个数据库复制到另一个空库并核对。Copy a database into an empty one, and verify."""
    from geo_service.services.copies import copy_database

    desk = terminal(context)
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False))
    console = Console(stderr=True)
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task("")
        done = copy_database(
            desk.caller,
            source_url=source,
            target_url=target,
            on_progress=lambda table, rows: progress.update(task, description=f"{table}: {rows:,}"),
        )
    headings = [desk.word("表", "table"), desk.word("行数", "rows"), "SHA-256"]
    desk.table(headings, [(table.name, table.rows, table.content_hash[:16]) for table in done])
    rows = sum(table.rows for table in done)
    desk.say(
        f"已复制 {len(done)} 张表共 {rows} 行，逐表核对一致",
        f"copied {len(done)} tables with {rows} rows; each reads back the same",
    )
