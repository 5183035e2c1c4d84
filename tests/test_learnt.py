"""Learnt boilerplate, the pure part: which lines are one line, which are proposed, what an article is without them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.learnt import Counted, Place, key_of, lines_of, why_not, without
from monitor.learnt.lines import folded
from monitor.model import Article, Block, BlockKind, Link, LinkKind, Removed

FOOTER = "The tide clock in our lobby is wound every morning; visitors may watch."


def paragraphs(*lines: str) -> tuple[Block, ...]:
    return tuple(Block(BlockKind.PARAGRAPH, line) for line in lines)


def counted(text: str = FOOTER, **facts: int) -> Counted:
    known = {"articles": 20, "of": 22, "days": 9, "head": 0, "tail": 20, "headings": 0, **facts}
    return Counted(text, **known)


@pytest.mark.parametrize(
    "spellings",
    [
        ("Published Nov. 12, 2026 at 9:30 a.m.", "published 3 December 2026 at 14:05", "Published: 1 May 2027 at 6 pm EST"),
        ("发布于2026年11月24日 星期二 上午9:30", "发布于2026年1月3日 星期天 下午12:05"),
        ("發布於2026年11月24日", "发布于2027年1月2日"),
        ("Read it  here.", "“Read it here”"),
        ("Subscribe for $3.99 a month", "SUBSCRIBE for $12 a month"),
        ("本报讯 二〇二六年十一月二十四日", "本报讯 二〇二七年三月三日"),
    ],
)  # fmt: skip
def test_lines_that_differ_in_a_date_or_a_number_are_one(spellings: tuple[str, ...]) -> None:
    assert len({key_of(each) for each in spellings}) == 1


@pytest.mark.parametrize(
    ("one", "other"), [("The PLA sailed", "The navy sailed"), ("海警船", "渔船"), ("March on", "April on")]
)
def test_lines_of_other_words_are_two(one: str, other: str) -> None:
    assert key_of(one) != key_of(other)


@pytest.mark.parametrize("line", ["", "* * *", "12", "24 November 2026", "3/4", "—", "2026年11月"])
def test_a_line_without_words_is_not_counted(line: str) -> None:
    assert key_of(line) is None


@given(st.text(max_size=200))
def test_folding_any_line_ends_and_folds_once(line: str) -> None:
    once = folded(line)
    assert folded(once) == once


def test_a_line_that_stands_twice_in_an_article_counts_once_where_it_stood_last() -> None:
    lines = lines_of(paragraphs(FOOTER, *(f"News of {word} and more." for word in "abcdefgh"), FOOTER))
    assert [line.place for line in lines if line.text == FOOTER] == [Place.TAIL]


def test_tables_and_quotations_are_not_counted() -> None:
    blocks = (
        Block(BlockKind.TABLE, "a | b"),
        Block(BlockKind.QUOTATION, "We will be back."),
        *paragraphs("And so it was."),
    )
    assert [line.text for line in lines_of(blocks)] == ["And so it was."]


@pytest.mark.parametrize("text", [FOOTER, "本网观察台设于老灯塔旁，每日清晨六时升旗，风雨无阻。", "By the Ledger desk, Port Harlan, since 1911"])  # fmt: skip
@pytest.mark.parametrize(
    "facts", [{}, {"articles": 3, "of": 4, "tail": 3, "days": 3}, {"tail": 0, "head": 19}]
)
def test_a_sentence_at_one_end_of_most_articles_is_proposed(text: str, facts: dict[str, int]) -> None:
    assert why_not(counted(text, **facts), names_topic=False) == ""


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"articles": 2, "tail": 2}, "in fewer than 3 articles"),
        ({"days": 2}, "on fewer than 3 days"),
        ({"articles": 3, "tail": 3, "of": 40}, "in 3 of 40 articles: too few"),
        ({"articles": 12, "tail": 12, "of": 400}, "in 12 of 400 articles: too few"),
        ({"articles": 9, "tail": 2, "of": 40}, "in the middle, in 9 of 40 articles: too few"),
        ({"tail": 3, "headings": 18}, "a few words or a heading in the middle"),
    ],
)
def test_a_line_that_is_rare_or_moves_about_is_not_proposed(facts: dict[str, int], why: str) -> None:
    assert why_not(counted(FOOTER, **facts), names_topic=False) == why


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("This is a developing story and will be updated.", "says that the story goes on"),
        ("本文持续更新中。", "says that the story goes on"),
        (
            "Correction: an earlier version of this article gave the wrong hull number.",
            "says what was corrected",
        ),
        ("更正：早前版本误写舷号。", "says what was corrected"),
        ("WASHINGTON, Nov. 12 (Reuters) —", "a dateline or an agency's credit"),
        ("(Reuters)", "a dateline or an agency's credit"),
        ("新华社北京11月24日电", "a dateline or an agency's credit"),
        ("“We do not seek a new cold war,” he said.", "a quotation"),
        ("「我們不尋求衝突」，發言人說。", "a quotation"),
        ("*Small business", "a footnote of its article"),
    ],
)
def test_what_a_line_says_of_its_own_article_is_not_proposed(text: str, why: str) -> None:
    assert why_not(counted(text), names_topic=False) == why


@pytest.mark.parametrize("text", ["What we know", "Background", "背景"])
def test_the_heads_of_a_form_are_not_proposed(text: str) -> None:
    assert why_not(counted(text, tail=4, headings=20), names_topic=False) != ""


@pytest.mark.parametrize(
    "text",
    [
        "China claims the self-ruled island as its territory and has not ruled out the use of force.",
        "中方一贯反对台湾与美国进行军事往来，这一立场没有变化。",
    ],
)
def test_background_that_an_agency_carries_from_story_to_story_is_not_proposed(text: str) -> None:
    """In a fifth of a source's articles, mostly low down in them: it names the topic."""
    assert why_not(counted(text, articles=40, of=200, tail=34, days=30), names_topic=True) != ""
    assert (
        why_not(counted(text, articles=160, of=200, tail=90, days=30), names_topic=True) == "names the topic"
    )


