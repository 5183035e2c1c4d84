"""A leaner archive: what the text says already is not stored twice, fingerprints only while they are needed."""

import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "2026_11_26_lean"
down_revision = "2026_11_26_saved"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")

_KEYS = 16  # of a fingerprint are indexed
_HEAD = struct.Struct("<IIII")
_KEPT_DAYS = 60
_AT_ONCE = 500
_NOTHING = _HEAD.pack(0, 0, 0, 0)

_articles = sa.table(
    "articles", sa.column("id", sa.BigInteger), sa.column("indexed_at", sa.DateTime(timezone=True)),
    sa.column("text", sa.Text), sa.column("blocks", JSON), sa.column("sketch", sa.LargeBinary),
)  # fmt: skip
_sketches = sa.table(
    "sketches", sa.column("article", sa.BigInteger), sa.column("era", sa.BigInteger),
    sa.column("sketch", sa.LargeBinary),
)  # fmt: skip
_new_keys = sa.table("fingerprints", sa.column("era"), sa.column("key"), sa.column("article"))


def upgrade() -> None:
    """Blocks become an outline of the text; sketches move out of articles; narrow tables lose their row numbers."""
    op.drop_table("fingerprints")
    _fingerprints(with_era=True)
    op.create_table(
        "sketches",
        sa.Column("article", ID, autoincrement=False, nullable=False, comment="articles.id"),
        sa.Column("era", ID, nullable=False, comment="as in fingerprints"),
        sa.Column("sketch", sa.LargeBinary(), nullable=False, comment="the fingerprint"),
        sa.ForeignKeyConstraint(
            ["article"], ["articles.id"], name=op.f("fk_sketches_article"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article", name=op.f("pk_sketches")),
        comment="fingerprints of the texts of the last 30 to 60 days",
    )
    op.create_index(op.f("ix_sketches_era"), "sketches", ["era"])
    newest = op.get_bind().scalar(sa.select(sa.func.max(_articles.c.indexed_at)))
    for rows in _read(_articles.c.id, _articles.c.indexed_at, _articles.c.blocks, _articles.c.sketch):
        _outline([(number, blocks) for number, _, blocks, _ in rows])
        recent = [row for row in rows if row[1] >= newest - timedelta(days=_KEPT_DAYS)]
        _keep([(number, _era(at), sketch) for number, at, _, sketch in recent])
    op.drop_column("articles", "sketch")
    _mentions(without_row_numbers=True)
    copies = sa.text("copies_of IS NOT NULL")
    op.create_index("ix_articles_copies_of", "articles", ["copies_of"], sqlite_where=copies)


def downgrade() -> None:
    """Blocks hold their words again; texts whose fingerprint is forgotten are never found as originals again."""
    op.drop_index("ix_articles_copies_of", "articles")
    op.add_column(
        "articles", sa.Column("sketch", sa.LargeBinary(), nullable=True, comment="fingerprint of the text")
    )
    bind = op.get_bind()
    for rows in _read(_articles.c.id, _articles.c.text, _articles.c.blocks):
        for number, text, outline in rows:
            values = {"blocks": list(_blocks(text, outline))}
            bind.execute(sa.update(_articles).where(_articles.c.id == number).values(values))
    bind.execute(sa.update(_articles).values(sketch=_NOTHING))
    op.drop_table("fingerprints")
    _fingerprints(with_era=False)
    old_keys = sa.table("fingerprints", sa.column("key"), sa.column("article"))
    kept = bind.execute(sa.select(_sketches.c.article, _sketches.c.sketch)).all()
    for number, sketch in kept:
        bind.execute(sa.update(_articles).where(_articles.c.id == number).values(sketch=sketch))
        keys = [{"key": key, "article": number} for key in _keys(sketch)]
        if keys:
            bind.execute(sa.insert(old_keys), keys)
    op.drop_table("sketches")
    with op.batch_alter_table("articles") as batch:
        batch.alter_column("sketch", existing_type=sa.LargeBinary(), nullable=False)
    _mentions(without_row_numbers=False)


def _read(*columns: Any) -> Iterator[list[Any]]:
    """Every article, some at a time: an archive need not fit into memory."""
    last = 0
    while True:
        asked = sa.select(*columns).where(_articles.c.id > last).order_by(_articles.c.id).limit(_AT_ONCE)
        rows = list(op.get_bind().execute(asked))
        if not rows:
            return
        yield rows
        last = rows[-1][0]


def _outline(articles: list[tuple[int, list[Any]]]) -> None:
    for number, blocks in articles:
        outline = [[kind, level, text.count("\n") + 1] for kind, level, text in blocks]
        op.get_bind().execute(sa.update(_articles).where(_articles.c.id == number).values(blocks=outline))


def _blocks(text: str, outline: list[Any]) -> Iterator[list[Any]]:
    lines, at = text.split("\n"), 0
    for kind, level, number in outline:
        yield [kind, level, "\n".join(lines[at : at + number])]
        at += number


def _keep(sketches: list[tuple[int, int, bytes]]) -> None:
    rows = [{"article": number, "era": era, "sketch": sketch} for number, era, sketch in sketches]
    keys = [
        {"era": era, "key": key, "article": number}
        for number, era, sketch in sketches
        for key in _keys(sketch)
    ]
    for table, values in ((_sketches, rows), (_new_keys, keys)):
        if values:
            op.get_bind().execute(sa.insert(table), values)


def _keys(sketch: bytes) -> list[int]:
    _, _, kept, _ = _HEAD.unpack_from(sketch)
    return sorted(set(struct.unpack_from(f"<{min(kept, _KEYS)}q", sketch, _HEAD.size)))


def _era(at: datetime) -> int:
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(days=30)


def _fingerprints(*, with_era: bool) -> None:
    era = sa.Column("era", ID, autoincrement=False, nullable=False, comment="days from 1 January 1970 to articles.indexed_at, by 30")  # fmt: skip
    names = ["era", "key", "article"] if with_era else ["key", "article"]
    op.create_table(
        "fingerprints",
        *([era] if with_era else []),
        sa.Column("key", ID, autoincrement=False, nullable=False, comment="a shingle's hash"),
        sa.Column("article", ID, autoincrement=False, nullable=False, comment="articles.id"),
        sa.ForeignKeyConstraint(
            ["article"], ["articles.id"], name=op.f("fk_fingerprints_article"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint(*names, name=op.f("pk_fingerprints")),
        comment="keys of the fingerprints in sketches" if with_era else "keys of articles' fingerprints",
        sqlite_with_rowid=not with_era,
    )


def _mentions(*, without_row_numbers: bool) -> None:
    """Made anew on SQLite alone: PostgreSQL keeps its tables one way."""
    if op.get_bind().dialect.name != "sqlite":
        return
    op.drop_index("ix_mentions_term", "mentions")
    op.rename_table("mentions", "mentions_before")
    op.create_table(
        "mentions",
        sa.Column("article", ID, autoincrement=False, nullable=False, comment="articles.id"),
        sa.Column("term", sa.String(length=40), nullable=False, comment="id in the vocabulary"),
        sa.Column("form", sa.Text(), nullable=False, comment="the spelling found first"),
        sa.Column("in_title", ID, nullable=False, comment="hits in the title"),
        sa.Column("in_body", ID, nullable=False, comment="hits in the text"),
        sa.Column("points", ID, nullable=False, comment="points given"),
        sa.ForeignKeyConstraint(
            ["article"], ["articles.id"], name=op.f("fk_mentions_article"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("article", "term", name=op.f("pk_mentions")),
        sqlite_with_rowid=not without_row_numbers,
    )
    op.execute(
        "INSERT INTO mentions SELECT article, term, form, in_title, in_body, points FROM mentions_before"
    )
    op.drop_table("mentions_before")
    op.create_index("ix_mentions_term", "mentions", ["term", "article"])
