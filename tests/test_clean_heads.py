"""What stands above an article, in the old, broken and foreign shapes that sites print."""

import pytest

from monitor.clean import clean_html
from monitor.model import Article, DateQuality, LinkKind
from monitor.sources import Source

STORY = "The pier opened on Monday after four years of work, and the first ship came in before the speeches had ended."
CHINESE = (
    "东部海域年度救援演练十八日举行，来自五个单位的十二艘舰船参加，这是该项演练连续第九年组织，演练持续两天。"
)
URL = "https://news.example/a/1.html"


def read(html: str, **more: object) -> Article:
    known = {"id": "news", "name": "News", "home": "https://news.example/", "side": "us", "kind": "press"}
    source = Source.model_validate(known | more)
    return clean_html(html.encode(), URL, source=source, content_type="text/html; charset=utf-8")


def test_p08_a_headline_that_is_never_closed_does_not_swallow_the_text() -> None:
    page = read(
        "<title>Pier opens after four years | News</title><meta property='og:title' content='Pier opens after four years'>"
        f"<body><article><h1>Pier opens after four years</h2><p>{STORY}<p>{STORY} Then it rained.</div></article>"
    )
    assert page.title == "Pier opens after four years"


OLD = (
    "<html><title>The Old Herald: {title}</title><body><a href='/index.htm'><img alt='The Old Herald'></a> "
    "<a href='/local.htm'>Local</a> | <a href='/sport.htm'>Sport</a><table><tr><td>"
    "<font><b>LOCAL</b></font><br><font size=5><b>{title}</b></font><br>"
    "<font>By Ann Example and Bo Sample<br>20 November 2026, 07:45 HKT</font><br><br>"
    "<font>{story}<br><br>{story} It rained.</font></td></tr></table></body></html>"
)


def test_an_old_table_page_gives_headline_names_and_time_and_starts_with_its_text() -> None:
    page = read(OLD.format(title="Pier opens: nobody comes", story=STORY))
    assert (page.title, page.section) == ("Pier opens: nobody comes", "Local")
    assert page.authors == ("Ann Example", "Bo Sample")
    assert page.published is not None
    assert page.published.isoformat() == "2026-11-20T07:45:00+08:00"
    assert page.text.split("\n") == [STORY, f"{STORY} It rained."]
    assert {"above the headline", "title again"} <= {removed.rule for removed in page.removed}


def test_what_stands_before_a_colon_is_cut_only_where_it_is_the_outlets_name() -> None:
    body = f"<body><article><p>{STORY}</p></article></body>"
    assert read(f"<title>Pier: nobody comes</title>{body}").title == "Pier: nobody comes"
    assert read(f"<title>Harbor Mail: nobody comes</title>{body}", name="Harbor Mail").title == "nobody comes"


def chinese(head: str, beside: str, text: str = CHINESE) -> Article:
    html = (
        f"<html><head><title>某海域举行演练</title>{head}</head><body><div class='main'><h1>某海域举行演练</h1>"
        f"<div class='info'>{beside}</div><div class='article-content'><p>{text}</p><p>{CHINESE}</p></div></div></body></html>"
    )
    return read(html, zone="Asia/Shanghai")


def test_the_editor_whom_a_system_files_as_author_is_none() -> None:
    head = "<meta name='author' content='李校对'>"
    assert chinese(head, "<span>责任编辑：李校对</span>").authors == ()
    assert chinese(head, "<span>作者：王一、陈㐀</span><span>责任编辑：李校对</span>").authors == (
        "王一",
        "陈㐀",
    )
    assert chinese(head, "<span>责任编辑：周某某</span>").authors == ("李校对",)


def test_d03_the_printed_hour_completes_a_date_of_the_same_day_and_no_other() -> None:
    head = "<meta name='publishdate' content='2026-11-22'>"
    page = chinese(head, "<i class='time'>2026-11-22 15:30</i>")
    assert page.published is not None
    assert (page.published.isoformat(), page.published_quality) == (
        "2026-11-22T15:30:00+08:00",
        DateQuality.ASSUMED_ZONE,
    )
    other = chinese(head, "<i class='time'>2026-11-23 15:30</i>")
    assert other.published_quality is DateQuality.DATE_ONLY


@pytest.mark.parametrize(
    ("opening", "names"),
    [
        ("〔記者王大明／台北報導〕", ("王大明",)),
        ("（记者王大明、李小红）", ("王大明", "李小红")),
        ("〔記者王大明攝〕", ()),
        ("（記者會上發布）", ()),
        ("（本台记者提问）", ()),
    ],
)
def test_a_dispatch_names_its_reporter_where_it_begins(opening: str, names: tuple[str, ...]) -> None:
    assert chinese("", "", f"{opening}{CHINESE}").authors == names


def test_a_reporters_question_names_nobody() -> None:
    assert chinese("", "", "<b>记者：</b>有报道说，港口将在月底前关闭，发言人对此有何评论？").authors == ()


def test_a_byline_of_blocks_gives_each_name() -> None:
    page = read(
        f"<title>Pier opens</title><body><article><h1>Pier opens</h1><div class='group-byline'><div><time datetime="
        "'2026-11-22T10:00:00Z'>22 November 2026</time></div><div class='field field--name-field-authors'><div>By</div>"
        f"<div><div>Ann Example</div><div>Bo Sample</div></div></div></div><p>{STORY}</p></article></body>"
    )
    assert page.authors == ("Ann Example", "Bo Sample")


def test_what_a_site_prints_below_the_body_is_cut() -> None:
    page = read(
        "<title>某海域舉行演練</title><body><div class='whitecon' itemprop='articleBody'><h1>某海域舉行演練</h1>"
        "<div><span>2026/11/21 20:15</span><span>更新：2026/11/22 09:10</span></div>"
        f"<div class='text'><div><p>救援艇離港。（資料照，海巡隊提供）</p></div><p>{CHINESE}</p>"
        "<p>不必等，APP每天把消息送到手 <a href='/app'>點我下載</a></p></div>"
        "<div class='keyword'><a href='/t/1'>演練</a> <a href='/t/2'>救援</a></div>"
        "<div class='readOther'><h3>你可能也想看</h3><ul><li><a href='/a/2'>南部海域完成冬季巡航任務</a></li></ul></div></div>"
    )
    assert page.text == CHINESE
    assert [(link.kind, link.url) for link in page.links] == [(LinkKind.RELATED, "https://news.example/a/2")]
