"""The text as the search index's first column: FTS5 marks every entry of a later one, a quarter of the texts' size.

What is alike among an article's blocks is counted, not repeated; older rows are read as they are.
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "2026_12_01_body_first"
down_revision = "2026_11_30_revisions"

BLOCKS = "[kind, level, lines] per block: its words are the next so many lines of text"
COUNTED = f"{BLOCKS}; a fourth number = so many such blocks"
BATCH = 1000  # articles read at a time


def upgrade() -> None:
    """Write the index anew."""
    _search_index("body, title")
    _comment(COUNTED, before=BLOCKS)


def downgrade() -> None:
    """Write the index anew, the title first; an outline says each of its blocks."""
    _search_index("title, body")
    _comment(BLOCKS, before=COUNTED)
    _count_no_more()


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _comment(comment: str, before: str) -> None:
    if not _on_sqlite():  # which keeps none
        op.alter_column("articles", "blocks", comment=comment, existing_comment=before)


def _search_index(columns: str) -> None:
    if not _on_sqlite():
        return
    from monitor.store.search_index import row, written  # noqa: PLC0415  (our tokens, by the rule of today)

    op.drop_table("search_index")
    op.execute(
        f"CREATE VIRTUAL TABLE search_index USING fts5"
        f" ({columns}, content='', tokenize='unicode61 remove_diacritics 0')"
    )
    op.execute("INSERT INTO search_index (search_index, rank) VALUES ('automerge', 8)")
    for articles in _articles("title, text"):
        op.get_bind().exec_driver_sql(
            "INSERT INTO search_index (rowid, title, body) VALUES (?, ?, ?)",
            [row("sqlite", number, written("sqlite", *text)) for number, *text in articles],
        )


def _count_no_more() -> None:
    outlines = sa.table("articles", sa.column("id"), sa.column("blocks", sa.JSON))
    for articles in _articles("id"):
        numbers = [each.id for each in articles]
        asked = sa.select(outlines).where(outlines.c.id.in_(numbers))
        for number, outline in op.get_bind().execute(asked).all():
            if any(len(block) > 3 for block in outline):
                each = [block[:3] for block in outline for _ in range(*block[3:] or (1,))]
                op.execute(outlines.update().where(outlines.c.id == number).values(blocks=each))


def _articles(columns: str) -> Iterator[list[Any]]:
    last = 0
    while True:
        asked = sa.text(f"SELECT id, {columns} FROM articles WHERE id > :last ORDER BY id LIMIT :most")  # noqa: S608
        found = list(op.get_bind().execute(asked, {"last": last, "most": BATCH}))
        if not found:
            return
        yield found
        last = found[-1].id
