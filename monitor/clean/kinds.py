"""What sort of page this is: an article, a list of them, a teaser, a block page, an empty shell."""

import re
from collections.abc import Sequence
from functools import cache
from urllib.parse import urlsplit

from lxml import etree

from monitor.clean.blocks import Line
from monitor.clean.jsonld import Data, types
from monitor.clean.rules import table
from monitor.model import BlockKind, Removed
from monitor.text import count_words, squeeze

HEADLINE = 25  # characters; menus are shorter
MOST_HEADLINES = 10  # that a page which is no list links to
LINKED_HEADINGS = 4  # from so many on; an article links a subheading or two
TEASER = 60  # words under a headline; a section of an article has more
LEAD = 32  # words above the first headline; a list introduces itself in fewer
PARAGRAPH = 25  # words; a list introduces itself in fewer at a time
SHORT = 60  # words; a block page or shell has no more prose than this
MOST_OF_BLOCK_PAGE = 100_000  # characters of HTML, scripts included, in which it says what it is
_POINTERS = frozenset(["related", "card", "links at the end", "list of the site"])  # rules for other articles
_LIST_TYPES = frozenset(["collectionpage", "searchresultspage", "itemlist"])
_LIST_PATH = re.compile(
    r"/(?:tag|tags|category|categories|topic|topics|author|search|archive|archives|section|page)(?:/|$)|[?&](?:s|q|search|keyword)=",
    re.IGNORECASE,
)


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    kinds = table("words.toml")["kinds"]
    return {
        "block": re.compile(f"(?:{'|'.join(kinds['block'])})", re.IGNORECASE),
        "block_text": re.compile("|".join(map(re.escape, kinds["block_text"])), re.IGNORECASE),
        "gone": re.compile(f"(?:{'|'.join(kinds['gone'])})", re.IGNORECASE),
        "teaser": re.compile(f"(?:{'|'.join(kinds['teaser'])})", re.IGNORECASE),
    }


def is_block_page(root: etree._Element, html: str, headline: str, words: int) -> bool:
    """Whether the page asks who we are instead of showing anything. An article that quotes the words is none."""
    if words > 150:
        return False
    titles = [headline, *(squeeze("".join(t.itertext())) for t in root.iter("title"))]
    parts = [part.strip() for t in titles for part in (t, re.split(r"\s[|–—-]\s", t)[0])]
    if any(_patterns()["block"].fullmatch(part) for part in parts if part):
        return True
    if words > SHORT:
        return False
    if _patterns()["block_text"].search(html[:MOST_OF_BLOCK_PAGE]) is None:
        return False
    return count_words(squeeze(" ".join(root.itertext()))[:4_000]) < 400


def is_missing(headline: str, words: int) -> bool:
    """Whether the page only says that there is no such page."""
    return words <= 2 * SHORT and _patterns()["gone"].fullmatch(headline) is not None


def is_teaser(lines: Sequence[Line], removed: Sequence[Removed], data: Data, words: int) -> bool:
    """Whether the text is the beginning of an article that is paid for.

    `isAccessibleForFree: false` alone is no proof: many sites state it and print the whole text.
    """
    texts = [*(line.text for line in lines[-4:]), *(part.text for part in removed)]
    asks = any(_patterns()["teaser"].fullmatch(text[:200]) for text in texts)
    asks = asks or any(part.rule == "withheld" for part in removed)
    paid = any(
        str(value).lower() in ("false", "http://schema.org/false") for value in data.ld("isAccessibleForFree")
    )
    paid = paid or any(str(n.get("isAccessibleForFree")).lower() == "false" for n in data.articles)
    return (asks and words < 400) or (paid and words < 150)


def is_list_page(
    lines: Sequence[Line], removed: Sequence[Removed], data: Data, url: str, all_links: int
) -> bool:
    """Whether the page lists articles: hardly any running text beside links, or it says so itself."""
    if headlines_with_teasers(lines):
        return True  # whatever it calls itself
    says_article = bool(data.articles) or data.first("og:type").lower() == "article"
    pointed = sum(part.rule in _POINTERS for part in removed)
    if pointed >= MOST_HEADLINES and not says_article and _says_little(lines):
        return True
    list_path = bool(_LIST_PATH.search(url)) if url else False
    if says_article and not list_path:
        return False
    path = urlsplit(url).path if url else ""
    prose = [ln for ln in lines if ln.kind in (BlockKind.PARAGRAPH, BlockKind.QUOTATION) and not ln.is_link]
    words = sum(count_words(line.text) for line in prose)
    longest = max((count_words(line.text) for line in prose), default=0)
    says_list = (
        any(types(node) & _LIST_TYPES for node in data.articles) or data.first("og:type").lower() == "website"
    )
    home = path in ("", "/") or (path.endswith("/") and path.count("/") <= 2)
    linked = sum(line.is_link for line in lines)
    teasers = linked >= 5 and linked >= 0.4 * len(lines)
    if path in ("", "/") and url:
        return all_links > 15 and (words < 250 or teasers)
    if teasers and words < 60 * linked and (home or list_path or says_list or longest < 60):
        return True
    return (
        all_links > 20
        and (words < SHORT or longest < PARAGRAPH)
        and words < 20 * max(1, all_links)
        and (home or list_path)
    )


def _says_little(lines: Sequence[Line]) -> bool:
    """Whether what is left beside links is less than a brief: no paragraph of some length."""
    counts = [count_words(line.text) for line in lines]
    return sum(counts) < SHORT and max(counts, default=0) < PARAGRAPH


def headlines_with_teasers(lines: Sequence[Line]) -> bool:
    """Whether headings that are links carry the page, with no more than a teaser under each."""
    found = [n for n, line in enumerate(lines) if line.kind is BlockKind.HEADING and line.is_link]
    heads = len(found)
    if heads < LINKED_HEADINGS or sum(count_words(line.text) for line in lines[: found[0]]) >= LEAD:
        return False
    prose = [count_words(line.text) for line in lines if line.kind is not BlockKind.HEADING]
    return sum(prose) < TEASER * heads and max(prose, default=0) < 2 * TEASER


def is_all_headlines(root: etree._Element, data: Data) -> bool:
    """Whether a page without any text of its own consists of links with the words of headlines."""
    if data.articles:
        return False
    headlines = (link for link in root.iter("a") if HEADLINE <= len("".join(link.itertext()).strip()) <= 200)
    return sum(1 for _ in headlines) >= MOST_HEADLINES
