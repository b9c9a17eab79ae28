"""The HTTP door of a small house, and the answers it gives."""

import atexit
import json
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import shapely
from anyio.from_thread import BlockingPortal, start_blocking_portal
from starlette.testclient import TestClient

from geo_service.app import create_app
from geo_service.settings import Settings
from tests.databases import (
    KeptCopy,
    attachment_folder,
    database_url,
    index_folder,
    kept_copy,
    put_copy,
)
from tests.houses import open_house, publish_street, street_boundaries

HOME = "http://127.0.0.1"
STANDARD = {"type", "title", "status", "detail", "instance"}


def open_door(folder: Path, *, is_published: bool = True, **settings: Any) -> TestClient:
    """Return a client of a new service; the street is published unless it shall be empty."""
    given = {"profile": "generic", "static_folder": Path("static"), **settings}
    given.setdefault("attachment_folder", str(attachment_folder(folder)))
    if is_published:
        publish_street_in(folder)
    given |= {"database_url": database_url(folder), "index_folder": str(index_folder(folder))}
    app = create_app(Settings(_env_file=None, **given))
    client = TestClient(app, base_url=HOME, raise_server_exceptions=False)
    client.portal = _portal()
    return client


@cache
def _portal() -> BlockingPortal:
    """Return the event loop of all clients: one made for each request takes half of its time."""
    running = start_blocking_portal()
    atexit.register(running.__exit__, None, None, None)
    return running.__enter__()


def publish_street_in(folder: Path) -> None:
    """Put a database that holds the street into a folder."""
    put_copy(_published(), folder)


@cache
def _published() -> KeptCopy:
    with tempfile.TemporaryDirectory() as folder:
        house = open_house(Path(folder))
        publish_street(house)
        house.close()
        return kept_copy(Path(folder))


def problem_of(answer: Any, status: int, slug: str) -> dict[str, Any]:
    """Return an answer's problem, after checking that it is one as RFC 9457 says."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body.keys() >= STANDARD
    assert body["status"] == status
    assert body["type"] == f"/problems#{slug}"
    assert body["instance"] == answer.request.url.path
    assert body["detail"]
    return body


def geojson(layer: str, *, crs: str | None = "EPSG:4490", **changes: Any) -> bytes:
    """Return a layer of the street as GeoJSON; ``changes`` maps a column to its new values.

    ``codes`` and ``geometries`` replace the street's own, and a ``crs`` of None leaves it unnamed.
    """
    areas = street_boundaries()[layer]
    columns = {"geometries": areas.geometries, "codes": areas.codes, "names": areas.names}
    columns |= {"parents": areas.parents, **changes}
    features = [
        {
            "type": "Feature",
            "geometry": shapely.geometry.mapping(geometry),
            "properties": {"code": code, "name": name, "parent": parent},
        }
        for geometry, code, name, parent in zip(*columns.values(), strict=True)
    ]
    collection = {"type": "FeatureCollection", "features": features}
    if crs:
        collection["crs"] = {"type": "name", "properties": {"name": crs}}
    return json.dumps(collection, ensure_ascii=False).encode()
