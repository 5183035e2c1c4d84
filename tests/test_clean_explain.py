"""What became of each line of a page: all of them are told, each once, and none is told wrongly."""

import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.clean import clean_html, clean_text
from monitor.clean.decode import decode
from monitor.clean.evidence import key
from monitor.clean.explain import NOT_TOLD, Fate, FateKind, counts, explain, explain_text, why_no_article
from monitor.clean.parse import drop_machine_parts, parse
from monitor.errors import Unreadable
from monitor.model import Article, Block, BlockKind, PageKind, Removed
from tests.test_clean_pages import golden

URL = "https://ledger.example/news/1.html"


def page(body: str, head: str = "") -> bytes:
    return f"<html><head>{head}</head><body>{body}</body></html>".encode()


def explained(html: bytes, url: str = URL) -> tuple[Article, list[Fate]]:
    article = clean_html(html, url)
    return article, explain(html, url, article)


def told(fates: list[Fate], kind: FateKind) -> list[tuple[str, str]]:
    return [(fate.rule, fate.line) for fate in fates if fate.fate is kind]


def readable() -> list[Path]:
    found = []
    for file in golden():
        try:
            clean_html(file.read_bytes(), URL)
        except Unreadable:
            continue
        found.append(file)
    return found


PARAGRAPHS = [
    "The cutter left Port Alder before dawn with a crew of forty and came back at noon.",
    "Her captain said that two ships of the other side had kept a mile behind her all morning.",
    "Nobody fired, nobody hailed, and the fishermen between them went on hauling their nets.",
]
TEXT = "".join(f"<p>{line}</p>" for line in PARAGRAPHS)


@pytest.fixture(scope="module", params=readable(), ids=lambda file: f"{file.parent.name}-{file.stem}")
def golden_page(request: pytest.FixtureRequest) -> tuple[bytes, Article, list[Fate]]:
    html: bytes = request.param.read_bytes()
    return html, *explained(
        html, f"https://{request.param.parent.name}.example/news/{request.param.stem}.html"
    )


def test_all_letters_of_a_page_are_told_once_and_in_order(
    golden_page: tuple[bytes, Article, list[Fate]],
) -> None:
    html, _, fates = golden_page
    decoded = decode(html)
    root = parse(decoded.text, decoded.utf8)
    drop_machine_parts(root)
    body = root.find("body")
    printed = key("".join((root if body is None else body).itertext()))
    on_page = [fate for fate in fates if fate.position is not None]
    assert "".join(key(fate.line) for fate in on_page) == printed
    positions = [fate.position for fate in on_page if fate.position is not None]
    assert positions == sorted(positions)
    assert set(positions) == set(range(1, 1 + sum(counts(fates).values())))


def test_every_block_is_found_as_kept_and_nothing_else_is(
    golden_page: tuple[bytes, Article, list[Fate]],
) -> None:
    _, article, fates = golden_page
    kept = [fate for fate in fates if fate.fate is FateKind.KEPT]
    for n, block in enumerate(article.blocks):
        pieces = [fate for fate in kept if fate.block == n]
        assert "".join(key(fate.line) for fate in pieces) == key(block.text)
        assert {fate.rule for fate in pieces} == {block.kind.value}
        if article.provenance["text"].startswith("container"):
            assert all(fate.position for fate in pieces)
    assert all(fate.block is not None for fate in kept)


def test_what_was_removed_is_told_with_its_rule_and_never_as_kept(
    golden_page: tuple[bytes, Article, list[Fate]],
) -> None:
    _, article, fates = golden_page
    gone = "".join(key(fate.line) for fate in fates if fate.fate in (FateKind.CUT, FateKind.LINK))
    for part in article.removed:
        assert key(part.text) in gone, part
    rules = {part.rule for part in article.removed} | {NOT_TOLD, "marks only"}
    assert {fate.rule for fate in fates if fate.fate is FateKind.CUT} <= rules


def test_hardly_a_line_of_the_golden_pages_is_cut_without_a_rule() -> None:
    without = [
        fate.line
        for file in readable()
        for fate in explained(file.read_bytes())[1]
        if fate.rule == NOT_TOLD and not re.fullmatch(r"\W*\d{1,3}\W*", fate.line)  # the mark of a footnote
    ]
    assert without == []


