"""What every format says of itself, and how it writes times and text."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from monitor import __version__

SOFTWARE = f"Straitwatch/{__version__}"
_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class About:
    """What an export is of."""

    query: str  # as written; "" = everything
    made_at: datetime  # UTC
    source: str | None = None
    since: datetime | None = None
    raw: bool = False  # CSV: cells as they are

    @property
    def title(self) -> str:
        """What was asked for, in words."""
        parts = [f"search {self.query}"] if self.query else []
        parts += [f"source {self.source}"] if self.source else []
        parts += [f"since {self.since:%Y-%m-%d}"] if self.since else []
        return ", ".join(parts) or "all articles"


def utc(at: datetime | None) -> str | None:
    """A time as ISO 8601 in UTC: 2026-11-24T09:30:00Z, with the fraction of a second where there is one."""
    return None if at is None else at.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def encodable(text: str) -> str:
    """Text that UTF-8 can hold: a surrogate that stands alone becomes U+FFFD."""
    return text if text.isascii() else _SURROGATES.sub("\ufffd", text)
