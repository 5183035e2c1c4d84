"""What is the article's text and what stands beside it: the rules of the body, each on a small page."""

import json

import pytest

from monitor.clean import clean_html
from monitor.model import Article, BlockKind, LinkKind, PageKind

URL = "https://harbor-gazette.example/2026/11/24/pier-opens.html"
STORY = [
    "The pier opened on Monday after four years of work, and the first ship came in before the speeches had ended.",
    "Engineers said that the harbor can now take vessels of twice the draft, which changes the plans of two fleets.",
    "Nobody asked the gulls, who have moved to the old pier and show no intention of paying rent for it.",
]
NEXT_DOOR = [
    "A bakery on the far side of town burned down on Sunday night, and its owner blames a cat that nobody has seen.",
    "The fire brigade, which arrived within four minutes, blames the oven, which everybody has seen, often and with pleasure.",
]


def paragraphs(texts: list[str]) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def page(body: str, *, head: str = "", lang: str = "en") -> Article:
    title = "<title>Pier opens</title>"
    return clean_html(
        f"<html lang='{lang}'><head>{title}{head}</head><body>{body}</body></html>".encode(), URL
    )


def texts(article: Article) -> list[str]:
    return [block.text for block in article.blocks]


def rules(article: Article) -> set[str]:
    return {part.rule for part in article.removed}


# ---------------------------------------------------------------- which part is the text


def test_text_above_the_headline_is_not_the_article() -> None:
    ticker = "".join(f"<li>{text} {text}</li>" for text in NEXT_DOOR * 4)
    body = f"<div class='wrap'><div class='brk'><ul>{ticker}</ul></div><h2>Pier opens</h2><div>{paragraphs(STORY)}</div></div>"
    assert texts(page(body)) == STORY


def test_articles_beside_that_of_the_headline_are_others() -> None:
    others = "".join(f"<article class='post'>{paragraphs(NEXT_DOOR)}</article>" for _ in range(6))
    body = f"<div><article class='post'><h1>Pier opens</h1>{paragraphs(STORY * 2)}</article><div>{others}</div></div>"
    assert set(texts(page(body))) == set(STORY)


def test_the_next_article_of_an_endless_page_is_another_one() -> None:
    first = f"<main class='story'><h1>Pier opens</h1><div class='art'>{paragraphs(STORY)}</div></main>"
    second = (
        f"<main class='story'><h1>Bakery burns</h1><div class='art'>{paragraphs(NEXT_DOOR * 4)}</div></main>"
    )
    assert texts(page(f"<div class='scroll'>{first}{second}</div>")) == STORY


def test_the_rest_that_waits_for_a_subscriber_is_text() -> None:
    rest = "".join(f"<div class='subscriber-only' style='display:none'><p>{t}</p></div>" for t in STORY[1:])
    article = page(f"<h1>Pier opens</h1><div class='article-body'><p>{STORY[0]}</p>{rest}</div>")
    assert texts(article) == STORY
    assert article.kind is PageKind.ARTICLE


def test_a_hidden_dialog_is_no_text_even_if_it_is_longer() -> None:
    dialog = f"<div class='consent' style='display:none'>{paragraphs(NEXT_DOOR * 5)}</div>"
    article = page(f"<h1>Pier opens</h1><div class='article-body'>{dialog}{paragraphs(STORY)}</div>")
    assert texts(article) == STORY


def test_what_is_scrambled_for_subscribers_is_cut_and_makes_a_teaser() -> None:
    rest = "<div class='subscriber-only encrypted-content' style='display:none'><p>%96 A:6C @A6?65 @? |@?52J</p></div>"
    article = page(f"<h1>Pier opens</h1><div class='article-body'><p>{STORY[0]}</p>{rest}</div>")
    assert texts(article) == STORY[:1]
    assert article.kind is PageKind.TEASER


def test_a_known_body_that_a_script_will_show_is_not_hidden() -> None:
    body = f"<h1>Pier opens</h1><div id='js_content' style='visibility: hidden; opacity: 0'>{paragraphs(STORY)}</div>"
    assert texts(page(body)) == STORY


def test_page_builders_call_the_text_a_widget() -> None:
    widget = "elementor-element elementor-widget elementor-widget-"
    body = f"<div class='{widget}text-editor'>{paragraphs(STORY)}</div><div class='{widget}share-buttons'><p>Facebook and all the others, too</p></div>"
    assert texts(page(f"<h1>Pier opens</h1><div class='elementor-column'>{body}</div>")) == STORY


# ---------------------------------------------------------------- standfirsts