def test_a_page_is_told_in_its_order_with_frame_fields_links_and_cuts() -> None:
    html = page(
        "<nav><a href='/'>Home</a><a href='/s'>Strait</a></nav>"
        "<article><h1>Two cutters pass off Port Alder</h1><p class='byline'>By Ann Example</p>"
        f"<div class='entry-content'>{TEXT}"
        "<p>READ ALSO: <a href='/news/0.html'>A third cutter waits in harbor</a></p>"
        "<div class='share-bar'><span>Share</span> <span>Tweet</span></div></div></article>"
        "<footer><p>The Ledger is printed daily</p></footer>"
    )
    article, fates = explained(html)
    assert [(str(fate.fate), fate.rule, fate.line[:24]) for fate in fates] == [
        ("outside", "", "Home Strait"),
        ("field", "title", "Two cutters pass off Por"),
        ("field", "authors", "By Ann Example"),
        ("kept", "paragraph", PARAGRAPHS[0][:24]),
        ("kept", "paragraph", PARAGRAPHS[1][:24]),
        ("kept", "paragraph", PARAGRAPHS[2][:24]),
        ("link", "read-also", "READ ALSO: A third cutte"),
        ("cut", "share bar", "Share Tweet"),
        ("outside", "", "The Ledger is printed da"),
    ]
    assert [link.url for fate in fates for link in fate.links] == ["https://ledger.example/news/0.html"]
    assert [fate.block for fate in fates if fate.block is not None] == [0, 1, 2]
    assert why_no_article(article) == ""


def test_a_line_that_is_kept_in_part_is_told_in_parts() -> None:
    html = page(
        f"<h1>Two cutters pass</h1><div class='entry-content'>{TEXT}"
        f"<p>The nets were full at noon, as they are. READ ALSO: A third cutter waits</p>{TEXT[:90]}</div>"
    )
    _, fates = explained(html)
    (at,) = {fate.position for fate in fates if fate.line.startswith("The nets were full")}
    assert [(str(f.fate), f.line) for f in fates if f.position == at] == [
        ("kept", "The nets were full at noon, as they are."),
        ("link", "READ ALSO: A third cutter waits"),
    ]


def test_lines_that_a_paragraph_was_joined_from_are_all_kept() -> None:
    html = page(
        "<h1>Two cutters pass</h1><div class='entry-content'><p>The cutter left Port Alder before dawn<br>\n"
        f"with a crew of forty<br>and came back.</p>{TEXT}</div>"
    )
    article, fates = explained(html)
    assert (
        article.blocks[0].text == "The cutter left Port Alder before dawn with a crew of forty and came back."
    )
    assert [fate.line for fate in fates if fate.block == 0] == [
        "The cutter left Port Alder before dawn", "with a crew of forty", "and came back.",
    ]  # fmt: skip


def test_of_two_printings_of_a_text_the_one_in_the_container_is_kept() -> None:
    html = page(
        f"<div class='teaser-list'><p>{PARAGRAPHS[0]}</p></div>"
        f"<h1>Two cutters pass</h1><div class='entry-content'>{TEXT}</div>"
    )
    _, fates = explained(html)
    kept = [fate.position for fate in fates if fate.block == 0]
    title = next(fate.position for fate in fates if fate.rule == "title")
    assert title is not None
    assert kept == [title + 1]


def test_all_of_a_long_part_is_cut_though_the_note_of_it_is_short() -> None:
    comments = "".join(f"<li>Reader {n} thinks that the nets were not full at all</li>" for n in range(40))
    text = "".join(f"<p>On day {n} of the patrol, {line}</p>" for n in range(20) for line in PARAGRAPHS)
    html = page(
        f"<h1>Two cutters pass</h1><div class='entry-content'>{text}"
        f"<div class='comments'><h3>What readers say of it</h3><ul>{comments}</ul></div>"
        "<div class='share-bar'>Share Tweet</div></div>"
    )
    article, fates = explained(html)
    assert max(len(part.text) for part in article.removed) <= 200
    cut = [fate for fate in fates if fate.rule == "comments"]
    assert len(cut) == 41
    assert [fate.rule for fate in fates if fate.line == "Share Tweet"] == ["share bar"]


def test_a_text_from_the_pages_data_is_told_as_such_and_the_frame_as_outside() -> None:
    import json

    stated = json.dumps({"@type": "NewsArticle", "headline": "x", "articleBody": "\n".join(PARAGRAPHS * 3)})
    html = page("<nav>Home</nav><div>Loading</div>", f"<script type='application/ld+json'>{stated}</script>")
    article, fates = explained(html)
    assert article.provenance["text"] == "json-ld articleBody"
    assert [fate.position for fate in fates if fate.fate is FateKind.KEPT] == [None] * len(article.blocks)
    assert told(fates, FateKind.OUTSIDE) == [("", "Home"), ("", "Loading")]
    assert sum(counts(fates).values()) == 2


