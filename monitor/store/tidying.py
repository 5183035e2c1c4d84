"""What a database puts off until somebody's transaction has to do it: done between transactions instead."""

import sqlite3
from contextlib import closing, suppress

from sqlalchemy import text as sql

from monitor.errors import StoreFailed
from monitor.store.database import Database, writing

TIDY_EVERY = 500  # articles


def tidy(database: Database) -> None:
    """Write what was added since the last time to where it belongs.

    SQLite: from the -wal into the file. By itself it does so within a COMMIT, which takes it longer than to write the batch.
    PostgreSQL: into the search index; new rows wait beside it, read through by each search, until its list is full and
    whatever transaction comes next takes half a second longer.
    """
    if database.kind == "sqlite":
        with suppress(sqlite3.Error), closing(database.engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        return
    with (
        suppress(StoreFailed),
        writing(database) as session,
    ):  # of a role that does not own the index: by itself, then
        session.execute(sql("SELECT gin_clean_pending_list('ix_search_index_tokens')"))
