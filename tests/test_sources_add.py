"""`straitwatch sources add`: a site's feed, news sitemap or section page found, shown and written."""

import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from monitor.cli.adding import confirmed
from monitor.config import load_settings
from monitor.discover.proposing import propose
from monitor.errors import Mistake
from monitor.model import Page, utc_now
from monitor.sources import Kind, Section, Side, Source
from monitor.sources.guessing import id_of
from monitor.sources.loading import load, read_file
from monitor.sources.writing import toml_of, write_new
from tests.site import Answer, Site
from tests.test_cli_reading import PROGRAM, straitwatch
from tests.test_pipeline import feed, page


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sources").mkdir()
    (tmp_path / "straitwatch.toml").write_text(
        'data = "data"\n[fetch]\ngap_seconds = 0\ntotal_seconds = 5\nallow_private = ["127.0.0.1"]\n', "utf-8"
    )
    return tmp_path


def home(head: str = "", body: str = "<p>Welcome</p>") -> Answer:
    return Answer(
        200,
        f'<!doctype html><html lang="en-US"><head><title>Front | The Harbor Paper</title>{head}</head>'
        f"<body>{body}</body></html>".encode(),
    )


def alternate(href: str, title: str = "", kind: str = "application/rss+xml") -> str:
    return f'<link rel="alternate" type="{kind}" title="{title}" href="{href}">'


