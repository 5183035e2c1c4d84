"""Views for people who write SQL.

They are made anew behind the last step of every migration, from monitor/store/views.py, and dropped before the first
one: a view must never stand in the way of a table that changes. This step is what brings a database to them.
"""

revision = "2026_11_27_views"
down_revision = "2026_11_26_lean"


def upgrade() -> None:
    """Nothing here: see above."""


def downgrade() -> None:
    """Nothing here: they are gone already."""
