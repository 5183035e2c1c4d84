"""One input to the cleaner, its answer examined: an Article that keeps its promises, or a StraitwatchError.

The first byte of an input chooses the way in (page, plain text, fetched page with listing, listing alone)
and what is said beside the page (address, Content-Type, source), so that one file is one case.
"""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from monitor.clean import clean, clean_html, clean_text, from_listing
from monitor.clean.links import MOST_LINKS
from monitor.clean.page import MOST_REMOVED
from monitor.dates import FIRST_YEAR, LAST_YEAR
from monitor.errors import Refused, Unreadable
from monitor.model import Article, Block, BlockKind, DateQuality, Link, Listed, Page, PageKind, Published
from monitor.sources import Kind, Side, Source
from monitor.text import count_words, one_line
from monitor.urls import canonical

URLS = (
    "https://news.example/defence/2026/11/24/pier-opens-1234.html",
    "https://news.example/",
    "http://www.harbour.example:8080/world/index.html?id=7#top",
    "https://xinwen.example/c/20261124/1.shtml",
)
TYPES = (None, "text/html", "text/html; charset=GBK", "text/html;charset=big5", "text/plain; charset=utf-8")
SOURCES = (
    None,
    Source(id="harbour", name="Harbour News", home="https://news.example/", side=Side.US, kind=Kind.PRESS, drop=("Subscribe",)),
    Source(id="xinwen", name="新闻网", home="https://xinwen.example/", language="zh-Hans", side=Side.PRC, kind=Kind.STATE_MEDIA, zone="Asia/Shanghai"),
)  # fmt: skip
WAYS = 8  # into the cleaner; most lead to clean_html
FETCHED = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_TAG = re.compile(r"(?:[a-z]{2,3}(?:-[A-Z][a-z]{3})?)?")


class Broken(AssertionError):
    """An answer that does not keep its promises."""


@dataclass(frozen=True, slots=True)
class Case:
    """One input, taken apart."""

    way: int
    url: str
    content_type: str | None
    source: Source | None
    body: bytes


def case(data: bytes) -> Case:
    """The case that data stands for."""
    choice = data[0] if data else 0
    said = choice // WAYS
    url, kind, source = (
        said % len(URLS),
        said // len(URLS) % len(TYPES),
        (choice * 7 + len(data)) % len(SOURCES),
    )
    return Case(choice % WAYS, URLS[url], TYPES[kind], SOURCES[source], data[1:])


def answer(one: Case) -> Article | None:
    """What the cleaner makes of a case; None where it says in words that there is no article."""
    try:
        return _asked(one)
    except (Refused, Unreadable) as error:
        if not str(error) or _CONTROL.search(str(error)):
            raise Broken(f"an error that is no sentence: {error!r}") from error
        return None


def examined(data: bytes, *, twice: bool = True) -> tuple[Article | None, float]:
    """The answer to data, and the CPU seconds it took.

    twice: whether it is asked again.

    Raises:
        Broken: the answer breaks a promise, or a second one differs.
    """
    one = case(data)
    started = time.process_time()
    article = answer(one)
    spent = time.process_time() - started
    if twice and answer(one) != article:
        raise Broken("two answers to one page")
    if article is not None and (found := list(faults(article))):
        raise Broken("; ".join(found))
    return article, spent


def _asked(one: Case) -> Article:
    if one.way == WAYS - 1:
        return clean_text(one.body.decode("utf-8", "surrogateescape"), url=one.url, source=one.source)
    if one.way == WAYS - 2:
        text = one.body.decode("utf-8", "surrogateescape")
        title, _, rest = text.partition("\n")
        said = one_line(rest, 400)  # a listing's words have been cleaned where they came in
        listed = Listed(one.url, one_line(title), said, Published(printed=said[:40]), text=rest)
        if one.content_type is None:
            return from_listing(listed, one.source, why="robots.txt says no")
        page = Page(one.url, one.url, 200, one.body, FETCHED, {"content-type": one.content_type})
        return clean(page, listed, one.source)
    return clean_html(one.body, one.url, source=one.source, content_type=one.content_type)


def faults(article: Article) -> Iterator[str]:
    """Every promise that an article breaks, in words."""
    yield from _faults_of_words(article)
    for n, block in enumerate(article.blocks):
        yield from (f"block {n}: {fault}" for fault in _faults_of_block(block))
    if article.text != "\n".join(block.text for block in article.blocks):
        yield "text is not its blocks"
    if article.words != count_words(article.text):
        yield f"{article.words} words said, {count_words(article.text)} counted"
    if len(article.links) > MOST_LINKS or len(article.removed) > MOST_REMOVED:
        yield f"{len(article.links)} links, {len(article.removed)} removed"
    for link in article.links:
        yield from (f"link {link}: {fault}" for fault in _faults_of_link(link, article))
    urls = [link.url for link in article.links if link.url]
    if len(set(urls)) < len(urls):
        yield "a URL twice"
    if article.lead_image is not None and not _is_canonical(article.lead_image):
        yield f"lead image {article.lead_image!r}"
    yield from _faults_of_date(article)
    if article.kind is PageKind.ARTICLE and not article.words and article.blocks:
        yield "an article without a word"


def _faults_of_words(article: Article) -> Iterator[str]:
    """Control characters and lone surrogates, lines where one is promised, lengths."""
    said = {
        "title": article.title,
        "section": article.section,
        "wire": article.wire,
        "printed": article.published_printed,
        **{f"author {n}": name for n, name in enumerate(article.authors)},
        **{f"label {n}": label for n, label in enumerate(article.labels)},
        **{f"place of {field}": place for field, place in article.provenance.items()},
        **{f"removed {n}": part.text for n, part in enumerate(article.removed)},
    }
    yield from (f"{name} {text!r}" for name, text in said.items() if _CONTROL.search(text))
    yield from (f"author {name!r}" for name in article.authors if not name.strip())
    yield from (f"removed {part}" for part in article.removed if len(part.text) > 200 or not part.rule)
    if len(article.title) > 1_000 or article.title != article.title.strip():
        yield f"title {article.title!r}"
    if not _TAG.fullmatch(article.language):
        yield f"language {article.language!r}"
    if not article.url or not _is_canonical(article.url):
        yield f"address {article.url!r}"


def _faults_of_block(block: Block) -> Iterator[str]:
    lines = block.text.split("\n") if block.kind is BlockKind.TABLE else [block.text]
    if any(not line or line != " ".join(line.split()) or _CONTROL.search(line) for line in lines):
        yield f"{block.kind} {block.text[:200]!r}"
    if (block.kind is BlockKind.HEADING) != (1 <= block.level <= 6):
        yield f"{block.kind} of level {block.level}"


def _faults_of_link(link: Link, article: Article) -> Iterator[str]:
    if link.url is None and not link.title:
        yield "neither URL nor title"
    if link.url is not None and not _is_canonical(link.url):
        yield "not canonical"
    if link.url == article.url:
        yield "to itself"
    if not 0 <= link.position <= len(article.blocks):
        yield f"position in {len(article.blocks)} blocks"
    if len(link.title) > 300 or _CONTROL.search(link.title):
        yield "title"


def _faults_of_date(article: Article) -> Iterator[str]:
    at, quality = article.published, article.published_quality
    if at is None:
        if quality is not DateQuality.MISSING:
            yield f"no date of quality {quality}"
        return
    if at.utcoffset() is None or quality is DateQuality.MISSING or not FIRST_YEAR <= at.year <= LAST_YEAR:
        yield f"published {at!r}, {quality}"


def _is_canonical(url: str) -> bool:
    try:
        return canonical(url) == url
    except ValueError:
        return False
