"""When an article was published: what is read, and what is never guessed."""

import json
import time
from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

import pytest

from monitor.clean import clean_html
from monitor.clean.dates import day_in
from monitor.dates import read
from monitor.model import Article, DateQuality
from monitor.sources import Source

SHANGHAI = ZoneInfo("Asia/Shanghai")
STORY = (
    "<p>The pier opened on Monday after four years of work, and the first ship came in before the speeches had ended.</p>"
    * 3
)


@pytest.mark.parametrize(
    ("printed", "means"),
    [
        ("2026-11-23T08:15:30Z", "2026-11-23T08:15:30+00:00"),
        ("2026-11-23T08:15:30.123-05:00", "2026-11-23T08:15:30-05:00"),
        ("2026-11-23 08:15", "2026-11-23T08:15:00+08:00"),
        ("20261123", "2026-11-23T00:00:00+08:00"),
        ("Mon, 23 Nov 2026 08:15:30 GMT", "2026-11-23T08:15:30+00:00"),
        ("November 23, 2026 at 8:15 p.m. EST", "2026-11-23T20:15:00-05:00"),
        ("Nov. 23, 2026", "2026-11-23T00:00:00+08:00"),
        ("23 November 2026", "2026-11-23T00:00:00+08:00"),
        ("2026年11月23日", "2026-11-23T00:00:00+08:00"),
        ("2026年11月23日 08:15", "2026-11-23T08:15:00+08:00"),
        ("2026年11月23日 星期一 下午 3:05", "2026-11-23T15:05:00+08:00"),
        ("2026/11/23 08:15:09", "2026-11-23T08:15:09+08:00"),
        ("8:15 PM ET, November 23, 2026", "2026-11-23T20:15:00-05:00"),
        ("23.11.2026, 08:15 Uhr", "2026-11-23T08:15:00+08:00"),
        ("Montag, 23. November 2026 um 8:15", "2026-11-23T08:15:00+08:00"),
        ("23 de noviembre de 2026", "2026-11-23T00:00:00+08:00"),
        ("le 1er août 2026 à 8h15", "2026-08-01T08:15:00+08:00"),
        ("23 listopada 2026", "2026-11-23T00:00:00+08:00"),
        ("2026-11-23 08:15 GMT+9", "2026-11-23T08:15:00+09:00"),
        ("2026年11月23日08时15分09秒", "2026-11-23T08:15:09+08:00"),
    ],
)
def test_printed_forms_are_read_as_printed(printed: str, means: str) -> None:
    moment = read(printed, SHANGHAI)
    assert moment is not None
    assert moment.at.isoformat() == means


def test_d04_years_of_the_republic_of_china() -> None:
    for printed in ("民國115年11月23日", "115年11月23日", "中華民國 115 年 11 月 23 日"):
        moment = read(printed, SHANGHAI)
        assert moment is not None
        assert (moment.at.year, moment.at.month, moment.at.day, moment.has_time) == (2026, 11, 23, False)


@pytest.mark.parametrize(
    "printed",
    [
        "2024-02-30", "99999999999999999999", "1714564800", "11/12/2026", "2026-13-01", "2026-11-23T25:00:00Z", "yesterday",
        "3 hours ago", "0000-01-01", "10000-01-01", "1944-06-06", "2026-11-23T08:00:00+99:99", "", "November 2026", "2026",
    ],
)  # fmt: skip
def test_d01_d04_d05_what_is_no_single_date_is_missing(printed: str) -> None:
    moment = read(printed)
    assert moment is None or not moment.sure_zone  # an impossible offset is no zone
    assert moment is None or printed.endswith("+99:99")


def test_d07_odd_clock_times_are_valid_instants() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    for printed in ("2026-03-29 02:30", "2026-10-25 02:30", "2026-10-25 02:30:60"):
        moment = read(printed, berlin)
        assert moment is not None
        assert moment.at.astimezone(UTC).tzinfo is UTC


@pytest.mark.parametrize("printed", ["1" * 100_000, "May " * 250_000, "2026-11-23 " + " " * 50_000 + "x"])
def test_d08_endless_strings_are_no_dates_and_take_no_time(printed: str) -> None:
    started = time.process_time()
    assert read(printed) is None
    assert time.process_time() - started < 0.2


