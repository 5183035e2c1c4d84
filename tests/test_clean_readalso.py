"""READ ALSO and its kin, in the shapes that sites use, English and Chinese."""

import pytest

from monitor.clean import clean_html
from monitor.model import Article, LinkKind

URL = "https://news.example/a/pier-opens-1.html"
FIRST = "The pier opened on Monday after four years of work, and the first ship came in before the speeches had ended."
LAST = "Engineers said that the harbor can now take vessels of twice the draft, which changes the plans of two fleets."
LINK = '<a href="/a/2?utm_source=inline">Tugboat crews vote on a new contract</a>'
CHINESE_LINK = '<a href="/a/2?utm_source=inline">拖船船员就新合同投票表决</a>'


def story(between: str) -> Article:
    html = f"<html><meta charset=utf-8><title>Pier opens</title><body><div class='entry-content'><p>{FIRST}</p>{between}<p>{LAST}</p></div></body></html>"
    return clean_html(html.encode(), URL)


@pytest.mark.parametrize(
    "shape",
    [
        f"<p>READ ALSO: {LINK}</p>",
        f"<p><strong>READ ALSO: {LINK}</strong></p>",
        f"<p><b>Read more:</b> {LINK}</p>",
        f"<p>Also read | {LINK}</p>",
        f"<p>See also: {LINK}</p>",
        f"<p>RELATED: {LINK}</p>",
        f"<h4>Read also</h4><ul><li>{LINK}</li></ul>",
        f"<h3>More on this story</h3><p>{LINK}</p>",
        f"<p><strong>Read also:</strong></p><ul><li>{LINK}</li></ul>",
        f"<blockquote><p>Recommended reading: {LINK}</p></blockquote>",
        f"<div class='read-also'><span>Don't miss</span>{LINK}</div>",
        f"<aside class='inline-related'>{LINK}</aside>",
        f"<p>相关阅读：{CHINESE_LINK}</p>",
        f"<p>延伸閱讀：</p><p>{CHINESE_LINK}</p>",
        f"<h3>更多报道</h3><ul><li>{CHINESE_LINK}</li></ul>",
        f"<p>【延伸阅读】{CHINESE_LINK}</p>",
        f"<p>推荐阅读<br>{CHINESE_LINK}</p>",
    ],
)
def test_a_pointer_in_any_shape_is_a_link_and_no_text(shape: str) -> None:
    article = story(shape)
    assert article.text.split("\n") == [FIRST, LAST]
    assert [link.url for link in article.links] == ["https://news.example/a/2"]
    assert article.links[0].title in ("Tugboat crews vote on a new contract", "拖船船员就新合同投票表决")
    assert article.links[0].kind in (LinkKind.READ_ALSO, LinkKind.RELATED)


@pytest.mark.parametrize(
    "shape",
    ["<p>READ ALSO: {}</p>", "<p>Read also: {}</p>", "<p>READ ALSO:</p><p>{}</p>", "{}<br>READ ALSO: {}"],
)
def test_a_bare_title_without_a_link_is_kept_as_a_title(shape: str) -> None:
    title = "Tugboat Crews Vote on a New Contract"
    article = story(f"<p>READ ALSO: {title}</p>" if shape.startswith("{}") else shape.format(title))
    assert article.text.split("\n") == [FIRST, LAST]
    assert [(link.kind, link.url, link.title) for link in article.links] == [
        (LinkKind.READ_ALSO, None, title)
    ]


def test_a_pointer_at_a_sentences_end_is_cut_off_the_paragraph() -> None:
    article = story(
        f"<p>The work goes on until spring, when a second berth is to open. READ ALSO: {LINK}</p>"
    )
    assert article.blocks[1].text == "The work goes on until spring, when a second berth is to open."
    assert article.links[0].kind is LinkKind.READ_ALSO


