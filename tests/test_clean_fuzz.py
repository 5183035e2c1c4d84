"""Whatever bytes come, the answer is an Article that keeps its promises or a sentence that says why there is none.

The finds of hypothesis and of bench/fuzz_clean.py stand here, each with the least input that shows it.
"""

import gc
import json
import time
import tracemalloc
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.fuzz import mutate, pages
from bench.fuzz.answers import examined
from bench.fuzz.shapes import SHAPES
from monitor.clean import clean_html, clean_text
from monitor.clean.people import people
from monitor.clean.rules import is_deck
from monitor.clean.stream import _PIECE
from monitor.dates import read
from monitor.model import BlockKind
from tests.test_clean_hostile import FIRST, SECOND, STORY, URL, ld, page, seconds, story

CHOICES = st.integers(0, 255)
UNUSED = bytes([0])  # the choice of clean_html with nothing said beside it


def some(count: int) -> settings:
    return settings(max_examples=count, deadline=None, suppress_health_check=list(HealthCheck))


# ---------------------------------------------------------------- any page


@some(60)
@given(CHOICES, st.randoms(use_true_random=False))
def test_every_page_by_chance_gives_an_article_or_says_why_not(choice: int, chance: Random) -> None:
    examined(bytes([choice]) + pages.page(chance))


@some(60)
@given(CHOICES, st.integers(0, 2**32), st.integers(0, 2**32))
def test_every_change_of_a_page_gives_an_article_or_says_why_not(choice: int, seed: int, change: int) -> None:
    examined(bytes([choice]) + mutate.mutated(pages.page(Random(seed)), Random(change), 65_536))


@some(60)
@given(
    CHOICES, st.binary(max_size=600) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "ignore"))
)
def test_all_bytes_and_all_text_give_an_article_or_say_why_not(choice: int, body: bytes) -> None:
    examined(bytes([choice]) + body)


@pytest.mark.soak
@some(20_000)
@given(CHOICES, st.randoms(use_true_random=False))
def test_twenty_thousand_pages_give_articles_or_say_why_not(choice: int, chance: Random) -> None:
    examined(bytes([choice]) + pages.page(chance))


@pytest.mark.soak
@some(20_000)
@given(CHOICES, st.integers(0, 2**32), st.integers(0, 2**32))
def test_twenty_thousand_changes_give_articles_or_say_why_not(choice: int, seed: int, change: int) -> None:
    examined(bytes([choice]) + mutate.mutated(pages.page(Random(seed)), Random(change), 65_536))


@pytest.mark.soak
@some(20_000)
@given(
    CHOICES,
    st.binary(max_size=5_000) | st.text(max_size=3_000).map(lambda text: text.encode("utf-8", "ignore")),
)
def test_twenty_thousand_strings_give_articles_or_say_why_not(choice: int, body: bytes) -> None:
    examined(bytes([choice]) + body)


# ---------------------------------------------------------------- finds: crashes and broken promises


@pytest.mark.parametrize("printed", ["12 Aprıl 2026", "ſept 12, 2026"])
def test_a_month_in_letters_that_only_fold_to_its_own_is_no_date(printed: str) -> None:
    assert read(printed) is None
    assert story(head=f'<meta name="pubdate" content="{printed}">').published is None


@pytest.mark.parametrize("marker", ["<place-of-links>", '<place-of-links id="7">', "<place of links id=0>"])
def test_an_element_named_as_our_marker_is_an_element_like_any_other(marker: str) -> None:
    assert story(STORY + f"<p>{marker}{FIRST} Again.</p>").text.endswith("Again.")


def test_an_author_known_by_an_object_is_nobody() -> None:
    assert story(head=ld('"author":{"@id":{"a":[1]}}')).authors == ()


@pytest.mark.parametrize("controls", ["\x9b" * 400, "\x0b\x1b[31m", "\x9b"])
def test_a_line_of_control_characters_is_no_block(controls: str) -> None:
    found = story(
        f"<p>{FIRST}</p><p>{controls}</p><table><tr><td>a<td>b<tr><td>{controls}<td>{controls}</table>{STORY}"
    )
    assert all(line.strip() for block in found.blocks for line in block.text.split("\n"))


def test_words_around_a_control_character_are_parted_by_one_space() -> None:
    assert story(f"<p>{FIRST} \x9b {SECOND}</p>").text == f"{FIRST} {SECOND}"


