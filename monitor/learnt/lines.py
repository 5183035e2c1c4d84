"""Lines and the keys by which they are counted: what differs only in its date or its number is one line."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from hashlib import blake2b

from monitor.model import Article, Block, BlockKind, Link, LinkKind, Removed
from monitor.text import count_words, fold, one_line, squeeze

RULE = "learnt boilerplate"  # what cut a line, as `removed` and `why` say it
EDGE = 4  # lines at either end of a long article; in a shorter one a quarter of its lines
MOST_REMOVED = 200
_LEAST_LETTERS = 2  # a line of fewer says nothing: a page number, a rule of asterisks, a date
_DATE_SIGNS = frozenset("年月日号时点分秒")

_NUMBER = re.compile(r"\d+(?:[.,:/-]\d+)*")
_HAN_NUMBER = re.compile(r"[〇零一二三四五六七八九十百]+(?=[年月日号时点])")
_WEEKDAY = re.compile(r"(?:星期|礼拜|周)[一二三四五六日天](?=\W|0|$)")
_NOT_WORDS = re.compile(r"[\W_]+")
_DATE_WORD = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?"
    r"|thu(?:rs(?:day)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?|st|nd|rd|th|[ap] ?m|[ap] m"
    r"|[ecmp][ds]?t|gmt|utc|hrs|上午|下午)"
)
_DATED = re.compile(rf"\b{_DATE_WORD} ?(?=0)|(?<=0) ?{_DATE_WORD}\b|(?<=0) 0\b")


class Place(StrEnum):
    """Where in its article a line stands."""

    HEAD = "head"
    MIDDLE = "middle"
    TAIL = "tail"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of one article."""

    key: int  # 0 to 2**63 - 1
    text: str
    place: Place
    heading: bool


def folded(text: str) -> str:
    """Return a line as it is compared: words alone, numbers and dates 0, Traditional as Simplified Chinese.

    "Published Nov. 12, 2026 at 9:30 a.m." and "published 3 December 2026 at 14:05" are "published 0 at 0".
    """
    plain = _NUMBER.sub("0", fold(text))
    plain = _WEEKDAY.sub("0", _HAN_NUMBER.sub("0", plain))
    plain = _NOT_WORDS.sub(" ", plain).strip()
    while True:  # each turn takes at least one word away
        shorter = _DATED.sub("", plain)
        if shorter == plain:
            return squeeze(plain)
        plain = shorter


def key_of(text: str) -> int | None:
    """The key of a line; None when it holds no words."""
    plain = folded(text)
    if sum(char.isalpha() and char not in _DATE_SIGNS for char in plain) < _LEAST_LETTERS:
        return None
    # one bit less than the hash has: databases have signed integers of 64 bits
    return int.from_bytes(blake2b(plain.encode(), digest_size=8).digest(), "big") >> 1


def lines_of(blocks: Iterable[Block]) -> tuple[Line, ...]:
    """The lines of an article, each key once, where it stood last. Tables and quotations are nobody's slogan."""
    every = tuple(blocks)
    edge = min(EDGE, max(1, len(every) // 4))
    found: dict[int, Line] = {}
    for at, block in enumerate(every):
        if block.kind in (BlockKind.TABLE, BlockKind.QUOTATION):
            continue
        key = key_of(block.text)
        if key is not None:
            found[key] = Line(key, block.text, _place(at, len(every), edge), block.kind is BlockKind.HEADING)
    return tuple(found.values())


def _place(at: int, of: int, edge: int) -> Place:
    if of > 1 and at >= of - edge:
        return Place.TAIL
    return Place.HEAD if of > 1 and at < edge else Place.MIDDLE


def without(article: Article, keys: Collection[int]) -> Article:
    """Return an article without the lines of these keys, and without the links that stood in them.

    An article that would have no line left stays as it is: nothing is ever emptied.
    """
    if not keys:
        return article
    cut = {at for at, block in enumerate(article.blocks) if _is_cut(block, keys)}
    headless = _headings_of_nothing(article.blocks, cut)
    gone = cut | headless
    if not cut or len(gone) == len(article.blocks):
        return article
    kept = [at for at in range(len(article.blocks)) if at not in gone]
    blocks = tuple(article.blocks[at] for at in kept)
    removed = [
        Removed(RULE if at in cut else "heading without text", one_line(article.blocks[at].text, 200))
        for at in sorted(gone)
    ]
    title = article.title
    if article.provenance.get("title") == "first words":
        title = blocks[0].text[:100]
    return replace(
        article,
        title=title,
        blocks=blocks,
        words=count_words("\n".join(block.text for block in blocks)),
        links=_moved(article.links, gone, kept),
        removed=(*removed, *article.removed)[:MOST_REMOVED],
    )


def _is_cut(block: Block, keys: Collection[int]) -> bool:
    return block.kind is not BlockKind.TABLE and key_of(block.text) in keys


def _headings_of_nothing(blocks: tuple[Block, ...], cut: set[int]) -> set[int]:
    """Headings at the end under which nothing stands any more."""
    found: set[int] = set()
    for at in range(len(blocks) - 1, -1, -1):
        if at in cut:
            continue
        if blocks[at].kind is not BlockKind.HEADING or at == len(blocks) - 1:
            break
        found.add(at)
    return found


def _moved(links: tuple[Link, ...], gone: set[int], kept: list[int]) -> tuple[Link, ...]:
    """Links at the places that their blocks have now."""
    return tuple(
        replace(link, position=sum(1 for at in kept if at < link.position))
        for link in links
        if not (link.kind is LinkKind.IN_TEXT and link.position in gone)
    )
