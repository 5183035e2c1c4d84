"""What a source allows is known of it also when the settings no longer name it."""

import sqlalchemy as sa
from alembic import op

revision = "2026_12_02_rights"
down_revision = "2026_12_01_body_first"


def upgrade() -> None:
    """Add the column; the next round writes what the settings say."""
    op.add_column(
        "sources",
        sa.Column(
            "keep", sa.String(length=8), nullable=False, server_default="full",
            comment="full, excerpt, metadata: what of its texts may be kept and passed on",
        ),
    )  # fmt: skip
    with op.batch_alter_table("sources") as sources:
        sources.alter_column(
            "keep", existing_type=sa.String(length=8), existing_nullable=False, server_default=None
        )


def downgrade() -> None:
    """Forget it."""
    with op.batch_alter_table("sources") as sources:
        sources.drop_column("keep")