def made(*blocks: Block, **facts: object) -> Article:
    return Article(url="https://ledger.example/a", title="T", blocks=blocks, **facts)  # type: ignore[arg-type]


def keys(*lines: str) -> set[int]:
    return {key for line in lines if (key := key_of(line)) is not None}


def test_an_article_without_a_line_has_its_words_links_and_reasons_right() -> None:
    links = (
        Link(LinkKind.IN_TEXT, "https://ledger.example/clock", "clock", 1),
        Link(LinkKind.READ_ALSO, "https://ledger.example/b", "B", 2),
        Link(LinkKind.IN_TEXT, "https://ledger.example/c", "C", 2),
    )
    article = made(*paragraphs("One two three.", FOOTER, "Four five."), words=16, links=links)
    cut = without(article, keys(FOOTER.upper()))
    assert [block.text for block in cut.blocks] == ["One two three.", "Four five."]
    assert cut.words == 5
    assert [(link.title, link.position) for link in cut.links] == [("B", 1), ("C", 1)]
    assert cut.removed == (Removed("learnt boilerplate", FOOTER),)


def test_a_heading_under_which_nothing_is_left_goes_too() -> None:
    article = made(*paragraphs("News."), Block(BlockKind.HEADING, "About us", 3), *paragraphs(FOOTER))
    assert [block.text for block in without(article, keys(FOOTER)).blocks] == ["News."]


def test_an_article_of_nothing_but_boilerplate_stays_as_it_is() -> None:
    article = made(Block(BlockKind.HEADING, "About us", 3), *paragraphs(FOOTER))
    assert without(article, keys(FOOTER)) is article
    assert without(article, set()) is article


def test_a_title_made_of_first_words_is_made_again() -> None:
    article = made(*paragraphs(FOOTER, "The news."), provenance={"title": "first words"})
    assert without(article, keys(FOOTER)).title == "The news."
