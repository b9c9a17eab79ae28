"""What every table is made with: one register of them, names of constraints, kinds of columns."""

from sqlalchemy import BigInteger, Column, Float, Integer, MetaData, String

CHUNK = 500
"""So many values at once: SQLite takes no more than 32,766 of them in a statement."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Code = String().with_variant(String(collation="C"), "postgresql")
Key = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers only INTEGER keys by itself


def point_columns() -> list[Column[float] | Column[str]]:
    """Return a point as it was told, in the frame it was told in, and in degrees, EPSG:4490."""
    return [
        Column("x", Float),
        Column("y", Float),
        Column("source_frame", String),
        Column("lon", Float),
        Column("lat", Float),
    ]


def recorded_columns() -> list[Column[int] | Column[str]]:
    """Return when a row was written, and by whom."""
    return [
        Column("recorded_at_s", BigInteger, nullable=False),
        Column("recorded_by", String, nullable=False),
    ]
