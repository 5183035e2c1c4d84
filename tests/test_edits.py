"""What counts as an edit, and what is shown of it: pure."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.edits import changes, digest, marked, summary
from monitor.text import sentences


def told(before: str, after: str) -> list[tuple[str, str]]:
    """Every change in one line: its kind, its words with their marks."""
    marks = {"-": "[-{}-]", "+": "{{+{}+}}", " ": "{}"}
    return [
        (piece.kind, "".join(marks[sign].format(words) for sign, words in piece.told))
        for piece in changes(before, after)
        if piece.kind != "same"
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The U.S. Navy sailed. It was 1.5 miles off.", ["The U.S. Navy sailed.", "It was 1.5 miles off."]),
        ('He said "we will answer." Then he left!', ['He said "we will answer."', "Then he left!"]),
        ("中方坚决反对。他说：“必将反制。”随后离开。", ["中方坚决反对。", "他说：“必将反制。”", "随后离开。"]),
        ("No end\nAnother line", ["No end", "Another line"]),
        ("", []),
    ],
)  # fmt: skip
def test_a_text_falls_into_its_sentences(text: str, found: list[str]) -> None:
    assert sentences(text) == found


def test_the_changed_words_of_a_sentence_are_marked() -> None:
    before = "The two sides agreed to hold talks in March. The Navy sent 12 ships. Nothing else was said."
    after = "The two sides agreed to hold talks in April. The Navy sent 12 ships. It was a routine passage."
    assert told(before, after) == [
        ("changed", "The two sides agreed to hold talks in [-March-]{+April+}."),
        ("removed", "[-Nothing else was said.-]"),
        ("added", "{+It was a routine passage.+}"),
    ]


def test_the_changed_characters_of_a_chinese_sentence_are_marked() -> None:
    before = "外交部发言人表示，中方坚决反对美方向台湾地区出售武器。中方将采取坚决措施。"
    after = "外交部发言人表示，中方强烈反对美方向台湾地区出售武器。中方将采取一切必要措施。"
    assert told(before, after) == [
        ("changed", "外交部发言人表示，中方[-坚决-]{+强烈+}反对美方向台湾地区出售武器。"),
        ("changed", "中方将采取[-坚决-]{+一切必要+}措施。"),
    ]


def test_words_that_change_side_by_side_are_one_mark() -> None:
    assert marked("It was a very long day.", "It was one quite short day.") == (
        (" ", "It was "), ("-", "a very long"), ("+", "one quite short"), (" ", " day."),
    )  # fmt: skip


def test_the_summary_counts_what_changed() -> None:
    assert summary(changes("One is here. Two is here.", "One is here. Two is there. Three.")) == (
        "2 sentences: 1 reworded, 1 added"
    )
    assert summary([], title=True) == "title changed"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("He said “no”.\nThen he left.", 'He  said "no". Then he left.'),
        ("臺灣海峽", "台湾海峡"),
        ("Ｆｕｌｌ", "full"),
        ("A text.\n1,203 views", "A text.\n1,298 views"),
        ("A text.\nViews: 12 | Shares: 3", "A text.\nViews: 13 | Shares: 4"),
        ("A text.\nUpdated 3 minutes ago", "A text.\nLast updated: 2 hours ago"),
        ("A text.\nRead more: Another one", "A text.\nRead more: Yet another"),
        ("正文。\n阅读：1.2万", "正文。\n阅读：1.3万"),
        ("正文。\n更新于 3 分钟前", "正文。\n更新于 1 小时前"),
        ("正文。\n今天是2026年11月24日 星期二", "正文。\n今天是2026年11月25日 星期三"),
        ("正文。\n相关阅读：甲", "正文。\n相关阅读：乙"),
    ],
)
def test_what_says_the_same_is_no_edit(before: str, after: str) -> None:
    assert digest("T", before) == digest("t", after)
    assert told(before, after) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("It cost 1.5 million.", "It cost 15 million."),
        ("12 aircraft crossed the line.", "21 aircraft crossed the line."),
        ("十二架飞机越线。", "十一架飞机越线。"),
        ("We do not support it.", "We do support it."),
        ("One. Two.", "One."),
        ("Today is a dark day.", "Today is a bright day."),
        ("2026年", "2027年"),
    ],
)
def test_what_says_something_else_is_an_edit(before: str, after: str) -> None:
    assert digest("T", before) != digest("T", after)
    assert told(before, after) != []


def test_another_title_is_an_edit() -> None:
    assert digest("One", "A text.") != digest("Two", "A text.")


TEXTS = st.lists(
    st.sampled_from(["台", "海", "Ab", " ", ". ", "。", "\n", "12", "Views: 3", "“", "”", "|"]), max_size=60
).map("".join)


@given(TEXTS, TEXTS)
def test_both_texts_can_be_read_from_their_changes(before: str, after: str) -> None:
    pieces = changes(before, after)
    assert (digest("", before) == digest("", after)) or any(piece.kind != "same" for piece in pieces)
    for piece in pieces:
        if piece.kind == "changed":
            assert "".join(words for sign, words in piece.marks if sign != "+") == piece.before
            assert "".join(words for sign, words in piece.marks if sign != "-") == piece.after
    assert [
        piece.before for piece in pieces if piece.kind != "added" and piece.before in sentences(before)
    ] == [piece.before for piece in pieces if piece.kind != "added"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Ab bc. " * 20_000, "Ab bc. " * 19_999 + "Cc dd."),
        ("".join("台海"[n * n % 7 % 2] for n in range(300_000)), "".join("台海"[n * n % 11 % 2] for n in range(300_000))),
        (
            "".join("".join("台海"[n * n * m % 7 % 2] for n in range(299)) + f"。同{m}。" for m in range(1500)),
            "".join("".join("台海"[n * n * m % 11 % 2] for n in range(299)) + f"。同{m}。" for m in range(1500)),
        ),
        ("\n".join("views " + "1 " * 100 for _ in range(4000)), "\n".join("views: " + "1," * 100 + "x" for _ in range(4000))),
        (". " * 200_000, ". " * 199_999),
        ("”" * 300_000, ".”" * 150_000),
    ],
    ids=["one sentence", "one word", "two words", "counters", "points", "quotes"],
)  # fmt: skip
def test_no_text_holds_a_comparison_up(before: str, after: str) -> None:
    begun = time.process_time()
    changes(before, after)
    digest("", before)
    assert time.process_time() - begun < 10  # about one here; difflib alone takes minutes
