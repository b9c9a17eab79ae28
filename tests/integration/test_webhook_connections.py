"""Connections to receivers that speak oddly: each ends in time, and says what was wrong."""

import socket
import time
from contextlib import contextmanager
from threading import Thread

import pytest

from geo_service.errors import UnreadableFile
from geo_service.governance.delivery.target import read_targets, read_url
from geo_service.services.webhooks.connections import Receiver, tls_context
from geo_service.services.webhooks.rules import DeliveryRules

TAKEN = b"HTTP/1.1 204 No Content\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@contextmanager
def speaking(*answers):
    """Let somebody answer one connection after another, each by its own function."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def work():
            for answer in answers:
                talking, _ = server.accept()
                with talking:
                    answer(talking)

        thread = Thread(target=work)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


def line_to(port, *, targets="127.0.0.0/8:{}", host="127.0.0.1", timeout_s=5.0):
    rules = DeliveryRules(read_targets(targets.format(port)), timeout_s=timeout_s)
    return Receiver(read_url(f"http://{host}:{port}/"), rules).line()


def asked(talking):
    """Read one request, whole."""
    head, _, body = talking.recv(65_536).partition(b"\r\n\r\n")
    while not body:
        body = talking.recv(65_536)
    return head


def test_an_answer_that_drips_ends_in_time_and_one_without_end_is_not_read_to_it():
    def drip(talking):
        asked(talking)
        try:
            for byte in TAKEN * 100:
                talking.sendall(bytes([byte]))
                time.sleep(0.05)
        except OSError:
            return

    def endless(talking):
        asked(talking)
        talking.sendall(CHUNKED)
        try:
            while True:
                talking.sendall(b"400\r\n" + b"x" * 1024 + b"\r\n")
        except OSError:
            return

    def broken(talking):
        asked(talking)
        talking.sendall(CHUNKED + b"no number\r\n")

    with speaking(drip, endless, broken) as port:
        line = line_to(port, timeout_s=0.3)
        failure = line.send(b"{}", {}).failure
        assert (failure.kind, failure.detail) == ("timeout", "0.3")
        assert [line_to(port).send(b"{}", {}).status for _ in range(2)] == [200, 200]


def test_a_kept_connection_that_was_closed_meanwhile_is_opened_again():
    heads = []

    def take(talking):
        heads.append(asked(talking))
        talking.sendall(TAKEN)

    with speaking(take, take) as port:
        line = line_to(port)
        assert [line.send(b"{}", {}).failure for _ in range(2)] == [None, None]
        line.close()
    assert len(heads) == 2


@pytest.mark.parametrize(
    ("answer", "kind"), [(b"SSH-2.0-OpenSSH_9\r\n", "answer"), (b"", "connection")]
)
def test_what_is_no_answer_is_told_as_such(answer, kind):
    def speak(talking):
        asked(talking)
        talking.sendall(answer)

    with speaking(speak) as port:
        assert line_to(port).send(b"{}", {}).failure.kind == kind


def test_a_receiver_that_hangs_up_after_its_answer_has_taken_the_message():
    def take(talking):
        asked(talking)
        talking.sendall(b"HTTP/1.0 200 OK\r\n\r\nthanks")

    with speaking(take, take) as port:
        line = line_to(port)
        assert [line.send(b"{}", {}).status for _ in range(2)] == [200, 200]


def test_of_several_addresses_the_first_that_takes_a_connection_is_used(monkeypatch):
    resolve = socket.getaddrinfo

    def several(host, port, *others, **named):
        if host != "several.example.org":
            return resolve(host, port, *others, **named)
        places = [("::ffff:127.0.0.7", port), ("192.0.2.1", port), ("127.0.0.1", port)]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", place) for place in places]

    monkeypatch.setattr(socket, "getaddrinfo", several)
    with speaking(lambda talking: (asked(talking), talking.sendall(TAKEN))) as port:
        # 192.0.2.1 is not listed, and nobody listens on 127.0.0.7
        line = line_to(port, host="several.example.org")
        answer = line.send(b"{}", {})
        line.close()
    assert (answer.status, answer.failure) == (204, None)


def test_a_name_without_an_address_and_a_file_without_authorities_are_told(tmp_path):
    line = line_to(80, host="no-such-host.invalid")
    assert line.send(b"{}", {}).failure.stored == "name no-such-host.invalid"
    (tmp_path / "empty.pem").write_text("nothing", "utf-8")
    for name in ("empty.pem", "missing.pem"):
        with pytest.raises(UnreadableFile, match=name):
            tls_context(DeliveryRules(authorities_file=tmp_path / name))
