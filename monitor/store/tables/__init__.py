"""The tables. Rows decide nothing and stay in `store` and `query`; each column says what it holds.

The migrations in `migrations/` make these tables; a test compares the two.
"""

from monitor.store.tables.archive import (
    AlertRow,
    ArticleRow,
    FacetRow,
    FingerprintRow,
    LearningRow,
    LinkRow,
    MentionRow,
    MetaRow,
    RecurringRow,
    RereadingRow,
    RevisionRow,
    SavedSearchRow,
    SketchRow,
    TombstoneRow,
    WatchRow,
)
from monitor.store.tables.base import Row
from monitor.store.tables.watching import (
    ChangeRow,
    DraftRow,
    EntryRow,
    FeedRow,
    LeaseRow,
    PageRow,
    PollRow,
    RoundRow,
    SourceRow,
)

__all__ = [
    "AlertRow",
    "ArticleRow",
    "ChangeRow",
    "DraftRow",
    "EntryRow",
    "FacetRow",
    "FeedRow",
    "FingerprintRow",
    "LearningRow",
    "LeaseRow",
    "LinkRow",
    "MentionRow",
    "MetaRow",
    "PageRow",
    "PollRow",
    "RecurringRow",
    "RereadingRow",
    "RevisionRow",
    "RoundRow",
    "Row",
    "SavedSearchRow",
    "SketchRow",
    "SourceRow",
    "TombstoneRow",
    "WatchRow",
]
