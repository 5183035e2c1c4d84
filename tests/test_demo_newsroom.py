"""The demo newsroom over real HTTP: every outlet is whole, and the server does what its format promises."""

import gzip
import socket
import threading
import time
import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import feedparser
import httpx
import pytest
from lxml import etree, html

from monitor.demo.newsroom import FOLDER, Newsroom
from monitor.demo.outlet import Article, Desk, Outlet, english_date
from monitor.errors import Mistake
from monitor.model import FeedKind
from monitor.sources import Source

TODAY = date(2026, 11, 24)
SEED = "/us-china/78233/pentagon-summit-us-and-chinese-officials-convene-for-talks-on-bilateral-relations"
UNBUILT = {"/programs/ocean-science"}  # a link in the text to a page that no visitor of ours opens
SHARED = Path(__file__).parents[2] / "shared" / "pages"
SUN = "southarkansassun.com"
LEDGER = "www.harborledger.example"
DISPATCH = "www.pacificdispatch.example"
MONITOR = "www.straitmonitor.example"
MARITIME = "www.maritimesecurity.example"
OUTLETS = sorted(sheet.parent.name for sheet in FOLDER.glob("*/outlet.toml"))


@pytest.fixture(scope="module")
def running() -> Iterator[Newsroom]:
    with Newsroom(today=TODAY) as newsroom:
        yield newsroom


@pytest.fixture
def newsroom(running: Newsroom) -> Newsroom:
    running.edition = 1
    running.reset()
    return running


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=10) as client:
        yield client


