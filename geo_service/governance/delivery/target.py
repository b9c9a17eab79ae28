"""Where webhooks may go: names and networks with ports, and the addresses behind names."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import NamedTuple, TypeAlias
from urllib.parse import urlsplit

from geo_service.errors import InvalidValue

Address: TypeAlias = IPv4Address | IPv6Address

_SETTING = "GEO_SERVICE_WEBHOOK_TARGETS"
_PORTS = {"http": 80, "https": 443}
_LAST_PORT = 65_535
_LONGEST_URL = 2_000
_LONGEST_NAME = 253


class WebhookUrl(NamedTuple):
    """Where a webhook goes; ``path`` holds the query too, ``host`` is in small letters."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def place(self) -> str:
        """Host and port, as they are told."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def shown(self) -> str:
        """The URL without its query, which may hold a password of the receiver."""
        path, mark, _ = self.path.partition("?")
        return f"{self.scheme}://{self.place}{path}{'?…' if mark else ''}"


class _Entry(NamedTuple):
    """A host name or a network, with the ports from ``first`` to ``last``."""

    name: str | None
    network: IPv4Network | IPv6Network | None
    first: int
    last: int


@dataclass(frozen=True)
class Targets:
    """The hosts and networks that webhooks may go to; none by default."""

    entries: tuple[_Entry, ...] = ()

    def allowed(self, url: WebhookUrl, addresses: Sequence[str]) -> list[str]:
        """Return those of a host's addresses that may be connected to, in their order.

        An address in a listed network may always be; one behind a listed name only where it is
        public: a name that somebody lets point to this machine or into the intranet opens nothing.
        """
        here = [each for each in self.entries if each.first <= url.port <= each.last]
        networks = [each.network for each in here if each.network is not None]
        is_named = any(each.name == url.host for each in here)
        return [
            text
            for text in addresses
            for address in [_plain(ip_address(text.partition("%")[0]))]
            if any(address in network for network in networks)
            or (is_named and address.is_global and not address.is_multicast)
        ]


def read_targets(text: str) -> Targets:
    """Return the targets that a setting lists.

    Entries stand between commas: ``events.example.org:443``, ``10.20.0.0/16:8080-8090``,
    ``127.0.0.1:9000``, ``[fd00::/8]:443``.

    Raises
    ------
    InvalidValue
        An entry is neither a name nor a network, or has no port.
    """
    return Targets(tuple(_entry(each.strip()) for each in text.split(",") if each.strip()))


def read_url(text: str) -> WebhookUrl:
    """Return the parts of a webhook's URL.

    Raises
    ------
    InvalidValue
        It is no http or https URL of plain ASCII, or holds a user or a fragment.
    """
    is_plain = text.isascii() and text.isprintable() and not set(text) & set(' "<>\\^`{|}')
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        is_plain = False
    if not is_plain or len(text) > _LONGEST_URL:
        raise _no_url()
    host = (parts.hostname or "").rstrip(".")
    is_bare = parts.username is None and parts.password is None and "#" not in text
    if parts.scheme not in _PORTS or not host or len(host) > _LONGEST_NAME or not is_bare:
        raise _no_url()
    if port == 0 or "%" in host:
        raise _no_url()
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return WebhookUrl(parts.scheme, host, port or _PORTS[parts.scheme], path)


def _plain(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 one stands for, else itself."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _entry(text: str) -> _Entry:
    place, colon, ports = text.rpartition(":")
    first, _, last = ports.partition("-")
    try:
        numbers = int(first), int(last or first)
    except ValueError as error:
        raise _no_entry(text) from error
    if not colon or not 0 < numbers[0] <= numbers[1] <= _LAST_PORT:
        raise _no_entry(text)
    bare = place.removeprefix("[").removesuffix("]")
    try:
        return _Entry(None, ip_network(bare), *numbers)
    except ValueError as error:
        is_name = bare == place and not set(bare) & set("/:@[]*% ") and bare[:1].isalnum()
        if not is_name or bare.replace(".", "").isdigit():
            raise _no_entry(text) from error
    return _Entry(bare.lower().rstrip("."), None, *numbers)


def _no_entry(text: str) -> InvalidValue:
    return InvalidValue(
        _SETTING,
        f"逗号分隔的“主机名或网段:端口”，如 events.example.org:443,10.20.0.0/16:8080-8090；"
        f"不能用的是 {text}",
        "names or networks with ports, such as events.example.org:443,10.20.0.0/16:8080-8090; "
        f"of no use is {text}",
    )


def _no_url() -> InvalidValue:
    return InvalidValue(
        "url",
        "http 或 https 网址，只含 ASCII 字符，不含用户名和 # 部分，如 https://events.example.org/in",
        "an http or https URL of plain ASCII, without a user and without a fragment, such as "
        "https://events.example.org/in",
    )
