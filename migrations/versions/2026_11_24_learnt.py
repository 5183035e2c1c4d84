"""Learnt boilerplate: recurring lines, counted; which of them an article was cleaned with."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "2026_11_24_learnt"
down_revision = "2026_11_24_first"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
TIME = sa.DateTime(timezone=True)

# One column a line.
# fmt: off


def upgrade() -> None:
    """Make the two tables; articles that are there were never counted."""
    op.create_table('learning',
    sa.Column('source', sa.String(length=40), nullable=False, comment='sources.id'),
    sa.Column('articles', ID, nullable=False, comment='articles whose lines were counted'),
    sa.Column('edition', ID, nullable=False, comment='raised when the lines approved by a person change'),
    sa.ForeignKeyConstraint(['source'], ['sources.id'], name=op.f('fk_learning_source')),
    sa.PrimaryKeyConstraint('source', name=op.f('pk_learning')),
    comment='learnt boilerplate: what is counted of each source'
    )
    op.create_table('recurring',
    sa.Column('id', ID, nullable=False, comment='line number'),
    sa.Column('source', sa.String(length=40), nullable=False, comment='sources.id'),
    sa.Column('key', ID, nullable=False, comment='hash of the line, numbers and dates folded'),
    sa.Column('text', sa.Text(), nullable=False, comment='the line as printed last; empty until it has come twice'),
    sa.Column('articles', ID, nullable=False, comment='articles that hold it'),
    sa.Column('head', ID, nullable=False, comment="times among an article's first lines"),
    sa.Column('tail', ID, nullable=False, comment="times among an article's last lines"),
    sa.Column('headings', ID, nullable=False, comment='times that it was a heading'),
    sa.Column('days', ID, nullable=False, comment='bit n is set when an article of a day n (modulo 61) held it'),
    sa.Column('first_at', ID, nullable=False, comment='learning.articles when it came first'),
    sa.Column('last_at', ID, nullable=False, comment='learning.articles when it came last'),
    sa.Column('examples', JSON, nullable=False, comment='the first two articles.id that held it'),
    sa.Column('state', sa.String(length=8), nullable=False, comment='empty, approved, rejected: what a person decided'),
    sa.Column('decided_at', TIME, nullable=True, comment='when that was decided (UTC)'),
    sa.ForeignKeyConstraint(['source'], ['sources.id'], name=op.f('fk_recurring_source')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recurring')),
    sa.UniqueConstraint('source', 'key', name=op.f('uq_recurring_source_key')),
    comment="learnt boilerplate: lines of a source's articles, counted; the ones seen last are kept"
    )
    op.add_column('articles', sa.Column('learnt', ID, nullable=True, comment='learning.edition of the approved lines that it was cleaned with; null = stored before lines were counted'))
    op.add_column('articles', sa.Column('cleaned_at', TIME, nullable=True, comment='when its stored page was cleaned again (UTC); null = never'))


def downgrade() -> None:
    """Forget what was counted and what a person decided of it."""
    op.drop_column('articles', 'cleaned_at')
    op.drop_column('articles', 'learnt')
    op.drop_table('recurring')
    op.drop_table('learning')
