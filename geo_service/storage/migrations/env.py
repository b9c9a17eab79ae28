"""What alembic runs: the migrations on the connection it was handed."""

from alembic import context

from geo_service.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,  # the caller's transaction holds everything, SQLite's DDL too
    render_as_batch=True,
)
context.run_migrations()
