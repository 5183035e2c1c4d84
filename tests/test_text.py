"""Folding, tokens and counts."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.text import count_words, fold, is_han, phrase, starts_words, tokens, unfolded, units, width
from monitor.text.words import LONGEST_TOKEN

HAN = st.sampled_from("台海局势中国家军舰灣臺國々〇")
MIXED = st.text(st.one_of(HAN, st.sampled_from("ABab19.,-' \u200b\u3000’，。Éß")), max_size=40)


def holds(words: list[str], text: list[str]) -> bool:
    """What an index answers: words side by side in text, the last one a prefix where it must be."""
    *firm, last = words
    return any(
        text[at : at + len(firm)] == firm
        and len(text) > at + len(firm)
        and (text[at + len(firm)] == last or (starts_words(words) and text[at + len(firm)].startswith(last)))
        for at in range(len(text))
    )


@given(st.text())
def test_u09_folding_keeps_every_offset(text: str) -> None:
    assert len(fold(text)) == len(width(text)) == len(text)


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert width(width(text)) == width(text)


def test_every_character_folds_to_one_character_and_stays_folded() -> None:
    for code in range(0x110000):
        once = fold(chr(code))
        assert len(once) == 1, hex(code)
        if once != chr(code):
            assert fold(once) == once, hex(code)


def test_every_character_that_folds_to_a_chinese_one_or_kana_is_among_those_it_unfolds_to() -> None:
    lost = [
        char
        for char in map(chr, range(0x110000))
        if is_han(folded := fold(char)) and char != folded and char not in unfolded(folded)
    ]
    assert lost == []
    assert set(unfolded("台")) == {"台", "臺", "檯", "枱", "颱"}


@pytest.mark.parametrize("trap", ["㈱", "ﬁ", "İ", "ſ", "ß", "ǅ", "½", "ﷺ", "…", "𝐏𝐋𝐀"])
def test_u09_nfkc_traps_keep_their_length(trap: str) -> None:
    assert len(fold(f"a{trap}b")) == len(f"a{trap}b")


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("ＰＬＡ－２０２６", "pla-2026"),
        ("臺灣海峽颱風", "台湾海峡台风"),
        ("羣島佔領後", "群岛占领后"),
        ("“Ren’ai” – Jiao", '"ren\'ai" - jiao'),
        ("İstanbul café ſ", "istanbul cafe s"),
        ("٣ marzo", "3 marzo"),
    ],
)
def test_spellings_of_one_word_fold_together(written: str, folded: str) -> None:
    assert fold(written) == folded


def test_width_keeps_case_and_script() -> None:
    assert width("ＰＬＡ 臺灣 ’s") == "PLA 臺灣 's"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("U.S. and US forces, U.S.-China", ["us", "and", "us", "forces", "us", "china"]),
        ("the P.R.C.'s U.S.Navy", ["the", "prc", "us", "navy"]),
        ("F-35, F35 and F 35s", ["f", "35", "f", "35", "and", "f", "35", "s"]),
        ("live-fire live–fire", ["live", "fire", "live", "fire"]),
        ("China’s sailors' Ren'ai 'quoted'", ["china", "sailors", "renai", "quoted"]),
        ("台海局势", ["台海", "海局", "局势", "势"]),
        ("臺海。舰", ["台海", "海", "舰"]),
        ("解放军歼-20战机", ["解放", "放军", "军歼", "歼", "20", "战机", "机"]),
        ("ﬁnance Straße naïve", ["finance", "strasse", "naive"]),
        ("e\u0301lan co\u00adoperate Tai\u200bwan", ["elan", "cooperate", "taiwan"]),
        ("Токио 서울 _x_ ½", ["токио", "서울", "x"]),
        ('"a" AND NEAR(b, 2) col:x* -', ["a", "and", "near", "b", "2", "col", "x"]),
        ("", []),
    ],
)
def test_tokens_follow_one_rule(text: str, found: list[str]) -> None:
    assert tokens(text) == found


@given(st.text())
def test_a_token_holds_letters_and_digits_only(text: str) -> None:
    for token in tokens(text):
        assert 1 <= len(token) <= LONGEST_TOKEN
        assert all(char.isalnum() or is_han(char) for char in token)
        assert not re.search(r"[A-Z\s\"'*():_\x00]", token)
        assert not any(unicodedata.category(char) in ("Mn", "Cf", "Cs", "No", "Zs") for char in token)


@given(st.text())
def test_text_without_other_letters_gives_the_same_tokens_as_within_such_text(text: str) -> None:
    # the quick way for ASCII and the general one must agree
    ascii_text = text.encode("ascii", "ignore").decode()
    assert [*tokens(ascii_text), "я"] == tokens(f"{ascii_text} я")
    assert units(ascii_text) == tokens(ascii_text)


def test_a_very_long_word_is_cut_the_same_way_in_text_and_question() -> None:
    assert tokens("x" * 5000) == phrase("x" * 5000) == ["x" * LONGEST_TOKEN]


@given(MIXED, st.text(HAN, min_size=2, max_size=6))
def test_a_chinese_word_is_in_a_text_exactly_if_its_pairs_stand_side_by_side(text: str, word: str) -> None:
    plain = fold(text.replace("\u200b", ""))
    assert holds(phrase(word), tokens(text)) == (fold(word) in plain)


@given(MIXED, HAN)
def test_a_single_chinese_character_is_found_by_prefix(text: str, char: str) -> None:
    assert starts_words(phrase(char))
    assert holds(phrase(char), tokens(text)) == (fold(char) in fold(text))


@given(st.text(max_size=20), MIXED, st.text(max_size=20))
def test_whatever_stands_in_a_text_by_itself_is_found_as_a_phrase(
    before: str, middle: str, after: str
) -> None:
    if phrase(middle):
        assert holds(phrase(middle), tokens(f"{before} \n {middle} \n {after}"))


def test_runs_that_only_meet_do_not_make_a_word() -> None:
    assert not holds(phrase("中国家"), tokens("中国，国家"))
    assert holds(phrase("中国家"), tokens("发展中国家"))


def test_a_phrase_may_end_within_a_run_and_begin_within_one() -> None:
    assert holds(phrase("歼20"), tokens("解放军歼-20战机"))
    assert holds(phrase("20战"), tokens("解放军歼-20战机"))
    assert holds(phrase("F-35戰"), tokens("臺灣要F35战机"))
    assert not holds(phrase("歼21"), tokens("解放军歼-20战机"))


def test_units_are_words_and_single_characters() -> None:
    assert units("PLA解放軍 F-35") == ["pla", "解", "放", "军", "f", "35"]


@pytest.mark.parametrize(
    ("text", "words"),
    [("", 0), ("Two words, three.", 3), ("解放军东部战区", 7), ("PLA 解放军", 4), ("かな kana", 3)],
)
def test_each_chinese_or_japanese_character_counts_as_a_word(text: str, words: int) -> None:
    assert count_words(text) == words


def test_han_are_characters_written_without_spaces() -> None:
    assert all(map(is_han, "台灣々〇カな\U00020000"))
    assert not any(map(is_han, "a1，・한я゠"))
