"""SedonaDB's spatial join, on as many partitions as there may be threads."""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pyarrow
import sedonadb
import shapely

from bench.peers.peer import Pairs, Peer
from geo_service.layers.area import Floats, Geometries


class SedonaJoin:
    """A join of two tables in memory; geometries of both are made beforehand."""

    name = "SedonaDB, ST_Intersects"
    can_use_all_cores = True

    def __init__(self, areas: Geometries) -> None:
        self._areas = areas
        self._threads = 0

    def load(self, lon: Floats, lat: Floats, *, threads: int) -> None:
        """Make the tables, in as many partitions as there are threads."""
        if threads != self._threads:  # tables are cut into partitions when they are made
            self._context = sedonadb.connect()
            self._context.sql(f"SET datafusion.execution.target_partitions = {threads}").execute()
            self._keep("areas", self._areas)
            self._threads = threads
        self._keep("points", shapely.points(lon, lat))

    def _keep(self, name: str, geometries: Geometries) -> None:
        ids = np.arange(len(geometries), dtype=np.int32)
        rows = pyarrow.table({"id": ids, "wkb": shapely.to_wkb(geometries).tolist()})
        self._context.create_data_frame(rows).to_view("rows", overwrite=True)
        kept = self._context.sql("SELECT id, ST_GeomFromWKB(wkb) AS g FROM rows").to_memtable()
        kept.to_view(name, overwrite=True)

    def pairs(self) -> Pairs:
        """Join; what is found comes as an Arrow table."""
        found = pyarrow.table(
            self._context.sql(
                "SELECT points.id AS point, areas.id AS area FROM points"
                " JOIN areas ON ST_Intersects(areas.g, points.g)"
            )
        )
        return Pairs(found["point"].to_numpy(), found["area"].to_numpy())


@contextmanager
def peers(areas: Geometries) -> Iterator[list[Peer]]:
    """Open the join."""
    yield [SedonaJoin(areas)]