def page(
    head: str = "", body: str = "", url: str = "https://news.example/a/pier", zone: str | None = None
) -> Article:
    html = f"<html><head><title>Pier opens after years</title>{head}</head><body><h1>Pier opens after years</h1>{body}<div class='entry-content'>{STORY}</div></body></html>"
    source = (
        Source.model_validate(
            {
                "id": "x",
                "name": "X",
                "home": "https://news.example/",
                "side": "prc",
                "kind": "press",
                "zone": zone,
            }
        )
        if zone
        else None
    )
    return clean_html(html.encode(), url, source=source)


def meta(value: str) -> str:
    return f"<meta property='article:published_time' content='{value}'>"


@pytest.mark.parametrize(("zone", "hours"), [("Asia/Shanghai", 8), ("America/Chicago", -6)])
def test_d02_the_source_decides_what_cst_means(zone: str, hours: int) -> None:
    article = page(meta("2026-11-23 12:00 CST"), zone=zone)
    assert article.published is not None
    assert article.published.utcoffset() == timedelta(hours=hours)
    assert article.published_quality is DateQuality.ASSUMED_ZONE
    assert article.published_printed == "2026-11-23 12:00 CST"


def test_d03_a_time_without_a_zone_is_the_sources() -> None:
    article = page(meta("2026-11-23T12:00:00"), zone="Asia/Taipei")
    assert article.published is not None
    assert article.published.isoformat() == "2026-11-23T12:00:00+08:00"
    assert article.published_quality is DateQuality.ASSUMED_ZONE


def test_d01_what_cannot_be_read_is_missing_and_kept_as_printed() -> None:
    article = page(meta("2024-02-30"))
    assert article.published is None
    assert article.published_quality is DateQuality.MISSING
    assert article.published_printed == "2024-02-30"


def test_d09_dates_of_history_and_of_the_copyright_are_never_taken() -> None:
    history = "<p>On June 6, 1944 the old pier burned. On May 5, 2001 it burned again, as the plaque beside the gate says.</p>"
    html = f"<html><title>Pier</title><body><h1>Pier</h1><div class='entry-content'>{STORY}{history}<p>2001-05-05</p></div><footer>© 2019</footer></body></html>"
    assert clean_html(html.encode(), "https://news.example/a/pier").published is None


def test_d09_published_wins_over_updated() -> None:
    article = page(
        meta("2026-11-20T10:00:00Z")
        + "<meta property='article:modified_time' content='2026-11-22T10:00:00Z'>",
        "<div class='byline'><time class='updated' datetime='2026-11-22T10:00:00Z'>Updated</time></div>",
    )
    assert article.published is not None
    assert article.published.day == 20


def test_the_url_gives_the_day_when_nothing_else_does() -> None:
    article = page(url="https://news.example/2026/11/21/pier-opens")
    assert article.published is not None
    assert article.published.date().isoformat() == "2026-11-21"
    assert article.published_quality is DateQuality.URL


def test_a_visible_chinese_byline_gives_the_time() -> None:
    article = page(body="<div class='info'>2026年11月23日 08:15 来源：晨报</div>", zone="Asia/Shanghai")
    assert article.published is not None
    assert article.published.isoformat() == "2026-11-23T08:15:00+08:00"


def test_d02_a_date_in_a_list_of_other_articles_never_dates_the_page() -> None:
    others = "<div class='related-content'><a href='/2'>Older notice</a> <time datetime='2026-11-21'>Nov. 21, 2026</time></div>"
    own = "<span class='date'>Nov. 23, 2026</span>"
    html = f"<title>Notice</title><body><div class='top'><h1>Notice</h1>{own}</div><div class='body'>{STORY}</div>{others}</body>"
    article = clean_html(html.encode(), "https://news.example/a/1.html")
    assert article.published is not None
    assert article.published.day == 23


def test_a_part_around_the_headline_is_the_article_itself_whatever_its_name() -> None:
    html = (
        "<title>Notice</title><body><div class='teaser-page related'><h1>Notice</h1>"
        f"<time datetime='2026-11-23T08:00:00+01:00'>23 Nov</time>{STORY}</div></body>"
    )
    article = clean_html(html.encode(), "https://news.example/a/1.html")
    assert article.published is not None
    assert article.published.isoformat() == "2026-11-23T08:00:00+01:00"


