"""Listings on real sites: sitemaps that lead on and on, section pages that reorder and back-date."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from monitor import listings
from monitor.config import load_settings
from monitor.desk import Desk, fetcher_of, open_desk
from monitor.errors import Refused
from monitor.fetch import Fetcher, FetchLimits
from monitor.model import FeedKind, Listing
from monitor.sources import Kind, Side, Source
from monitor.store.database import reading
from monitor.store.tables import EntryRow, FeedRow, PollRow
from tests.site import Answer, Request, Site
from tests.test_pipeline import LINES, collect, feed, outcomes, page

SPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
SOURCE = """
id = "a"
name = "A"
home = "{home}"
side = "us"
kind = "press"
{listing}
"""


def index(*children: str) -> Answer:
    inner = "".join(f"<sitemap><loc>{child}</loc></sitemap>" for child in children)
    return Answer(200, f"<sitemapindex {SPACE}>{inner}</sitemapindex>".encode())


def urlset(*paths: str) -> Answer:
    inner = "".join(f"<url><loc>{path}</loc></url>" for path in paths)
    return Answer(200, f"<urlset {SPACE}>{inner}</urlset>".encode())


def read(site: Site, path: str) -> Listing:
    source = Source(id="a", name="A", home=site.url("/"), side=Side.US, kind=Kind.PRESS, gap_seconds=0)
    with Fetcher(FetchLimits(gap_seconds=0, allow_private=frozenset({"127.0.0.1"}))) as fetcher:
        asked = listings.fetch(fetcher, source, FeedKind.SITEMAP, site.url(path))
        return listings.read(fetcher, source, FeedKind.SITEMAP, asked)


def test_x28_indexes_that_name_each_other_are_each_asked_once() -> None:
    with Site({"/i.xml": index("/i.xml", "/j.xml"), "/j.xml": index("/i.xml", "/j.xml", "/k.xml"),
               "/k.xml": urlset("/news/1")}) as site:  # fmt: skip
        found = read(site, "/i.xml")
        assert [line.url for line in found.lines] == [site.url("/news/1")]
        assert site.paths == ["/robots.txt", "/i.xml", "/j.xml", "/k.xml"]
        assert found.capped  # an index is asked whole each time


def test_x28_an_index_ten_levels_deep_is_followed_for_three() -> None:
    levels = {f"/{n}.xml": index(f"/{n + 1}.xml", f"/news-{n}.xml") for n in range(10)}
    with Site(levels | {f"/news-{n}.xml": urlset(f"/news/{n}") for n in range(10)}) as site:
        found = read(site, "/0.xml")
        assert [line.url[-6:] for line in found.lines] == ["news/0", "news/1", "news/2"]
        assert found.notes == (f"sitemap {site.url('/3.xml')}: an index 3 levels down is not followed",)


def test_x28_of_an_index_of_1000_sitemaps_50_are_asked_from_both_ends() -> None:
    with Site({"/i.xml": index(*(f"/s{n}.xml" for n in range(1_000)))}) as site:
        site.routes |= {f"/s{n}.xml": urlset(f"/news/{n}") for n in range(1_000)}
        found = read(site, "/i.xml")
        numbers = sorted(int(line.url.rpartition("/")[2]) for line in found.lines)
        assert numbers == [*range(25), *range(975, 1_000)]  # no time says which of them are the newest
        assert found.notes == ("50 of 1000 sitemaps read",)


def test_x28_an_endless_line_of_sitemaps_ends() -> None:
    def more(request: Request) -> Answer:
        name = request.path.removesuffix(".xml")
        return index(f"{name}a.xml", f"{name}b.xml", f"{name}c.xml")

    with Site() as site:
        site.routes = {}

        class Endless(dict[str, object]):
            def get(self, path: str, default: object = None) -> object:
                return more if path.endswith(".xml") else default

        site.routes = Endless()  # type: ignore[assignment]
        found = read(site, "/s.xml")
        assert found.lines == ()
        assert len(site.paths) == 2 + 3 + 9 + 27  # robots.txt, the index, and three levels


def test_x28_a_sitemap_without_times_is_read_from_both_ends() -> None:
    with Site({"/s.xml": urlset(*(f"/news/{n}" for n in range(5_000)))}) as site:
        found = read(site, "/s.xml")
        numbers = [int(line.url.rpartition("/")[2]) for line in found.lines]
        assert numbers == [*range(1_000), *range(4_000, 5_000)]
        assert found.capped
        assert found.notes == ("2,000 of 5,000 read",)


# ----------------------------------------------------------------------------------- section pages


@pytest.fixture(autouse=True)
def _database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRAITWATCH_DATABASE__URL", database_url)


def section(*items: tuple[str, str]) -> Answer:
    """A section page of (path, day printed) in this order."""
    rows = "".join(
        f'<li><a href="{path}">The story of the day about {path[6:]}</a> <span>{day}</span></li>'
        for path, day in items
    )
    return Answer(200, f"<!doctype html><html><body><main><ul>{rows}</ul></main></body></html>".encode())


def watched(folder: Path, site: Site, use: Callable[[Desk], None]) -> None:
    (folder / "sources").mkdir()
    listing = f'[[sections]]\nurl = "{site.url("/defence/")}"\nlinks = "/news/*"'
    (folder / "sources" / "a.toml").write_text(SOURCE.format(home=site.url("/"), listing=listing), "utf-8")
    (folder / "straitwatch.toml").write_text(
        'data = "."\n[fetch]\ngap_seconds = 0\nallow_private = ["127.0.0.1"]\n', "utf-8"
    )
    with open_desk(load_settings(folder / "straitwatch.toml")) as desk:
        use(desk)


def test_x25_a_listing_that_back_dates_reorders_and_pins_loses_nothing(tmp_path: Path) -> None:
    sticky = ("/news/pinned", "2019-05-01")
    editions = [
        [sticky, ("/news/b", "2026-11-23"), ("/news/a", "2026-11-22")],
        # the new one is dated three years back, and stands last, below what was there before
        [sticky, ("/news/a", "2026-11-22"), ("/news/b", "2026-11-23"), ("/news/c", "2023-02-01")],
        # everything re-dated to today, the order turned, one more without a day in the middle
        [("/news/c", "2026-11-24"), ("/news/d", ""), ("/news/a", "2026-11-24"), ("/news/b", "2026-11-24"), sticky],
    ]  # fmt: skip
    with Site() as site:
        for name in ("pinned", "a", "b", "c", "d"):
            lines = [f"{line} It was told of {name}." for line in LINES]
            site.routes[f"/news/{name}"] = Answer(200, page(f"The PLA and {name}", *lines))

        def rounds(desk: Desk) -> None:
            for edition, seen in zip(editions, ("pinned b a", "c", "d"), strict=True):
                site.routes["/defence/"] = section(*edition)
                before = len(site.paths)
                collect(desk)
                asked = {path.removeprefix("/news/") for path in site.paths[before:] if "/news/" in path}
                assert asked == set(seen.split())  # new is what was not seen before, whatever its date
            with reading(desk.database) as session:
                assert set(outcomes(session)) == {"pinned", "a", "b", "c", "d"}
                news = session.scalars(
                    select(EntryRow.address).where(EntryRow.first_poll.is_(False)).order_by(EntryRow.id)
                )
                assert [address[-1] for address in news] == ["c", "d"]
                assert session.scalars(select(PollRow.new).order_by(PollRow.id)).all() == [3, 1, 1]

        watched(tmp_path, site, rounds)


def test_x25_a_section_page_with_a_cap_keeps_no_etag(tmp_path: Path) -> None:
    many = [(f"/news/{n}", "2026-11-23") for n in range(2_100)]
    with Site() as site:
        listing = section(*many)
        site.routes["/defence/"] = Answer(200, listing.body, {"ETag": '"1"'})

        def poll(desk: Desk) -> None:
            from monitor import pipeline
            from monitor.desk import round_of_work

            with round_of_work(desk) as work:
                pipeline.poll(desk, work, pipeline.due_feeds(desk))
            with reading(desk.database) as session:
                feed = session.scalars(select(FeedRow)).one()
                assert (feed.etag, feed.body_hash) == ("", "")
                assert session.scalars(select(PollRow.why)).one() == "2,000 of 2,100 read"

        watched(tmp_path, site, poll)


def test_x08_the_bounds_of_listings_are_settings(tmp_path: Path) -> None:
    """Each as small as it goes: what is left out is told, and the listing is asked whole the next time."""
    rows = [f"/story-{number}" for number in range(12)]
    bounds = "[fetch]\nlines_per_listing = 10\nsitemaps_per_index = 1\nsitemap_depth = 1\nredirects = 0\nfeed_mb = 0.02\n"
    (tmp_path / "straitwatch.toml").write_text(
        bounds + 'allow_private = ["127.0.0.1"]\ngap_seconds = 0\n', "utf-8"
    )
    settings = load_settings(tmp_path / "straitwatch.toml")
    routes = {
        "/feed": feed(*rows),
        "/index.xml": index("/one.xml", "/two.xml"),
        "/one.xml": index("/deeper.xml"),
        "/far": Answer(302, b"", {"Location": "/feed"}),
        "/heavy": Answer(200, b"<rss>" + b" " * 30_000 + b"</rss>"),
    }
    with Site(routes) as site, fetcher_of(settings) as fetcher:
        source = Source(id="a", name="a", home=site.url("/"), side=Side.US, kind=Kind.PRESS)

        def listing(kind: FeedKind, path: str) -> Listing:
            return listings.read(fetcher, source, kind, listings.fetch(fetcher, source, kind, site.url(path)))

        short = listing(FeedKind.FEED, "/feed")
        assert (len(short.lines), short.capped, short.notes) == (10, True, ("10 of 12 read",))
        below = listing(FeedKind.SITEMAP, "/index.xml")
        assert below.notes == (
            "1 of 2 sitemaps read",
            f"sitemap {site.url('/one.xml')}: an index 1 levels down is not followed",
        )
        with pytest.raises(Refused, match="redirects"):
            listing(FeedKind.FEED, "/far")
        with pytest.raises(Refused, match=r"body over 0\.02 MB"):
            listing(FeedKind.FEED, "/heavy")
