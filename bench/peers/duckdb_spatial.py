"""DuckDB's SPATIAL_JOIN; its extension comes as a package and is loaded from there, offline."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import duckdb
import duckdb_extension_spatial
import numpy as np
import pyarrow
import shapely

from bench.peers.peer import MissingPeer, Pairs, Peer
from geo_service.layers.area import Floats, Geometries


class DuckdbJoin:
    """A join of two tables in memory; geometries of both are made beforehand."""

    can_use_all_cores = True
    name = "DuckDB spatial, ST_Intersects"

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def load(self, lon: Floats, lat: Floats, *, threads: int) -> None:
        """Fill the table of points."""
        rows = pyarrow.table({"id": np.arange(len(lon), dtype=np.int32), "x": lon, "y": lat})
        self._connection.execute(f"SET threads = {threads}")
        self._connection.register("rows", rows)
        self._connection.execute(
            "CREATE OR REPLACE TABLE points AS SELECT id, ST_Point(x, y) AS g FROM rows"
        )
        self._connection.unregister("rows")

    def pairs(self) -> Pairs:
        """Join; what is found comes as columns."""
        found = self._connection.execute(
            "SELECT p.id AS point, a.id AS area FROM points p"
            " JOIN areas a ON ST_Intersects(a.g, p.g)"
        ).fetchnumpy()
        return Pairs(found["point"], found["area"])


@contextmanager
def peers(areas: Geometries) -> Iterator[list[Peer]]:
    """Open a database in memory with the areas."""
    folder = Path(duckdb_extension_spatial.__file__).parent / "extensions"
    path = folder / f"v{duckdb.__version__}" / "spatial.duckdb_extension"
    if not path.exists():
        raise MissingPeer(f"no spatial extension for duckdb {duckdb.__version__}")
    with closing(duckdb.connect(":memory:")) as connection:
        connection.execute(f"LOAD '{path}'")
        rows = pyarrow.table(
            {"id": np.arange(len(areas), dtype=np.int32), "wkb": shapely.to_wkb(areas).tolist()}
        )
        connection.register("rows", rows)
        connection.execute("CREATE TABLE areas AS SELECT id, ST_GeomFromWKB(wkb) AS g FROM rows")
        connection.unregister("rows")
        yield [DuckdbJoin(connection)]