def dated(body: str, head: str = "", url: str = "https://news.example/a/1.html") -> Article:
    html = f"<title>Pier opens after four years</title>{head}<body>{body}{STORY}</body>"
    return clean_html(html.encode(), url)


def test_the_time_nearest_the_headline_is_the_articles() -> None:
    others = "".join(f"<li><time datetime='2026-11-{n:02}T08:00:00Z'>{n}</time></li>" for n in range(10, 28))
    article = dated(
        f"<ul>{others}</ul><main><div><h1>Pier opens after four years</h1>"
        "<small>posted on <time datetime='2026-11-05T23:30:00-05:00'>5 November</time></small></div></main>"
    )
    assert article.published is not None
    assert article.published.isoformat() == "2026-11-05T23:30:00-05:00"


def test_of_several_printed_days_the_one_that_the_address_names_is_taken() -> None:
    body = (
        "<div><p class='info'>Said on November 3, 2026</p><h1>Pier opens after four years</h1>"
        "<p>November 3, 2026</p><p>November 21, 2026</p></div>"
    )
    article = dated(body, url="https://news.example/2026/nov/21/pier/")
    assert article.published is not None
    assert (article.published.date().isoformat(), article.published_quality) == (
        "2026-11-21",
        DateQuality.DATE_ONLY,
    )


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://news.example/2026/11/24/pier", "2026-11-24"),
        ("https://news.example/2026/nov/24/pier", "2026-11-24"),
        ("https://news.example/2026-11/24/c_1.htm", "2026-11-24"),
        ("https://news.example/n1/2026/1124/c1-2.html", "2026-11-24"),
        ("https://news.example/202611/t20261124_1.htm", "2026-11-24"),
        ("https://news.example/20261124001.html", "2026-11-24"),
        ("https://news.example/pier-2026-11-24", "2026-11-24"),
        ("https://news.example/releases/2026/11/261124130031.htm", None),
        ("https://news.example/2026/13/45/pier", None),
    ],
)
def test_the_day_in_an_address_is_read_whole_or_not_at_all(url: str, day: str | None) -> None:
    found = day_in(url)
    assert (found.isoformat() if found else None) == day


def ld(**fields: str) -> str:
    data = {"@type": "NewsArticle", "headline": "Pier opens after four years"} | fields
    return f"<script type='application/ld+json'>{json.dumps(data)}</script>"


def test_a_moment_that_the_page_prints_in_its_own_zone_is_given_in_that_zone() -> None:
    printed = "<div><h1>Pier opens after four years</h1><div class='time'>PUBLISHED: November 22, 2026 at 8:48 p.m.</div></div>"
    article = dated(printed, ld(datePublished="2026-11-23T01:48:19Z"))
    assert article.published is not None
    assert article.published.isoformat() == "2026-11-22T20:48:19-05:00"
    assert article.published_quality is DateQuality.PAGE
    other = printed.replace("8:48", "8:41").replace("PUBLISHED", "Weather")
    same = dated(other, ld(datePublished="2026-11-23T01:48:19Z"))
    assert same.published is not None
    assert same.published.isoformat() == "2026-11-23T01:48:19+00:00"


def test_the_page_of_an_article_may_state_its_day_where_the_article_does_not() -> None:
    node = {"@type": "WebPage", "datePublished": "2026-11-21T13:35:00+00:00"}
    article = dated(
        "<h1>Pier opens after four years</h1>",
        f"<script type='application/ld+json'>{json.dumps(node)}</script>",
    )
    assert article.published is not None
    assert article.published.isoformat() == "2026-11-21T13:35:00+00:00"


@pytest.mark.parametrize(
    ("printed", "made", "day"),
    [
        ("10-08", "2026-11-24 10:00:00", "2026-10-08"),
        ("12-08", "2026-11-24 10:00:00", "2025-12-08"),
        ("25-12-08", "2026-11-24 10:00:00", "2025-12-08"),
        ("10-08", "", None),
    ],
)
def test_a_day_without_its_year_is_the_last_one_before_the_page_was_made(
    printed: str, made: str, day: str | None
) -> None:
    script = f'<script>var page = {{"time": "{made}"}};</script>' if made else ""
    article = dated(
        "<h1>某海域举行救援演练活动</h1><div><span class='date'>发布时间："
        f"{printed}</span><span class='time'>12:34</span></div>",
        script,
    )
    assert (article.published.strftime("%Y-%m-%d %H:%M") if article.published else None) == (
        f"{day} 12:34" if day else None
    )


