"""Cleaning as the pipeline meets it: the demo's own article, a page beside its listing, plain text."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.clean import VERSION, clean, clean_html, clean_text
from monitor.errors import Refused, Unreadable
from monitor.model import BlockKind, DateQuality, Link, LinkKind, Listed, Page, PageKind, Published
from monitor.sources import Source

SHARED = Path(__file__).parents[2] / "shared" / "pages"
SEED = Path(__file__).parent / "pages" / "south-arkansas-sun" / "pentagon-summit.html"
SEED_URL = "https://southarkansassun.com/us-china/78233/pentagon-summit"
TITLE = "Pentagon Summit: US and Chinese Officials Convene for Talks on Bilateral Relations"
READ_ALSO = [
    "China-US Cooperation: Not An Option, But An Imperative,” Declares Wang Yi",
    "Decision In US-China Solar Trade Probe Will Restructure Billions In Trade",
]
URL = "https://news.example/a/pier-opens-1.html"
STORY = [
    "The pier opened on Monday after four years of work, and the first ship came in before the speeches had ended.",
    "Engineers said that the harbor can now take vessels of twice the draft, which changes the plans of two fleets.",
]


def source(**more: object) -> Source:
    known = {"id": "news", "name": "News", "home": "https://news.example/", "side": "us", "kind": "press"}
    return Source.model_validate(known | more)


def fetched(body: str | bytes, **headers: str) -> Page:
    raw = body.encode() if isinstance(body, str) else body
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Page(URL, URL, 200, raw, datetime(2026, 11, 24, tzinfo=UTC), names)


def html(*paragraphs: str, head: str = "<title>Pier opens</title>") -> str:
    return f"<html><head>{head}</head><body><div class='entry-content'>{''.join(f'<p>{p}</p>' for p in paragraphs)}</div></body></html>"


# ---------------------------------------------------------------- the seed article


def seed_body() -> list[str]:
    """The article's own lines, read from the page's source without our code."""
    inside = (
        SEED.read_text("utf-8").split("zox-post-body left zoxrel zox100")[1].split("zox-post-body-bot")[0]
    )
    found = re.findall(r"<(p|h2)[^>]*>(.*?)</\1>", inside)
    lines = [re.sub(r"<[^>]+>", "", text) for _, text in found]
    return [line for line in lines if not line.startswith("READ ALSO")]


def test_the_seed_page_gives_its_article_and_nothing_else() -> None:
    article = clean_html(SEED.read_bytes(), SEED_URL)
    assert article.title == TITLE
    assert article.section == "US-China"
    assert [block.text for block in article.blocks] == seed_body()
    assert [b.kind for b in article.blocks].count(BlockKind.HEADING) == 2
    assert len(article.blocks) == 8
    assert [link.kind for link in article.links] == [LinkKind.READ_ALSO] * 2
    assert [link.title for link in article.links] == READ_ALSO
    assert [link.url for link in article.links] == [
        "https://southarkansassun.com/us-china/77911/china-us-cooperation-not-an-option-but-an-imperative-declares-wang-yi",
        "https://southarkansassun.com/us-china/78102/decision-in-us-china-solar-trade-probe-will-restructure-billions-in-trade",
    ]


def test_every_part_that_was_cut_says_by_which_rule() -> None:
    rules = {removed.rule for removed in clean_html(SEED.read_bytes(), SEED_URL).removed}
    assert {"caption", "read also"} <= rules


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared seed files are not here")
def test_the_shared_seed_files_give_the_same_article_with_and_without_markup() -> None:
    page = clean_html((SHARED / "seed-zoxpress.html").read_bytes(), SEED_URL)
    text = clean_text((SHARED / "seed-as-scraped.txt").read_text("utf-8"))
    for article in (page, text):
        assert (article.title, article.section) == (TITLE, "US-China")
        assert [block.text for block in article.blocks] == seed_body()
        assert [b.kind for b in article.blocks].count(BlockKind.HEADING) == 2
        assert [link.title for link in article.links if link.kind is LinkKind.READ_ALSO] == READ_ALSO
    assert [link.url for link in text.links] == [None, None]


# ---------------------------------------------------------------- plain text

SCRAPED = """Connect with us

