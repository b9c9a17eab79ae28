"""`geo-service work`: do what is due by the clock, once or until it is stopped."""

import signal
import sys
from threading import Event
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geo_service.commands.terminal import Terminal, terminal
from geo_service.errors import GeoServiceError
from geo_service.services.callers import SCHEDULE

if TYPE_CHECKING:
    from geo_service.storage.relocations import Relocation


def work(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="只做一遍 / one round")] = False,
    interval_s: Annotated[
        float, typer.Option("--interval", min=0.1, help="每隔多少秒 / seconds between rounds")
    ] = 5.0,
) -> None:
    """到期的版本生效时，重新落格在办工单。Let open issues follow editions that take effect."""
    desk = terminal(context)
    if once:
        done = desk.services.schedule.apply_due_editions(SCHEDULE)
        if done is None:
            desk.say("没有到期的工作", "nothing is due")
        else:
            _tell(desk, done)
        return
    is_stopped = Event()

    def stop(*_signal: Any) -> None:
        is_stopped.set()

    for kind in (signal.SIGTERM, signal.SIGINT):
        signal.signal(kind, stop)
    desk.say("开始值守，Ctrl+C 停止", "working; Ctrl+C stops")
    desk.services.schedule.keep_working(
        interval_s=interval_s,
        is_stopped=is_stopped,
        on_done=lambda done: _tell(desk, done),
        on_failure=lambda error: _tell_failure(desk, error),
    )
    desk.say("已停止", "stopped")


def _tell(desk: Terminal, done: "Relocation") -> None:
    desk.say(
        f"第 {done.edition} 版已生效：重新落格 {done.located} 件在办工单，"
        f"{done.reassigned} 件换了归属",
        f"edition {done.edition} took effect: {done.located} open issues located again, "
        f"{done.reassigned} have another owner",
    )


def _tell_failure(desk: Terminal, error: Exception) -> None:
    text = error.text(desk.language) if isinstance(error, GeoServiceError) else repr(error)
    sys.stderr.write(desk.word(f"这一轮没有做成：{text}\n", f"this round failed: {text}\n"))
    sys.stderr.flush()
