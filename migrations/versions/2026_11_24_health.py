"""Health: what each feed's listings told, the state of each source, changes of it as alerts."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "2026_11_24_health"
down_revision = "2026_11_24_learnt"

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
TIME = sa.DateTime(timezone=True)

# One column a line.
# fmt: off


def _feed_columns() -> list[sa.Column[Any]]:
    return [
    sa.Column('answer', sa.String(length=10), nullable=False, server_default='', comment='its last: news, unchanged, failed, refused'),
    sa.Column('failing_since', TIME, nullable=True, comment='when the failures in a row began (UTC)'),
    sa.Column('whole_at', TIME, nullable=True, comment='when it last answered in full, not with 304 (UTC)'),
    sa.Column('wish', ID, nullable=True, comment='seconds between two polls that it asks for itself'),
    sa.Column('title', sa.Text(), nullable=False, server_default='', comment='its own title, as it is known'),
    sa.Column('host', sa.Text(), nullable=False, server_default='', comment='the host that answers, as it is known'),
    sa.Column('now_title', sa.Text(), nullable=False, server_default='', comment='its title in the last listing'),
    sa.Column('now_host', sa.Text(), nullable=False, server_default='', comment='the host of the last listing'),
    sa.Column('newest_at', TIME, nullable=True, comment='newest time printed in the last listing (UTC)'),
    sa.Column('oldest_at', TIME, nullable=True, comment='oldest time printed in the last listing (UTC)'),
    sa.Column('covers', ID, nullable=True, comment='seconds between these two, where enough lines have a time'),
    sa.Column('fresh_at', TIME, nullable=True, comment='when a line never seen before last came (UTC); of a first poll, the time printed'),
    sa.Column('lines', ID, nullable=False, server_default='0', comment='lines of the last listing'),
    sa.Column('lines_hash', sa.String(length=64), nullable=False, server_default='', comment="changes when the listing's lines change"),
    sa.Column('changed_at', TIME, nullable=True, comment='when they last changed (UTC)'),
    sa.Column('gap_from', TIME, nullable=True, comment='lines may have scrolled away unseen from then (UTC) ...'),
    sa.Column('gap_to', TIME, nullable=True, comment='... to then (UTC); null = nothing is missing'),
    sa.Column('rhythm', JSON, nullable=False, server_default='[]', comment='[day, seconds of the longest pause that ended on it] of the last 60 days with news'),
    ]


def _source_columns() -> list[sa.Column[Any]]:
    return [
    sa.Column('state', sa.String(length=16), nullable=False, server_default='', comment='ok, silent, all-duplicates, gap, zombie, failing, blocked; empty = not yet asked'),
    sa.Column('state_since', TIME, nullable=True, comment='when that state began (UTC)'),
    sa.Column('state_why', sa.Text(), nullable=False, server_default='', comment='the reason in words, as of its last poll'),
    ]


def upgrade() -> None:
    """Add the columns and the table; an alert may be about a change instead of an article."""
    for column in _source_columns():
        op.add_column('sources', column)
    for column in _feed_columns():
        op.add_column('feeds', column)
    # What was published so far is known from what it brought: nobody is called silent on the day of the upgrade.
    op.execute("UPDATE feeds SET fresh_at = brought_at")
    op.add_column('rounds', sa.Column('note', sa.Text(), nullable=False, server_default='', comment='what is to be said of it as a whole'))
    op.create_table('changes',
    sa.Column('id', ID, nullable=False, comment='number of the change'),
    sa.Column('source', sa.String(length=40), nullable=False, comment='sources.id'),
    sa.Column('round', ID, nullable=False, comment='rounds.id that saw it'),
    sa.Column('at', TIME, nullable=False, comment='UTC'),
    sa.Column('before', sa.String(length=16), nullable=False, comment='see sources.state; empty = its first poll'),
    sa.Column('after', sa.String(length=16), nullable=False, comment='see sources.state'),
    sa.Column('why', sa.Text(), nullable=False, comment='the reason in words'),
    sa.ForeignKeyConstraint(['source'], ['sources.id'], name=op.f('fk_changes_source')),
    sa.ForeignKeyConstraint(['round'], ['rounds.id'], name=op.f('fk_changes_round'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_changes')),
    comment="changes of sources' health"
    )
    op.create_index(op.f('ix_changes_round'), 'changes', ['round'], unique=False)
    op.create_index(op.f('ix_changes_source'), 'changes', ['source'], unique=False)
    with op.batch_alter_table('alerts') as alerts:
        alerts.alter_column('about', existing_type=ID, nullable=True)
        alerts.alter_column('article', existing_type=ID, nullable=True)
        alerts.add_column(sa.Column('change', ID, nullable=True, comment='changes.id that is told, instead of an article'))
        alerts.create_foreign_key(op.f('fk_alerts_change'), 'changes', ['change'], ['id'], ondelete='CASCADE')
        alerts.create_unique_constraint(op.f('uq_alerts_channel_change'), ['channel', 'change'])


def downgrade() -> None:
    """Forget the states of health and the alerts about them."""
    op.execute("DELETE FROM alerts WHERE article IS NULL")
    with op.batch_alter_table('alerts') as alerts:
        alerts.drop_constraint(op.f('uq_alerts_channel_change'), type_='unique')
        alerts.drop_constraint(op.f('fk_alerts_change'), type_='foreignkey')
        alerts.drop_column('change')
        alerts.alter_column('article', existing_type=ID, nullable=False)
        alerts.alter_column('about', existing_type=ID, nullable=False)
    op.drop_table('changes')
    op.drop_column('rounds', 'note')
    for table, columns in (('feeds', _feed_columns()), ('sources', _source_columns())):
        for column in columns:
            op.drop_column(table, column.name)
