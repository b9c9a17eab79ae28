"""`geo-service webhooks`: who is told of events, how far each is, and what it did not take."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geo_service.commands.terminal import Terminal, moment_s, terminal
from geo_service.errors import InvalidValue, UnreadableFile

if TYPE_CHECKING:
    from geo_service.services.webhooks.subscriptions import WebhookView

_AHEAD_S = 8 * 3600
_HEADINGS = (
    ("名字", "name"),
    ("网址", "URL"),
    ("状态", "state"),
    ("未看", "new"),
    ("待重试", "waiting"),
    ("死信", "dead"),
    ("滞后秒", "lag s"),
    ("已送达", "taken"),
    ("最近的失败", "last failure"),
)
_DEAD_HEADINGS = (
    ("事件", "event"),
    ("问题", "issue"),
    ("种类", "kind"),
    ("记录时间", "recorded"),
    ("次数", "tries"),
    ("失败", "failure"),
)

Name = Annotated[str, typer.Argument(help="推送的名字 / name of the webhook")]
Json = Annotated[bool, typer.Option("--json", help="写成 JSON")]

SecretFile = Annotated[
    Path | None, typer.Option(help="装有签名密钥 whsec_… 的文件；不写则生成，只显示一次")
]

app = typer.Typer(help="事件推送 / webhooks: events that go out", no_args_is_help=True)


@app.command("add")
def add_webhook(
    context: typer.Context,
    name: Name,
    url: Annotated[str, typer.Argument(help="接收网址 / URL of the receiver")],
    kind: Annotated[list[str] | None, typer.Option(help="事件种类，可重复，如 closed")] = None,
    source: Annotated[list[str] | None, typer.Option(help="问题来源，可重复，如 12345")] = None,
    category: Annotated[list[str] | None, typer.Option(help="大类或 大类/小类，可重复")] = None,
    owner: Annotated[
        list[str] | None, typer.Option(help="图层:编码，可重复，如 street:99900101")
    ] = None,
    secret_file: SecretFile = None,
) -> None:
    """新增推送：此后存入的事件都会送达。Add a webhook, to be told of what is stored from now."""
    from geo_service.services.webhooks.subscriptions import WebhookAsked

    desk = terminal(context)
    owners = [_owner(each) for each in owner or ()]
    secret = _secret(secret_file)
    asked = WebhookAsked(name, url, kind or (), source or (), category or (), owners, secret)
    view, made = desk.services.webhooks.add(desk.caller, asked)
    desk.say(f"已新增推送 {view.name} → {view.url.shown}", f"added {view.name} → {view.url.shown}")
    if secret is None:
        _tell_secret(desk, made)


@app.command("list")
def list_webhooks(context: typer.Context, as_json: Json = False) -> None:
    """所有推送、积压和最近的失败。Every webhook, its backlog and its last failure."""
    from geo_service.governance.delivery.failure import failure_text

    desk = terminal(context)
    found = desk.services.webhooks.all(desk.caller)
    if as_json:
        desk.json([_values(each) for each in found])
        return
    rows = [
        [
            each.name,
            each.url.shown,
            _state(desk, each),
            *(each.above, each.waiting, each.dead, each.lag_s, each.taken),
            f"{_local(each.failed_at_s)} {failure_text(each.failure, desk.language)}"
            if each.failure
            else "",
        ]
        for each in found
    ]
    desk.table([desk.word(*heading) for heading in _HEADINGS], rows)


@app.command("pause")
def pause_webhook(context: typer.Context, name: Name) -> None:
    """暂停：事件留着，不丢。Send nothing until it is resumed; nothing is lost."""
    desk = terminal(context)
    desk.services.webhooks.pause(desk.caller, name)
    desk.say(f"{name} 已暂停", f"{name} is paused")


@app.command("resume")
def resume_webhook(context: typer.Context, name: Name) -> None:
    """恢复：失败过的立即重试。Send again, and what failed at once."""
    desk = terminal(context)
    desk.services.webhooks.resume(desk.caller, name)
    desk.say(f"{name} 已恢复", f"{name} is resumed")


@app.command("secret")
def renew_secret(context: typer.Context, name: Name, secret_file: SecretFile = None) -> None:
    """换签名密钥：旧的再并行签一天。Another secret; for a day the former one signs beside it."""
    desk = terminal(context)
    given = _secret(secret_file)
    made = desk.services.webhooks.renew_secret(desk.caller, name, given)
    desk.say(
        f"{name} 已换密钥，旧的一天后失效",
        f"{name} has another secret, the former one ends in a day",
    )
    if given is None:
        _tell_secret(desk, made)


@app.command("remove")
def remove_webhook(context: typer.Context, name: Name) -> None:
    """删除推送，连同它未送达的。Forget a webhook, and what it was not told yet."""
    desk = terminal(context)
    desk.services.webhooks.remove(desk.caller, name)
    desk.say(f"{name} 已删除", f"{name} is removed")


@app.command("dead-letters")
def tell_dead_letters(context: typer.Context, name: Name, as_json: Json = False) -> None:
    """多次重试仍未送达的事件。Events that were not taken in time."""
    from geo_service.governance.delivery.failure import failure_text

    desk = terminal(context)
    found = desk.services.webhooks.dead_letters(desk.caller, name)
    if as_json:
        desk.json([dict(each) for each in found])
        return
    desk.table(
        [desk.word(*heading) for heading in _DEAD_HEADINGS],
        [
            [
                *(each["event_id"], each["issue_id"], each["kind"]),
                *(_local(each["recorded_at_s"]), each["tries"]),
                failure_text(each["failure"], desk.language),
            ]
            for each in found
        ],
    )


@app.command("replay")
def replay(
    context: typer.Context,
    name: Name,
    dead: Annotated[bool, typer.Option("--dead", help="全部死信 / all dead letters")] = False,
    event: Annotated[
        list[int] | None, typer.Option(help="这一个死信，可重复 / one dead letter")
    ] = None,
    from_event: Annotated[int | None, typer.Option(help="从这个事件起全部重送")] = None,
    since: Annotated[str | None, typer.Option(help="从这个时刻记录的起全部重送")] = None,
) -> None:
    """重送死信，或从某个事件、时刻起全部重送。Tell dead letters again, or all from somewhere on."""
    desk = terminal(context)
    ways = [dead, bool(event), from_event is not None, since is not None]
    if sum(ways) != 1:
        raise InvalidValue(
            "replay",
            "--dead、--event、--from-event、--since 之一",
            "one of --dead, --event, --from-event, --since",
        )
    service = desk.services.webhooks
    if dead or event:
        count = service.revive(desk.caller, name, event)
    else:
        since_s = moment_s(since, where="--since")
        count = service.replay(desk.caller, name, event_id=from_event, since_s=since_s)
    desk.say(f"{count} 个事件将重送", f"{count} events are told again")


@app.command("test")
def test_webhook(context: typer.Context, name: Name) -> None:
    """发一条试验消息，看对方怎么答。Send a message that tells nothing, and see the answer."""
    from geo_service.governance.delivery.failure import failure_text

    desk = terminal(context)
    tried = desk.services.webhooks.test(desk.caller, name)
    status, failure = tried.answer.status, tried.answer.failure
    if failure is None:
        desk.say(
            f"{name} 正常：{status}，{tried.took_ms} 毫秒",
            f"{name}: {status} in {tried.took_ms} ms",
        )
        return
    zh, en = (failure_text(failure.stored, language) for language in ("zh", "en"))
    desk.say(f"{name} 没有收下：{zh}", f"{name} did not take it: {en}")
    raise typer.Exit(1)


def _tell_secret(desk: Terminal, made: str) -> None:
    desk.say(f"签名密钥（只显示这一次）：{made}", f"secret (told this once): {made}")


def _secret(file: Path | None) -> str | None:
    """Return the secret in a file: on the command line everybody on the machine would see it."""
    if file is None:
        return None
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise UnreadableFile(str(file), reason, reason) from error


def _owner(text: str) -> tuple[str, str]:
    layer, colon, code = text.partition(":")
    if not (layer and colon and code):
        raise InvalidValue("--owner", "图层:编码，如 street:99900101", "layer:code")
    return layer, code


def _state(desk: Terminal, view: "WebhookView") -> str:
    if view.pause_reason == "gone":
        return desk.word("已停（对方答复 410）", "stopped (it answered 410)")
    if view.pause_reason is not None:
        return desk.word("暂停", "paused")
    if view.is_out:
        return desk.word("对方不通", "receiver is out")
    return desk.word("重试中", "retrying") if view.waiting else desk.word("正常", "working")


def _values(view: "WebhookView") -> dict[str, Any]:
    told = {name: value for name, value in vars(view).items() if name not in ("url", "selection")}
    return {**told, "url": view.url.shown, "selection": view.selection.values()}


def _local(seconds: int | None) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.gmtime(seconds + _AHEAD_S)) if seconds else ""
