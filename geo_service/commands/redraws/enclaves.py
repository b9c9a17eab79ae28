"""`geo-service enclaves`: ground that root layers leave out on purpose."""

import time
from typing import Annotated

import typer

from geo_service.commands.drafts.operations import drawn
from geo_service.commands.terminal import terminal

app = typer.Typer(help="飞地声明 / declared enclaves", no_args_is_help=True)


@app.command("list")
def list_enclaves(context: typer.Context) -> None:
    """列出声明过的飞地。List the enclaves that were ever declared."""
    desk = terminal(context)
    for each in desk.services.enclaves.enclaves(desk.caller):
        day = time.strftime("%Y-%m-%d", time.localtime(each.recorded_at_s))
        zh, en = ("有效", "stands") if each.withdrawn_at_s is None else ("已撤回", "withdrawn")
        desk.say(
            f"{each.id}  {each.layer}  {each.wording}  {day}  {zh}",
            f"{each.id}  {each.layer}  {each.wording}  {day}  {en}",
        )


@app.command("declare")
def declare_enclave(
    context: typer.Context,
    layer: Annotated[str, typer.Argument(help="最上一级图层 / a root layer")],
    wording: Annotated[str, typer.Option(help="这是什么地 / what ground it is")],
    outline: Annotated[
        str | None, typer.Option(help="围住它的多边形 “经度,纬度 经度,纬度 …”，EPSG:4490")
    ] = None,
    place: Annotated[str | None, typer.Option(help="空洞里的一个位置 “经度,纬度”")] = None,
    draft: Annotated[int | None, typer.Option(help="哪个草案里的空洞；默认施行中的版本")] = None,
) -> None:
    """声明最上一级图层有意不含的地：其中的空洞不再算错。Declare that a hole is meant."""
    from geo_service.services.enclaves import EnclaveAsked

    desk = terminal(context)
    places = () if outline is None else drawn(outline, "--outline")
    at = None if place is None else drawn(place, "--place")[0]
    asked = EnclaveAsked(layer, wording, places, at, draft)
    found, is_new = desk.services.enclaves.declare(desk.caller, asked)
    zh, en = ("已声明", "declared") if is_new else ("已有同样的声明", "stands already")
    desk.say(f"{found.id}  {zh}：{found.wording}", f"{found.id}  {en}: {found.wording}")


@app.command("withdraw")
def withdraw_enclave(
    context: typer.Context, number: Annotated[int, typer.Argument(help="编号")]
) -> None:
    """撤回一个声明：下次发布时要把空洞补上。Withdraw one: the hole has to be filled then."""
    desk = terminal(context)
    found = desk.services.enclaves.withdraw(desk.caller, number)
    desk.say(f"{found.id}  已撤回：{found.wording}", f"{found.id}  withdrawn: {found.wording}")
