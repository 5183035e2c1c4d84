"""Saved searches."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_26_saved"
down_revision = "2026_11_25_raw_pages"


def upgrade() -> None:
    """Make their table."""
    op.create_table(
        "saved_searches",
        sa.Column(
            "name", sa.String(length=40), nullable=False, comment="what stands behind @, in lower case"
        ),
        sa.Column("query", sa.Text(), nullable=False, comment="the query as written"),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False, comment="UTC"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_saved_searches")),
        comment="queries with a name, shared by all who ask this database",
    )


def downgrade() -> None:
    """Forget them."""
    op.drop_table("saved_searches")
