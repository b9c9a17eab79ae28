"""One message to one receiver, over http.client, at an address that was checked.

http.client follows no redirect, knows no proxy of the environment and lets the socket be made by
whoever uses it: the name is resolved once, what is connected to is an address that was allowed, and
TLS still proves the name. No library of ours does all of that without being taken apart first.
"""

import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPResponse
from io import BufferedReader, RawIOBase
from typing import Any, NamedTuple

from geo_service.errors import TargetNotAllowed, UnknownHost, UnreadableFile
from geo_service.governance.delivery.failure import (
    ANSWER,
    CONNECTION,
    NAME,
    STATUS,
    TARGET,
    TIMEOUT,
    TLS,
    Failure,
)
from geo_service.governance.delivery.target import Targets, WebhookUrl
from geo_service.services.webhooks.rules import DeliveryRules

_SUCCESS = range(200, 300)
_READ_BYTES = 65_536
"""So much of an answer is read to use the connection again; of more, it is closed."""
_LONGEST_WAIT_DIGITS = 9
_SHORTEST_S = 0.001


class Answer(NamedTuple):
    """What became of one message: ``status`` is None where no answer came."""

    status: int | None
    failure: Failure | None
    retry_after_s: int | None = None


def checked_addresses(url: WebhookUrl, targets: Targets) -> list[str]:
    """Return the addresses of a host that may be connected to.

    Raises
    ------
    UnknownHost
        The name cannot be resolved.
    TargetNotAllowed
        None of its addresses may be connected to.
    """
    try:
        found = socket.getaddrinfo(url.host, url.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UnknownHost(host=url.host) from error
    addresses = list(dict.fromkeys(str(place[4][0]) for place in found))
    allowed = targets.allowed(url, addresses)
    if not allowed:
        raise TargetNotAllowed(target=url.place, addresses=addresses)
    return allowed


class Receiver:
    """The one at the other end of a webhook, at checked addresses for as long as this lives."""

    def __init__(self, url: WebhookUrl, rules: DeliveryRules) -> None:
        self._url, self._rules = url, rules
        self._refusal: Failure | None = None
        self._addresses: list[str] = []
        try:
            self._addresses = checked_addresses(url, rules.targets)
        except UnknownHost as error:
            self._refusal = Failure(NAME, error.host)
        except TargetNotAllowed as error:
            self._refusal = Failure(TARGET, ", ".join(error.addresses))
        self._tls = tls_context(rules) if url.scheme == "https" else None

    def line(self) -> "Line":
        """Return a line to it; nothing is connected before something is sent."""
        return Line(self._url, self._addresses, self._rules.timeout_s, self._tls, self._refusal)


def tls_context(rules: DeliveryRules) -> ssl.SSLContext:
    """Return what proves names: the system's authorities and the operator's own.

    Raises
    ------
    UnreadableFile
        The file of the operator's authorities holds none.
    """
    context = ssl.create_default_context()
    if rules.authorities_file is not None:
        try:
            context.load_verify_locations(rules.authorities_file)
        except OSError as error:  # what OpenSSL says is one too
            reason = error.strerror or str(error)
            raise UnreadableFile(str(rules.authorities_file), reason, reason) from error
    return context


class Line:
    """A connection that is opened for the first message and kept for the next ones."""

    def __init__(
        self,
        url: WebhookUrl,
        addresses: Sequence[str],
        timeout_s: float,
        tls: ssl.SSLContext | None,
        refusal: Failure | None,
    ) -> None:
        self._url, self._timeout_s, self._refusal = url, timeout_s, refusal
        self._connection = _PinnedConnection(url, addresses, tls)
        self._is_fresh = True

    def send(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send one message, and return what became of it within the time that an answer has."""
        if self._refusal is not None:
            return Answer(None, self._refusal)
        try:
            return self._send(body, headers)
        except TimeoutError:
            failure = Failure(TIMEOUT, f"{self._timeout_s:g}")
        except ssl.SSLError as error:
            failure = Failure(TLS, str(getattr(error, "verify_message", "") or error.reason))
        except OSError as error:
            failure = Failure(CONNECTION, error.strerror or type(error).__name__)
        except HTTPException as error:
            failure = Failure(ANSWER, type(error).__name__)
        self.close()
        return Answer(None, failure)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()
        self._is_fresh = True

    def _send(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        was_fresh, self._is_fresh = self._is_fresh, False
        self._connection.until_s = time.monotonic() + self._timeout_s
        try:
            return self._ask(body, headers)
        except (ConnectionResetError, BrokenPipeError):  # RemoteDisconnected is the first of them
            if was_fresh:
                raise
            # a kept connection that the other end has closed meanwhile says nothing of the receiver
            self._connection.close()
            return self._ask(body, headers)

    def _ask(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        self._connection.request("POST", self._url.path, body, dict(headers))
        response = self._connection.getresponse()
        status, waits = response.status, response.getheader("Retry-After", "")
        if response.will_close or not _is_read(response):
            self.close()
        if status in _SUCCESS:
            return Answer(status, None)
        is_number = waits.isdecimal() and len(waits) <= _LONGEST_WAIT_DIGITS
        return Answer(status, Failure(STATUS, str(status)), int(waits) if is_number else None)


def _is_read(response: HTTPResponse) -> bool:
    """Read the rest of an answer, and tell whether the connection can be used again.

    Whatever is wrong with it, its status stands: who answered 200 has taken the message.
    """
    try:
        if not response.isclosed():
            response.read(_READ_BYTES)
    except (OSError, HTTPException):
        return False
    return response.isclosed()


class _PinnedConnection(HTTPConnection):
    """A connection to some addresses; the name is for the Host header and for TLS alone."""

    def __init__(
        self, url: WebhookUrl, addresses: Sequence[str], tls: ssl.SSLContext | None
    ) -> None:
        super().__init__(url.host, url.port)
        self.default_port = 443 if tls else 80
        self.until_s = 0.0
        """Of the monotonic clock: when it is too late for anything."""
        self._addresses, self._tls = addresses, tls

    def connect(self) -> None:
        """Open a socket to the first address that takes one, and TLS on it."""
        made = self._connected()
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        made.settimeout(self._left_s())
        if self._tls is not None:
            made = self._tls.wrap_socket(made, server_hostname=self.host)
        self.sock = made

    def _connected(self) -> socket.socket:
        *others, last = self._addresses
        for number, address in enumerate(others):
            share_s = self._left_s() / (len(self._addresses) - number)
            try:
                return socket.create_connection((address, self.port), share_s)
            except OSError:
                continue  # the next one may be better; what the last one says is told
        return socket.create_connection((last, self.port), self._left_s())

    def request(  # type: ignore[override]  # one way of asking is enough here
        self, method: str, url: str, body: bytes, headers: Mapping[str, str]
    ) -> None:
        """Send a request, and let the answer to it come no later than until it is too late."""
        answer: Any = partial(_Response, until_s=self.until_s)
        self.response_class = answer
        if self.sock is not None:
            self.sock.settimeout(self._left_s())
        super().request(method, url, body, headers)

    def _left_s(self) -> float:
        return max(self.until_s - time.monotonic(), _SHORTEST_S)


class _Response(HTTPResponse):
    """An answer that must be there in time as a whole, however slowly it drips."""

    def __init__(self, sock: socket.socket, *args: Any, until_s: float, **named: Any) -> None:
        super().__init__(sock, *args, **named)
        self.fp.close()
        self.fp = BufferedReader(_Dripping(sock, until_s))


class _Dripping(RawIOBase):
    def __init__(self, sock: socket.socket, until_s: float) -> None:
        self._sock, self._until_s = sock, until_s

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        left_s = self._until_s - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        self._sock.settimeout(left_s)
        return self._sock.recv_into(into)
