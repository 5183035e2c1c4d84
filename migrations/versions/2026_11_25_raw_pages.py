"""Raw pages: what was asked, and the page whose body is the dictionary of another's."""

import sqlalchemy as sa
import zstandard
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "2026_11_25_raw_pages"
down_revision = "2026_11_24_health"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
BATCH = 100

# One column a line.
# fmt: off


def upgrade() -> None:
    """Add the columns; pages that are there stay as they are, each by itself.

    No foreign key: SQLite could not drop its column again, and to make the table anew would empty what refers to it.
    """
    op.add_column("sources", sa.Column("base", ID, nullable=True, comment="pages.id that its newer pages are compressed with"))
    op.add_column("pages", sa.Column("asked", JSON, nullable=False, server_default="{}", comment="headers that were sent, names in lower case; empty before they were kept"))
    op.add_column("pages", sa.Column("base", ID, nullable=True, comment="pages.id whose body is the dictionary of this one's; with an empty body: the same body"))
    op.create_index(op.f("ix_pages_sha256"), "pages", ["sha256"])


def downgrade() -> None:
    """Give every page its whole body back, then forget the columns."""
    connection = op.get_bind()
    pages = sa.table(
        "pages", sa.column("id", ID), sa.column("base", ID), sa.column("size", ID), sa.column("body", sa.LargeBinary)
    )
    last = 0
    while True:
        asked = sa.select(pages).where(pages.c.base.is_not(None), pages.c.id > last).order_by(pages.c.id).limit(BATCH)
        rows = connection.execute(asked).all()
        if not rows:
            break
        for row in rows:
            whole = zstandard.compress(_body(connection, pages, row))
            connection.execute(sa.update(pages).where(pages.c.id == row.id).values(body=whole, base=None))
            last = row.id
    op.drop_index(op.f("ix_pages_sha256"), "pages")
    op.drop_column("pages", "base")
    op.drop_column("pages", "asked")
    op.drop_column("sources", "base")


def _body(connection: sa.Connection, pages: sa.TableClause, row: sa.Row[tuple[object, ...]]) -> bytes:
    if row.base is None:
        return zstandard.decompress(row.body, max_output_size=row.size)
    base = connection.execute(sa.select(pages).where(pages.c.id == row.base)).one()
    before = _body(connection, pages, base)
    if not row.body:
        return before
    made = zstandard.ZstdCompressionDict(before, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
    return zstandard.ZstdDecompressor(dict_data=made).decompress(row.body, max_output_size=row.size)
