"""docs/query.md as data: its fields, its examples with their counts, its mistakes."""

import re
from calendar import monthrange
from datetime import date
from pathlib import Path

WRITTEN = date(2026, 11, 24)  # the day of the demo whose articles the examples count
PAGE = (Path(__file__).parents[1] / "docs" / "query.md").read_text("utf-8")

FIELDS = re.findall(r"^\| `(\w+):` \| (.+) \|$", PAGE, re.MULTILINE)
EXAMPLES = [
    (query, int(count)) for query, count in re.findall(r"^\| `(.+?)` \| .+ \| (\d+) \|$", PAGE, re.MULTILINE)
]
_ANSWERS = PAGE.partition("| query | answer |")[2].partition("\n\n")[0]
MISTAKES = re.findall(r"^\| `(.+?)` \| (.+) \|$", _ANSWERS, re.MULTILINE)
QUERIES = re.findall(r"`([^`\n]+)`", PAGE)


def on(today: date, query: str) -> str:
    """An example with its days as far from a day as they are from the day on which the page was written."""
    whole = re.sub(r":(\d{4})-(\d\d)(?!\d|-)", _days_of_month, query)
    later = today - WRITTEN
    return re.sub(r"\d{4}-\d\d-\d\d", lambda day: str(date.fromisoformat(day[0]) + later), whole)


def _days_of_month(month: re.Match[str]) -> str:
    return f":{month[1]}-{month[2]}-01..{month[1]}-{month[2]}-{monthrange(int(month[1]), int(month[2]))[1]}"
