"""docs/query.md as data: its fields, its examples with their counts, its mistakes."""

import re
from pathlib import Path

PAGE = (Path(__file__).parents[1] / "docs" / "query.md").read_text("utf-8")

FIELDS = re.findall(r"^\| `(\w+):` \| (.+) \|$", PAGE, re.MULTILINE)
EXAMPLES = [
    (query, int(count)) for query, count in re.findall(r"^\| `(.+?)` \| .+ \| (\d+) \|$", PAGE, re.MULTILINE)
]
_ANSWERS = PAGE.partition("| query | answer |")[2].partition("\n\n")[0]
MISTAKES = re.findall(r"^\| `(.+?)` \| (.+) \|$", _ANSWERS, re.MULTILINE)
QUERIES = re.findall(r"`([^`\n]+)`", PAGE)
