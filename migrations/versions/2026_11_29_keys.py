"""Keys of addresses as 16 bytes, and links without numbers: a sixth less for an archive to hold and to write."""

import hashlib
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "2026_11_29_keys"
down_revision = "2026_11_28_tombstones"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
HEX, KEY = sa.String(length=64), sa.LargeBinary()
_KEYS = {"entries": "first 16 bytes of the SHA-256 of url", "articles": "first 16 bytes of the SHA-256 of url",
         "tombstones": "entries.url_key or articles.url_key of the article"}  # fmt: skip
_KEYS_BEFORE = {"entries": "SHA-256 of url", "articles": "SHA-256 of url",
                "tombstones": "SHA-256 of a canonical URL of the article"}  # fmt: skip
_COLUMNS = "article, kind, url, target_key, title, position, target"


def upgrade() -> None:
    """Cut the keys: the first half of each is kept."""
    if _on_sqlite():
        _function("cut", 1, lambda digits: bytes.fromhex(digits[:32]))
        _merge_of(8)  # fewer, larger merges of the search index: a fifth less to write
    for table, comment in _KEYS.items():
        _turn(table, comment, to=KEY, sqlite="cut(url_key)", postgresql="decode(left(url_key, 32), 'hex')")
    _links(
        numbered=False,
        key="cut(target_key)" if _on_sqlite() else "decode(left(target_key, 32), 'hex')",
    )


def downgrade() -> None:
    """Whole keys again, from the addresses; a tombstone knows none, its entry stays refused all the same."""
    if _on_sqlite():
        _merge_of(4)
        _function("whole", 1, _sha256)
        _function("digits", 1, lambda key: bytes(key).hex())
    for table, comment in _KEYS_BEFORE.items():
        forgotten = table == "tombstones"
        _turn(
            table, comment, to=HEX,
            sqlite="digits(url_key)" if forgotten else "whole(url)",
            postgresql="encode(url_key, 'hex')" if forgotten else "encode(sha256(convert_to(url, 'UTF8')), 'hex')",
        )  # fmt: skip
    if _on_sqlite():
        from monitor.text import fold  # noqa: PLC0415  (the key of a link without an address is its folded title's)

        _function("of_title", 1, lambda title: _sha256(f"title {fold(title)}"))
        _links(numbered=True, key="CASE WHEN url IS NULL THEN of_title(title) ELSE whole(url) END")
        return
    _links(
        numbered=True,
        key="CASE WHEN url IS NULL THEN encode(target_key, 'hex') ELSE encode(sha256(convert_to(url, 'UTF8')), 'hex') END",
    )
    _key_titles()


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _function(name: str, arguments: int, function: Any) -> None:
    connection: Any = op.get_bind().connection.dbapi_connection
    connection.create_function(name, arguments, function, deterministic=True)


def _merge_of(segments: int) -> None:
    op.execute(f"INSERT INTO search_index (search_index, rank) VALUES ('automerge', {segments})")  # noqa: S608


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _turn(table: str, comment: str, *, to: sa.types.TypeEngine[Any], sqlite: str, postgresql: str) -> None:
    before = HEX if to is KEY else KEY
    if _on_sqlite():
        op.execute(f"UPDATE {table} SET url_key = {sqlite}")  # noqa: S608
        with op.batch_alter_table(table) as batch:
            batch.alter_column("url_key", existing_type=before, type_=to, existing_nullable=False)
        return
    op.alter_column(
        table, "url_key", existing_type=before, type_=to, existing_nullable=False, comment=comment,
        postgresql_using=postgresql,
    )  # fmt: skip


def _links(*, numbered: bool, key: str) -> None:
    op.drop_index("ix_links_target", "links")
    op.drop_index("ix_links_target_key", "links")
    op.rename_table("links", "links_before")
    if not _on_sqlite():  # names of constraints are the schema's there
        op.execute("ALTER TABLE links_before RENAME CONSTRAINT pk_links TO pk_links_before")
        op.execute("ALTER TABLE links_before RENAME CONSTRAINT fk_links_article TO fk_links_before_article")
        if not numbered:
            op.execute("ALTER SEQUENCE links_id_seq RENAME TO links_before_id_seq")
    article = sa.ForeignKeyConstraint(
        ["article"], ["articles.id"], name=op.f("fk_links_article"), ondelete="CASCADE"
    )
    hexadecimal = "SHA-256 of url, or of the folded title"
    columns: list[Any] = [
        sa.Column("article", ID, nullable=False, autoincrement=False, comment="articles.id"),
        sa.Column("target_key", HEX if numbered else KEY, nullable=False,
                  comment=hexadecimal if numbered else f"first 16 bytes of the {hexadecimal}"),
        sa.Column("kind", sa.String(length=12), nullable=False, comment="read-also, related, in-text, source"),
        sa.Column("url", sa.Text(), nullable=True, comment="canonical URL; null when the page gave none"),
        sa.Column("title", sa.Text(), nullable=False, comment="anchor text"),
        sa.Column("position", ID, nullable=False, comment="index of the block it stands before or in"),
        sa.Column("target", ID, nullable=True, comment="articles.id once that article is stored"),
    ]  # fmt: skip
    if numbered:
        op.create_table(
            "links",
            sa.Column("id", ID, nullable=False, comment="link number"), *columns, article,
            sa.PrimaryKeyConstraint("id", name=op.f("pk_links")),
            sa.UniqueConstraint("article", "target_key", name=op.f("uq_links_article_target_key")),
            comment="links of articles",
        )  # fmt: skip
    else:
        op.create_table(
            "links", *columns, article,
            sa.PrimaryKeyConstraint("article", "target_key", name=op.f("pk_links")),
            comment="links of articles, one a target", sqlite_with_rowid=False,
        )  # fmt: skip
    taken = _COLUMNS.replace("target_key", key)
    op.execute(f"INSERT INTO links ({_COLUMNS}) SELECT {taken} FROM links_before ORDER BY article, position")  # noqa: S608
    op.drop_table("links_before")
    known = None if numbered else sa.text("target IS NOT NULL")
    op.create_index("ix_links_target", "links", ["target"], sqlite_where=known, postgresql_where=known)
    op.create_index("ix_links_target_key", "links", ["target_key"])


def _key_titles() -> None:
    from monitor.text import fold  # noqa: PLC0415  (as above)

    links = sa.table("links", sa.column("id"), sa.column("url"), sa.column("title"), sa.column("target_key"))
    last = 0
    while True:
        asked = sa.select(links.c.id, links.c.title).where(links.c.url.is_(None), links.c.id > last)
        rows = op.get_bind().execute(asked.order_by(links.c.id).limit(1000)).all()
        if not rows:
            return
        for number, title in rows:
            key = _sha256(f"title {fold(title)}")
            op.get_bind().execute(sa.update(links).where(links.c.id == number).values(target_key=key))
        last = rows[-1][0]
