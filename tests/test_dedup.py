"""Copies: equal texts, edited copies, follow-ups, and the sketches they are told by."""

import random
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.dedup import COPY, Fingerprint, fingerprint, is_copy, keys, resemblance, text_hash

Made = Callable[[int, int], list[str]]
ANY = st.text(st.characters(codec=None))
PARAGRAPHS = st.lists(st.text(st.sampled_from("abcdef 台海军舰。"), max_size=400), max_size=4).map("\n".join)


def story(seed: int, sentences: int) -> list[str]:
    """Sentences of invented words: as different from each other as news is, whatever the seed."""
    chance = random.Random(seed)
    lexicon = ["".join(chance.choices("abcdefghilmnoprstu", k=chance.randint(2, 9))) for _ in range(400)]
    return [" ".join(chance.choices(lexicon, k=18)).capitalize() + "." for _ in range(sentences)]


def chinese(seed: int, sentences: int) -> list[str]:
    chance = random.Random(seed)
    lexicon = [chr(chance.randint(0x4E00, 0x8FFF)) for _ in range(300)]
    return ["".join(chance.choices(lexicon, k=24)) + "。" for _ in range(sentences)]


def copies(one: list[str], other: list[str]) -> bool:
    return is_copy(fingerprint("\n".join(one)), fingerprint("\n".join(other)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The ship’s crew said “no”.", "the ships crew\n\nsaid  no"),
        ("ＰＬＡ 2026", "pla 2026"),
        ("臺灣海峽", "台湾海峡"),
        ("Tai\u200bwan\u00ad", "Taiwan"),
        ("cafe\u0301", "café"),
    ],
)
def test_equal_texts_have_equal_hashes_whatever_their_signs(one: str, other: str) -> None:
    assert text_hash("A title", one) == text_hash(None, other)


@pytest.mark.parametrize(
    ("one", "other"), [("1.5 billion", "15 billion"), ("F-16", "F-15"), ("中国", "国中")]
)
def test_a_corrected_figure_makes_another_text(one: str, other: str) -> None:
    assert text_hash("", one) != text_hash("", other)


def test_headlines_without_text_are_told_apart_by_their_title() -> None:
    assert text_hash("One", "") != text_hash("Two", " … ")
    assert text_hash("One", "text") == text_hash("Two", "text")


def test_hashes_and_sketches_never_change_between_versions() -> None:
    # stored rows hold them: other values here need a migration that makes them anew
    assert (
        text_hash(None, "Taiwan Strait") == "b07f6a8df47124e7cf94c5a66a190c9c2843da4d919a1800b46247876853c964"
    )
    numbers = (918098062006259049, 7369395279002604584)
    assert fingerprint("One, two: three four five!") == Fingerprint(numbers, numbers, shingles=2, words=5)


@pytest.mark.parametrize("made", [story, chinese])
def test_a_wire_copy_republished_with_edits_is_a_copy(made: Made) -> None:
    wire, more = made(1, 30), made(2, 9)
    assert copies(wire, wire)
    assert copies(wire, ["BEIJING (Wire) --", *wire]), "a dateline"
    assert copies(wire, wire[:14]), "cut to its first half"
    assert copies(wire, [*wire, *more]), "extended"
    assert copies(wire, [*wire[:5], more[0], *wire[6:20], more[1], *wire[21:]]), "two sentences rewritten"
    assert copies(wire, [more[0], *wire[1:]]), "another first sentence"


@pytest.mark.parametrize("made", [story, chinese])
def test_a_follow_up_that_shares_background_is_no_copy(made: Made) -> None:
    background, first, second = made(3, 10), made(4, 14), made(5, 14)
    assert not copies([*first, *background], [*second, *background])
    assert not copies([*first, *background], [*second[:8], *background])
    assert not copies(first, second)


def test_very_short_texts_are_copies_only_when_equal() -> None:
    short = "The Taipei market is closed today because of the typhoon, the exchange said."
    assert is_copy(fingerprint(short), fingerprint(short.upper()))
    assert not is_copy(fingerprint(short), fingerprint(short + " It opens again tomorrow."))
    assert not is_copy(fingerprint(short), fingerprint(short + " ".join(story(6, 20))))
    assert not is_copy(fingerprint(""), fingerprint(""))


def test_u07_zero_width_characters_make_no_other_text() -> None:
    plain = " ".join(story(7, 10))
    assert fingerprint(plain.replace("a", "a\u200b\u00ad")) == fingerprint(plain)


def test_traditional_and_simplified_editions_are_copies() -> None:
    simplified = "国防部发言人表示，台湾海峡的军舰已经离开，我们将继续监视这个海域的动态。两国军队领导人将会谈，讨论应对意外的机制。"
    traditional = "國防部發言人表示，臺灣海峽的軍艦已經離開，我們將繼續監視這個海域的動態。兩國軍隊領導人將會談，討論應對意外的機制。"
    assert is_copy(fingerprint(simplified), fingerprint(traditional))


def test_copies_share_a_key_and_other_texts_share_none() -> None:
    wire = story(8, 40)
    whole = set(keys(fingerprint(" ".join(wire))))
    assert 0 < len(whole) <= 16
    assert whole & set(keys(fingerprint(" ".join(wire[:20]))))
    assert whole & set(keys(fingerprint(" ".join([*wire[:30], *story(9, 30)]))))
    assert not whole & set(keys(fingerprint(" ".join(story(10, 40)))))


@given(ANY)
def test_a_fingerprint_fits_the_database_and_comes_back_from_it(text: str) -> None:
    sketch = fingerprint(text)
    assert all(0 <= number < 2**63 for number in (*sketch.hashes, *sketch.lead))
    assert list(sketch.hashes) == sorted(set(sketch.hashes))
    assert set(keys(sketch)) <= set(sketch.hashes)
    assert Fingerprint.unpack(sketch.pack()) == sketch
    assert len(sketch.pack()) <= 1300
    assert len(text_hash(None, text)) == 64


@pytest.mark.parametrize("packed", [b"", b"x" * 15, b"\x01" * 16, fingerprint("one two").pack() + b"x" * 8])
def test_other_bytes_are_no_fingerprint(packed: bytes) -> None:
    with pytest.raises(ValueError, match="no fingerprint"):
        Fingerprint.unpack(packed)


@given(PARAGRAPHS, PARAGRAPHS)
def test_resemblance_is_the_same_both_ways_and_whole_for_equals(one: str, other: str) -> None:
    a, b = fingerprint(one), fingerprint(other)
    assert resemblance(a, b) == resemblance(b, a)
    assert 0 <= resemblance(a, b) <= 1
    assert is_copy(a, b) == is_copy(b, a)
    if a.words:
        assert resemblance(a, a) == pytest.approx(1)
        assert is_copy(a, a)


def test_a_sketch_is_quick() -> None:
    text = " ".join(story(11, 60))
    started = time.process_time()
    for _ in range(5):
        fingerprint(text)
    assert (time.process_time() - started) / 5 < 0.05  # seconds; measured 0.002
    assert COPY < 1