Hi, what are you looking for?

Defense

Pier Opens After Four Years of Work and Two Changes of Plan

Photo from Google

The pier opened on Monday after four years of work, and the first ship came in before the speeches had ended.

A Deeper Harbor for Larger Ships

Engineers said that the harbor can now take vessels of twice the draft, which changes the plans of two fleets.

READ ALSO: Tugboat Crews Vote on a New Contract

READ ALSO: Tugboat Crews Vote On A New Contract

Click to comment

Leave a Reply

Your email address will not be published. Required fields are marked *
"""


def test_plain_text_without_markup_gives_title_section_body_and_titles_to_read() -> None:
    article = clean_text(SCRAPED)
    assert article.title == "Pier Opens After Four Years of Work and Two Changes of Plan"
    assert article.section == "Defense"
    assert [block.text for block in article.blocks] == [
        STORY[0],
        "A Deeper Harbor for Larger Ships",
        STORY[1],
    ]
    assert [block.kind for block in article.blocks][1] is BlockKind.HEADING
    assert article.links == (Link(LinkKind.READ_ALSO, None, "Tugboat Crews Vote on a New Contract", 3),)


def test_plain_chinese_text_loses_its_boilerplate() -> None:
    body = "东部海域年度救援演练十八日举行，来自五个单位的十二艘舰船参加，这是该项演练连续第九年组织。"
    article = clean_text(
        f"军事\n东部海域举行年度海上救援演练\n来源：新华社\n{body}\n相关阅读：南部海域完成冬季巡航任务\n责任编辑：王小明\n扫码关注公众号"
    )
    assert article.title == "东部海域举行年度海上救援演练"
    assert article.text == body
    assert article.section == "军事"
    assert article.wire == "新华社"
    assert [link.title for link in article.links] == ["南部海域完成冬季巡航任务"]


def test_plain_text_that_is_only_boilerplate_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        clean_text("Connect with us\n\nLeave a Reply\n")


# ---------------------------------------------------------------- a page and its listing


def listed(**more: object) -> Listed:
    at = datetime(2026, 11, 20, 9, tzinfo=UTC)
    known = {
        "url": URL,
        "title": "Pier opens, says the feed",
        "published": Published(at, DateQuality.PAGE, "Fri, 20 Nov 2026 09:00 GMT"),
    }
    return Listed(**(known | more))  # type: ignore[arg-type]


def test_the_page_speaks_before_its_listing() -> None:
    head = "<title>Pier opens</title><meta property='article:published_time' content='2026-11-19T10:00:00Z'>"
    article = clean(fetched(html(*STORY, head=head)), listed(), None)
    assert article.title == "Pier opens"
    assert article.published_quality is DateQuality.PAGE
    assert article.published == datetime(2026, 11, 19, 10, tzinfo=UTC)


def test_the_listing_gives_what_the_page_does_not_say() -> None:
    article = clean(fetched(html(*STORY, head="")), listed(), None)
    assert article.title == "Pier opens, says the feed"
    assert article.published == datetime(2026, 11, 20, 9, tzinfo=UTC)
    assert article.published_quality is DateQuality.FEED
    assert article.provenance["published"] == "feed"
    assert "title from first words" not in article.labels


def test_p15_an_empty_shell_takes_the_text_of_the_feed() -> None:
    shell = fetched("<html><head><title>x</title></head><body><div id=root></div></body></html>")
    article = clean(shell, listed(text="\n\n".join(STORY * 2)), None)
    assert article.text.split("\n") == STORY * 2
    assert "text from feed" in article.labels
    with pytest.raises(Unreadable, match="needs JavaScript"):
        clean(shell, listed(), None)


def test_p13_a_block_page_is_refused_even_when_the_feed_has_text() -> None:
    blocked = fetched("<html><title>Just a moment...</title><body><p>Verify you are human.</p></body></html>")
    with pytest.raises(Refused, match="block page"):
        clean(blocked, listed(text="\n".join(STORY * 3)), None)
    with pytest.raises(Refused, match="block page"):
        clean(fetched(html(*STORY), cf_mitigated="challenge"), None, None)


def test_p17_a_list_page_is_refused() -> None:
    lines = "".join(
        f"<h3><a href='/a/{n}'>A headline about ships and harbors, number {n}</a></h3>" for n in range(30)
    )
    page = Page(
        URL,
        "https://news.example/world/",
        200,
        f"<html><body><main>{lines}</main></body></html>".encode(),
        datetime(2026, 11, 24, tzinfo=UTC),
    )
    with pytest.raises(Refused, match="list page"):
        clean(page, None, None)


def test_f45_content_decides_what_a_page_is_whatever_its_header_says() -> None:
    assert clean(fetched(html(*STORY), content_type="image/png"), None, None).text.split("\n") == STORY
    assert clean(fetched(html(*STORY), content_type="text/plain"), None, None).title == "Pier opens"
    assert clean(fetched(SCRAPED, content_type="text/plain"), None, None).section == "Defense"
    with pytest.raises(Unreadable, match="not a page: PDF"):
        clean(fetched(b"%PDF-1.4 ...", content_type="text/html"), None, None)


def test_lines_that_a_source_names_are_dropped() -> None:
    ours = source(drop=["The News is a member of the Press Council."])
    page = fetched(html(STORY[0], "The  News is a member of the Press Council.", STORY[1]))
    article = clean(page, None, ours)
    assert article.text.split("\n") == STORY
    assert "source's own line" in {removed.rule for removed in article.removed}


def test_cleaning_is_repeatable_and_carries_a_version() -> None:
    assert isinstance(VERSION, int)
    assert clean_html(SEED.read_bytes(), SEED_URL) == clean_html(SEED.read_bytes(), SEED_URL)
    assert clean(fetched(html(*STORY)), None, None).kind is PageKind.ARTICLE


def _digest(teaser: str, sections: int = 5) -> bytes:
    parts = "".join(
        f'<h3><a href="/story/{n}">Ship number {n} left the harbour today</a></h3><p>{teaser}</p>'
        for n in range(sections)
    )
    return (
        '<html><head><title>This week at sea</title><meta property="og:type" content="article"></head>'
        f"<body><article><h1>This week at sea</h1><p>All of it in one place.</p>{parts}</article></body></html>"
    ).encode()


def test_p17_a_list_page_that_calls_itself_an_article_is_a_list_page() -> None:
    digest = clean_html(
        _digest("A short word about it, and no more than that."), "https://x.example/news/week-47"
    )
    assert digest.kind is PageKind.LIST


def test_p17_an_article_with_linked_subheadings_stays_one() -> None:
    long = "The crew told the harbour master at length what had happened on the way out to the reef. " * 6
    article = clean_html(_digest(long), "https://x.example/news/week-47")
    assert article.kind is PageKind.ARTICLE


def test_a_reporters_question_is_text_and_a_reporters_name_is_not() -> None:
    page = clean_html(
        "<html><head><meta charset='utf-8'><title>例行记者会</title></head><body><article><h1>例行记者会</h1>"
        "<p>发言人昨日在例行记者会上回答了几家媒体提出的问题，会议持续了大约四十分钟，随后照例发布了文字实录。</p>"
        "<p><strong>记者：港口的演训何时结束，发言人能否介绍？</strong></p>"
        "<p>发言人：演训将按计划结束，有关海域的航行警告届时解除，请各船舶注意收听通告并与港口保持联系。</p>"
        "<p>记者：李某某 王某</p></article></body></html>".encode(),
        "https://x.example/1.html",
    )
    assert "记者：港口的演训何时结束，发言人能否介绍？" in page.text
    assert "李某某" not in page.text
