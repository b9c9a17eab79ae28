"""`geo-service places find|locate-waiting`: whose an address is; issues that wait looked up."""

from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.commands.terminal import Terminal, terminal

if TYPE_CHECKING:
    from geo_service.services.addresses.finding import FoundPlace


def find_places(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help="地址、小区、路口、阵地、拼音首字母…")],
    limit: Annotated[int, typer.Option(min=1, max=50, help="最多几个")] = 10,
) -> None:
    """按地址或名称找地点，说明归谁、值班电话和理由。Find a place, and whose it is."""
    from geo_service.services.addresses.sentences import why_text

    desk = terminal(context)
    found = desk.services.places.find(desk.caller, text, limit=limit)
    for number, place in enumerate(found.places, start=1):
        _tell_place(desk, number, place)
    mark = "→" if found.decisive else "?"
    desk.say(
        f"{mark} {why_text(found.why, 'zh')}",
        f"{mark} {why_text(found.why, 'en')}",
    )


def locate_waiting(context: typer.Context) -> None:
    """按现有清单重查没有地点的在办问题，查到唯一地点的落格。Look up issues that wait."""
    from geo_service.layers.addresses.hit import ONE
    from geo_service.services.addresses.sentences import why_text

    desk = terminal(context)
    found = desk.services.waiting.locate(desk.caller)
    located = found.counts.get(ONE, 0)
    desk.say(
        f"待定位 {found.waiting} 件，落格 {located} 件，仍待人工 {found.waiting - located} 件",
        f"{found.waiting} waited, {located} located, {found.waiting - located} still wait",
    )
    for why, count in sorted(found.counts.items()):
        if why != ONE:
            desk.say(f"· {count} 件：{why_text(why, 'zh')}", f"· {count}: {why_text(why, 'en')}")


def _tell_place(desk: Terminal, number: int, place: "FoundPlace") -> None:
    from geo_service.layers.assignment.reason import reason
    from geo_service.services.addresses.sentences import how_text

    hit = place.hit
    label, how = hit.label, (how_text(hit.how, "zh"), how_text(hit.how, "en"))
    chain = " › ".join(f"{link.name}（{link.code}）" for link in place.chain)
    desk.say(f"{number}. {label}（{how[0]}）", f"{number}. {label} ({how[1]})")
    if hit.has_point:
        desk.say(f"   {hit.lon:.6f}, {hit.lat:.6f}", f"   {hit.lon:.6f}, {hit.lat:.6f}")
    if chain:
        desk.say(f"   {chain}", f"   {chain}")
    for answer in place.located.families[:1] if place.located else ():
        desk.say(f"   {reason(answer, 'zh')}", f"   {reason(answer, 'en')}")
    if place.body:
        told = f"{place.body['name']} {place.body['post']} {place.body['duty_phone']}"
        desk.say(f"   值班：{told}", f"   on duty: {told}")
