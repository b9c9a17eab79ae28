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
    from geo_service.services.inboxes.inbox import Inbox
    from geo_service.services.inboxes.receipts import Taken
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
    """重新落格到期版本的在办工单，导入收件文件夹里的清单。Do what is due; take in what comes."""
    desk = terminal(context)
    watched = None
    if inbox:
        watched = desk.services.inboxes.open(
            inbox, settle_s=settle_s, on_other=lambda path: _tell_other(desk, path)
        )
    if once:
        _once(desk, watched)
        return
    is_stopped = Event()

    def stop(*_signal: Any) -> None:
        is_stopped.set()

    for kind in (signal.SIGTERM, signal.SIGINT):
        signal.signal(kind, stop)
    desk.say("开始值守，Ctrl+C 停止", "working; Ctrl+C stops")
    taking = Thread(target=_keep_taking, args=(desk, watched, interval_s, is_stopped))
    taking.start()
    desk.services.schedule.keep_working(
        interval_s=interval_s,
        is_stopped=is_stopped,
        on_done=lambda done: _tell(desk, done),
        on_failure=lambda error: _tell_failure(desk, error),
    )
    taking.join()
    desk.say("已停止", "stopped")


def _once(desk: Terminal, watched: "Inbox | None") -> None:
    done = desk.services.schedule.apply_due_editions(SCHEDULE)
    if done is not None:
        _tell(desk, done)
    is_idle = done is None
    if watched:
        for taken in watched.take(desk.caller, is_stopped=Event()):
            _tell_taken(desk, taken)
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


def _tell(desk: Terminal, done: "Relocation") -> None:
    desk.say(
        f"第 {done.edition} 版已生效：重新落格 {done.located} 件在办工单，"
        f"{done.reassigned} 件换了归属",
        f"edition {done.edition} took effect: {done.located} open issues located again, "
        f"{done.reassigned} have another owner",
    )


def _tell_taken(desk: Terminal, taken: "Taken") -> None:
    where = f"{taken.place.parent.name}/{taken.place.name}"
    desk.say(f"{taken.text('zh')} → {where}", f"{taken.text('en')} → {where}")


def _tell_other(desk: Terminal, path: Path) -> None:
    desk.say(f"{path.name}：不是清单，留在原处", f"{path.name}: no list, left where it is")


def _tell_failure(desk: Terminal, error: Exception) -> None:
    text = error.text(desk.language) if isinstance(error, GeoServiceError) else repr(error)
    sys.stderr.write(desk.word(f"这一轮没有做成：{text}\n", f"this round failed: {text}\n"))
    sys.stderr.flush()
