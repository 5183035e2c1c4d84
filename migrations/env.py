"""Alembic's entry: one transaction on the connection that `monitor.store.schema` hands over."""

from alembic import context

from monitor.store.tables import Row

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Row.metadata,
    transactional_ddl=True,  # BEGIN IMMEDIATE makes it true on SQLite as well
    render_as_batch=True,
)
context.run_migrations()
