"""The peers that batch locate is measured beside, one module each."""

from contextlib import ExitStack
from importlib import import_module

from bench.peers.peer import MissingPeer, Peer
from geo_service.layers.area import Geometries

MODULES = {
    "geopandas": "geopandas_join",
    "shapely": "shapely_trees",
    "DuckDB spatial": "duckdb_spatial",
    "SedonaDB": "sedona",
    "PostGIS": "postgis",
}


def open_peers(stack: ExitStack, areas: Geometries) -> tuple[list[Peer], dict[str, str]]:
    """Return all peers with the areas loaded and indexed, and why others are missing."""
    peers: list[Peer] = []
    missing: dict[str, str] = {}
    for name, module in MODULES.items():
        try:
            peers += stack.enter_context(import_module(f"bench.peers.{module}").peers(areas))
        except (ImportError, MissingPeer) as error:
            missing[name] = str(error)
    return peers, missing
