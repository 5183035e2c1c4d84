"""Sitemaps: news, plain, index, gzip; bounded."""

import gzip
from datetime import UTC, datetime
from time import process_time

import pytest

from monitor.discover import read_listing, sitemap_children
from monitor.errors import Unreadable
from monitor.model import DateQuality, FeedKind, Listing, Page
from monitor.sources import Source

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SOURCE = Source.model_validate(
    {"id": "example", "name": "Example", "home": "https://example.com/", "side": "us", "kind": "press"}
)
HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
URLSET = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">'


def page(body: bytes | str, url: str = "https://example.org/sitemap.xml") -> Page:
    return Page(url, url, 200, body if isinstance(body, bytes) else body.encode(), NOW)


def listing(body: bytes | str) -> Listing:
    return read_listing(page(body), FeedKind.SITEMAP, SOURCE)


def index(*children: str) -> str:
    sitemaps = "".join(f"<sitemap><loc>{child}</loc></sitemap>" for child in children)
    return (
        f'{HEAD}<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{sitemaps}</sitemapindex>'
    )


NEWS = f"""{HEAD}{URLSET}
<url><loc>https://example.org/a</loc><lastmod>2026-11-22</lastmod></url>
<url><loc>https://example.org/b?x=1&amp;y=2</loc><news:news><news:publication><news:name>E</news:name></news:publication>
<news:publication_date>2026-11-23T08:00:00+08:00</news:publication_date><news:title>Ships &amp; men</news:title></news:news></url>
<url><loc>https://elsewhere.net/c</loc></url><url><loc>https://example.com/d</loc></url><url><loc>not an address</loc></url>
</urlset>"""


@pytest.mark.parametrize("packed", [False, True])
def test_a_news_sitemap_gives_titles_and_times(packed: bool) -> None:
    found = listing(gzip.compress(NEWS.encode()) if packed else NEWS)
    urls = [line.url for line in found.lines]
    assert urls == [
        "https://example.org/a",
        "https://example.org/b?x=1&y=2",
        "https://example.com/d",
        "https://example.org/not an address",
    ]
    assert found.lines[1].title == "Ships & men"
    assert found.lines[1].published.quality is DateQuality.FEED
    assert found.lines[0].updated == "2026-11-22"
    assert found.lines[0].published.at is None
    assert not found.capped


def test_x28_addresses_of_other_sites_are_left_out() -> None:
    assert "1 addresses of other sites left out" in listing(NEWS).notes


def test_x28_an_index_gives_its_children_and_never_itself() -> None:
    body = index(
        "https://example.org/news.xml",
        "https://example.org/sitemap.xml",
        "https://other.net/x.xml",
        "/rel.xml",
    )
    assert sitemap_children(page(body)) == ("https://example.org/news.xml", "https://example.org/rel.xml")
    assert listing(body).lines == ()
    assert sitemap_children(page(NEWS)) == ()


def test_x28_a_million_urls_are_bounded() -> None:
    begun = process_time()
    many = "".join(
        f"<url><loc>https://example.org/{n}</loc><lastmod>2026-{1 + n % 9:02}-01</lastmod></url>"
        for n in range(60_000)
    )
    found = listing(f"{HEAD}{URLSET}{many}</urlset>")
    assert len(found.lines) == 2_000
    assert found.capped
    assert all(line.updated == "2026-09-01" for line in found.lines)
    assert process_time() - begun < 8


def test_x28_a_gzip_bomb_is_refused() -> None:
    with pytest.raises(Unreadable, match="sitemap over 50 MB"):
        listing(gzip.compress(bytes(60_000_000), 1))


def test_a_sitemap_that_is_cut_keeps_its_whole_lines_and_no_etag() -> None:
    found = listing(NEWS[: NEWS.index("elsewhere")])
    assert [line.url for line in found.lines][:2] == [
        "https://example.org/a",
        "https://example.org/b?x=1&y=2",
    ]
    assert found.capped
    with pytest.raises(Unreadable, match="cut off"):
        listing(gzip.compress(NEWS.encode())[:-20])


def test_a_list_of_addresses_and_a_feed_are_sitemaps_too() -> None:
    assert len(listing("https://example.org/1\nhttps://example.org/2\n").lines) == 2
    feed = "<rss><channel><item><title>T</title><link>https://example.org/1</link></item></channel></rss>"
    assert listing(feed).lines[0].title == "T"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("<!doctype html><html><title>x</title></html>", "not a sitemap: HTML"),
        ("", "empty body"),
        ("<x/>", "no urlset"),
    ],
)
def test_what_is_no_sitemap_is_called_so(body: str, words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        listing(body)


def test_x02_entities_in_a_sitemap_open_nothing() -> None:
    doctype = '<!DOCTYPE urlset [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    found = listing(f"{HEAD}{doctype}{URLSET}<url><loc>https://example.org/&x;</loc></url></urlset>")
    assert [line.url for line in found.lines] in ([], ["https://example.org/"])