@pytest.mark.parametrize(
    ("script", "moment"),
    [
        ('var ct = "1795488000";', "2026-11-24T02:40:00+00:00"),
        ('window.page = {"publishTime": "2026-11-24 10:40:00"}', "2026-11-24T10:40:00+00:00"),
        ('window.page = {"published_at":1795488000123, "id": 7}', "2026-11-24T02:40:00.123000+00:00"),
        ('[{"pubDate": "2026-11-24 10:40"}, {"pubDate": "2026-11-20 10:40"}]', None),
        ('{"updateTime": "2026-11-24 10:40"}', None),
    ],
)
def test_a_page_that_prints_its_time_by_script_is_dated_by_that_script(
    script: str, moment: str | None
) -> None:
    article = dated("<h1>Pier opens after four years</h1>", f"<script>{script}</script>")
    assert (article.published.isoformat() if article.published else None) == moment


@pytest.mark.parametrize(
    ("printed", "at"),
    [
        ("2026-11-23 HKT 16:04", "2026-11-23T16:04:00+08:00"),
        ("2026 11/19 16:20:45", "2026-11-19T16:20:45+00:00"),
        ("2026 11 / 19 16:20:45", "2026-11-19T16:20:45+00:00"),
    ],
)
def test_a_zone_before_the_clock_and_a_year_apart_from_the_day_are_read(printed: str, at: str) -> None:
    moment = read(printed)
    assert moment is not None
    assert moment.at.isoformat() == at


def test_am_is_no_zone() -> None:
    assert read("2026-11-23 PM 10:30") is None


PIECES = "<div class='header-time'><span class='year'><em>2026</em></span><span class='day'><em>11</em>/<em>19</em></span><span class='time'>16:20:45</span></div>"
SPELLED = "<span>at <abbr class='published' title='2026-11-19T16:20:45-10:00'>4:20 PM</abbr></span>"
APART = "<div><h2 class='t'>Pier opens after four years</h2></div><div class='createddate'>2026-11-19 HKT 16:20</div>"


@pytest.mark.parametrize(
    ("head", "body", "at"),
    [
        ("", f"{PIECES}<h1>Pier opens after four years</h1>", "2026-11-19T16:20:45+00:00"),
        ("<meta name='publishdate' content='2026-11-19'>", PIECES, "2026-11-19T16:20:45+00:00"),
        ("", f"<h1>Pier opens after four years</h1>{SPELLED}", "2026-11-19T16:20:45-10:00"),
        ("", APART, "2026-11-19T16:20:00+08:00"),
        ("<meta name='pubdate' content='1795105245'>", "", "2026-11-19T16:20:45+00:00"),
        (
            '<script type=\'application/ld+json\'>{"@type": "NewsArticle", "datePublished": 1795105245000}</script>',
            "",
            "2026-11-19T16:20:45+00:00",
        ),
        (
            '<script type=\'application/ld+json\'>{"@type": "ImageGallery", "headline": "Pier opens", "datePublished": "2026-11-19T16:20:45Z"}</script>',
            "",
            "2026-11-19T16:20:45+00:00",
        ),
    ],
)
def test_dates_in_pieces_spelled_out_or_counted_in_seconds_are_read(head: str, body: str, at: str) -> None:
    story = "The pier opened on Monday after four years of work, and the first ship came in before the speeches had ended."
    html = f"<title>Pier opens after four years</title>{head}<body>{body}<p>{story}</p><p>{story} It rained.</p></body>"
    article = clean_html(html.encode(), "https://news.example/a/1")
    assert article.published is not None
    assert article.published.isoformat() == at


def test_the_dates_of_comments_and_of_several_days_are_not_the_articles() -> None:
    comment = "<div class='comments'><abbr class='published' title='2026-11-21T10:00:00Z'>21</abbr></div>"
    several = "<i class='date'>2026-11-20</i><i class='date'>2026-11-21</i>"
    for beside in (comment, several):
        html = f"<title>Pier opens</title><div><div><h1>Pier opens</h1></div>{STORY}</div><section>{beside}</section>"
        article = clean_html(html.encode(), "https://news.example/a/1")
        assert article.published_quality is DateQuality.MISSING, beside
