"""Relevance by the vocabulary that comes with the product, and by small ones made here."""

import time

import pytest

from monitor.errors import Mistakes
from monitor.model import Judgement, Tier
from monitor.topic import Spot, Vocabulary, judge, load, parse, spots

TEXTS = load().tests


def made(*entries: str, exclusions: str = "") -> Vocabulary:
    groups = "groups: [{id: actors_us}, {id: actors_prc}, {id: places}, {id: operations}]\n"
    noise = f"exclusions: {{en: [{exclusions}]}}\n"
    return parse(groups + noise + "entries:\n" + "".join(f"  - {{{entry}}}\n" for entry in entries))


def found(judgement: Judgement) -> dict[str, int]:
    return {mention.term: mention.points for mention in judgement.mentions}


def test_the_vocabulary_has_tests_of_its_own() -> None:
    assert len(TEXTS) >= 12


@pytest.mark.parametrize("case", TEXTS, ids=[str(number) for number, _ in enumerate(TEXTS)])
def test_the_vocabulary_passes_its_own_tests(case: dict[str, str]) -> None:
    tier = judge(case["text"], "", load()).tier
    match case["expect"]:
        case "relevant only through source flag always_relevant":
            assert tier is Tier.OFF_TOPIC
            flagged = judge(case["text"], "", load(), always_relevant=True)
            assert (flagged.tier, flagged.rules) == (Tier.RELEVANT, ("always",))
        case "peripheral at most":
            assert tier in (Tier.PERIPHERAL, Tier.OFF_TOPIC)
        case expected:
            assert tier is Tier(expected.replace("_", "-"))


def test_every_form_of_every_term_is_found_where_it_stands_alone() -> None:
    missed = [
        (term.id, form.text)
        for term in load().terms.values()
        for form in term.forms
        if Spot(0, len(form.text), term.id) not in spots(form.text, load())
    ]
    assert missed == []


def test_points_are_hits_times_weight_and_hits_are_capped() -> None:
    vocabulary = made(
        "id: pla, g: actors_prc, side: prc, w: 3, ab: [PLA]",
        "id: us, g: actors_us, side: us, w: 2, en: [US Navy]",
    )
    assert found(judge("", "PLA", vocabulary)) == {"pla": 3}
    assert found(judge("PLA", "PLA", vocabulary)) == {"pla": 9}
    judgement = judge("PLA PLA", "PLA " * 50 + "US Navy", vocabulary)
    assert found(judgement) == {"pla": 12, "us": 2}
    assert judgement.points == 14
    assert [mention.term for mention in judgement.mentions] == ["pla", "us"]
    assert (judgement.mentions[0].in_title, judgement.mentions[0].in_body) == (2, 50)


def test_a_mention_shows_the_spelling_found_first_and_the_title_comes_first() -> None:
    vocabulary = made("id: tw, g: places, side: tw, w: 3, en: [Taiwan], hans: [台湾], hant: [台灣]")
    assert judge("", "臺灣 and Taiwan", vocabulary).mentions[0].form == "臺灣"
    assert judge("TAIWAN", "臺灣", vocabulary).mentions[0].form == "TAIWAN"


@pytest.mark.parametrize(
    ("points", "tier"), [(1, Tier.PERIPHERAL), (2, Tier.RELEVANT), (3, Tier.CORE), (4, Tier.CORE)]
)
def test_tiers_are_by_points(points: int, tier: Tier) -> None:
    vocabulary = made("id: x, g: places, side: both, w: 3, en: [median line]")
    assert judge("", "median line. " * points, vocabulary).tier is tier


def test_without_a_rule_points_alone_do_not_make_an_article_relevant() -> None:
    vocabulary = made("id: us, g: actors_us, side: us, w: 2, en: [US Navy]")
    judgement = judge("US Navy", "US Navy US Navy", vocabulary)
    assert (judgement.tier, judgement.points, judgement.rules) == (Tier.OFF_TOPIC, 8, ())
    assert not judgement.on_topic


