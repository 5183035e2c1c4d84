"""What is done at the edge to text from outside."""

import json
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.text import clean_text, fold, one_line, squeeze, tokens

ANY = st.text(st.characters(codec=None))


def test_u05_nul_and_controls_go_and_tabs_and_newlines_stay() -> None:
    assert clean_text("a\x00b\x07\tc\nd\r\ne\rf\x85g\x7f") == "ab\tc\nd\ne\nfg"


def test_u06_a_lone_surrogate_becomes_a_replacement_character_and_a_pair_one_character() -> None:
    assert clean_text("a\ud800b") == "a\ufffdb"
    assert clean_text("\udc80\ud83d\ude00") == "\ufffd\U0001f600"


def test_u07_marks_are_cut_at_eight_and_noncharacters_replaced() -> None:
    assert clean_text("e" + "\u0301" * 5000 + "x") == "e" + "\u0301" * 8 + "x"
    assert clean_text("\uffff\ufdd0\U0010fffe") == "\ufffd" * 3


def test_u07_every_mark_there_is_is_cut_at_eight() -> None:
    marks = [chr(code) for code in range(0x300, 0x10000) if unicodedata.category(chr(code)) in ("Mn", "Me")]
    assert [mark for mark in marks if clean_text("e" + mark * 9 + "x") != "e" + mark * 8 + "x"] == []


def test_u07_what_belongs_to_the_text_is_stored() -> None:
    for kept in ("\u202eabc\u202c", "a\u200bb", "co\u00adop", "\ufeffa", "☁\ufe0f", "👨\u200d👩\u200d👧"):
        assert clean_text(kept) == kept


def test_u07_zero_width_and_soft_hyphens_do_not_hide_a_word_from_search() -> None:
    assert tokens("\ufeffTai\u200bwan\u00ad Str\u2060ait 台\u200d海") == ["taiwan", "strait", "台海", "海"]


def test_u07_bidi_controls_never_reach_a_terminal() -> None:
    assert one_line("abc\u202egnp.\u2066exe\u2069\u200f") == "abcgnp.exe"


@pytest.mark.parametrize(
    "hostile",
    [
        "\x1b]0;x\x07",
        "\x1b]8;;http://x\x1b\\",
        "\x1b[31;1m",
        "\x1b[2J",
        "\x1bc",
        "\x1bP1$r\x1b\\",
        "\x9b",
        "\r",
    ],
)
def test_u08_terminal_escapes_never_reach_a_title(hostile: str) -> None:
    assert one_line(f"Navy{hostile}\x1b[0m Day").replace(" ", "") == "NavyDay"


def test_u08_an_escape_that_is_never_closed_takes_no_text_with_it() -> None:
    assert one_line("\x1b]0;" + "word " * 100, 10_000).count("word") == 100


@given(ANY)
def test_cleaned_text_is_taken_by_every_writer_and_stays_clean(text: str) -> None:
    cleaned = clean_text(text)
    assert json.loads(json.dumps(cleaned).encode()) == cleaned
    cleaned.encode()
    assert "\x00" not in cleaned
    assert clean_text(cleaned) == cleaned


@given(ANY, st.integers(min_value=0, max_value=50))
def test_a_line_is_one_line_within_its_limit(text: str, limit: int) -> None:
    line = one_line(text, limit)
    assert len(line) <= limit
    assert line == line.strip()
    assert len(line.splitlines()) <= 1
    assert "\x1b" not in line


def test_a_line_that_is_cut_says_so() -> None:
    assert one_line("one two\nthree", 9) == "one two…"
    assert one_line("one two", 7) == "one two"


def test_white_space_of_any_kind_is_squeezed() -> None:
    assert squeeze(" a\u3000\u00a0 b\n\tc ") == "a b c"


@pytest.mark.parametrize("unit", ["\x1b]", "\x1b[", "a.", "'a", "e\u0301", "\r", "台", "\ud800", "İ"])
def test_q03_megabytes_of_anything_take_linear_time(unit: str) -> None:
    started = time.process_time()
    text = clean_text(unit * (300_000 // len(unit)))
    fold(text)
    tokens(text)
    one_line(text)
    assert time.process_time() - started < 3
