"""Headline, names and section: which evidence stands where a page says different things in several places."""

import json

import pytest

from monitor.clean import clean_html
from monitor.clean.people import people
from monitor.model import Article

STORY = "The pier opened on Monday after four years of work, and the first ship came in before the speeches had ended."
CHINESE = (
    "东部海域年度救援演练十八日举行，来自五个单位的十二艘舰船参加，这是该项演练连续第九年组织，演练持续两天。"
)


def page(head: str, body: str, url: str = "https://www.harbormail.example/a/pier-1.html") -> Article:
    html = f"<html><head>{head}</head><body>{body}</body></html>"
    return clean_html(html.encode(), url, content_type="text/html; charset=utf-8")


def stated(*, printed: str, ld: str = "", og: str = "", title: str = "") -> Article:
    data = json.dumps({"@type": "NewsArticle", "headline": ld}) if ld else "{}"
    head = f"<script type='application/ld+json'>{data}</script><title>{title or printed}</title>"
    head += f'<meta property="og:title" content="{og}">' if og else ""
    return page(head, f"<article><h1>{printed}</h1><p>{STORY}</p><p>{STORY} It rained.</p></article>")


# ---------------------------------------------------------------- headline


def test_a_printed_headline_that_the_page_states_elsewhere_stands() -> None:
    article = stated(
        printed="Pier opens after four years", ld="Pier opens after four years", og="You must see this"
    )
    assert (article.title, article.provenance["title"]) == ("Pier opens after four years", "h1")


def test_a_headline_made_for_search_engines_does_not_replace_the_printed_one() -> None:
    for_searching = "Pier opening 2026: date, cost, ships"
    article = stated(
        printed="At last, the pier", og="At last, the pier", ld=for_searching, title=for_searching
    )
    assert article.title == "At last, the pier"


def test_the_stated_headline_stands_where_all_of_the_head_agrees_on_it() -> None:
    said = "Harbor: pier opens after four years"
    article = stated(printed="Pier opens after four years", ld=said, og=said, title=f"{said} | Harbor Mail")
    assert (article.title, article.provenance["title"]) == (said, "json-ld headline")


def test_the_stated_headline_stands_where_it_is_not_that_of_the_title_element() -> None:
    article = stated(
        printed="Crowds watch as the pier opens", ld="New pier opens", og="Crowds watch as the pier opens"
    )
    assert article.title == "New pier opens"


def test_p19_the_headline_of_another_article_in_the_structured_data_is_not_taken() -> None:
    article = stated(printed="Crowds watch as the pier opens", ld="Ferry strike ends")
    assert article.title == "Crowds watch as the pier opens"


def test_p19_of_several_articles_in_the_structured_data_none_gives_the_headline() -> None:
    two = [{"@type": "NewsArticle", "headline": f"{what} pier opens"} for what in ("New", "Old")]
    article = page(
        f"<script type='application/ld+json'>{json.dumps(two)}</script><title>Crowds watch as the pier opens</title>",
        f"<article><h1>Crowds watch as the pier opens</h1><p>{STORY}</p><p>{STORY} It rained.</p></article>",
    )
    assert article.title == "Crowds watch as the pier opens"


def test_a_stated_headline_that_is_cut_short_is_not_taken() -> None:
    printed = "Crowds watch as the pier opens after four years of work and two of waiting"
    assert stated(printed=printed, ld="Crowds watch as the pier opens after...").title == printed


def test_words_behind_a_dash_stay_where_the_printed_headline_has_them() -> None:
    printed = "Pier opens after four years - nobody comes"
    assert stated(printed=printed, ld=printed, og=printed, title=f"{printed} - Harbor Mail").title == printed
    assert stated(
        printed="Pier opens after four years", title="Pier opens after four years - Harbor Mail"
    ).title == ("Pier opens after four years")