def test_a_standfirst_is_the_first_paragraph_where_the_language_has_it_so() -> None:
    lead = "Der Pier ist offen, die Möwen sind umgezogen, und niemand hat sie gefragt."
    story = [
        "Am Montag kam das erste Schiff, noch während der Minister sprach, und alle sahen nur das Schiff an.",
        "Die Ingenieure sagen, dass der Hafen nun tiefere Schiffe aufnimmt, was die Pläne zweier Flotten ändert.",
    ]
    body = f"<h1>Pier offen</h1><p class='article__intro'>{lead}</p><div class='article-body'>{paragraphs(story)}</div>"
    assert texts(page(body, lang="de")) == [lead, *story]


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("article-dek", ""),
        ("x1", "<meta property='og:description' content='The gulls have moved out, and nobody asked them.'>"),
    ],
)
def test_an_english_deck_is_told_and_no_text(name: str, head: str) -> None:
    deck = "The gulls have moved out, and nobody asked them."
    body = (
        f"<h1>Pier opens</h1><p class='{name}'>{deck}</p><div class='article-body'>{paragraphs(STORY)}</div>"
    )
    article = page(body, head=head)
    assert texts(article) == STORY
    assert deck in [part.text for part in article.removed if part.rule == "standfirst"]


def test_a_standfirst_that_begins_the_text_anyway_is_not_said_twice() -> None:
    lead = "Der Pier ist offen, die Möwen sind umgezogen, und niemand hat sie gefragt."
    body = f"<h1>Pier offen</h1><p class='intro'>{lead}</p><div class='article-body'><p>{lead}</p>{paragraphs(STORY)}</div>"
    assert texts(page(body, lang="de")).count(lead) == 1


# ---------------------------------------------------------------- boxes in the text


def test_what_is_printed_under_a_picture_is_a_caption_whatever_it_is_called() -> None:
    picture = "<div class='x7'><div><img src='p.jpg'></div><div class='x9'>The pier at dawn, seen from the north.</div></div>"
    article = page(
        f"<h1>Pier opens</h1><div class='article-body'><p>{STORY[0]}</p>{picture}{paragraphs(STORY[1:])}</div>"
    )
    assert texts(article) == STORY
    assert "caption" in rules(article)


def test_a_paragraph_with_a_picture_in_it_is_text() -> None:
    body = f"<h1>Pier opens</h1><div class='article-body'><div><img src='p.jpg'>{STORY[0]}</div>{paragraphs(STORY[1:])}</div>"
    assert texts(page(body)) == STORY


def test_the_box_around_a_button_that_asks_for_something_goes() -> None:
    box = "<div class='x3'><h3>The harbor in your pocket</h3><p>One letter a week, from us.</p><a class='btn' href='/s'>Subscribe</a></div>"
    article = page(
        f"<h1>Pier opens</h1><div class='article-body'><p>{STORY[0]}</p>{box}{paragraphs(STORY[1:])}</div>"
    )
    assert texts(article) == STORY
    assert "call to action" in rules(article)


def test_a_sentence_with_a_button_in_it_is_text() -> None:
    text = "Whoever wants to see the pier may <a class='btn' href='/visit'>register here</a> until Friday, says the harbor."
    article = page(f"<h1>Pier opens</h1><div class='article-body'><p>{text}</p>{paragraphs(STORY)}</div>")
    assert article.blocks[0].text.startswith("Whoever wants to see the pier may register here")


def test_a_brief_is_not_cut_for_the_button_below_it() -> None:
    brief = "The pier opened on Monday, the harbor said in a line and a half, and then went home early."
    body = f"<h1>Pier opens</h1><div class='article-body'><div><p>{brief}</p><a class='btn' href='/s'>Subscribe</a></div></div>"
    assert brief in texts(page(body))


def test_a_class_that_only_holds_the_letters_of_a_button_is_none() -> None:
    line = "<div class='spectator'><a class='spectator-link' href='/x'>Join the queue at the pier, says the harbor office</a></div>"
    article = page(
        f"<h1>Pier opens</h1><div class='article-body'><p>{STORY[0]}</p>{line}{paragraphs(STORY[1:])}</div>"
    )
    assert "call to action" not in rules(article)


def test_a_fact_box_is_known_by_its_heading() -> None:
    box = "<div class='x4'><b>In brief</b><p>The pier is 400 metres long.</p></div>"
    article = page(
        f"<h1>Pier opens</h1><div class='article-body'>{paragraphs(STORY[:2])}{box}<p>{STORY[2]}</p></div>"
    )
    assert texts(article) == STORY
    assert "fact box" in rules(article)


