"""Where terms stand in a text."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.topic import Spot, load, parse, spots

WORDS = parse("""
groups: [{id: g}]
entries:
  - {id: fire, g: g, side: both, w: 2, en: [live-fire drill, Ren'ai Jiao]}
  - {id: plan, g: g, side: prc, w: 3, ab: [PLAN, MRF-D], hans: [军委], hant: [軍區]}
  - {id: cmc, g: g, side: prc, w: 3, hans: [中央军委, 美军], not: [美军事]}
  - {id: pla, g: g, side: prc, w: 3, ab: [PLA], not: [PLA filament]}
  - {id: twin, g: g, side: prc, w: 3, ab: [PLA]}
""")


def found(text: str) -> list[tuple[str, str]]:
    return [(spot.term, text[spot.start : spot.end]) for spot in spots(text, WORDS)]


@pytest.mark.parametrize(
    "text",
    [
        "live-fire drill",
        "Live fire drills",
        "LIVE–FIRE DRILL",
        "(live-fire drill's)",
        "live‑fire-drill",
        "REN’AI JIAO",
    ],
)
def test_english_is_matched_in_any_case_number_and_joint(text: str) -> None:
    assert [term for term, _ in found(f"a {text}, b")] == ["fire"]


@pytest.mark.parametrize(
    "text",
    ["olive-fire drill", "live-fire drilling", "live-fire\ndrill", "livefire drill", "live-fire drill_x"],
)
def test_english_is_matched_as_whole_words(text: str) -> None:
    assert found(text) == []


def test_acronyms_are_matched_as_they_are_written() -> None:
    assert found("The PLAN had a plan, Plan, PLANS, APLAN; ＰＬＡＮ解放军PLAN") == [
        ("plan", "PLAN"),
        ("plan", "ＰＬＡＮ"),
        ("plan", "PLAN"),
    ]
    assert found("MRF-D") == [("plan", "MRF-D")]


def test_chinese_is_matched_anywhere_in_either_script() -> None:
    assert found("副军委主席，各軍區與军区") == [("plan", "军委"), ("plan", "軍區"), ("plan", "军区")]


def test_the_longest_match_wins() -> None:
    assert found("中央军委") == [("cmc", "中央军委")]


def test_a_form_of_two_terms_counts_for_both() -> None:
    assert found("PLA") == [("pla", "PLA"), ("twin", "PLA")]


def test_a_phrase_cancels_the_hit_it_contains_for_its_term_only() -> None:
    assert found("PLA filament") == [("twin", "PLA")]
    assert found("美军事，美军") == [("cmc", "美军")]


def test_u07_zero_width_characters_hide_no_term_and_keep_the_places() -> None:
    text = "\ufeffthe P\u200bLA\u200b, 中\u200d央军委"
    assert spots(text, WORDS) == [Spot(5, 9, "pla"), Spot(5, 9, "twin"), Spot(12, 17, "cmc")]
    assert [text[spot.start : spot.end] for spot in spots(text, WORDS)] == [
        "P\u200bLA",
        "P\u200bLA",
        "中\u200d央军委",
    ]


@given(st.text(st.sampled_from("İ㈱ﬁſß½\u200b\u0301é ，台"), max_size=30))
def test_u09_places_are_right_after_characters_that_would_grow(before: str) -> None:
    text = f"{before} 臺灣海峽, Taiwan Strait"
    assert [text[s.start : s.end] for s in spots(text, load()) if s.term == "taiwan_strait"] == [
        "臺灣海峽",
        "Taiwan Strait",
    ]


@given(st.text(st.one_of(st.characters(codec=None), st.sampled_from("PLA中央军委 ")), max_size=60))
def test_matches_lie_in_the_text_and_do_not_overlap_others(text: str) -> None:
    spans = sorted({(spot.start, spot.end) for spot in spots(text, WORDS)})
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(one[1] <= two[0] for one, two in pairwise(spans))
