"""`geo-service work`: what is due by the clock and lies in an inbox, once or until stopped."""

import signal
import sys
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geo_service.commands.terminal import Terminal, terminal
from geo_service.errors import GeoServiceError
from geo_service.services.callers import SCHEDULE

if TYPE_CHECKING:
    from geo_service.services.inboxes.arrival import Words
    from geo_service.services.inboxes.inbox import Inbox
    from geo_service.services.inboxes.receipts import Taken
    from geo_service.services.webhooks.deliveries import DeliveryService
    from geo_service.storage.relocations import Relocation


def work(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="只做一遍 / one round")] = False,
    interval_s: Annotated[
        float, typer.Option("--interval", min=0.1, help="每隔多少秒 / seconds between rounds")
    ] = 5.0,
    inbox: Annotated[
        Path | None, typer.Option(help="收件文件夹：其中的工单清单自动导入 / watched folder")
    ] = None,
    settle_s: Annotated[
        float, typer.Option("--settle", min=0, help="文件多少秒不变才读取 / seconds of rest")
    ] = 5.0,
) -> None:
    """重新落格到期版本的在办工单，推送事件，导入收件文件夹里的清单。Do what is due."""
    desk = terminal(context)
    watched = None
    if inbox:
        watched = desk.services.inboxes.open(
            inbox, settle_s=settle_s, on_other=lambda path, why: _tell_other(desk, path, why)
        )
    if once:
        _once(desk, watched)
        return
    is_stopped = _stopped_by_signals()
    services = desk.services  # opened by one thread, and before it says that it works
    desk.say("开始值守，Ctrl+C 停止", "working; Ctrl+C stops")
    beside = [
        Thread(target=_keep_taking, args=(desk, watched, interval_s, is_stopped)),
        Thread(target=_keep_delivering, args=(desk, services.deliveries, interval_s, is_stopped)),
    ]
    for thread in beside:
        thread.start()
    services.schedule.keep_working(
        interval_s=interval_s,
        is_stopped=is_stopped,
        on_done=lambda done: _tell(desk, done),
        on_failure=lambda error: _tell_failure(desk, error),
    )
    for thread in beside:
        thread.join()
    desk.say("已停止", "stopped")


def _stopped_by_signals() -> Event:
    is_stopped = Event()

    def stop(*_signal: Any) -> None:
        is_stopped.set()

    for kind in (signal.SIGTERM, signal.SIGINT):
        signal.signal(kind, stop)
    return is_stopped


def _once(desk: Terminal, watched: "Inbox | None") -> None:
    done = desk.services.schedule.apply_due_editions(SCHEDULE)
    if done is not None:
        _tell(desk, done)
    moved = desk.services.schedule.recompute_deadlines(SCHEDULE)
    if moved:
        desk.say(f"重算 {moved} 件工单的时限", f"deadlines of {moved} issues computed again")
    erased = desk.services.schedule.sweep_if_due()
    if erased:
        _tell(desk, erased)
    is_idle = done is None and not moved and not erased
    if watched:
        for taken in watched.take(desk.caller, is_stopped=Event()):
            _tell_taken(desk, taken)
            is_idle = False
    delivered = desk.services.deliveries.deliver_due()
    if delivered:
        desk.say(f"已推送 {delivered} 个事件", f"{delivered} events delivered")
        is_idle = False
    if is_idle:
        desk.say("没有到期的工作", "nothing is due")


def _keep_taking(
    desk: Terminal,
    watched: "Inbox | None",
    interval_s: float,
    is_stopped: Event,
) -> None:
    if watched:
        watched.keep_taking(
            desk.caller,
            interval_s=interval_s,
            is_stopped=is_stopped,
            on_taken=lambda taken: _tell_taken(desk, taken),
            on_failure=lambda error: _tell_failure(desk, error),
        )


def _keep_delivering(
    desk: Terminal, deliveries: "DeliveryService", interval_s: float, is_stopped: Event
) -> None:
    from geo_service.services.webhooks.deliveries import DELIVERY_INTERVAL_S

    deliveries.keep_delivering(
        interval_s=min(interval_s, DELIVERY_INTERVAL_S),
        is_stopped=is_stopped,
        on_failure=lambda error: _tell_failure(desk, error),
    )


def _tell(desk: Terminal, done: "Relocation | int") -> None:
    if isinstance(done, int):
        desk.say(
            f"保存期满：抹除了 {done} 件问题的个人信息和照片",
            f"kept long enough: what is private of {done} issues was erased",
        )
        return
    desk.say(
        f"第 {done.edition} 版已生效：重新落格 {done.located} 件在办工单，"
        f"{done.reassigned} 件换了归属",
        f"edition {done.edition} took effect: {done.located} open issues located again, "
        f"{done.reassigned} have another owner",
    )


def _tell_taken(desk: Terminal, taken: "Taken") -> None:
    where = f"{taken.place.parent.name}/{taken.place.name}"
    desk.say(f"{taken.text('zh')} → {where}", f"{taken.text('en')} → {where}")


def _tell_other(desk: Terminal, path: Path, why: "Words") -> None:
    from geo_service.services.inboxes.list_name import usable_name

    name = usable_name(path.name)
    desk.say(f"{name}：{why[0]}", f"{name}: {why[1]}")


def _tell_failure(desk: Terminal, error: Exception) -> None:
    text = (
        error.text(desk.language, desk.layers)
        if isinstance(error, GeoServiceError)
        else repr(error)
    )
    sys.stderr.write(desk.word(f"这一轮没有做成：{text}\n", f"this round failed: {text}\n"))
    sys.stderr.flush()