def test_of_a_photo_gallery_the_captions_are_the_text_without_their_credits() -> None:
    said = [
        "A welder mends the rail at dawn, as he has done each year since the ship was built.",
        "The cook counts his eggs before the storm, because afterwards there is no point in it.",
        "Two sailors wait for their boat, which had been promised for Tuesday, and it is Thursday.",
    ]
    slides = "".join(
        f"<figure><img src='{n}.jpg'><figcaption>{text}<span class='credit'>A. Salt</span></figcaption></figure>"
        for n, text in enumerate(said)
    )
    article = page(f"<h1>Pier opens</h1><div class='slides'>{slides}</div>")
    assert texts(article) == said
    assert {block.kind for block in article.blocks} == {BlockKind.CAPTION}


def test_a_footnote_mark_is_no_text_and_an_exponent_is() -> None:
    text = "It holds 10<sup>3</sup> ships<sup><a href='#fn1'>1</a></sup> and two tugs<a href='#fn2'>[2]</a>, all of them grey and none of them ours."
    article = page(f"<h1>Pier opens</h1><div class='article-body'><p>{text}</p>{paragraphs(STORY)}</div>")
    assert texts(article)[0] == "It holds 10³ ships and two tugs, all of them grey and none of them ours."


def test_a_link_inside_a_sentence_is_not_cut_for_its_name() -> None:
    text = "The harbor master (<a class='searchLink' href='/q?n=quill'>Ada Quill</a>) has asked the gulls for patience, twice."
    article = page(f"<h1>Pier opens</h1><div class='article-body'><p>{text}</p>{paragraphs(STORY)}</div>")
    assert "(Ada Quill)" in article.text


# ---------------------------------------------------------------- the end of the text


def test_a_press_release_ends_before_it_speaks_of_the_company() -> None:
    about = "<h3>About Quill Harbor Corp.</h3><p>Quill Harbor Corp. is a leading provider of piers to the world.</p>"
    article = page(f"<h1>Pier opens</h1><div class='article-body'>{paragraphs(STORY)}{about}</div>")
    assert texts(article) == STORY


def test_what_the_end_says_of_its_author_is_no_text() -> None:
    head = "<meta name='author' content='Ada Quill'>"
    bio = "<p>Ada Quill is a reporter who covers harbors and what lives in them.</p>"
    article = page(
        f"<h1>Pier opens</h1><div class='article-body'>{paragraphs([*STORY, *NEXT_DOOR])}{bio}</div>",
        head=head,
    )
    assert texts(article) == [*STORY, *NEXT_DOOR]


@pytest.mark.parametrize(
    "line",
    [
        "(Reporting by Ada Quill; Editing by Ben Stone)",
        "This story was originally published by The Delta Courier on November 3.",
        "This interview has been edited for length and clarity.",
        "Ben Stone contributed to this report.",
        "View this post on Instagram",
        "（作者单位：海湾研究所）",
        "关注公众号，海湾的消息尽在海湾APP",
        "責任編輯：王小明",
    ],
)
def test_credit_lines_are_no_text(line: str) -> None:
    article = page(f"<h1>Pier opens</h1><div class='article-body'>{paragraphs([*STORY, line])}</div>")
    assert texts(article) == STORY


def test_an_editors_mark_behind_the_last_sentence_is_cut_off() -> None:
    story = [
        "碼頭於週一啟用，第一艘船在致詞結束之前就進港了，港務局說這是好兆頭。",
        "海鷗已經搬到舊碼頭，目前沒有付租金的打算，當局也沒有詢問牠們的意見。",
    ]
    article = page(
        f"<h1>新碼頭啟用</h1><div class='article-body'><p>{story[0]}</p><p>{story[1]}（編輯：王小明）1151124</p></div>",
        lang="zh-Hant",
    )
    assert texts(article) == story


def test_a_list_of_points_printed_as_headings_stays() -> None:
    points = "".join(f"<h3>{n}. The pier is longer than the {n}th plan said.</h3>" for n in range(1, 5))
    article = page(f"<h1>Pier opens</h1><div class='article-body'>{paragraphs(STORY)}{points}</div>")
    assert len(article.blocks) == len(STORY) + 4


# ---------------------------------------------------------------- pointers


def test_a_box_of_links_keeps_its_place_and_its_kind() -> None:
    box = "<aside class='related-list'><h4>Related stories</h4><ul><li><a href='/a'>Tugs vote on a new contract</a></li><li><a href='/b'>Cranes to be painted blue</a></li></ul></aside>"
    article = page(
        f"<h1>Pier opens</h1><div class='article-body'><p>{STORY[0]}</p>{box}{paragraphs(STORY[1:])}</div>"
    )
    assert [(x.kind, x.position) for x in article.links] == [(LinkKind.RELATED, 1)] * 2


