"""Tombstones: addresses of articles that were purged, so that they do not come back."""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_28_tombstones"
down_revision = "2026_11_27_views"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# One column a line.
# fmt: off


def upgrade() -> None:
    """Make the table."""
    op.create_table("tombstones",
    sa.Column("url_key", sa.String(length=64), nullable=False, comment="SHA-256 of a canonical URL of the article"),
    sa.Column("article", ID, nullable=False, comment="the number that it had"),
    sa.Column("purged_at", sa.DateTime(timezone=True), nullable=False, comment="when it was purged (UTC)"),
    sa.Column("why", sa.Text(), nullable=False, comment="the reason in words"),
    sa.PrimaryKeyConstraint("url_key", name=op.f("pk_tombstones")),
    comment="addresses of articles that were purged and do not come back"
    )


def downgrade() -> None:
    """Forget them; the entries of purged articles stay refused."""
    op.drop_table("tombstones")
