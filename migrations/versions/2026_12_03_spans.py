"""PostgreSQL's search index knows spans of articles, so that words within a week need not be looked for everywhere."""

from alembic import op

revision = "2026_12_03_spans"
down_revision = "2026_12_02_rights"

# The rule of monitor/store/search_index.py in SQL.
_LEXEMES = "ARRAY['#' || (article >> 12), '##' || (article >> 17)]"


def upgrade() -> None:
    """Add what says in which span an article is."""
    if op.get_bind().dialect.name != "sqlite":
        op.execute(f"UPDATE search_index SET tokens = tokens || array_to_tsvector({_LEXEMES})")  # noqa: S608


def downgrade() -> None:
    """Take it away."""
    if op.get_bind().dialect.name != "sqlite":
        op.execute(f"UPDATE search_index SET tokens = ts_delete(tokens, {_LEXEMES})")  # noqa: S608