@pytest.mark.parametrize(
    "prose",
    [
        "You can read also the log of an earlier patrol in the museum, which the city opened last year.",
        "Read also the report of the commission, he told the council, before you vote on the second berth.",
        "See the harbor at night: it is the only hour in which nobody is in a hurry to leave it.",
        "Related: that is how the two families describe themselves, though nobody has ever found the cousin who joins them, and the parish registers burned with the old pier a century ago.",
        "推荐信写得很长，议员们读了两遍，仍然没有决定是否在春天之前开放第二个泊位。",
    ],
)
def test_prose_that_merely_says_so_stays(prose: str) -> None:
    assert story(f"<p>{prose}</p>").text.split("\n") == [FIRST, prose, LAST]


def test_links_in_the_text_are_kept_with_their_place() -> None:
    article = story(
        "<p>The council published <a href='https://council.example/plan'>its plan</a> a year ago, to general surprise.</p>"
    )
    assert [(x.kind, x.url, x.title, x.position) for x in article.links] == [
        (LinkKind.IN_TEXT, "https://council.example/plan", "its plan", 1)
    ]


@pytest.mark.parametrize(
    "line",
    [
        "Connect with us", "Hi, what are you looking for?", "Photo from Google", "Click to comment", "Leave a Reply",
        "Your email address will not be published. Required fields are marked *", "Share this article", "Advertisement",
        "Story continues below advertisement", "Sign up for our morning newsletter", "Photo: Jane Roe/Reuters", "12 Comments",
        "Follow us on X", "© 2026 News. All rights reserved.", "Tags: pier, harbor", "责任编辑：王小明", "（編輯：陳怡君）", "来源：晨报",
        "扫码关注我们", "关注“新闻”公众号，看更多", "版权声明：未经授权不得转载", "原标题：码头开放", "图片来源：视觉中国", "分享到：", "字号：大 中 小",
        "上一篇：天气转冷", "下载新闻客户端", "点击查看更多",
    ],
)  # fmt: skip
def test_boilerplate_lines_are_no_text_and_named(line: str) -> None:
    article = story(f"<p>{line}</p>")
    assert article.text.split("\n") == [FIRST, LAST]
    assert line in [removed.text for removed in article.removed]


@pytest.mark.parametrize(
    "line",
    [
        "Share prices fell on Monday as investors weighed the new export rules.",
        "Comments by the minister were brief, and he took no questions from the press.",
        "Photographs of the pier hang in the hall, and one of them shows the fire.",
        "Follow the money, she said, and you will find the harbor at the end of it.",
        "编辑部设在码头旁边的旧仓库里，窗外就是新的泊位。",
        "来源不明的资金是这次调查的重点，议员们要求公布名单。",
    ],
)
def test_prose_that_begins_like_boilerplate_stays(line: str) -> None:
    assert line in story(f"<p>{line}</p>").text


def test_a_pointer_before_the_lead_does_what_a_colon_does() -> None:
    page = clean_html(
        "<html><head><title>演训</title><meta charset='utf-8'></head><body><article><h1>某海域组织演训</h1>"
        "<p>某部昨日在东部海域组织了一次为期三天的演训，多艘舰艇参加，指挥员称达到了预期目的，部队随后返航。</p>"
        "<p>▲点击阅读 邻近港口的渔船接到避让通知</p>"
        "<p>演训期间附近航道照常通行，海事部门提前发布了航行通告，提醒过往船只注意避让并保持通信联络畅通。</p>"
        "</article></body></html>".encode(),
        "https://x.example/yw/1.html",
    )
    assert [(link.kind, link.title) for link in page.links] == [
        (LinkKind.READ_ALSO, "邻近港口的渔船接到避让通知")
    ]
    assert "点击阅读" not in page.text


