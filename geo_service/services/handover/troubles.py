"""What is not well with the service itself, and whoever comes on duty has to know."""

from collections.abc import Iterator

from geo_service.governance.moment import local_text
from geo_service.maps.handover.view import Trouble
from geo_service.services.workspaces import Workspace
from geo_service.storage import handovers, webhooks
from geo_service.storage.databases import Transaction

_MAY_BE_AT_WORK_S = 600


def troubles(workspace: Workspace, connection: Transaction) -> list[Trouble]:
    """Return the troubles that the database tells of: webhooks, and lists that were broken off."""
    return [*_webhooks(connection), *_lists(connection, int(workspace.now_s()))]


def _webhooks(connection: Transaction) -> Iterator[Trouble]:
    backlogs = webhooks.backlogs(connection)
    for each in webhooks.all_webhooks(connection):
        before = backlogs[each.id]
        if each.pause_reason is not None:
            yield Trouble(
                "webhook_paused",
                f"推送“{each.name}”已停止，事件没有送出",
                f"webhook '{each.name}' is paused: no event goes out",
            )
        elif before.is_out:
            yield Trouble(
                "webhook_out",
                f"推送“{each.name}”对方不通，{before.waiting} 条等待重试",
                f"webhook '{each.name}': the receiver is out, {before.waiting} events wait",
            )
        if before.dead:
            yield Trouble(
                "webhook_dead",
                f"推送“{each.name}”有 {before.dead} 条未能送达，须人工重发",
                f"webhook '{each.name}': {before.dead} events were given up and must be sent again",
            )


def _lists(connection: Transaction, now_s: int) -> Iterator[Trouble]:
    for each in handovers.unfinished_lists(connection):
        started = local_text(each.started_at_s)
        if each.recorded_at_s > now_s - _MAY_BE_AT_WORK_S:
            yield Trouble(
                "list_under_way",
                f"清单正在导入：{started} 开始，已到第 {each.rows_done} 行",
                f"a list is being taken in since {started}: {each.rows_done} rows so far",
            )
        else:
            yield Trouble(
                "list_broken_off",
                f"清单导入中断：{started} 开始，停在第 {each.rows_done} 行；请再次导入同一文件",
                f"a list broke off: begun {started}, {each.rows_done} rows; import it again",
            )
