"""Fingerprints by eras of five days, not thirty: a batch writes them to few pages; and a search index to tidy by itself."""

from alembic import op

revision = "2026_12_04_eras"
down_revision = "2026_12_03_spans"

_DAY = 86_400  # seconds
_SQLITE = "CAST(strftime('%s', indexed_at) AS INTEGER) / {}"
_POSTGRESQL = "CAST(floor(extract(epoch FROM indexed_at) / {}) AS bigint)"


def upgrade() -> None:
    """Count eras of five days."""
    _count(5)
    _say("by 5", "30 to 35")
    if not _on_sqlite():
        op.execute("ALTER INDEX ix_search_index_tokens SET (gin_pending_list_limit = 16384)")


def downgrade() -> None:
    """Count eras of thirty days."""
    _count(30)
    _say("by 30", "30 to 60")
    if not _on_sqlite():
        op.execute("ALTER INDEX ix_search_index_tokens RESET (gin_pending_list_limit)")


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _count(days: int) -> None:
    era = (_SQLITE if _on_sqlite() else _POSTGRESQL).format(days * _DAY)
    for table in ("sketches", "fingerprints"):  # some of either alone: what is old is forgotten bit by bit
        op.execute(f"UPDATE {table} SET era = (SELECT {era} FROM articles WHERE id = article)")  # noqa: S608


def _say(by: str, last: str) -> None:
    if _on_sqlite():
        return  # it keeps no comments
    op.execute(
        f"COMMENT ON COLUMN fingerprints.era IS 'days from 1 January 1970 to articles.indexed_at, {by}'"
    )
    op.execute(f"COMMENT ON TABLE sketches IS 'fingerprints of the texts of the last {last} days'")
