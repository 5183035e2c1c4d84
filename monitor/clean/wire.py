"""The agency that an article is credited to."""

import re
from collections.abc import Iterable
from functools import cache

from monitor.clean.rules import table

_OPENING = 120  # characters in which a dateline stands


_DASHES = ("-", "–", "—", ":", "：")


@cache
def _agencies() -> tuple[re.Pattern[str], re.Pattern[str], tuple[tuple[re.Pattern[str], str], ...]]:
    agencies = table("words.toml")["wire"]["agencies"]
    every = "|".join(form for forms in agencies.values() for form in forms)
    dateline = re.compile(
        rf"^[（(〔【]({every})(?:[\u3400-\u9fff]{{0,6}}?(?:記者|记者)|[\u3400-\u9fff]{{2,20}}\d{{1,2}}日[电電])"
        rf"|^.{{0,60}}?[(（]({every})[)）]\s*[-–—:：]{{0,2}}|^({every})[\u3400-\u9fff]{{1,8}}\d{{1,2}}月\d{{1,2}}日[电電]",
        re.IGNORECASE,
    )
    credit = re.compile(rf"[:：|]\s*({every})(?:[\W_]|$)|^({every})$", re.IGNORECASE)
    names = tuple((re.compile("|".join(forms), re.IGNORECASE), name) for name, forms in agencies.items())
    return dateline, credit, names


def wire(opening: Iterable[str], credited: list[str]) -> str:
    """The agency in the dateline of one of the opening paragraphs or in a source line; "" for none."""
    dateline, credit, _ = _agencies()
    for n, line in enumerate(opening):
        if match := dateline.match(line[:_OPENING]):
            if n and match[2] and not match[0].endswith(_DASHES):
                continue  # "the Associated Press (AP)" is a dateline only where a text begins
            return _name(match[1] or match[2] or match[3])
    for line in credited:
        if match := credit.search(line):
            return _name(match[1] or match[2])
    return ""


def _name(form: str) -> str:
    return next((name for pattern, name in _agencies()[2] if pattern.fullmatch(form)), form)