def test_the_name_of_a_chinese_site_is_no_headline_and_is_cut_from_one() -> None:
    article = page(
        "<title>某海域救援演练正式启动 - 某某省人民政府门户网站</title>",
        f"<h1>某某省人民政府网站</h1><div class='title'>某海域救援演练正式启动</div><div class='content'><p>{CHINESE}</p></div>",
    )
    assert article.title == "某海域救援演练正式启动"


def test_microdata_names_headline_writer_day_and_section() -> None:
    article = page(
        "<title>Harbor Mail</title>",
        "<div itemscope itemtype='https://schema.org/NewsArticle'><div class='x' itemprop='headline'>Pier opens after four years</div>"
        "<i itemprop='articleSection'>Harbor</i><i itemprop='author' itemscope itemtype='https://schema.org/Person'>"
        "<b itemprop='name'>Ann Example</b>, who swims</i><i itemprop='datePublished' content='2026-11-20T08:00:00+08:00'>Friday</i>"
        f"<p>{STORY}</p><p>{STORY} It rained.</p>"
        "<div itemprop='comment' itemscope itemtype='https://schema.org/Comment'><b itemprop='author'>Bo Sample</b></div></div>",
    )
    assert (article.title, article.section) == ("Pier opens after four years", "Harbor")
    assert article.authors == ("Ann Example",)
    assert article.published is not None
    assert article.published.isoformat() == "2026-11-20T08:00:00+08:00"


@pytest.mark.parametrize(
    ("said", "section"),
    [("Harbor | The Harbor Mail", "Harbor"), ("harbor,news,slider", "harbor"), ("Ships, Piers and Quays", "Ships, Piers and Quays"),
     ("post", "")],
)  # fmt: skip
def test_a_section_is_one_part_of_the_outlet(said: str, section: str) -> None:
    article = page(
        f"<meta property='article:section' content='{said}'>",
        f"<h1>Pier opens after four years</h1><p>{STORY}</p>",
    )
    assert article.section == section


# ---------------------------------------------------------------- names


def written(byline: str, head: str = "", closing: str = "", story: str = STORY) -> Article:
    title = "Pier opens after four years" if story.isascii() else "某海域举行救援演练"
    return page(
        f"<title>{title}</title>{head}",
        f"<article><h1>{title}</h1>{byline}<p>{story}</p><p>{story} And so on.</p>{closing}</article>",
    )


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        (
            "<p class='date'><a href='/author/annexample/'>Ann Example</a> - 20 November 2026</p>",
            ("Ann Example",),
        ),
        ("<p class='reader'> von <a href='/x'>Ann Example</a> </p>", ("Ann Example",)),
        ("<p>Photos and Story By Ann Example</p>", ("Ann Example",)),
        ("<p class='author'>Ann Example, Harbor Press</p>", ("Ann Example",)),
        ("<p class='author'>Ann Example | WXYZ</p>", ("Ann Example",)),
        ("<div><p class='byline'>Dec 20</p>by Ann Example</div>", ("Ann Example",)),
        ("<p class='author'>By Ann Example, In Sport, Business</p>", ("Ann Example",)),
        (
            "<p class='initials'>axe</p><p style='text-align:right'><strong>Lê Example</strong></p>",
            ("Lê Example",),
        ),
        ("<p>Said <a href='/people/1'>Bo Sample</a> of the pier</p>", ()),
        ("<ul class='comment-list'><li class='comment-author'>Swimmer</li></ul>", ()),
    ],
)
def test_a_byline_gives_names_and_no_more(byline: str, names: tuple[str, ...]) -> None:
    assert written(byline).authors == names