class Visitor:
    """Asks the newsroom as the product does: one address for all, the host in a header."""

    def __init__(self, newsroom: Newsroom, client: httpx.Client) -> None:
        self.newsroom, self.client = newsroom, client

    def get(self, host: str, path: str, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.get(f"http://{self.newsroom.address}{path}", headers={"Host": host} | named)


@pytest.fixture
def visitor(newsroom: Newsroom, client: httpx.Client) -> Visitor:
    return Visitor(newsroom, client)


def outlet_of(newsroom: Newsroom, name: str) -> Outlet:
    return newsroom.desk.outlets[name]


def sources_of(folder: Path) -> list[Source]:
    return [Source.model_validate(tomllib.loads(file.read_text())) for file in folder.glob("source*.toml")]


# --- every outlet -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OUTLETS)
@pytest.mark.parametrize("edition", [1, 2])
def test_every_address_of_an_outlet_is_served_in_its_encoding(
    name: str, edition: int, visitor: Visitor
) -> None:
    visitor.newsroom.edition = edition
    outlet = outlet_of(visitor.newsroom, name)
    faults = outlet.faults(edition)
    for path, thing in outlet.addresses(edition).items():
        if path in faults:
            continue
        answer = visitor.get(outlet.host, path)
        assert answer.status_code == 200, path
        assert ("charset=" in answer.headers["Content-Type"]) == outlet.sheet.charset_in_header
        text = answer.content.decode(outlet.sheet.encoding)
        tree = html.fromstring(text.partition("?>")[2] if text.startswith("<?xml") else text)
        if isinstance(thing, Article):
            printed = " ".join(tree.text_content().split())
            assert " ".join(thing.title.split()) in printed, path
            assert "<p" not in printed, path  # a tag that a template escaped


@pytest.mark.parametrize("name", OUTLETS)
def test_an_outlet_has_its_parts(name: str) -> None:
    folder = FOLDER / name
    outlet = Desk(FOLDER, TODAY).outlets[name]
    assert outlet.host.endswith(".example") or outlet.host == SUN
    assert sources_of(folder), "source.toml is missing"
    assert len(outlet.forms) >= 5
    assert outlet.sheet.listing
    assert (folder / outlet.sheet.template).is_file() or any(
        a.front.template for f in outlet.forms.values() for a in f
    )
    paths = [forms[0].path for forms in outlet.forms.values()]
    assert len(set(paths)) == len(paths)
    for forms in outlet.forms.values():
        assert len({article.path for article in forms}) == 1, "an edited article keeps its address"
        assert forms[0].front.template or 80 <= forms[0].words <= 500, forms[0].slug
        assert not forms[0].front.listed or forms[0].front.summary, forms[0].slug


@pytest.mark.parametrize("name", OUTLETS)
def test_an_outlets_source_points_to_what_it_serves(name: str, visitor: Visitor) -> None:
    for source in sources_of(FOLDER / name):
        listings = source.listings()
        assert listings
        for kind, url in listings:
            asked = httpx.URL(url)
            answer = visitor.get(asked.host, asked.raw_path.decode())
            assert answer.status_code == 200, url
            links = listed_links(kind, answer.content)
            assert len(links) >= 1, url
            if kind is not FeedKind.SECTION:
                for link in links:
                    page = httpx.URL(link)
                    assert page.scheme == "http"
                    assert visitor.get(page.host, page.raw_path.decode()).status_code == 200, link


def listed_links(kind: FeedKind, body: bytes) -> list[str]:
    if kind is FeedKind.FEED:
        feed = feedparser.parse(body)
        assert feed.version
        assert not feed.bozo, feed.bozo_exception
        return [entry.link for entry in feed.entries]
    if kind is FeedKind.SITEMAP:
        places = etree.fromstring(body).findall(".//{*}loc")
        return [place.text or "" for place in places if "image" not in str(place.tag)]
    return [str(link) for link in html.fromstring(body).xpath("//a/@href")]


@pytest.mark.parametrize("name", OUTLETS)
def test_nothing_is_dated_in_the_future(name: str) -> None:
    midnight = datetime.combine(TODAY, datetime.min.time(), UTC)
    for forms in Desk(FOLDER, TODAY).outlets[name].forms.values():
        for article in forms:
            assert article.published <= article.updated
            assert article.updated <= midnight, article.slug


def test_the_newsroom_is_large_and_varied_enough() -> None:
    desk = Desk(FOLDER, TODAY)
    stories = [forms for outlet in desk.outlets.values() for forms in outlet.forms.values()]
    templates = {listing.template for outlet in desk.outlets.values() for listing in outlet.sheet.listing}
    sources = [source for name in desk.outlets for source in sources_of(FOLDER / name)]
    assert len(desk.outlets) >= 9
    assert len(stories) >= 70
    assert sum(forms[0].edition == 2 for forms in stories) >= 8
    assert sum(len(forms) > 1 for forms in stories) >= 1
    assert {
        f"_shared/{kind}" for kind in ("rss20.xml", "rss10.rdf", "atom.xml", "news-sitemap.xml")
    } <= templates
    assert len({source.id for source in sources}) == len(sources)
    assert any(source.sections for source in sources)


# --- the seed page, wire copies, links --------------------------------------------------------------------------


def squeezed(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def test_the_seed_article_is_the_page_that_started_it_all(visitor: Visitor) -> None:
    if not SHARED.is_dir():
        pytest.skip("the seed page lies beside the repository, in ../shared/pages, and is not here")
    served = html.fromstring(visitor.get(SUN, SEED).content.decode())
    seed = html.fromstring((SHARED / "seed-zoxpress.html").read_text())
    for part in (
        "zox-post-body left zoxrel zox100",
        "zox-post-title left entry-title",
        "zox-post-cat",
        "zox-post-img-cap",
        "zox-post-tags left zoxrel zox100",
        "zox-com-click-main",
        "zox-post-more-wrap left zoxrel zox100",
        "zox-fly-soc-head",
        "zox-search-p",
    ):
        ours, theirs = (tree.xpath("//*[@class=$part]", part=part)[0] for tree in (served, seed))
        assert squeezed(ours) == squeezed(theirs), part
        assert ours.xpath(".//a/@href") == theirs.xpath(".//a/@href"), part
    printed = squeezed(served)
    for line in (SHARED / "seed-as-scraped.txt").read_text().splitlines():
        assert " ".join(line.split()) in printed


def test_a_read_also_target_arrives_with_the_second_edition(visitor: Visitor) -> None:
    page = html.fromstring(visitor.get(SUN, SEED).content)
    links = [str(link) for link in page.xpath("//div[contains(@class, 'zox-post-body ')]//a/@href")]
    later, now = (httpx.URL(link).path for link in links)
    assert visitor.get(SUN, now).status_code == 200
    assert visitor.get(SUN, later).status_code == 404
    visitor.newsroom.edition = 2
    assert visitor.get(SUN, later).status_code == 200


def test_wire_copy_is_republished_with_edits(newsroom: Newsroom) -> None:
    stories = [forms[0] for outlet in newsroom.desk.outlets.values() for forms in outlet.forms.values()]
    original = {story for story in stories if story.url.startswith("http://www.meridianwire.example")}
    copies = {story for story in stories if story.wire == "Meridian Wire"} - original
    assert len({copy.url.split("/")[2] for copy in copies}) >= 2
    originals = set()
    for copy in copies:
        paragraphs = set(copy.text.split("\n\n"))
        source = max(original, key=lambda story: len(paragraphs & set(story.text.split("\n\n"))))
        assert len(paragraphs & set(source.text.split("\n\n"))) >= 2, copy.slug
        assert copy.title != source.title
        assert copy.text.split("\n\n")[-1] != source.text.split("\n\n")[-1], "the last paragraph is cut"
        originals.add(source.slug)
    assert len(originals) >= 3


def test_no_body_points_at_an_address_that_never_exists(visitor: Visitor) -> None:
    visitor.newsroom.edition = 2
    links: dict[httpx.URL, str] = {}  # and an article that holds it
    for outlet in visitor.newsroom.desk.outlets.values():
        for article in (article for forms in outlet.forms.values() for article in forms):
            base = httpx.URL(article.url)
            found = html.fromstring(f"<div>{article.body}</div>").xpath(".//a/@href")
            links |= {base.join(str(link)): article.slug for link in found}
    missing = []
    for link, slug in links.items():
        if link.host in visitor.newsroom.hosts and link.path not in UNBUILT:
            address = f"http://{visitor.newsroom.address}{link.raw_path.decode()}"
            if visitor.client.head(address, headers={"Host": link.host}).status_code == 404:
                missing.append((slug, str(link)))
    assert missing == []


# --- the second edition ---------------------------------------------------------------------------------------------


def test_an_edited_article_changes_in_place_and_in_its_feed(visitor: Visitor) -> None:
    path = outlet_of(visitor.newsroom, "harbor-ledger").path("drone-boats-fleet")
    first, listed = visitor.get(LEDGER, path), visitor.get(LEDGER, "/feed/").text
    visitor.newsroom.edition = 2
    second = visitor.get(LEDGER, path)
    assert "Correction:" not in first.text
    assert "Correction:" in second.text
    assert "Navy tests 40 drone boats" in listed
    assert "Navy tests 38 drone boats" in visitor.get(LEDGER, "/feed/").text
    assert parsedate_to_datetime(second.headers["Last-Modified"]) > parsedate_to_datetime(
        first.headers["Last-Modified"]
    )


def test_a_feed_breaks_with_status_200(visitor: Visitor) -> None:
    assert feedparser.parse(visitor.get(DISPATCH, "/feed/").content).entries
    visitor.newsroom.edition = 2
    answer = visitor.get(DISPATCH, "/feed/")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "database" in answer.text


def test_a_page_fails_once_and_again_after_a_reset(visitor: Visitor) -> None:
    visitor.newsroom.edition = 2
    path = outlet_of(visitor.newsroom, "harbor-ledger").path("tidewater-dry-dock")
    assert [visitor.get(LEDGER, path).status_code for _ in range(3)] == [500, 200, 200]
    assert [status for _, _, status in visitor.newsroom.log] == [500, 200, 200]
    visitor.newsroom.reset()
    assert visitor.newsroom.log == []
    assert visitor.get(LEDGER, path + "?utm_source=x").status_code == 500


def test_a_redirect_leads_in_a_circle(visitor: Visitor) -> None:
    visitor.newsroom.edition = 2
    path = outlet_of(visitor.newsroom, "strait-monitor").path("coast-guard-hotline")
    first = visitor.get(MONITOR, path)
    second = visitor.get(MONITOR, first.headers["Location"])
    assert (first.status_code, second.status_code) == (302, 302)
    assert second.headers["Location"] == path


def test_robots_txt_forbids_what_the_feed_lists(visitor: Visitor) -> None:
    visitor.newsroom.edition = 2
    path = outlet_of(visitor.newsroom, "south-arkansas-sun").path("partner-gold")
    rules = [
        line.split(": ")[1]
        for line in visitor.get(SUN, "/robots.txt").text.splitlines()
        if "Disallow" in line
    ]
    assert any(path.startswith(rule) for rule in rules)
    assert path in visitor.get(SUN, "/feed/").text


def test_a_slow_page_dribbles_and_does_not_outlive_the_newsroom(client: httpx.Client) -> None:
    with Newsroom(today=TODAY, edition=2) as newsroom:
        path = outlet_of(newsroom, "dod-releases").path("reef-passage-assistance")
        begun = time.monotonic()
        with client.stream("GET", f"http://{newsroom.address}{path}", headers={"Host": MARITIME}) as answer:
            pieces = answer.iter_raw()
            assert 0 < len(next(pieces)) < int(answer.headers["Content-Length"]) / 2
            newsroom.closing.set()
            with pytest.raises(httpx.RemoteProtocolError):
                list(pieces)
    assert time.monotonic() - begun < 10


def test_a_list_page_wears_an_articles_clothes_and_one_page_is_broken(newsroom: Newsroom) -> None:
    outlet = outlet_of(newsroom, "harbor-ledger")
    roundup = outlet.document(outlet.path("roundup-week"), 2)
    broken = outlet.document(outlet.path("fishing-fleet-radar"), 2)
    assert roundup is not None
    assert broken is not None
    assert roundup.body.count(b"Read more") >= 6
    assert broken.body.count(b"</div>") != broken.body.count(b"<div")


# --- what the server promises ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "path"), [(SUN, "/feed/"), (SUN, SEED), (MARITIME, "/News/Releases/"), (SUN, "/robots.txt")]
)
def test_an_unchanged_page_is_304(host: str, path: str, visitor: Visitor) -> None:
    first = visitor.get(host, path)
    etag, modified = first.headers["ETag"], first.headers["Last-Modified"]
    for headers in (
        {"If_None_Match": etag},
        {"If_None_Match": f'"other", {etag}'},
        {"If_Modified_Since": modified},
    ):
        again = visitor.get(host, path, **headers)
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
    early = (parsedate_to_datetime(modified) - timedelta(seconds=1)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    for headers in (
        {"If_None_Match": '"other"'},
        {"If_Modified_Since": early},
        {"If_Modified_Since": "soon"},
    ):
        assert visitor.get(host, path, **headers).status_code == 200
    assert visitor.get(host, path, If_None_Match='"other"', If_Modified_Since=modified).status_code == 200


@pytest.mark.parametrize("name", ["south-arkansas-sun", "harbor-ledger", "strait-monitor", "dod-releases"])
def test_a_listing_changes_with_the_edition(name: str, visitor: Visitor) -> None:
    _, url = sources_of(FOLDER / name)[0].listings()[0]
    asked = httpx.URL(url)
    first = visitor.get(asked.host, asked.raw_path.decode())
    visitor.newsroom.edition = 2
    for condition in (
        {"If_None_Match": first.headers["ETag"]},
        {"If_Modified_Since": first.headers["Last-Modified"]},
    ):
        assert visitor.get(asked.host, asked.raw_path.decode(), **condition).status_code == 200


def test_a_page_is_gzipped_for_those_who_take_it(visitor: Visitor) -> None:
    plain = visitor.get(SUN, SEED, Accept_Encoding="identity")
    packed = visitor.get(SUN, SEED, Accept_Encoding="gzip, deflate")
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.content == plain.content
    assert int(packed.headers["Content-Length"]) < int(plain.headers["Content-Length"]) / 2


@pytest.mark.parametrize("spelling", [SEED, SEED + "/", SEED + "?utm_source=x&utm_medium=y"])
def test_an_article_answers_under_the_spellings_of_its_address(spelling: str, visitor: Visitor) -> None:
    assert visitor.get(SUN, spelling).status_code == 200


def test_a_query_that_names_the_page_is_kept_apart_from_tracking(visitor: Visitor) -> None:
    base = "/DesktopModules/ArticleCS/Atom.ashx?ContentType="
    releases, contracts = (visitor.get(MARITIME, base + kind).text for kind in ("9", "400&utm_source=x"))
    assert "<title>Releases</title>" in releases
    assert "<title>Contracts</title>" in contracts
    assert visitor.get(MARITIME, base + "7").status_code == 404


def test_a_strange_host_and_a_strange_path_are_told_so(visitor: Visitor) -> None:
    assert visitor.get("www.elsewhere.example", "/").status_code == 421
    assert visitor.get(SUN, "/us-china/1/nothing").status_code == 404
    assert visitor.newsroom.log == [("www.elsewhere.example", "/", 421), (SUN, "/us-china/1/nothing", 404)]


def test_a_head_request_gets_no_body_and_leaves_the_connection_usable(visitor: Visitor) -> None:
    answer = visitor.client.head(f"http://{visitor.newsroom.address}{SEED}", headers={"Host": SUN})
    assert (answer.status_code, answer.content) == (200, b"")
    assert visitor.get(SUN, SEED).status_code == 200


def test_a_nonsense_request_is_no_bother(newsroom: Newsroom) -> None:
    with socket.create_connection(("127.0.0.1", int(newsroom.address.partition(":")[2])), timeout=5) as line:
        line.sendall(b"hello\r\n\r\n")
        assert b"400" in line.recv(1000)


def test_the_newsroom_leaves_no_thread_behind(client: httpx.Client) -> None:
    before = set(threading.enumerate())
    with Newsroom(today=TODAY) as newsroom:
        assert client.get(f"http://{newsroom.address}/feed/", headers={"Host": SUN}).status_code == 200
        ours = set(threading.enumerate()) - before
        assert ours
    assert not ours & set(threading.enumerate())


# --- an outlet of one's own -----------------------------------------------------------------------------------------

SHEET = """
host = "www.tiny.example"
name = "Tiny"
encoding = "gb18030"
encoding_name = "gb2312"
zone = "Asia/Shanghai"
[[listing]]
path = "/"
template = "list.html"
[[fault]]
path = "/moved"
kind = "redirect"
to = "/"
[[fault]]
path = "/gone"
kind = "410"
[[fault]]
article = "one"
edition = 2
kind = "cut off"
"""
STORY = """+++
path = "/{published:%Y%m%d}/新闻?id=7"
title = "Ships & 䶮"
section = "S"
days_ago = 2
at = "00:30"
+++
One **bold** word on {{ day(2, "%B %-d") }}: {{ title("one") }}.
"""


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    folder = tmp_path / "tiny"
    (folder / "articles").mkdir(parents=True)
    (folder / "outlet.toml").write_text(SHEET)
    (folder / "article.html").write_text("<h1>{{ article.title }}</h1>{{ article.body }}")
    (folder / "list.html").write_text(
        "{% for a in articles %}<a href='{{ a.url }}'>{{ a.title }}</a>{% endfor %}"
    )
    (folder / "articles" / "one.md").write_text(STORY)
    return tmp_path


def test_a_writer_adds_an_outlet_by_adding_a_folder(tiny: Path, client: httpx.Client) -> None:
    with Newsroom(today=TODAY, folder=tiny) as newsroom:
        visitor = Visitor(newsroom, client)
        answer = visitor.get("www.tiny.example", "/20261122/%E6%96%B0%E9%97%BB?id=7")
        assert answer.headers["Content-Type"] == "text/html; charset=gb2312"
        assert answer.headers["Last-Modified"] == "Sat, 21 Nov 2026 16:30:00 GMT"
        assert answer.content.decode("gb18030") == (
            "<h1>Ships &amp; 䶮</h1><p>One <strong>bold</strong> word on November 22: Ships &amp; 䶮.</p>\n"
        )
        assert visitor.get("www.tiny.example", "/gone").status_code == 410
        moved = visitor.get("www.tiny.example", "/moved")
        assert (moved.status_code, moved.headers["Location"]) == (301, "/")
        newsroom.edition = 2
        with pytest.raises(httpx.RemoteProtocolError):
            visitor.get("www.tiny.example", "/20261122/%E6%96%B0%E9%97%BB?id=7", Accept_Encoding="identity")


@pytest.mark.parametrize(
    ("file", "text", "named"),
    [
        ("outlet.toml", "host = [", "outlet.toml"),
        ("outlet.toml", SHEET.replace("zone = ", "zoen = "), "zoen"),
        ("outlet.toml", SHEET.replace('"410"', '"on fire"'), "fault.1.kind"),
        ("articles/one.md", STORY.replace("days_ago = 2", "days_ago = 0"), "days_ago"),
        ("articles/one.md", "no fences at all", "one.md"),
    ],
)
def test_a_broken_file_is_named_with_its_key(file: str, text: str, named: str, tiny: Path) -> None:
    (tiny / "tiny" / file).write_text(text)
    with pytest.raises(Mistake, match=named):
        Desk(tiny, TODAY)


def test_dates_are_english_in_every_locale() -> None:
    assert english_date(date(2026, 11, 3), "%A, %b. %-d, %Y") == "Tuesday, Nov. 3, 2026"
    assert english_date(datetime(2026, 5, 3, 0, 7, tzinfo=UTC), "%B %-d, %-I:%M %p") == "May 3, 12:07 AM"


def test_gzip_bodies_are_the_same_each_time(visitor: Visitor) -> None:
    request = visitor.client.build_request(
        "GET", f"http://{visitor.newsroom.address}/feed/", headers={"Host": SUN, "Accept-Encoding": "gzip"}
    )
    bodies = set()
    for _ in range(2):
        answer = visitor.client.send(request, stream=True)
        bodies.add(b"".join(answer.iter_raw()))
    assert len(bodies) == 1
    assert gzip.decompress(bodies.pop()).startswith(b"<?xml")