def test_one_pointer_in_the_run_of_a_text_is_read_also() -> None:
    card = "<a class='promo' href='/c'><h4>Tugs vote on a new contract</h4><p>They want hats.</p></a>"
    article = page(
        f"<h1>Pier opens</h1><div class='article-body'><p>{STORY[0]}</p>{card}{paragraphs(STORY[1:])}</div>"
    )
    assert texts(article) == STORY
    (link,) = article.links
    assert (link.kind, link.title, link.position) == (LinkKind.READ_ALSO, "Tugs vote on a new contract", 1)


def test_three_items_that_only_link_are_a_list_of_articles() -> None:
    items = "".join(f"<li><a href='/{n}'>Harbor news number {n} of this week</a></li>" for n in range(3))
    article = page(
        f"<h1>Pier opens</h1><div class='article-body'><p>{STORY[0]}</p><ul>{items}</ul>{paragraphs(STORY[1:])}</div>"
    )
    assert texts(article) == STORY
    assert len(article.links) == 3


def test_items_that_say_something_stay() -> None:
    items = "".join(
        f"<li>Pier {n} is open, says the <a href='/{n}'>harbor office</a>.</li>" for n in range(3)
    )
    article = page(f"<h1>Pier opens</h1><div class='article-body'><p>{STORY[0]}</p><ul>{items}</ul></div>")
    assert sum(block.kind is BlockKind.ITEM for block in article.blocks) == 3


def test_a_heading_that_is_a_link_to_the_site_is_another_articles() -> None:
    other = "<h3><a href='/news/tugs'>Tugs vote on a new contract</a></h3>"
    shop = "<h3><a href='https://shop.example/hat'>The hat that everybody wears</a></h3>"
    article = page(
        f"<h1>Pier opens</h1><div class='article-body'><p>{STORY[0]}</p>{other}<p>{STORY[1]}</p>{shop}<p>{STORY[2]}</p></div>"
    )
    assert "Tugs vote on a new contract" not in texts(article)
    assert "The hat that everybody wears" in texts(article)


@pytest.mark.parametrize(
    "href", ["/newsletter", "/subscribe?x=1", "/login", "https://shop.example/mug?aff=1"]
)
def test_services_of_the_site_are_no_links_of_the_article(href: str) -> None:
    box = f"<aside><a href='{href}'>Something that the site would like you to have</a></aside>"
    article = page(f"<h1>Pier opens</h1><div class='article-body'>{paragraphs(STORY)}{box}</div>")
    assert article.links == ()


def test_a_table_with_headers_is_data_even_if_its_cells_hold_paragraphs() -> None:
    rows = (
        "<tr><th><p>Pier</p></th><th><p>Metres</p></th></tr><tr><td><p>Old</p></td><td><p>200</p></td></tr>"
    )
    article = page(
        f"<h1>Pier opens</h1><div class='article-body'>{paragraphs(STORY)}<table>{rows}</table></div>"
    )
    assert article.blocks[-1].text == "Pier | Metres\nOld | 200"


def test_an_article_that_is_parted_by_headlines_of_others_is_no_list() -> None:
    others = [f"<h3><a href='/{n}'>Harbor news number {n} of this week</a></h3>" for n in range(5)]
    mixed = "".join(f"<p>{text}</p>{other}" for text, other in zip([*STORY, *NEXT_DOOR], others, strict=True))
    article = page(f"<h1>Pier opens</h1><div class='article-body'>{paragraphs(STORY[:2])}{mixed}</div>")
    assert article.kind is PageKind.ARTICLE


def test_a_page_of_cards_is_a_list() -> None:
    cards = "".join(
        f"<article class='card'><h2><a href='/{n}'>Harbor news number {n} of this week</a></h2><p class='teaser'>It is short.</p></article>"
        for n in range(12)
    )
    assert page(f"<main><h1>Harbor</h1>{cards}</main>").kind is PageKind.LIST


def test_a_brief_among_many_cards_is_an_article() -> None:
    brief = "The pier opened on Monday after four years of work, the harbor said in a statement of one long sentence, and gave neither the price nor the name of the ship that came in first."
    cards = "".join(
        f"<div class='related-card'><a href='/{n}'>Harbor news number {n} of this week</a></div>"
        for n in range(12)
    )
    assert (
        page(f"<main><h1>Pier opens</h1><p>{brief}</p><p>It is open.</p>{cards}</main>").kind
        is PageKind.ARTICLE
    )


