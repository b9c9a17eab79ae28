"""Opening a database: SQLite in a file, or PostgreSQL; what differs between them is in here."""

from geo_service.storage.databases.database import Database, Transaction, without_login

__all__ = ["Database", "Transaction", "without_login"]
