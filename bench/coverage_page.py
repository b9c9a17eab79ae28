"""The coverage desk of 20,000 grids with 100,000 organisations and 100,000 units, in Chromium.

``python -m bench.coverage_page [organisations [units]]``. The land and the registers are those of
``bench.coverage``; beside it stands the hotspot desk of the same land, without issues.

- *nothing kept*: a new service reads the registers and draws; the index is in its file.
- *registers*: whom cards and symbols tell of, which the page asks for when they are wanted.
- *areas colored*: from the page's last byte to the mark that its script sets at its end.
- *moved*: what comes over the network, page and assets, as the browser counts it.
"""

import gzip
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import uvicorn
from playwright.sync_api import Browser, Page, ViewportSize

from bench.coverage import LAYER, ORGANISATIONS, UNITS, fill_registers, publish_land
from bench.rounds import heading, row, timed
from geo_service.app import create_app, create_services
from geo_service.demo.places import city
from geo_service.maps.coverage.view import CoverageLinks
from geo_service.services.callers import LOCAL_ADMINISTRATOR
from geo_service.services.coverage.desk.pages import CoverageLook
from geo_service.services.coverage.layer_coverage import CoverageQuery
from geo_service.services.service_set import ServiceSet
from geo_service.settings import Settings
from tests.browsers import chromium

ROUNDS = 3
_SCREEN = ViewportSize(width=1366, height=768)
_QUERY, _LOOK, _LINKS = CoverageQuery(LAYER), CoverageLook(), CoverageLinks(registers="registers")
_COLORED_S = """() => {
  const [mark] = performance.getEntriesByName("areas-colored");
  return (mark.startTime - performance.getEntriesByType("navigation")[0].responseEnd) / 1000;
}"""


def main() -> None:
    """Print seconds, bytes and the browser's heap."""
    given = [int(each) for each in sys.argv[1:]]
    organisations, units = (*given, *(ORGANISATIONS, UNITS)[len(given) :])
    boundaries = dict(city().boundaries)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            database_url=f"sqlite:///{folder}/desk.db",
            profile="generic",
            index_folder=f"{folder}/indexes",
        )
        services = create_services(settings)
        publish_land(services, boundaries)
        fill_registers(services, boundaries[LAYER], organisations, units)
        services.close()
        heading(f"Coverage desk, {len(boundaries[LAYER]):,} grids, {organisations:,} organisations")
        _print_server(settings, Path(folder))
        with served(settings) as address, chromium() as browser:
            _print_browser(browser, address)


def _print_server(settings: Settings, folder: Path) -> None:
    rounds = [_first_and_next_s(settings) for _ in range(ROUNDS)]
    services = create_services(settings)
    told = timed(lambda: _registers(services), rounds=1)
    row("page, nothing kept", [first for first, _ in rounds])
    row("page, unchanged", [after for _, after in rounds], "goal 0.020")
    row("registers, nothing kept", told)
    file = folder / "coverage.html"
    row("saved file", timed(lambda: _save(services, file), rounds=1))
    _print_size("page", _page(services).encode())
    _print_size("registers", _registers(services).encode())
    _print_size("saved file", file.read_bytes())
    services.close()


def _first_and_next_s(settings: Settings) -> tuple[float, float]:
    services = create_services(settings)
    first, after = timed(lambda: _page(services), rounds=2)
    services.close()
    return first, after


def _page(services: ServiceSet) -> str:
    return services.coverage_pages.page(LOCAL_ADMINISTRATOR, _QUERY, _LOOK, links=_LINKS)


def _registers(services: ServiceSet) -> str:
    return services.coverage_pages.registers(LOCAL_ADMINISTRATOR, _QUERY, _LOOK)


def _save(services: ServiceSet, file: Path) -> None:
    services.coverage_pages.draw(LOCAL_ADMINISTRATOR, _QUERY, _LOOK, file)


def _print_size(what: str, content: bytes) -> None:
    print(
        f"{what}: {len(content) / 1e6:.2f} MB, {len(gzip.compress(content, 6)) / 1e6:.2f} gzipped"
    )


@contextmanager
def served(settings: Settings) -> Iterator[str]:
    """Serve from this process, and return the address."""
    app = create_app(settings)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


def _print_browser(browser: Browser, address: str) -> None:
    colored: dict[str, list[float]] = {"coverage": [], "hotspots": []}
    cards: list[float] = []
    symbols: list[float] = []
    for _ in range(ROUNDS):
        for desk, seconds in colored.items():
            with browser.new_page(viewport=_SCREEN) as page:
                page.set_default_timeout(300_000)
                moved = _moved(page)
                page.goto(f"{address}/desk/{desk}?layer={LAYER}")
                page.wait_for_selector("#desk[data-ready=true]")
                seconds.append(page.evaluate(_COLORED_S))
                if desk == "coverage":
                    page_mb, heap_mb = sum(moved) / 1e6, _heap_mb(page)
                    symbols += timed(lambda: _show_symbols(page), rounds=1)
                    cards += timed(lambda: _pick(page), rounds=1)
                    all_mb, whole_heap_mb = sum(moved) / 1e6, _heap_mb(page)
    row("areas colored", colored["coverage"], f"goal 3; hotspots {median(colored['hotspots']):.3f}")
    row("all symbols, the registers read", symbols)
    row("a card, and the map at its area", cards)
    print(f"moved: {page_mb:.2f} MB (goal 1.5), with registers {all_mb:.2f}")
    print(f"heap: {heap_mb:.0f} MB, with registers {whole_heap_mb:.0f}")


def _moved(page: Page) -> list[int]:
    moved: list[int] = []
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", lambda event: moved.append(event["encodedDataLength"]))
    return moved


def _heap_mb(page: Page) -> float:
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    return float(session.send("Runtime.getHeapUsage")["usedSize"]) / 1e6


def _show_symbols(page: Page) -> None:
    page.locator("[name=organisations]").check()
    page.locator(".leaflet-symbols-pane .symbol").first.wait_for()


def _pick(page: Page) -> None:
    page.locator("table.areas .pick").first.click()
    page.locator(".card .chain .is-own").wait_for()


if __name__ == "__main__":
    main()