@pytest.mark.parametrize(
    ("byline", "closing", "names"),
    [
        ("<p>来源<span>某报</span>| 作者<span>王小明</span></p>", "", ("王小明",)),
        ("<p>王小明/某某青年报</p>", "", ("王小明",)),
        ("", "<p>某某晚报记者 王小明</p>", ("王小明",)),
        ("<p class='author'>本报记者 王小明 李大红</p>", "", ("王小明", "李大红")),
        ("<p class='author'>某某報／ 記者王小明／台北即時報導</p>", "", ("王小明",)),
        ("<p>記者王小明／台北報導</p>", "", ("王小明",)),
        ("<p>文/王小明 图/李大红</p>", "", ("王小明",)),
        ("<p>某社记者 王小明 摄</p>", "", ()),
        ("<p class='show_author'>责任编辑：王小明</p>", "", ()),
        ("", f"<p>{CHINESE}（王小明）</p>", ("王小明",)),
        ("", f"<p>{CHINESE}（完）</p>", ()),
        ("", f"<p>{CHINESE}（新华社记者王小明摄）</p>", ()),
    ],
)
def test_a_chinese_article_names_its_writer_above_or_below(
    byline: str, closing: str, names: tuple[str, ...]
) -> None:
    assert written(byline, closing=closing, story=CHINESE).authors == names


def test_a_dispatch_of_an_agency_names_reporter_then_place() -> None:
    assert written("", story=f"（某社記者林小明台北22日電）{CHINESE}").authors == ("林小明",)
    assert written("", story=f"（中央社記者林小明台北22日電）{CHINESE}").authors == ("林小明",)


def ld(author: object) -> str:
    data = {"@type": "NewsArticle", "headline": "Pier opens after four years", "author": author}
    return f"<script type='application/ld+json'>{json.dumps(data)}</script>"


def test_an_agency_or_the_outlet_is_the_author_where_no_person_is_named() -> None:
    for name in ("Associated Press", "The Associated Press"):
        assert written("", ld([{"@type": "Person", "name": name}])).authors == (name,)
    outlet = {"@type": "Organization", "name": "Harbor Mail"}
    assert written("", ld(outlet)).authors == ("Harbor Mail",)
    assert written("<p class='author'>Ann Example</p>", ld(outlet)).authors == ("Ann Example",)


def test_of_several_stated_people_those_of_the_byline_are_the_authors() -> None:
    both = [{"@type": "Person", "name": "Ann Example"}, {"@type": "Person", "name": "Bo Sample"}]
    assert written("", ld(both)).authors == ("Ann Example", "Bo Sample")
    byline = "<meta name='parsely-author' content='Ann Example'>"
    assert written("", ld(both) + byline).authors == ("Ann Example",)


def test_structured_data_that_is_broken_still_names_the_writer() -> None:
    broken = (
        '<script type=\'application/ld+json\'>{\'@type\': "NewsArticle", "headline": "Pier opens", '
        '"author": [{"@type": "Person", "name": "Ann Example"}], oops}</script>'
    )
    assert written("", broken).authors == ("Ann Example",)


def test_the_sites_own_name_is_nobody() -> None:
    assert people(["HARBORMAIL Newsroom North", "Ann Example"], {"harbormail"}) == ("Ann Example",)
    assert written("", "<meta name='author' content='HarborMail'>").authors == ()


BELOW = f"<p>{STORY}</p><p>{STORY} It rained.</p>"


