"""Authors, sections, linked hosts and edits lead to their articles: a question for one of them reads no whole archive."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "2026_12_05_facets"
down_revision = "2026_12_04_eras"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_AT_ONCE = 1_000

_articles = sa.table("articles", sa.column("id"), sa.column("authors", sa.JSON), sa.column("section"))
_links = sa.table("links", sa.column("article"), sa.column("url"))


def upgrade() -> None:
    """Make the table, and a row for each that is there."""
    op.create_table("facets",
    sa.Column("value", TEXT, nullable=False, comment="a: a word or Chinese character of an author's name, a:* any; s: the section, both folded; h: a linked host, its last label first"),
    sa.Column("article", ID, autoincrement=False, nullable=False, comment="articles.id"),
    sa.PrimaryKeyConstraint("value", "article", name=op.f("pk_facets")),
    comment="authors, sections and linked hosts to the articles that may have them; narrows searches, proves nothing",
    sqlite_with_rowid=False,
    )  # fmt: skip
    revised = sa.text("revision > 1")
    op.create_index("ix_articles_revised", "articles", ["revision"], sqlite_where=revised)
    from sqlalchemy.orm import Session  # noqa: PLC0415

    from monitor.store import facets  # noqa: PLC0415  (by the rule of today)

    session = Session(op.get_bind())
    for articles in _read():
        facets.add_all(session, articles)


def downgrade() -> None:
    """Forget them."""
    op.drop_index("ix_articles_revised", "articles")
    op.drop_table("facets")


def _read() -> Iterator[list[tuple[int, list[str], str, list[str]]]]:
    bind, last = op.get_bind(), 0
    while True:
        asked = sa.select(_articles).where(_articles.c.id > last).order_by(_articles.c.id).limit(_AT_ONCE)
        rows = bind.execute(asked).all()
        if not rows:
            return
        first, last = rows[0].id, rows[-1].id
        links = sa.select(_links).where(_links.c.article.between(first, last), _links.c.url.is_not(None))
        found = bind.execute(links.order_by(_links.c.article)).all()
        hosts: dict[int, list[Any]] = {
            article: [link.url for link in of_one]
            for article, of_one in groupby(found, lambda link: link.article)
        }
        yield [(row.id, row.authors or [], row.section, hosts.get(row.id, [])) for row in rows]
