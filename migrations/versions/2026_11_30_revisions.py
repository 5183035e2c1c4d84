"""Revisions: pages that are asked for again, what came of it, and alerts about edits.

Nothing is owed for the articles that are there already: an archive of years must not be asked for again at once.
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_30_revisions"
down_revision = "2026_11_29_keys"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)

# One column a line.
# fmt: off


def upgrade() -> None:
    """Make the tables; an alert may be about an edit."""
    op.create_table("watches",
    sa.Column("article", ID, autoincrement=False, nullable=False, comment="articles.id"),
    sa.Column("due", TIME, nullable=False, comment="when its page is asked for again (UTC)"),
    sa.Column("tries", ID, nullable=False, comment="times in a row that this brought no answer"),
    sa.Column("failing_since", TIME, nullable=True, comment="when the first of these was (UTC)"),
    sa.Column("why", sa.Text(), nullable=False, comment="what came instead of an answer, in words"),
    sa.ForeignKeyConstraint(["article"], ["articles.id"], name=op.f("fk_watches_article"), ondelete="CASCADE"),
    sa.PrimaryKeyConstraint("article", name=op.f("pk_watches")),
    comment="articles whose page is asked for again, until the last of its times"
    )
    op.create_index(op.f("ix_watches_due"), "watches", ["due"], unique=False)
    op.create_table("rereadings",
    sa.Column("id", ID, nullable=False, comment="number of the re-reading"),
    sa.Column("article", ID, nullable=False, comment="articles.id"),
    sa.Column("at", TIME, nullable=False, comment="UTC"),
    sa.Column("answer", sa.String(length=10), nullable=False, comment="unchanged, edited, kept, withdrawn, back, refused, no answer"),
    sa.Column("why", sa.Text(), nullable=False, comment="the reason in words"),
    sa.ForeignKeyConstraint(["article"], ["articles.id"], name=op.f("fk_rereadings_article"), ondelete="CASCADE"),
    sa.PrimaryKeyConstraint("id", name=op.f("pk_rereadings")),
    comment="what came of asking for articles' pages again"
    )
    op.create_index(op.f("ix_rereadings_article"), "rereadings", ["article"], unique=False)
    op.add_column("alerts", sa.Column("revision", ID, nullable=False, server_default="0", comment="of the edit that is told; 0 = the article itself; -N = that its page was gone at revision N"))
    with op.batch_alter_table("alerts") as alerts:
        alerts.alter_column("revision", existing_type=ID, existing_nullable=False, server_default=None)
        alerts.drop_constraint(op.f("uq_alerts_rule_channel_about"), type_="unique")
        alerts.create_unique_constraint(op.f("uq_alerts_rule_channel_about_revision"), ["rule", "channel", "about", "revision"])


def downgrade() -> None:
    """Forget them, and the alerts about edits."""
    op.execute("DELETE FROM alerts WHERE revision <> 0")
    with op.batch_alter_table("alerts") as alerts:
        alerts.drop_constraint(op.f("uq_alerts_rule_channel_about_revision"), type_="unique")
        alerts.drop_column("revision")
        alerts.create_unique_constraint(op.f("uq_alerts_rule_channel_about"), ["rule", "channel", "about"])
    op.drop_table("rereadings")
    op.drop_table("watches")
