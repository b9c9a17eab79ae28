"""What can be wrong with telling others what happened."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from geo_service.errors.error import Conflict, InvalidInput, NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(eq=False)
class WebhookNotFound(NotFound):
    """No such webhook."""

    name: str
    zh = "没有名为“{name}”的推送"
    en = "no webhook {name}"


@dataclass(eq=False)
class WebhookExists(Conflict):
    """The name of a webhook that is there already."""

    name: str
    zh = "已有名为“{name}”的推送：请换一个名字，或先删除它"
    en = "there is a webhook {name} already: choose another name, or remove it first"


@dataclass(eq=False)
class TargetNotAllowed(InvalidInput):
    """A webhook that would go where the operator lets nothing go."""

    target: str
    addresses: "Sequence[str]"
    zh = "不允许向 {target} 发送（它的地址：{addresses}）：请管理员把它列入 GEO_SERVICE_WEBHOOK_TARGETS；内网和本机的地址须列出网段"
    en = "nothing may be sent to {target} (its addresses: {addresses}): the operator must list it in GEO_SERVICE_WEBHOOK_TARGETS, addresses of the intranet and of this machine by their network"


@dataclass(eq=False)
class UnknownHost(InvalidInput):
    """A host name that has no address here and now."""

    host: str
    zh = "解析不了主机名 {host}：请检查拼写和本机的 DNS 或 hosts"
    en = "the host name {host} cannot be resolved: check its spelling and this machine's DNS or hosts"
