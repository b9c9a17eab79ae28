"""A street with its service on a port of this machine, for browsers and other clients."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from geo_service.app import create_app
from geo_service.settings import Settings
from tests.databases import database_url, index_folder
from tests.doors import publish_street_in


@contextmanager
def served_street(folder: Path) -> Iterator[str]:
    """Publish the street in a folder and serve it; yield the address of the service."""
    publish_street_in(folder)
    with served(folder) as address:
        yield address


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve the house that stands in a folder; yield the address of the service."""
    settings = Settings(
        _env_file=None,
        profile="generic",
        database_url=database_url(folder),
        index_folder=str(index_folder(folder)),
        static_folder=Path("static"),
    )
    app = create_app(settings)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    app.state.news.end()
    server.should_exit = True
    thread.join(timeout=20)
