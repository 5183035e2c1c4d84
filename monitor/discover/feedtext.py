"""A feed's bytes made safe for a parser: text without traps, at most so many items, each of bounded length.

feedparser loses a whole feed over one `&#xD83D;`, grows evenly with 100,000 items and needs 15 s for 10 MB of `<b>`.
All of that is met here, on the text, in time that grows evenly with its length.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from html.entities import html5

from monitor.discover.times import read_time

MOST_ITEMS = 2_000
MOST_TAGS_OF_ITEM = 3_000
MOST_TAGS = 300_000  # of all items, CDATA left out: a feed of 2,000 items has some 50,000, and a parser needs 8 s a million
LONGEST_TITLE = 2_000  # characters of markup; cut to 1,000 of text later
LONGEST_FIELD = 100_000
LONGEST_CONTENT = 250_000
LONGEST_ITEM = 600_000
LONGEST_HEAD = 200_000

_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]{0,30}:)?(rss|feed|RDF|channel)(?=[\s>/])", re.IGNORECASE)
_ROOT_WITHIN = 50_000  # characters: junk before it is junk, not the feed
_ITEM = re.compile(r"<(?:(?:rss|atom|a):)?(item|entry)(?=[\s>])", re.IGNORECASE)
_REFERENCE = re.compile(r"&(?:#([xX][0-9A-Fa-f]+|[0-9]+);?|([A-Za-z][A-Za-z0-9]{0,31});)?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_BAD_BASE = re.compile(
    r"""\sxml:base\s*=\s*(?:"(?!https?://[\w.-]+[/"])[^"]{0,2000}"|'(?!https?://[\w.-]+[/'])[^']{0,2000}')"""
)
_ENTITY = re.compile(r"<!ENTITY\s{1,50}(?:%\s{1,50})?([A-Za-z_][\w.-]{0,31})", re.IGNORECASE)
_XML_NAMES = frozenset({"lt", "gt", "amp", "quot", "apos"})
_DATE = re.compile(
    r"<(?:[\w-]+:)?(?:pubDate|published|updated|date|modified)>\s*(?:<!\[CDATA\[)?\s*([^<\]]{4,100})"
)
_FIELDS = re.compile(
    r"<((?:[\w-]+:)?(?:title|description|summary|content|encoded|body|subtitle|author|name|category))(?=[\s>])[^>]{0,300}>"
)


@dataclass(slots=True)
class FeedText:
    """The text for the parser, and what was found odd about it."""

    text: str
    notes: list[str] = field(default_factory=list)
    cut: bool = False  # items were left out or are incomplete, so the answer is not the whole feed


def has_root(text: str) -> bool:
    """Say whether a feed begins somewhere near the start of text."""
    return bool(_ROOT.search(text, 0, _ROOT_WITHIN))


def safe_feed(text: str, zone: str, now: datetime, most: int = MOST_ITEMS) -> FeedText:
    """Return the feed in text, made safe, with at most so many items. Only for text that has a root."""
    root = _ROOT.search(text, 0, _ROOT_WITHIN)
    assert root is not None
    made = FeedText("")
    before = text[: root.start()]
    declared = frozenset(_ENTITY.findall(before))
    if declared:
        made.notes.append("entity declarations not accepted")
    if re.sub(
        r"<\?[^>]*\?>|<!--.*?-->|<!DOCTYPE.*",
        "",
        before[:5_000].lstrip("\ufeff"),
        flags=re.DOTALL | re.IGNORECASE,
    ).strip():
        made.notes.append("not well-formed: text before the feed")
    rest, cdata = _without_traps(text[root.start() :], declared)
    rest = _one_document(rest, cdata, root.group(0)[1:], made)
    made.text = '<?xml version="1.0" encoding="utf-8"?>' + _BAD_BASE.sub(
        "", _items(rest, cdata, zone, now, made, most)
    )
    return made


def _without_traps(text: str, declared: frozenset[str]) -> tuple[str, str]:
    """The text with every reference harmless, and a shadow of equal length with its CDATA blotted out."""
    clean: list[str] = []
    shadow: list[str] = []
    at = 0
    text = _CONTROL.sub("", text)

    def reference(match: re.Match[str]) -> str:
        return "" if match.group(2) in declared else _reference(match)

    while at < len(text):
        begins = text.find("<![CDATA[", at)
        begins = len(text) if begins < 0 else begins
        outside = _REFERENCE.sub(reference, text[at:begins])
        ends = text.find("]]>", begins)
        ends = len(text) if ends < 0 else ends + 3
        inside = _REFERENCE.sub(_reference_in_cdata, text[begins:ends])
        clean += [outside, inside]
        shadow += [outside, " " * len(inside)]
        at = ends
    return "".join(clean), "".join(shadow)


def _reference(match: re.Match[str]) -> str:
    number, name = match.groups()
    if number:
        return _character(number)
    if not name:
        return "&amp;"  # a bare &, as in R&D
    if name in _XML_NAMES:
        return match.group()
    letters = html5.get(f"{name};")
    return "".join(f"&#{ord(letter)};" for letter in letters) if letters else f"&amp;{name};"


def _reference_in_cdata(match: re.Match[str]) -> str:
    """Within CDATA an & is an &, but what it says may be parsed as HTML later: only numbers can do harm there."""
    return _character(match.group(1)) if match.group(1) else match.group()


def _character(number: str) -> str:
    digits = number.lstrip("xX0") if number[0] in "xX" else number.lstrip("0")
    code = int(digits or "0", 16 if number[0] in "xX" else 10) if len(digits) <= 8 else 0x110000
    if code in (9, 10, 13):
        return " "
    if (
        0x80 <= code < 0xA0
    ):  # Windows' quotes and dashes by their number there, as HTML reads them (13.2.5.80)
        return f"&#{ord(bytes([code]).decode('cp1252', 'replace'))};"
    if code < 32 or code == 0x7F or 0xD800 <= code < 0xE000 or code in (0xFFFE, 0xFFFF) or code > 0x10FFFF:
        return "\N{REPLACEMENT CHARACTER}"
    return f"&#{code};"


def _one_document(text: str, shadow: str, root: str, made: FeedText) -> str:
    """The text to the end of the first feed."""
    end = re.compile(f"</{re.escape(root)}\\s*>", re.IGNORECASE).search(shadow)
    if end is None:
        made.notes.append("cut off before its end")
        made.cut = True
        return text
    if text[end.end() :].strip():
        made.notes.append("not well-formed: text after the feed")
    return text[: end.end()]


def _items(text: str, shadow: str, zone: str, now: datetime, made: FeedText, most: int) -> str:
    """The text with whole items only, the newest of them when they are too many, each of bounded length."""
    starts = [match.start() for match in _ITEM.finditer(shadow, 0, len(text))]
    if not starts:
        return _bounded(text, LONGEST_HEAD)
    word = _ITEM.match(shadow, starts[0])
    assert word is not None
    closing = re.compile(f"</{re.escape(word.group(0)[1:])}\\s*>", re.IGNORECASE)
    items: list[str] = []
    tail = ""
    for start, following in zip(starts, [*starts[1:], len(text)], strict=True):
        end = closing.search(shadow, start, following)
        if end is not None:
            items.append(text[start : end.end()])
            tail = text[end.end() :] if following == len(text) else ""
    if len(items) < len(starts):
        made.notes.append(f"{len(starts) - len(items):,} incomplete items left out")
        made.cut = True
    first = max(0, len(items) - most) if _oldest_first(items, zone, now) else 0
    kept = _readable(items[first : first + most], made)
    if len(kept) < len(items):
        made.notes.append(f"{len(kept):,} of {len(starts):,} read")
        made.cut = True
    head = _bounded(text[: starts[0]], LONGEST_HEAD) or _bare_head(text, made)
    return head + "".join(kept) + tail


def _readable(items: list[str], made: FeedText) -> list[str]:
    """The items that a parser can be given, their long fields cut."""
    kept: list[str] = []
    total, cut = 0, False
    for item in items:
        bounded = item if len(item) <= LONGEST_FIELD else _bounded(item, LONGEST_ITEM)
        tags = _tags(bounded)
        cut = cut or len(bounded) < len(item)
        if bounded and tags <= MOST_TAGS_OF_ITEM and total + tags <= MOST_TAGS:
            kept.append(bounded)
            total += tags
    if cut:
        made.notes.append("long texts cut")
    return kept


def _tags(item: str) -> int:
    """How many tags a parser will see: those in CDATA are text to it."""
    before, *rest = item.split("<![CDATA[")
    return before.count("<") + sum(part.partition("]]>")[2].count("<") for part in rest)


def _bare_head(text: str, made: FeedText) -> str:
    """The feed's own tag alone, where what stands before the first item is too long to be of use."""
    made.notes.append("long texts cut")
    opening = re.match(r"<[^>]{1,5000}>", text)
    own = opening.group() if opening else "<rss>"
    return own + "<channel>" if own[1:4].lower() == "rss" else own