# ---------------------------------------------------------------- text that is only in data


def state(value: object) -> str:
    return f"<div id='root'></div><script id='__NEXT_DATA__' type='application/json'>{json.dumps(value)}</script>"


BLOCKS = [{"type": "paragraph", "content": [{"type": "text", "value": text}]} for text in STORY]


def test_blocks_of_a_pages_state_are_its_text() -> None:
    article = page(state({"props": {"story": {"headline": "Pier opens", "body": {"content": BLOCKS}}}}))
    assert texts(article) == STORY
    assert article.provenance["text"] == "script data"


def test_html_in_a_pages_state_is_its_text_and_its_fields_are_read() -> None:
    story = {
        "title": "Pier opens",
        "publishedAt": "2026-11-23T08:00:00+08:00",
        "authors": [{"name": "Ada Quill"}],
    }
    article = page(
        state(
            {
                "data": story | {"html": paragraphs(STORY)},
                "more": [{"title": "Bakery", "html": paragraphs(NEXT_DOOR * 9)}],
            }
        )
    )
    assert texts(article) == STORY
    assert article.authors == ("Ada Quill",)
    assert article.published is not None
    assert article.published.isoformat() == "2026-11-23T08:00:00+08:00"


def test_a_state_without_the_pages_headline_or_words_is_not_taken() -> None:
    article = page(state({"other": {"title": "Bakery burns", "html": paragraphs(NEXT_DOOR * 3)}}))
    assert article.blocks == ()


def test_a_state_goes_on_from_what_the_page_shows() -> None:
    shown = f"<h1>Pier opens</h1><div class='article-body'><p>{STORY[0]}</p></div>"
    assert texts(page(shown + state({"x": BLOCKS}))) == STORY


def test_a_state_given_to_a_name_is_read_up_to_its_end() -> None:
    script = f"window.App=window.App||{{}};App.globalContent={json.dumps({'headlines': {'basic': 'Pier opens'}, 'content_elements': BLOCKS})};App.x={{}};"
    assert texts(page(f"<div id='app'></div><script>{script}</script>")) == STORY


def test_html_in_a_text_area_is_the_text() -> None:
    inner = paragraphs(STORY).replace("<", "&lt;").replace(">", "&gt;")
    areas = f"<textarea class='article-title'>Pier opens</textarea><textarea class='article-content'>{inner}</textarea>"
    assert texts(page(areas)) == STORY


@pytest.mark.parametrize(
    "script", ["{", "window.x = {'a': 1};", 'App.globalContent={"a":', "var a = b = c = {}", "[[[["]
)
def test_a_script_that_holds_no_state_is_passed_over(script: str) -> None:
    article = page(
        f"<h1>Pier opens</h1><div class='article-body'>{paragraphs(STORY)}</div><script>{script}</script>"
    )
    assert texts(article) == STORY


def stream(*rows: str, cut: int = 37) -> str:
    whole = "".join(rows)
    pieces = [whole[at : at + cut] for at in range(0, len(whole), cut)]
    return "".join(f"<script>self.__next_f.push([1,{json.dumps(piece)}])</script>" for piece in pieces)


def element(tag: str, children: object, **properties: object) -> list[object]:
    return ["$", tag, None, properties | {"children": children}]


def test_a_stream_of_elements_is_built_wherever_it_was_cut() -> None:
    tree = element(
        "article",
        [element("h1", "Pier opens"), "$2", element("time", "23 Nov", dateTime="2026-11-23T08:00:00Z")],
    )
    body = element("div", [element("p", text) for text in STORY])
    rows = (f"1:{json.dumps(tree)}\n", f"2:{json.dumps(body)}\n")
    article = page("<div id='app'>Loading</div>" + stream(*rows))
    assert texts(article) == STORY
    assert article.published is not None
    assert article.provenance["text"].startswith("React stream")


def test_a_row_of_text_in_a_stream_may_hold_html_of_any_characters() -> None:
    html = paragraphs([*STORY, "海鸥没有意见。" * 3])
    tree = [
        "$",
        "div",
        None,
        {"className": "article-body", "dangerouslySetInnerHTML": {"__html": "$5"}},
    ]
    rows = (
        f"5:T{len(html.encode()):x},{html}",
        f"6:{json.dumps(element('main', [element('h1', 'Pier opens'), tree]))}\n",
    )
    assert texts(page("<div id='app'></div>" + stream(*rows)))[: len(STORY)] == STORY
