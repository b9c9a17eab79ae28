"""Make the README's picture: the hotspot desk of the demo, in Debian's Chromium, off line.

Run by ``make picture``. The demo is loaded into a folder of its own, which is then removed.
"""

import tempfile
import threading
from pathlib import Path

import uvicorn
from playwright.sync_api import sync_playwright

from geo_service.app import create_app
from geo_service.services.callers import LOCAL_ADMINISTRATOR
from geo_service.settings import Settings

PICTURE = Path("docs/pictures/hotspots.png")
CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def main() -> None:
    """Load the demo, serve it on a free port, and save the picture."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(database_url=f"sqlite:///{folder}/demo.db", profile="x-street")
        app = create_app(settings)
        app.state.services.demonstrations.load(LOCAL_ADMINISTRATOR)
        server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            thread.join(0.1)
        port = server.servers[0].sockets[0].getsockname()[1]
        _save(f"http://127.0.0.1:{port}/desk/hotspots?lang=zh")
        server.should_exit = True
        thread.join(10)


def _save(url: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.goto(url)
        page.wait_for_timeout(2_000)
        PICTURE.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURE)
        browser.close()


if __name__ == "__main__":
    main()
