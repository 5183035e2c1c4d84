"""What the cleaner knows of pages: the data files of this folder, read once and compiled.

`rules.toml` names containers, regions and elements; `lines.toml` lines of text; `readalso.toml` the words
that lead to other articles; `words.toml` what surrounds titles, names and dates.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

LONGEST_NAMES = 500  # characters of a class and an id; callers cut them, for what is remembered here

_HERE = Path(__file__).parent
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_PICTURE = re.compile(r"im(?:g|age)|photo|picture|video|media|gallery|caption|slide", re.IGNORECASE)
_BULLET = r"[•·*▶►»>↓→▸■◆●★▲△▼▽◇○◎※☞\-–—|+#\s]{0,4}"
_END = r"[ :：.!…>»→|\-–—↓▼▲▽\[\]]*"
# Say what a part has or is not, or what an article is filed under; never what it is.
_SAY_NOTHING = frozenset(["elementor-widget"])  # Elementor calls every part of a page a widget
_NOT_NAMES = (
    "has-",
    "is-",
    "no-",
    "not-",
    "with-",
    "hide-",
    "without-",
    "tag-",
    "category-",
    "js-",
    "data-",
    "wp-elements",
    "elementor-widget-text",
    "elementor-widget-theme-post-content",
    "elementor-widget-heading",
    "elementor-widget-icon-list",
    "elementor-widget-wrap",
    "elementor-widget-container",
)


@dataclass(frozen=True, slots=True)
class RegionRule:
    """A kind of page part that is no article, by words in its names."""

    name: str
    words: frozenset[str]
    runs: tuple[str, ...]
    links: str = ""  # kind of the links inside, when they are kept


@dataclass(frozen=True, slots=True)
class LineRule:
    """A kind of line that is no article."""

    name: str
    longest: int
    pattern: re.Pattern[str]
    holds: tuple[str, ...] = ()  # words of which a line must hold one


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything in rules.toml and lines.toml."""

    names: frozenset[str]  # of containers, lower case
    like: re.Pattern[str]
    regions: tuple[RegionRule, ...]
    dropped: frozenset[str]  # element names
    lines: tuple[LineRule, ...]
    standfirsts: re.Pattern[str]


def table(name: str) -> dict[str, Any]:
    """The TOML file of this folder called name, as written."""
    return tomllib.loads((_HERE / name).read_text("utf-8"))


@cache
def rules() -> Rules:
    """The compiled tables."""
    page, lines = table("rules.toml"), table("lines.toml")
    return Rules(
        names=frozenset(name.lower() for name in page["containers"]["names"]),
        like=re.compile(page["containers"]["like"], re.IGNORECASE),
        regions=tuple(
            RegionRule(
                rule["name"],
                frozenset(rule["words"]),
                tuple(f" {run} " for run in rule["runs"]),
                rule.get("links", ""),
            )
            for rule in page["regions"]["rule"]
        ),
        dropped=frozenset(page["tags"]["drop"]),
        lines=tuple(
            LineRule(
                rule["name"], rule["longest"], whole_line(rule["patterns"]), tuple(rule.get("holds", ()))
            )
            for rule in lines["rule"]
        ),
        standfirsts=re.compile(
            rf"(?:[a-z0-9]+[-_]+){{0,4}}(?:{'|'.join(page['standfirst']['names'])})(?:[-_]+(?:text|copy|content|wrapper|p|\d+)){{0,2}}"
        ),
    )


def whole_line(patterns: list[str]) -> re.Pattern[str]:
    """One pattern for lines that match any of patterns from end to end, bullets and closing marks aside."""
    return re.compile(f"{_BULLET}(?:{'|'.join(patterns)}){_END}", re.IGNORECASE)


@cache
def _region_index() -> tuple[dict[str, int], re.Pattern[str], dict[str, int]]:
    """Word -> first rule that has it; all runs as one pattern; run -> first rule."""
    words: dict[str, int] = {}
    runs: dict[str, int] = {}
    for n, rule in enumerate(rules().regions):
        for word in rule.words:
            words.setdefault(word, n)
        for run in rule.runs:
            runs.setdefault(run.strip(), n)
    longest_first = sorted(runs, key=len, reverse=True)
    return words, re.compile(rf"(?= ({'|'.join(map(re.escape, longest_first))}) )"), runs


@lru_cache(maxsize=4096)
def region(names: str) -> RegionRule | None:
    """The rule under which a part with these names (class, id and role, spaced) is no article."""
    by_word, run_pattern, by_run = _region_index()
    for token in names[:LONGEST_NAMES].split():
        if token in _SAY_NOTHING or (token.lower().startswith(_NOT_NAMES) and token not in by_word):
            continue
        words = [word.lower() for word in _WORD.findall(token)]
        found = [by_word[w] for w in (token.lower(), "".join(words), *words) if w in by_word]
        if len(words) > 1:
            found += [by_run[match[1]] for match in run_pattern.finditer(f" {' '.join(words)} ")]
        if found:
            return rules().regions[min(found)]
    return None


@lru_cache(maxsize=4096)
def container(names: str) -> int:
    """How surely a part with these names is an article's body: 2 by name, 1 by likeness, 0 not at all."""
    best = 0
    for token in names[:LONGEST_NAMES].split():
        if token.lower() in rules().names:
            return 2
        if not best and len(token) <= 60 and rules().like.fullmatch(token):
            best = 1
    return best


@lru_cache(maxsize=4096)
def is_standfirst(names: str) -> bool:
    """Whether a part with these names is the sentence between headline and text."""
    for token in names[:LONGEST_NAMES].split():
        if (
            len(token) <= 60
            and not _PICTURE.search(token)
            and rules().standfirsts.fullmatch(_CAPITAL.sub("-", token).lower())
        ):
            return True
    return False


_DECK = re.compile(
    r"(?:[^\W_]+[-_]+)*(?:dek|deck|standfirst|sub-?(?:title|head|heading|headline)|strapline|summary|excerpt)(?:[-_]\w+)?"
)


@lru_cache(maxsize=4096)
def is_deck(names: str) -> bool:
    """Whether a part with these names is a second headline, where it stands in the text; a lead is text there."""
    tokens = (_CAPITAL.sub("-", token).lower() for token in names[:LONGEST_NAMES].split() if len(token) <= 60)
    return any(_DECK.fullmatch(token) for token in tokens)


def line(text: str) -> LineRule | None:
    """The rule under which a line of text is no article."""
    length, lower = len(text), ""
    for rule in rules().lines:
        if length > rule.longest:
            continue
        if rule.holds:
            lower = lower or text.lower()
            if not any(word in lower for word in rule.holds):
                continue
        if rule.pattern.fullmatch(text):
            return rule
    return None