@pytest.mark.parametrize(
    ("end", "title"),
    [
        (' <a href="/a/2">Read more</a>', "Read more"),
        (f" Also read: {LINK}", "Tugboat crews vote on a new contract"),
        (" Also read: Tugboat crews vote on a new contract", None),
    ],
)
def test_a_pointer_at_the_end_of_a_paragraph_is_no_text(end: str, title: str | None) -> None:
    article = story(f"<p>Votes are counted on Thursday in both ports of the bay.{end}</p>")
    if title is not None:
        assert article.text.split("\n")[1] == "Votes are counted on Thursday in both ports of the bay."
        assert [link.title for link in article.links] == [title]
        assert article.links[0].kind is LinkKind.READ_ALSO
    else:
        assert article.text.split("\n")[1].endswith("contract")  # without link and capitals it may be prose


def test_chinese_leads_end_a_paragraph_with_and_without_their_titles() -> None:
    bare = story('<p>演练按计划结束，各船已返回母港休整补给。<a href="/a/2">更多报道</a></p>')
    titled = story("<p>演练按计划结束，各船已返回母港休整补给。更多報導：拖船船員就新合約投票表決</p>")
    for article in (bare, titled):
        assert article.text.split("\n")[1] == "演练按计划结束，各船已返回母港休整补给。"
        assert [link.kind for link in article.links] == [LinkKind.READ_ALSO]


def test_a_line_that_says_where_to_read_more_about_something_is_a_pointer() -> None:
    article = story(f"<p>Read more about how the bay got its tugboats: {LINK}</p>")
    assert article.text.split("\n") == [FIRST, LAST]
    assert [link.kind for link in article.links] == [LinkKind.READ_ALSO]


def test_a_link_that_is_called_read_more_takes_the_title_that_stands_elsewhere() -> None:
    article = story(f'<p>The vote was close. <a href="/a/2">Read more</a></p><aside>{LINK}</aside>')
    assert [link.title for link in article.links] == ["Tugboat crews vote on a new contract"]


def beside(after: str) -> list[tuple[LinkKind, str]]:
    """The links of a story with a link in its text, below which something stands."""
    html = (
        f"<html><meta charset=utf-8><title>Pier opens</title><body><main><h1>Pier opens</h1><div class='entry-content'><p>{FIRST}</p>"
        f"<p>{LAST} The <a href='/people/hale'>keeper of the pier</a> agreed.</p></div>{after}</main></body></html>"
    )
    return [(link.kind, link.title) for link in clean_html(html.encode(), URL).links]


IN_TEXT = (LinkKind.IN_TEXT, "keeper of the pier")
CREWS = (LinkKind.RELATED, "Tugboat crews vote on a new contract")


@pytest.mark.parametrize(
    "after",
    [
        f"<h4>More from Harbors</h4><ul><li>{LINK}</li></ul>",
        f"<div><div class='head'><h3>Related stories</h3></div><div>{LINK}</div></div>",
        f"<div><div class='tit'>相关阅读</div><ul><li>{LINK}</li></ul></div>",
        f"<h2>More from Ann Example</h2><div>{LINK}</div><h2>Recommended from Example</h2><div><a href='/x'>I asked a machine to plan</a></div>",
        "<h2>Read more</h2><a href='/a/2'><h3>Tugboat crews vote on a new contract</h3><p>They voted at dawn.</p></a>",
    ],
)
def test_the_list_right_behind_a_heading_is_related_and_the_links_of_the_text_are_not(after: str) -> None:
    assert beside(after) == [IN_TEXT, CREWS]


def test_a_line_that_points_at_an_article_below_the_text_is_kept() -> None:
    assert beside(f"<p class='after'>RELATED: {LINK}</p>") == [IN_TEXT, (LinkKind.READ_ALSO, CREWS[1])]


@pytest.mark.parametrize("heading", ["更多新聞", "Editor's picks", "Most read", "編輯推薦"])
def test_a_list_of_the_site_below_the_text_gives_no_links(heading: str) -> None:
    assert beside(f"<div class='more'><h3>{heading}</h3><ul><li>{LINK}</li></ul></div>") == [IN_TEXT]
