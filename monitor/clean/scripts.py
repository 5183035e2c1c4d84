"""The text of pages that hold it only for their own scripts: state as JSON, or HTML in a text area.

Looked at only where a page shows next to nothing. What is found there is evidence like any other: it must
carry the page's headline beside it, or go on from the words that the page shows.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from monitor.clean.blocks import Anchor, Line
from monitor.clean.evidence import key
from monitor.clean.survey import Survey
from monitor.model import BlockKind, LinkKind
from monitor.text import squeeze

MOST_CHARACTERS = 4_000_000  # of all scripts together
MOST_NODES = 60_000  # values looked at
DEEPEST = 60
LEAST_SENTENCE = 60  # characters of a bare string in a list of paragraphs
MOST_STATES = 6  # assignments in one script
LEAST = 250  # characters of a string that may be a text
LONGEST_HEADLINE = 400  # characters
MOST_BRACES = 4  # in a text; styles and programs have more
LEAST_LINE = 2  # characters
SUBHEADING = 2  # level of a heading whose own is not said
NEAR = 4  # levels around a text in which its headline may stand
MOST_OF_IT = 0.9  # of the longest text that a narrower one must hold to be taken instead

_TEXTS = (
    "text",
    "value",
    "html",
    "content",
    "children",
    "contents",
    "blocks",
    "paragraphs",
    "body",
    "model",
    "data",
    "items",
    "elements",
    "components",
    "props",
)
_KINDS = ("type", "_type", "kind", "blockType", "nodeType", "__typename", "component", "tag", "name")
_PARAGRAPH = re.compile(
    r"paragraph|^p$|^text$|^rich-?text$|^h[1-6]$|head|quote|^li$|list-?item|^lead$", re.IGNORECASE
)
_NEVER = re.compile(
    r"^ad$|advert|^ads?[-_]|image|picture|photo|video|audio|galler|carousel|embed|related|recirc|recommend|newsletter|promo|teaser|author|byline"
    r"|comment|share|social|caption|figure|aside|nav|footer|button|script|style|form|link-?list|interstitial",
    re.IGNORECASE,
)
_STATE = re.compile(r"(?<![\w$.\]\[\"'])[\w$.\]\[\"']++\s*=\s*(?:JSON\.parse\(\s*(?=[\"'])|(?=[{\[]))")
_POINTER = re.compile(r"interstitial", re.IGNORECASE)
_LIST = re.compile(r"^(?:un)?ordered-?list$|^list$|^[uo]l$", re.IGNORECASE)
_TAGS = re.compile(r"</(?:p|div|h[1-6]|li)>|<br", re.IGNORECASE)

Nodes = tuple[dict[str, Any], ...]  # the objects around a text, from the outside in


@dataclass(slots=True)
class Held:
    """A text that scripts hold."""

    text: list[Line] | str  # lines, or HTML
    facts: dict[str, Any] = field(default_factory=dict)  # what is said around it, in the shape of JSON-LD

    def __len__(self) -> int:
        return len(self.text) if isinstance(self.text, str) else sum(len(line.text) for line in self.text)


def body(seen: Survey, headline: str, shown: Sequence[str]) -> Held | None:
    """Return the longest text that the scripts of a page hold of its article; None for none.

    headline: the page's title. shown: paragraphs that the page shows; the text must hold one of them.
    """
    sure: list[tuple[Held, Nodes]] = []
    likely: list[tuple[Held, Nodes]] = []
    budget = [MOST_NODES]
    wanted, starts = key(headline), [key(paragraph)[:40] for paragraph in shown]
    for state in _states(seen):
        named = not starts and bool(wanted) and _says(state, wanted, [MOST_NODES])
        near: dict[int, set[str]] = {}  # by node: thousands of texts may stand in one
        for nodes, text in _texts(state, (), budget, 0):
            whole = text if isinstance(text, str) else "".join(line.text for line in text)
            if len(whole) < LEAST or whole.count("{") > MOST_BRACES:
                continue
            said = key(whole) if starts else ""
            if any(start in said for start in starts) if starts else _is_near(wanted, nodes, near):
                sure.append((Held(text), nodes))
            elif named:
                likely.append((Held(text), nodes))
    best = sure or likely
    if not best:
        return None
    lengths = [len(held) for held, _ in best]
    least = MOST_OF_IT * max(lengths)
    _, chosen = min((length, n) for n, length in enumerate(lengths) if length >= least)
    held, nodes = best[chosen]
    held.facts = _facts(nodes)
    return held


def _says(value: Any, wanted: str, budget: list[int]) -> bool:
    """Whether a string in value, at any depth, says what is wanted and nothing else."""
    parts: list[Any] = [value]
    while parts and budget[0] > 0:
        budget[0] -= 1
        part = parts.pop()
        if isinstance(part, str):
            if len(part) < LONGEST_HEADLINE and key(part) == wanted:
                return True
        elif isinstance(part, dict):
            parts += part.values()
        elif isinstance(part, list):
            parts += part
    return False


# ---------------------------------------------------------------- scripts to values


def _states(seen: Survey) -> Iterator[Any]:
    """The JSON values in the scripts of a page, and what stands in its text areas, by their names."""
    left = MOST_CHARACTERS
    for script in seen.scripts:
        text = script.text or ""
        if script.get("src") is not None or "ld+json" in (script.get("type") or "").lower():
            continue
        left -= len(text)
        if left < 0:
            return
        if text.lstrip()[:1] in ("{", "["):
            yield _loaded(text)
        else:
            yield from _assigned(text)
    if seen.areas:
        yield {
            area.get("class") or area.get("id") or str(n): area.text or ""
            for n, area in enumerate(seen.areas)
        }


def _loaded(text: str) -> Any:
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _assigned(text: str) -> Iterator[Any]:
    """Values that a script gives to a name: `window.STATE = {...}`, or the same in JSON.parse("...")."""
    decoder = json.JSONDecoder(strict=False)
    at = 0
    for _ in range(MOST_STATES):
        match = _STATE.search(text, at)
        if match is None:
            return
        try:
            value, at = decoder.raw_decode(text, match.end())
        except (ValueError, RecursionError):
            at = match.end() + 1
            continue
        yield _loaded(value) if isinstance(value, str) else value


# ---------------------------------------------------------------- values to texts


def _texts(
    value: Any, around: Nodes, budget: list[int], depth: int
) -> Iterator[tuple[Nodes, list[Line] | str]]:
    """Every text in value, with the objects around it."""
    budget[0] -= 1
    if budget[0] < 0 or depth > DEEPEST:
        return
    if isinstance(value, str) and len(value) >= LEAST:
        plain = [Line(BlockKind.PARAGRAPH, squeeze(part)) for part in value.split("\n") if part.strip()]
        yield around, value if _TAGS.search(value) else plain
    if isinstance(value, list) and len(value) > 1 and (found := list(_lines(value, 0))):
        budget[0] -= len(found)  # a list within lists is read once for each of them
        yield around, found
    if isinstance(value, dict):
        around = (*around[-NEAR + 1 :], value)
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        if isinstance(part, dict | list) or (isinstance(part, str) and len(part) >= LEAST):
            yield from _texts(part, around, budget, depth + 1)


def _is_near(wanted: str, nodes: Nodes, known: dict[int, set[str]]) -> bool:
    """Whether a short string in nodes, folded, is what is wanted."""
    for node in nodes:
        if id(node) not in known:
            short = (v for v in node.values() if isinstance(v, str) and 8 < len(v) < LONGEST_HEADLINE)
            known[id(node)] = {key(v) for v in short}
        if wanted in known[id(node)]:
            return True
    return False


def _facts(nodes: Nodes) -> dict[str, Any]:
    """Who wrote the text, when and where it was published, as the objects around it say, the nearest first."""
    found: dict[str, Any] = {}
    for node in reversed(nodes):
        for name, value in node.items():
            called = _PLAIN.sub("", name.lower()).removeprefix("article")
            if called in _DATES and (at := _time(value)):
                found.setdefault("datePublished", at)
            elif called in _AUTHORS and (names := list(_names(value, 0))):
                found.setdefault("author", [{"@type": "Person", "name": name} for name in names])
            elif called in _SECTIONS and (names := list(_names(value, 0))):
                found.setdefault("articleSection", names[0])
    return found


_PLAIN = re.compile(r"[^a-z]")
_DATES = frozenset(
    [
        "datepublished",
        "publishedat",
        "publishdate",
        "publisheddate",
        "publishtime",
        "publishedtime",
        "firstpublishdate",
        "firstpublished",
        "displaydate",
        "pubdate",
        "pubtime",
        "publicationdate",
        "published",
        "date",
        "time",
        "createdat",
        "ctime",
    ]
)
_AUTHORS = frozenset(
    ["author", "authors", "authorname", "byline", "bylines", "writer", "writers", "creator", "credits"]
)
_SECTIONS = frozenset(
    [
        "section",
        "sectionname",
        "primarysection",
        "category",
        "primarycategory",
        "channel",
        "channelname",
        "nodeinfo",
        "taxonomy",
    ]
)
_NAMES = (
    "name",
    "fullName",
    "displayName",
    "title",
    "label",
    "by",
    "authors",
    "primary_section",
    "primarySection",
)


def _names(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        if 1 < len(value) < LONGEST_HEADLINE:
            yield value
    elif isinstance(value, list):
        for part in value[:12]:
            yield from _names(part, depth + 1)
    elif isinstance(value, dict) and depth < NEAR:
        inner = next((value[name] for name in _NAMES if value.get(name)), None)
        yield from _names(inner, depth + 1)


def _time(value: Any) -> str:
    """A time as it is written, or that of a number of (milli)seconds since 1970 in ISO 8601."""
    if isinstance(value, str) and not value.isdigit():
        return value if any(char.isdigit() for char in value) and len(value) < LONGEST_TIME else ""
    try:
        seconds = float(value)
        at = datetime.fromtimestamp(seconds / 1000 if seconds > LATEST else seconds, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return ""
    return at.isoformat() if at.year > EARLIEST_YEAR else ""


LATEST = 1e11  # seconds since 1970 that are milliseconds
EARLIEST_YEAR = 1995
LONGEST_TIME = 40  # characters


def _lines(value: Any, depth: int) -> Iterator[Line]:
    """The blocks that value describes, in order; nothing for what does not describe blocks."""
    if depth > DEEPEST:
        return
    if isinstance(value, dict):
        yield from _node_lines(value, depth)
    elif isinstance(value, list):
        for part in value:
            if isinstance(part, dict | list):
                yield from _lines(part, depth + 1)
            elif isinstance(part, str) and len(part) > LEAST_SENTENCE:
                yield Line(BlockKind.PARAGRAPH, squeeze(_without_tags(part)))


def _node_lines(node: dict[str, Any], depth: int) -> Iterator[Line]:
    kind = _kind(node)
    if _POINTER.search(kind) and isinstance(node.get("url"), str):
        title = squeeze(_without_tags(_inline(node, 0)))
        yield Line(BlockKind.PARAGRAPH, "", pointers=(LinkKind.READ_ALSO, [Anchor(node["url"], title)]))
        return
    if _LIST.search(kind):
        for part in next(
            (node[name] for name in ("items", "children", "content") if isinstance(node.get(name), list)), []
        ):
            if text := squeeze(_without_tags(_inline(part, 0))):
                yield Line(BlockKind.ITEM, text)
        return
    if _NEVER.search(kind):
        return
    if not _PARAGRAPH.search(kind) or any(_holds_paragraphs(node.get(name)) for name in _TEXTS):
        for name in _TEXTS:
            if isinstance(part := node.get(name), dict | list):
                yield from _lines(part, depth + 1)
        return
    text = squeeze(_without_tags(_inline(node, 0)))
    if len(text) >= LEAST_LINE:
        block = _block_kind(kind)
        yield Line(block, text, SUBHEADING if block is BlockKind.HEADING else 0)


def _holds_paragraphs(value: Any) -> bool:
    parts = value if isinstance(value, list) else [value]
    return any(
        isinstance(part, dict) and _kind(part) != "text" and _PARAGRAPH.search(_kind(part)) for part in parts
    )


def _kind(node: dict[str, Any]) -> str:
    return next((node[name] for name in _KINDS if isinstance(node.get(name), str)), "")


def _block_kind(kind: str) -> BlockKind:
    if re.search(r"^h[1-6]$|head", kind, re.IGNORECASE):
        return BlockKind.HEADING
    if "quote" in kind.lower():
        return BlockKind.QUOTATION
    return BlockKind.ITEM if re.search(r"^li$|list-?item", kind, re.IGNORECASE) else BlockKind.PARAGRAPH


def _inline(value: Any, depth: int) -> str:
    """All the words in value, as they run."""
    if isinstance(value, str):
        return value
    if depth > DEEPEST:
        return ""
    if isinstance(value, list):
        return "".join(_inline(part, depth + 1) for part in value)
    if isinstance(value, dict):
        for name in _TEXTS:
            if value.get(name) and (text := _inline(value[name], depth + 1)):
                return text
    return ""


def _without_tags(text: str) -> str:
    return re.sub(r"<[^<>]{1,500}>", "", text) if "<" in text else text