def added(folder: Path, url: str, *more: str) -> tuple[dict[str, Any], str]:
    done = straitwatch("sources", "add", url, "--id", "paper", "--yes", *more, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    written = (folder / "sources" / "paper.toml").read_text("utf-8")
    assert [source.id for source in load(load_settings(folder / "straitwatch.toml"))] == ["paper"]
    return tomllib.loads(written), done.stdout


STORY = {"/one": Answer(200, page("Destroyer in the strait"))}


def test_the_feed_that_a_page_names_is_found_and_shown_and_written(folder: Path) -> None:
    head = alternate("/comments/feed/", "Comments") + alternate("/dead.xml") + alternate("/news.xml", "News")
    with Site({"/": home(head), "/news.xml": feed("/one"), "/comments/feed/": feed("/c"), **STORY}) as site:
        source, said = added(folder, site.url("/"))
        assert source["feeds"] == [site.url("/news.xml")]
        assert (source["name"], source["language"], source["home"]) == (
            "The Harbor Paper",
            "en",
            site.url("/"),
        )
        assert "/comments/feed/" not in site.paths
        assert f"looked at in vain: {site.url('/dead.xml')}: HTTP 404" in said
        assert "newest, cleaned: Destroyer in the strait" in said
        assert "1 lines now: 1 new, 0 known already" in said
        assert "first guesses" in (folder / "sources" / "paper.toml").read_text("utf-8")


def test_what_the_user_says_of_it_is_written_and_nothing_is_guessed(folder: Path) -> None:
    with Site({"/news.xml": feed("/one"), **STORY}) as site:
        source, _ = added(
            folder, site.url("/news.xml"), "--name", 'The "Quoted" 報', "--side", "tw", "--kind", "state media",
            "--tier", "2", "--zone", "Asia/Taipei",
        )  # fmt: skip
        assert source == {
            "id": "paper", "name": 'The "Quoted" 報', "home": site.url("/"), "language": "en", "side": "tw",
            "kind": "state media", "tier": 2, "zone": "Asia/Taipei", "feeds": [site.url("/news.xml")],
        }  # fmt: skip
        assert "guesses" not in (folder / "sources" / "paper.toml").read_text("utf-8")


def test_a_feed_in_a_common_place_is_found_though_nothing_names_it(folder: Path) -> None:
    with Site({"/": home(), "/rss.xml": feed("/one"), "/feed/": home(), **STORY}) as site:
        source, said = added(folder, site.url("/"))
        assert source["feeds"] == [site.url("/rss.xml")]
        assert 'not a feed: HTML "Front | The Harbor Paper"' in said


def test_a_json_feed_is_a_feed(folder: Path) -> None:
    body = b'{"version": "https://jsonfeed.org/version/1.1", "title": "F", "items": [{"url": "/one", "title": "One"}]}'
    head = alternate("/j", kind="application/feed+json")
    with Site(
        {"/": home(head), "/j": Answer(200, body, {"Content-Type": "application/feed+json"}), **STORY}
    ) as site:
        assert added(folder, site.url("/"))[0]["feeds"] == [site.url("/j")]


NEWS_SITEMAP = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>/one</loc><news:news><news:publication_date>
2026-11-20T08:00:00Z</news:publication_date><news:title>One</news:title></news:news></url></urlset>"""
PLAIN_SITEMAP = (
    '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>/about</loc></url></urlset>'
)


def test_the_news_sitemap_that_robots_txt_names_is_found_where_there_is_no_feed(folder: Path) -> None:
    robots = b"User-agent: *\nDisallow: /private\nSitemap: /all.xml\nsitemap: /n/news.xml\n"
    index = b'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>/n/1.xml</loc></sitemap></sitemapindex>'
    with Site({"/": home(), "/robots.txt": Answer(200, robots, {"Content-Type": "text/plain"}), **STORY,
               "/all.xml": PLAIN_SITEMAP.encode(), "/n/news.xml": index, "/n/1.xml": NEWS_SITEMAP.encode()}) as site:  # fmt: skip
        source, said = added(folder, site.url("/"))
        assert source["sitemaps"] == [site.url("/n/news.xml")]
        assert "feeds" not in source
        assert "2026-11-20 08:00  new   One" in said


LIST = "".join(
    f'<div class="row-{n}"><h3><a href="/news/2026/11/{n:02}/c{n}.html">The fleet did thing number {n}</a></h3>'
    f"<span>2026-11-{n:02}</span></div>"
    for n in range(1, 21)
)
SECTION = (
    '<nav><ul><li><a href="/news/taiwan/">All the news about Taiwan</a></li><li><a href="/about-us-and-you">About us and about you</a></li></ul></nav>'
    f'<div id="c8412"><div class="list">{LIST}</div></div>'
    '<div class="side"><a href="/subscribe-to-our-paper">Subscribe to our paper now</a></div>'
    '<footer><a href="/terms-and-conditions-of-use">Terms and conditions of use</a></footer>'
)


def test_a_section_page_gets_a_pattern_learnt_from_what_repeats(folder: Path) -> None:
    with Site({"/defence/": home("", SECTION), "/news/2026/11/20/c20.html": STORY["/one"]}) as site:
        source, said = added(folder, site.url("/defence/"))
        assert source["sections"] == [{"url": site.url("/defence/"), "links": "/news/*/*/*/*.html"}]
        assert "20 lines now: 20 new" in said
        assert "2026-11-20        new   The fleet did thing number 20" in said
        assert "newest, cleaned: Destroyer in the strait" in said


def proposed(body: str, url: str = "https://example.org/defence/") -> Section | None:
    answer = home("", body)
    return propose(Page(url, url, 200, answer.body, utc_now()), "UTC")


def rows(*links: str, tag: str = "li") -> str:
    return "".join(
        f'<{tag}><a href="{link}">What the navy did on day {n} of it</a></{tag}>'
        for n, link in enumerate(links)
    )


@pytest.mark.parametrize(
    ("body", "pattern", "within"),
    [
        # no static part in the addresses: the part of the page is named
        (f'<ul class="stories">{rows(*(f"/slug-{c}" for c in "abcdef"))}</ul><a href="/give-us-your-money">Give us your money today</a>',
         "/*", "ul.stories"),
        # the number of one day is not tomorrow's
        (f"<ul>{rows(*(f'/2026/11/23/slug-{c}' for c in 'abcdef'))}</ul>", "/*/*/*/*", ""),
        # only the query differs
        (f"<div>{rows(*(f'/show.aspx?id={n}' for n in range(10, 16)), tag='p')}</div>", "/show.aspx?id=*", ""),
        # relative addresses with dates in the file's name, as Chinese government sites have them
        (f"<ul>{rows(*(f'./202611/t202611{n}_88{n}.shtml' for n in range(10, 16)))}</ul>", "/defence/*/*.shtml", ""),
        # of different depth
        (f"<ul>{rows('/en/a/one-1.html', '/en/b/c/two-2.html', '/en/three-3.html', '/en/a/four-4.html')}</ul>", "/en/*.html", ""),
    ],
)  # fmt: skip
def test_a_pattern_holds_tomorrow_too(body: str, pattern: str, within: str) -> None:
    section = proposed(body)
    assert section is not None
    assert (section.links, section.within) == (pattern, within)


def test_chinese_headlines_are_headlines() -> None:
    titles = ("东部战区组织海空兵力演练", "国防部发言人答记者问全文", "海警舰艇编队在台海巡航")
    body = "".join(f'<li><a href="/mil/c{n}.html">{title}</a></li>' for n, title in enumerate(titles))
    section = proposed(f"<ul>{body}</ul>")
    assert section is not None
    assert section.links == "/mil/*.html"


def test_a_page_where_nothing_repeats_gets_no_proposal_and_a_huge_one_ends_soon() -> None:
    assert proposed('<p><a href="/one-of-them">The only headline of the page</a></p>') is None
    many = rows(*(f"/news/{n}" for n in range(30_000)))
    section = proposed(f"<div>{many}</div>")
    assert section is not None
    assert section.links == "/news/*"
    deep = "<div>" * 50_000 + rows("/a/1", "/a/2", "/a/3")
    proposed(deep)


@pytest.mark.parametrize(
    ("routes", "says"),
    [
        ({}, "answers HTTP 404"),
        ({"/": Answer(200, b"<html><title>Just a moment...</title></html>")}, "block page: the site refuses us"),
        ({"/": Answer(200, home().body), "/robots.txt": Answer(200, b"User-agent: *\nDisallow: /")}, "robots.txt: Disallow: /"),
        ({"/": home()}, "/feed/: HTTP 404"),
        ({"/": Answer(200, b"")}, "nothing found that lists news"),
    ],
)  # fmt: skip
def test_what_cannot_be_found_is_told_with_everything_that_was_looked_at(
    folder: Path, routes: dict[str, Answer], says: str
) -> None:
    with Site(routes) as site:
        done = straitwatch("sources", "add", site.url("/"), "--yes", cwd=folder)
        assert done.returncode == 1
        assert says in done.stderr
        assert not list((folder / "sources").iterdir())


def test_a_private_address_is_refused_unless_the_settings_name_it(folder: Path) -> None:
    done = straitwatch("sources", "add", "http://127.0.0.2:9/", "--yes", cwd=folder)
    assert done.returncode == 1
    assert "127.0.0.2" in done.stderr


def test_an_id_or_an_address_that_is_taken_is_refused_before_anything_is_written(folder: Path) -> None:
    with Site({"/news.xml": feed("/one"), **STORY}) as site:
        added(folder, site.url("/news.xml"))
        before = (folder / "sources" / "paper.toml").read_text("utf-8")
        asked = len(site.paths)
        done = straitwatch("sources", "add", site.url("/news.xml"), "--id", "paper", "--yes", cwd=folder)
        assert "there is a source paper already" in done.stderr
        assert len(site.paths) == asked
        done = straitwatch("sources", "add", site.url("/news.xml"), "--id", "other", "--yes", cwd=folder)
        assert "is polled by paper already" in done.stderr
        assert [file.name for file in (folder / "sources").iterdir()] == ["paper.toml"]
        assert (folder / "sources" / "paper.toml").read_text("utf-8") == before


def test_nothing_is_written_without_a_yes(folder: Path) -> None:
    with Site({"/news.xml": feed("/one"), **STORY}) as site:
        command = [str(PROGRAM), "sources", "add", site.url("/news.xml"), "--id", "paper"]
        for answer, status, says in (("n\n", 0, "nothing written"), ("", 1, "--yes writes without asking")):
            done = subprocess.run(
                command,
                cwd=folder,
                input=answer,
                capture_output=True,
                encoding="utf-8",
                timeout=60,
                check=False,
            )
            assert done.returncode == status
            assert says in done.stdout + done.stderr
            assert not list((folder / "sources").iterdir())
        done = subprocess.run(
            command, cwd=folder, input="y\n", capture_output=True, encoding="utf-8", timeout=60, check=False
        )
        assert (folder / "sources" / "paper.toml").exists(), done.stderr
    assert confirmed("?", yes=True)


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("https://www.harborledger.com/", "harborledger"),
        ("https://english.news.cn/", "english-news"),
        ("https://www.defense.gov/News/", "defense"),
        ("http://127.0.0.1:8000/", "127-0-0-1"),
        ("https://中文.example/", "example"),
    ],
)
def test_an_id_is_made_of_the_hosts_name(url: str, wanted: str) -> None:
    made = id_of(url)
    assert made == wanted or "中" in url
    Source(id=made, name="x", home="https://example.org/", side=Side.US, kind=Kind.PRESS)


def test_every_source_of_ours_is_written_as_it_is_read(tmp_path: Path) -> None:
    from monitor.sources import PACKS

    for pack in sorted(PACKS.glob("*.toml")):
        sources, _ = read_file(pack, pack.name)
        assert sources
        one = tmp_path / f"one-{pack.name}"
        one.write_text("\n".join(toml_of(source, table=True) for source in sources), "utf-8")
        assert read_file(one, one.name) == (sources, [])
        alone = tmp_path / f"alone-{pack.name}"
        alone.write_text(toml_of(sources[0], comments=["a\nb"]), "utf-8")
        assert read_file(alone, alone.name) == (sources[:1], [])


def test_odd_words_survive_being_written(tmp_path: Path) -> None:
    words = 'a "b" \\ \x7f \t \n 報 \U0001f6a2 # = [x]'
    source = Source(
        id="x",
        name="x",
        home="https://example.org/",
        side=Side.US,
        kind=Kind.PRESS,
        note=words,
        drop=(words, "z"),
    )
    file = tmp_path / "x.toml"
    write_new(file, toml_of(source))
    assert read_file(file, "x.toml") == ([source], [])
    with pytest.raises(Mistake, match="is there already"):
        write_new(file, "")
    assert [each.name for each in tmp_path.iterdir()] == ["x.toml"]