@pytest.mark.parametrize(
    ("body", "section"),
    [
        ("<a class='c-overline' href='/w'>World</a><h1>Pier opens after four years</h1>{}", "World"),
        ("<a class='post-tag' href='/tag/m'>Machines</a><h1>Pier opens after four years</h1>{}", "Machines"),
        (
            "<h1>Pier opens after four years</h1>{}<p>In <a href='/d' rel='category tag'>Defense</a></p>",
            "Defense",
        ),
        (
            "<div class='way'><a href='/'>Mail</a> &gt;&gt; <a href='/x'>Sea</a></div><h1>Pier opens after four years</h1>{}",
            "Sea",
        ),
        ("<hgroup><h2>Harbors</h2><h1>Pier opens after four years</h1></hgroup>{}", "Harbors"),
        ("<p class='art-eyebrow'>Ships</p><h1>Pier opens after four years</h1>{}", "Ships"),
        (
            "<div class='way'><a href='/'>Mail</a> / <a href='/x'>Sea</a></div><h1>Pier opens after four years</h1>{}",
            "Sea",
        ),
        (
            "<div class='way'><a href='/'>Mail</a><span>›</span><a href='/x'>Sea</a></div><h1>Pier opens after four years</h1>{}",
            "Sea",
        ),
        ("<hgroup><h2>Mail</h2><h1>Pier opens after four years</h1></hgroup>{}", ""),
        ("<hgroup><h2>It took long</h2><h1>Pier opens after four years</h1></hgroup>{}", ""),
    ],
)
def test_the_section_is_named_above_the_headline_in_crumbs_or_by_the_link_it_is_filed_under(
    body: str, section: str
) -> None:
    head = "<title>Pier opens after four years - Harbors - Mail</title>"
    assert page(head, f"<article>{body.format(BELOW)}</article>").section == section


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("By Petty Officer 2nd Class Ann Example", ("Ann Example",)),
        ("Staff Sgt. Ann Example and 1st Lt. Bo Sample", ("Ann Example", "Bo Sample")),
        ("Ann Example, Associate Professor of Politics, Lakeshore College", ("Ann Example",)),
        ("Interview by Ann Example", ("Ann Example",)),
        ("Bo Sample as told to Ann Example", ("Ann Example",)),
        ("合報 記者梁又青／台北報導", ("梁又青",)),
        ("记者 方白 实习生 顾一", ("方白", "顾一")),
        ("harboradmin", ()),
        ("Press Office", ()),
        ("上一篇", ()),
    ],
)
def test_ranks_chairs_and_login_names_are_no_part_of_a_name(byline: str, names: tuple[str, ...]) -> None:
    assert people([byline]) == names


def test_an_agencys_dispatch_is_by_the_reporter_whom_its_credit_names() -> None:
    data = {
        "@type": "NewsArticle",
        "headline": "Pier opens",
        "author": {"@type": "Organization", "name": "Reuters"},
    }
    head = f"<title>Pier opens</title><script type='application/ld+json'>{json.dumps(data)}</script>"
    credit = "<p>(Reporting by Ann Example; Editing by Bo Sample)</p>"
    article = page(head, f"<article><h1>Pier opens after four years</h1>{BELOW}{credit}</article>")
    assert (article.authors, article.wire) == (("Ann Example",), "Reuters")


@pytest.mark.parametrize(
    ("opening", "wire", "names"),
    [
        ("（中央社記者林書安台北22日電）", "中央社", ("林書安",)),
        ("【环海时报驻东京特约记者 高岸】", "", ("高岸",)),
        ("（中央社記者王明華盛頓21日專電）", "中央社", ("王明",)),
        ("【环海时报驻德国特约记者 高岸 环海时报记者 陶短房】", "", ("高岸", "陶短房")),
        ("（记者王明 通讯员李小红）", "", ("王明", "李小红")),
        ("路透社（AP）和其他机构说，", "", ()),
        ("新华社海口11月19日电（记者沈一舟、白鹭）", "新华社", ("沈一舟", "白鹭")),
    ],
)
def test_a_dateline_names_agency_and_reporter_in_any_of_the_first_paragraphs(
    opening: str, wire: str, names: tuple[str, ...]
) -> None:
    text = f"<p>{CHINESE}</p><p>{opening}{CHINESE}</p><p>{CHINESE}</p>"
    article = page("<title>某海域举行演练</title>", f"<article><h1>某海域举行演练</h1>{text}</article>")
    assert (article.wire, article.authors) == (wire, names)


def test_a_tag_behind_the_headline_in_its_heading_is_no_part_of_it() -> None:
    printed = "Pier opens after four years<span class='tag'><i>Original</i></span>"
    assert stated(printed=printed, og="Pier opens after four years", title="Pier").title == (
        "Pier opens after four years"
    )