def test_control_characters_of_a_class_or_a_date_are_not_kept() -> None:
    found = clean_html(
        page(f"<h1>Pier</h1><time datetime='\x9b\x01 soon'>x</time><div class='a\x9b \x01b'>{STORY}</div>"),
        URL,
    )
    kept = [found.published_printed, *found.provenance.values()]
    assert not [text for text in kept if not text.isprintable()]


def test_a_title_from_first_words_is_one_line_without_a_space_at_its_end() -> None:
    rows = "".join(f"<tr><th>{'a' * 40}<td>{'b' * n}" for n in range(1, 9))
    for body in (f"<table>{rows}</table>", f"<p>{'x' * 99} {SECOND}</p>"):
        title = clean_html(f"<body>{body}</body>".encode(), URL).title
        assert title == " ".join(title.split())
        assert title


def test_a_heading_in_script_data_has_a_level() -> None:
    blocks = [
        {"type": "heading", "text": "A ship"},
        *({"type": "paragraph", "text": f"{n} {SECOND}"} for n in range(9)),
    ]
    state = json.dumps({"headline": "Pier opens after four years", "blocks": blocks})
    found = clean_html(page("<div id=root></div>", f"<script>window.STATE = {state}</script>"), URL)
    assert [block.level for block in found.blocks if block.kind is BlockKind.HEADING] == [2]


def test_plain_text_keeps_two_hundred_reasons_at_most() -> None:
    lines = "".join(f"READ ALSO: The pier of the town, part {n}\n" for n in range(300))
    assert len(clean_text(f"Pier opens after four years\n{FIRST}\n{lines}{SECOND}").removed) == 200


def test_captions_that_are_never_closed_are_not_said_again_by_each_around_them() -> None:
    captions = "".join(f"<figcaption>The ship of day {n} lay at the pier in the morning." for n in range(200))
    assert clean_html(page(captions), URL).words < 5_000


# ---------------------------------------------------------------- finds: time and memory


def test_q03_a_class_of_underscores_is_no_riddle() -> None:
    assert seconds(lambda: is_deck("a_" * 29 + "x")) < 0.1
    assert is_deck("article__c-second_deck")


def test_q03_thousands_of_names_of_brackets_are_read_at_once() -> None:
    assert seconds(lambda: people(["()" * 250] * 4_000)) < 1


def test_a_stream_in_one_string_takes_no_memory_beside_its_own() -> None:
    script = 'self.__next_f.push([1,"' + r"ab\n" * 400_000 + '"])'
    assert peak(lambda: _PIECE.search(script)) < 10_000_000


def test_paragraphs_far_down_take_no_memory_for_all_that_is_around_them() -> None:
    assert peak(lambda: clean_html(SHAPES["deep: div"](2_000), URL)) < 40_000_000


def test_names_of_half_a_megabyte_are_not_remembered() -> None:
    def read_pages() -> int:
        for n in range(12):
            story(f"<div class='{n}{'x' * 500_000}'>{STORY}</div>")
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    kept = read_pages() - before
    tracemalloc.stop()
    assert kept < 3_000_000


def peak(work: Callable[[], object]) -> int:
    tracemalloc.start()
    work()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


FOUND = (
    "class of expands", "script of one word", "stream of doubles", "pictures in one element", "pictures in paragraphs", "buttons",
    "buttons beside text", "forms", "named links in one paragraph", "leads and links in one line", "line breaks", "only figures",
    "adverts between paragraphs", "related boxes between paragraphs", "state of long strings",
    "deep: aside", "deep: figcaption",
)  # fmt: skip
SMALL = 150
TIMES = 8  # how much the large page is larger
AT_MOST = 4  # times what is expected of it: work that grows with the square takes eight times as much


def cost(html: bytes) -> float:
    started = time.process_time()
    examined(UNUSED + html, twice=False)
    return time.process_time() - started


def is_linear(shape: str) -> bool:
    small, large = SHAPES[shape](SMALL), SHAPES[shape](SMALL * TIMES)
    expected = max(0.005, min(cost(small) for _ in range(2))) * max(TIMES, len(large) / len(small))
    return any(cost(large) < AT_MOST * expected for _ in range(3))


@pytest.mark.parametrize("shape", FOUND)
def test_work_grows_as_the_page_does_where_it_once_did_not(shape: str) -> None:
    assert is_linear(shape)


@pytest.mark.soak
@pytest.mark.parametrize("shape", SHAPES)
def test_work_grows_as_the_page_does(shape: str) -> None:
    assert is_linear(shape)
