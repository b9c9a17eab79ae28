"""A PostgreSQL server of our own: made in a temporary folder, asked over a socket there, ended.

It orders words as Chinese dictionaries do, not by code point: what forgets to ask for code points
is seen. It dies with the process that started it, however that one ends.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

USER = "tester"
_PROGRAMS = "/usr/lib/postgresql/*/bin/postgres"
_INITDB = ("--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
_ORDER = ("--locale-provider=icu", "--icu-locale=zh")
_FAST = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "512MB",
    "autovacuum": "off",
    "jit": "off",
    "max_connections": "300",
    "shared_buffers": "256MB",
}
_PATIENCE_S = 60.0
_MEMORY = Path("/dev/shm")  # noqa: S108  # a folder in it is made as in any other
_ROOM_BYTES = 4 * 2**30


@dataclass
class Cluster:
    """One server and the folder it lives in, which is also the host to connect to."""

    folder: Path
    programs: Path
    user: int
    settings: Mapping[str, str]
    server: subprocess.Popen[bytes] | None = None

    @property
    def host(self) -> str:
        """Where clients find it: the folder of its socket."""
        return str(self.folder)

    def start(self) -> None:
        """Start the server and wait until it answers."""
        settings = [part for pair in self.settings.items() for part in ("-c", "=".join(pair))]
        with (self.folder / "log").open("ab") as log:
            self.server = subprocess.Popen(
                [
                    *("setpriv", "--pdeathsig", "INT", self.programs / "postgres"),
                    *("-D", self.folder / "data", "-k", self.folder, *settings),
                ],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                user=self.user,
            )
        until = time.monotonic() + _PATIENCE_S
        while True:
            try:
                psycopg.connect(host=self.host, user=USER, dbname="postgres").close()
            except psycopg.OperationalError:
                is_over = self.server.poll() is not None or time.monotonic() > until
                assert not is_over, (self.folder / "log").read_text()
                time.sleep(0.02)
            else:
                return

    def stop(self, kind: int = signal.SIGINT) -> None:
        """End the server: at once but in order, or as ``kind`` does it."""
        if self.server is not None:
            self.server.send_signal(kind)
            self.server.wait(_PATIENCE_S)
            self.server = None


@contextmanager
def cluster(**settings: str) -> Iterator[Cluster]:
    """Make a cluster, run it as long as it is needed; settings are added to the fast ones."""
    found = sorted(Path("/").glob(_PROGRAMS.lstrip("/")))
    assert found, f"no {_PROGRAMS}: .ci/packages postgis installs it"
    with tempfile.TemporaryDirectory(prefix="cluster", dir=_place()) as made:
        folder, programs = Path(made), found[-1].parent
        user = _unprivileged_user(folder)
        subprocess.run(
            [programs / "initdb", "-U", USER, "-D", folder / "data", *_INITDB, *_ORDER],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=folder,
            user=user,
            env={"LC_ALL": "C.UTF-8"},
        )
        made_now = Cluster(folder, programs, user, _FAST | settings)
        made_now.start()
        try:
            yield made_now
        finally:
            made_now.stop()


def _place() -> Path | None:
    """Return where a copy of a database takes a tenth of the time, None where there is no room."""
    has_room = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM_BYTES
    return _MEMORY if has_room else None


def _unprivileged_user(folder: Path) -> int:
    """Return whom the server runs as: never root, which it refuses."""
    if os.getuid() != 0:
        return os.getuid()
    postgres = pwd.getpwnam("postgres")
    os.chown(folder, postgres.pw_uid, postgres.pw_gid)
    return postgres.pw_uid
