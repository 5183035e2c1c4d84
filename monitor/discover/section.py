"""Section pages: news listed in HTML, for sites without a feed. Which links are articles, and when from."""

import re
from dataclasses import dataclass, field
from datetime import datetime

from lxml import etree

from monitor import urls
from monitor.discover.charset import decode
from monitor.discover.css import matching
from monitor.discover.feed import LONGEST_TITLE, newest_first
from monitor.discover.plain import one_line
from monitor.discover.times import find_time, read_time
from monitor.errors import Unreadable
from monitor.model import Listed, Listing, Page, Published
from monitor.sources import Section

MOST_LINES = 2_000
MOST_LINKS = 10_000  # looked at in one page
NEAR_LEVELS = 4  # how far up from a link its time may stand
NEAR_TEXT = 600  # characters of text around a link that are searched for a time
LEAST_LATIN = 16  # characters of a headline
LEAST_CHINESE = 6
_CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
FURNITURE = frozenset({"nav", "footer", "form", "select", "noscript", "template"})
_LIST_SEGMENTS = frozenset(
    {"tag", "tags", "topic", "topics", "category", "categories", "author", "authors", "page", "search", "login", "signin",
     "about", "contact", "privacy", "terms", "subscribe", "newsletters", "feed", "rss"}
)  # fmt: skip
_NOT_PAGES = (
    ".jpg",
    ".jpeg",
    ".png",
    ".gif",
    ".webp",
    ".svg",
    ".pdf",
    ".mp4",
    ".mp3",
    ".zip",
    ".xml",
    ".docx",
    ".xlsx",
)


@dataclass(slots=True)
class _Found:
    """One article's links in the page: it often has several, around its picture, title and summary."""

    url: str  # as linked
    title: str = ""
    nodes: list[etree._Element] = field(default_factory=list)


def read_section(page: Page, section: Section | None, zone: str, most: int = MOST_LINES) -> Listing:
    """Return the articles that a section page links to, with the time beside them where one is printed.

    By the section's pattern when it has one; else by shape: same site, a path that looks like an article's, a text
    of a headline's length, outside of menus and footers.

    Raises:
        Unreadable: the page is no HTML, or has no part that the section's selector names.
    """
    root = parsed(page)
    base = base_of(root, page)
    parts = matching(root, section.within) if section and section.within else [root]
    if not parts:
        assert section is not None
        raise Unreadable(f"nothing in the page matches {section.within[:100]}")
    pattern = section.links if section else ""
    found: dict[str, _Found] = {}
    links = [link for part in parts for link in part.iter("a")]
    for link in links[:MOST_LINKS]:
        _note(link, base, page, pattern, found)
    articles = [article for article in found.values() if pattern or headline(article.title)]
    owners = {id(node): article for article in found.values() for node in article.nodes}
    lines = [_line(article, owners, zone, page.fetched_at) for article in articles[:most]]
    notes = [] if lines else ["no links to articles found"]
    if len(articles) > most:
        notes.append(f"{most:,} of {len(articles):,} read")
    if len(links) > MOST_LINKS:
        notes.append(f"{MOST_LINKS:,} of {len(links):,} links looked at")
    capped = len(articles) > most or len(links) > MOST_LINKS
    return Listing(newest_first(lines), _title(root), tuple(notes), capped=capped)


def links_match(pattern: str, url: str) -> bool:
    """Say whether url matches a section's pattern, in which * stands for anything, also for nothing.

    A pattern that begins with http is held against the whole address, one with ? against path and query, any other
    against the path.
    """
    asked = url
    if not pattern.startswith("http"):
        asked = re.sub(r"^https?://[^/]*", "", url) or "/"
        if "?" not in pattern:
            asked = asked.partition("?")[0]
    first, *rest = pattern.split("*")
    if not rest:
        return asked == first
    last = rest.pop()
    if not asked.startswith(first):
        return False
    at = len(first)
    for part in rest:
        at = asked.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return asked.endswith(last) and len(asked) - len(last) >= at


def parsed(page: Page, *, links: bool = True) -> etree._Element:
    """Return the root of an HTML page.

    Raises:
        Unreadable: there is no HTML in it or, unless it may be without, no link.
    """
    text = decode(page.body, page.content_type).replace("\x00", "")
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError) as error:
        raise Unreadable("not a section page: no HTML in it") from error
    if root is None or (links and root.find(".//a") is None):
        raise Unreadable("not a section page: no links in it")
    return root


def base_of(root: etree._Element, page: Page) -> str:
    """Return the address that a page's links are relative to."""
    base = root.find(".//base[@href]")
    try:
        return urls.join(page.final_url, str(base.get("href"))) if base is not None else page.final_url
    except ValueError:
        return page.final_url


def _title(root: etree._Element) -> str:
    title = root.find(".//title")
    return one_line(title.text or "")[:LONGEST_TITLE] if title is not None else ""


def _note(link: etree._Element, base: str, page: Page, pattern: str, found: dict[str, _Found]) -> None:
    try:
        url = urls.join(base, link.get("href", ""))
        known = urls.canonical(url)
    except ValueError:
        return
    if not urls.same_site(url, page.final_url) or known == urls.canonical(page.final_url):
        return
    if pattern:
        if not links_match(pattern, url):
            return
    elif not _article_shaped(known) or any(above.tag in FURNITURE for above in link.iterancestors()):
        return
    article = found.setdefault(known, _Found(url))
    article.nodes.append(link)
    text = one_line("".join(link.itertext())) or one_line(link.get("title", ""))
    # The longest text that can be a headline: a link around picture, title and summary says too much.
    if len(article.title) < len(text) <= 200 or not article.title:
        article.title = text[:LONGEST_TITLE]


def _article_shaped(url: str) -> bool:
    path = re.sub(r"^https?://[^/]*", "", url).partition("?")[0].lower()
    segments = path.strip("/").split("/")
    if (
        path.endswith(_NOT_PAGES)
        or segments[0] in _LIST_SEGMENTS
        or (len(segments) > 1 and segments[-2] in _LIST_SEGMENTS)
    ):
        return False
    return urls.names_article(url) or bool(re.search(r"[?&][^=&]+=\d{3,}", url))


def headline(text: str) -> bool:
    """Say whether a text may be a headline, by its length."""
    return len(_CHINESE.findall(text)) >= LEAST_CHINESE or (len(text) >= LEAST_LATIN and text.count(" ") >= 2)


def _line(article: _Found, owners: dict[int, _Found], zone: str, now: datetime) -> Listed:
    for node in article.nodes:
        published = _time_near(node, article, owners, zone, now)
        if published.at is not None:
            return Listed(article.url, article.title, "", published)
    return Listed(article.url, article.title)


def _time_near(
    node: etree._Element, article: _Found, owners: dict[int, _Found], zone: str, now: datetime
) -> Published:
    """The time in the smallest part around a link that holds no other article."""
    part = node
    for _ in range(NEAR_LEVELS):
        above = part.getparent()
        if above is None or any(owners.get(id(link), article) is not article for link in above.iter("a")):
            break
        part = above
        stamp = next((time for time in part.iter("time") if time.get("datetime")), None)
        if stamp is not None:
            published = read_time(str(stamp.get("datetime")), zone, now)
            if published.at is not None:
                return published
        text = one_line(" ".join(part.itertext()))[: NEAR_TEXT + len(article.title)]
        published = find_time(text.replace(article.title, " ", 1), zone, now)
        if published.at is not None:
            return published
    return Published()