def test_scraped_text_is_told_line_by_line() -> None:
    text = "\n\n".join(
        [
            "Connect with us",
            "At sea",
            "Two cutters pass off Port Alder",
            *PARAGRAPHS,
            "READ ALSO: A third cutter waits",
            "Leave a Reply",
        ]
    )
    fates = explain_text(text, clean_text(text))
    assert [str(fate.fate) for fate in fates] == [
        "cut",
        "field",
        "field",
        "kept",
        "kept",
        "kept",
        "link",
        "cut",
    ]
    assert fates[6].links[0].url is None


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        (PageKind.LIST, "it lists articles and is none"),
        (PageKind.BLOCK, "it asks who we are instead of showing an article (Just a moment...)"),
        (PageKind.SHELL, "an empty shell that needs JavaScript"),
        (PageKind.TEASER, "the beginning of an article that is paid for (0 words): Subscribe to go on"),
    ],
)
def test_a_page_that_is_no_article_says_why(kind: PageKind, says: str) -> None:
    article = Article(
        URL, "Just a moment...", (), kind=kind, removed=(Removed("withheld", "Subscribe to go on"),)
    )
    assert says in why_no_article(article)


def test_controls_and_escapes_of_a_terminal_are_in_no_line() -> None:
    html = page(
        f"<h1>Two cutters\x1b]0;owned\x07 pass</h1><div class='entry-content'>{TEXT}\x1b[31mred</div>"
    )
    _, fates = explained(html)
    assert not re.search("[\x00-\x1f\x7f-\x9f]", "".join(fate.line for fate in fates))


def test_an_article_that_is_not_of_the_page_is_told_as_from_its_data() -> None:
    article = Article(URL, "t", (Block(BlockKind.PARAGRAPH, "Never printed there."),))
    fates = explain(page("<p>Something else stands here.</p>"), URL, article)
    assert [(str(fate.fate), fate.position) for fate in fates] == [("outside", 1), ("kept", None)]


def test_the_work_grows_with_the_page_whatever_repeats_in_it() -> None:
    def seconds(paragraphs: int) -> float:
        lines = "<p>The same line of the same page, printed again.</p>" * paragraphs
        menu = "<li><a href='/x'>Share</a></li>" * paragraphs
        html = page(f"<ul>{menu}</ul><h1>Two cutters pass</h1><div class='entry-content'>{lines}</div>")
        article = clean_html(html, URL)
        begun = time.process_time()
        explain(html, URL, article)
        return time.process_time() - begun

    seconds(100)  # what is compiled once
    small, large = (min(seconds(n) for _ in range(2)) for n in (1_000, 8_000))
    assert large < 30 * small  # eight times the page; quadratic were 64


def test_nesting_deeper_than_python_recurses_is_told() -> None:
    html = page(f"<h1>Two cutters pass</h1>{'<div>' * 1_500}{TEXT}{'</div>' * 1_500}")
    _, fates = explained(html)
    assert [fate.block for fate in fates if fate.block is not None] == [0, 1, 2]


def test_a_card_is_a_link_with_all_its_lines_and_takes_no_line_of_the_text() -> None:
    text = "".join(f"<p>On day {n} of the patrol, {line}</p>" for n in range(5) for line in PARAGRAPHS)
    html = page(
        f"<h1>Two cutters pass</h1><div class='entry-content'>{text}<div class='related-card'><a href='/news/2.html'>"
        f"<span>Strait</span><h4>A third cutter waits in harbor</h4></a></div>{TEXT}</div>"
    )
    article, fates = explained(html)
    assert told(fates, FateKind.LINK) == [
        ("read-also", "Strait"), ("read-also", "A third cutter waits in harbor"),
    ]  # fmt: skip
    (link,) = [link for fate in fates for link in fate.links]
    assert link.url == "https://ledger.example/news/2.html"
    assert {fate.block for fate in fates if fate.fate is FateKind.KEPT} == set(range(len(article.blocks)))


PIECES = st.sampled_from(
    ["<p>", "</p>", "<div class='related'>", "<div class='entry-content'>", "</div>", "<br>", "<a href='/x'>", "</a>",
     "<table><tr><td>", "<td>", "</table>", "<li>", "READ ALSO: ", "Share", "***", "\u202e", "1", "相关阅读：", "<b>", "</b>",
     "The cutter left Port Alder before dawn with a crew of forty. ", "海警船今日在台海巡航，渔民仍在收网。", "ß", "é", "\x0b"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=60).map("".join))
def test_any_page_is_told_whole_and_each_block_as_kept(body: str) -> None:
    html = page(body)
    try:
        article, fates = explained(html)
    except Unreadable:
        return
    decoded = decode(html)
    printed = parse(decoded.text, decoded.utf8).find("body")
    assert printed is not None
    on_page = [fate for fate in fates if fate.position is not None]
    assert "".join(key(fate.line) for fate in on_page) == key("".join(printed.itertext()))
    for n, block in enumerate(article.blocks):
        assert "".join(key(fate.line) for fate in fates if fate.block == n) == key(block.text)
