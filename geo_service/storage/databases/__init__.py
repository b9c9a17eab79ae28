"""Opening a database: SQLite in a file, or PostgreSQL; what differs between them is in here."""

from geo_service.storage.databases.database import Database, Transaction

__all__ = ["Database", "Transaction"]