def _oldest_first(items: list[str], zone: str, now: datetime) -> bool:
    if not items:
        return False
    ends = [_DATE.search(item[:20_000]) for item in (items[0], items[-1])]
    times = [read_time(end.group(1), zone, now).at for end in ends if end]
    return len(times) == 2 and times[0] is not None and times[1] is not None and times[0] < times[1]


def _bounded(piece: str, longest: int) -> str:
    """The piece with its long fields cut; nothing of it when it is longer still."""
    if len(piece) <= LONGEST_TITLE:
        return piece
    kept: list[str] = []
    at = 0
    while opening := _FIELDS.search(piece, at):
        closing = piece.find(f"</{opening.group(1)}", opening.end())
        if closing < 0:
            break
        inner = piece[opening.end() : closing]
        kept += [piece[at : opening.end()], _cut(inner, _most(opening.group(1)))]
        at = closing
    whole = "".join([*kept, piece[at:]])
    return whole if len(whole) <= longest else ""


def _most(name: str) -> int:
    local = name.rpartition(":")[2]
    if local in ("content", "encoded", "body"):
        return LONGEST_CONTENT
    return LONGEST_FIELD if local in ("description", "summary") else LONGEST_TITLE


def _cut(inner: str, most: int) -> str:
    if len(inner) <= most:
        return inner
    if inner.lstrip().startswith("<![CDATA["):
        return inner[:most].replace("]]>", "") + "]]>"
    if "<" in inner:  # markup that is not escaped: a piece of it would not be well-formed
        inner = re.sub(r"<[^>]*>?", " ", inner)
    short = inner[:most]
    return short[: short.rfind("&")] if "&" in short[-40:] and ";" not in short[short.rfind("&") :] else short