def test_two_sides_and_a_deed_make_a_rule() -> None:
    vocabulary = made(
        "id: us, g: actors_us, side: us, w: 2, en: [US Navy]",
        "id: tw, g: places, side: tw, w: 2, en: [Taipei]",
        "id: do, g: operations, side: both, w: 1, en: [sortie]",
    )
    assert judge("", "US Navy, Taipei", vocabulary).rules == ()
    assert judge("", "US Navy, Taipei, sorties", vocabulary).rules == ("two_sides", "theatre")
    assert judge("", "Taipei, sorties", vocabulary).rules == ("theatre",)
    assert judge("", "US Navy, sorties", vocabulary).rules == ()


def test_a_term_that_needs_company_counts_only_beside_another_term() -> None:
    vocabulary = made(
        "id: afp, g: actors_us, side: ally, w: 3, ab: [AFP], ctx: [actors_us, places]",
        "id: shoal, g: places, side: both, w: 1, en: [shoal]",
    )
    assert judge("AFP - stocks", "AFP AFP", vocabulary).mentions == ()
    assert found(judge("AFP", "near the shoal", vocabulary)) == {"afp": 6, "shoal": 1}


def test_noise_is_subtracted_and_hides_what_it_contains() -> None:
    vocabulary = made(
        "id: x, g: places, side: both, w: 3, en: [median line]", exclusions="film review, median line cinema"
    )
    assert judge("Film review", "median line, median line", vocabulary).points == 4
    assert judge("", "median line cinema", vocabulary).mentions == ()
    assert judge("film review", "", vocabulary).points == 0


def test_a_judgement_of_nothing_is_off_topic() -> None:
    for vocabulary in (load(), made()):
        assert judge("", "", vocabulary) == Judgement(Tier.OFF_TOPIC, 0, (), ())


def test_terms_can_be_looked_up_with_all_their_forms() -> None:
    pla = load().terms["prc_pla"]
    assert (pla.group, pla.side, pla.weight) == ("actors_prc", "prc", 3)
    assert {"People's Liberation Army", "PLA", "解放军", "共軍"} <= {form.text for form in pla.forms}
    assert load().groups["places"] == "Places and lines"
    assert len(load().terms) == 242


def test_every_mistake_of_a_vocabulary_is_told_at_once() -> None:
    with pytest.raises(Mistakes) as caught:
        made(
            "id: a, g: nowhere, side: us, w: 2, en: [x]",
            "id: b, g: places, side: moon, w: 2, en: [x]",
            "id: c, g: places, side: us, w: 9, en: [x]",
            "id: d, g: places, side: us, w: 1",
            "id: e, g: places, side: us, w: 1, en: [x], ctx: [nowhere]",
            "g: places",
            "id: f, g: places, side: us, w: 1, en: [x]",
            "id: f, g: places, side: us, w: 1, en: [x]",
        )
    assert caught.value.lines == [
        "vocabulary: entry 1: a: g = nowhere: no such group",
        "vocabulary: entry 2: b: side = moon: must be us, prc, tw, ally or both",
        "vocabulary: entry 3: c: w = 9: must be 1, 2 or 3",
        "vocabulary: entry 4: d: has no spelling: write en, ab, hans or hant",
        "vocabulary: entry 5: e: ctx = nowhere: no such group",
        "vocabulary: entry 6: id is missing",
        "vocabulary: f: stands there twice",
    ]


@pytest.mark.parametrize("content", ["a: [", "- 1", "", b"\xff\xfe\x00", "!!python/object:os.system {}"])
def test_what_is_no_vocabulary_is_a_mistake(content: str | bytes) -> None:
    with pytest.raises(Mistakes):
        parse(content)


def test_judging_is_quick_enough_for_any_article() -> None:
    body = (
        "The Navy sent a destroyer through the Taiwan Strait as PLA aircraft flew sorties nearby on Monday. "
        * 60
    )
    judge("", body, load())
    started = time.process_time()
    for _ in range(5):
        judge("Taiwan", body, load())
    assert (time.process_time() - started) / 5 < 0.05  # seconds; measured below 0.003


def test_megabytes_of_matches_take_linear_time() -> None:
    started = time.process_time()
    judge("", "PLA filament PLA " * 20_000, load())
    assert time.process_time() - started < 5
