"""Section pages: which links are articles, and when from."""

from datetime import UTC, datetime
from time import process_time

import pytest

from monitor.discover import read_listing
from monitor.discover.section import links_match
from monitor.errors import Unreadable
from monitor.model import DateQuality, FeedKind, Listing, Page
from monitor.sources import Source

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
URL = "https://www.example.org/defence/"
BODY = """<!doctype html><html><head><title>Defence | Example</title></head><body>
<nav><a href="/2026/11/23/why-we-need-your-support-today">Why we need your support today</a></nav>
<main id="list">
 <article class="card"><a href="/2026/11/23/carrier-leaves-port?utm_source=list"><img src="a.jpg" alt=""></a>
  <h2><a href="/2026/11/23/carrier-leaves-port">Carrier leaves port for the strait</a></h2>
  <time datetime="2026-11-23T08:00:00+08:00">yesterday</time><p>Words about it. <a href="/author/jane-doe-of-the-sea">Jane Doe of the Sea</a></p></article>
 <article class="card"><h2><a href="/2026/11/22/minister-answers-questions">Minister answers 12 questions</a></h2>
  <span>Nov 22, 2026 8:05 AM</span></article>
 <article class="card"><h2><a href="/news/12345678.html">国防部发言人答记者问全文</a></h2></article>
 <a href="/defence/">Defence</a> <a href="/tag/taiwan-strait-and-more">Taiwan strait and more</a>
 <a href="https://elsewhere.net/2026/11/23/somebody-elses-long-headline">Somebody else's long headline</a>
 <a href="/photo/2026/11/23/picture-of-a-ship.jpg">A very large picture of it</a> <a href="javascript:void(0)">x</a>
 <a href="/2026/11/23/short-one-here-now">More</a>
</main><footer><a href="/2026/11/21/terms-of-use-and-more">Terms of use and many more</a></footer></body></html>"""


def listing(body: str | bytes, **section: str) -> Listing:
    source = Source.model_validate(
        {"id": "x", "name": "X", "home": URL, "side": "us", "kind": "press", "zone": "Asia/Taipei",
         "sections": [{"url": URL, **section}]}
    )  # fmt: skip
    raw = body if isinstance(body, bytes) else body.encode()
    return read_listing(
        Page(URL, URL, 200, raw, NOW, {"content-type": "text/html"}), FeedKind.SECTION, source
    )


def test_articles_are_known_by_shape_with_title_and_time() -> None:
    found = listing(BODY)
    assert found.title == "Defence | Example"
    lines = {line.title: line for line in found.lines}
    assert list(lines) == [
        "Carrier leaves port for the strait",
        "Minister answers 12 questions",
        "国防部发言人答记者问全文",
    ]
    carrier, minister, chinese = lines.values()
    assert carrier.published.at is not None
    assert carrier.published.at.isoformat() == "2026-11-23T08:00:00+08:00"
    assert minister.published.at is not None
    assert minister.published.at.astimezone(UTC) == datetime(2026, 11, 22, 0, 5, tzinfo=UTC)
    assert minister.published.quality is DateQuality.ASSUMED_ZONE
    assert chinese.published.at is None
    assert chinese.url == "https://www.example.org/news/12345678.html"


def test_a_pattern_and_a_selector_decide_where_given() -> None:
    assert [line.url for line in listing(BODY, links="/news/*.html").lines] == [
        "https://www.example.org/news/12345678.html"
    ]
    urls = [
        line.url for line in listing(BODY, links="/2026/*", within="footer, main#list > article.card").lines
    ]
    assert len(urls) == 3
    with pytest.raises(Unreadable, match=r"nothing in the page matches div\.gone"):
        listing(BODY, within="div.gone")
    with pytest.raises(Unreadable, match="not understood"):
        listing(BODY, within="a:hover")


@pytest.mark.parametrize(
    ("pattern", "url", "fits"),
    [
        ("/news/*/*.html", "https://example.org/news/2026/a.html", True),
        ("/news/*/*.html", "https://example.org/news/a.html", False),
        ("/news/*", "https://example.org/news/2026/11/a?x=1", True),
        ("/show.aspx?id=*", "https://example.org/show.aspx?id=7", True),
        ("/show.aspx", "https://example.org/show.aspx?id=7", True),
        ("https://news.example.org/*", "https://www.example.org/a", False),
        ("*a*a*", "https://example.org/a", False),
        ("*", "https://example.org/", True),
    ],
)
def test_a_star_stands_for_anything(pattern: str, url: str, fits: bool) -> None:
    assert links_match(pattern, url) is fits


def test_chinese_section_pages_in_gb18030_are_read() -> None:
    body = '<html><meta charset="gb2312"><body><ul><li><a href="./t20261123_123456.html">东部战区组织海空兵力演练</a><span>2026-11-23</span></li></ul>'
    line = listing(body.encode("gb18030")).lines[0]
    assert (line.title, line.url) == (
        "东部战区组织海空兵力演练",
        "https://www.example.org/defence/t20261123_123456.html",
    )
    assert line.published.quality is DateQuality.DATE_ONLY


def test_what_is_no_section_page_is_called_so() -> None:
    for body, words in (
        ("<html><title>Just a moment...</title></html>", "block page"),
        ("words", "no links"),
        ("", "empty"),
    ):
        with pytest.raises(Unreadable, match=words):
            listing(body)
    assert listing('<html><body><a href="/">Home</a></body></html>').notes == ("no links to articles found",)


def test_a_page_of_20000_links_ends_soon() -> None:
    begun = process_time()
    many = "".join(
        f'<p><a href="/2026/11/23/story-{n}-of-the-day">Story number {n} of the day</a> 2026-11-23</p>'
        for n in range(20_000)
    )
    found = listing(f"<html><body><div>{many}</div></body></html>")
    assert len(found.lines) == 2_000
    assert found.capped
    nested = "<div>" * 100_000 + '<a href="/2026/11/23/a-long-slug-here">A long headline here</a>'
    listing_or_not(nested)
    assert process_time() - begun < 10


def listing_or_not(body: str) -> None:
    try:
        listing(body)
    except Unreadable:
        return
