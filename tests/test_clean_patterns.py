"""Every pattern of the data files is linear enough: hostile lines cost next to nothing."""

import itertools
import random
import re
import time
from collections.abc import Iterator

import pytest

from monitor import dates
from monitor.clean import authors, clean_html, evidence, head, jsonld, rules, titles, wire
from monitor.clean import dates as clean_dates
from monitor.clean import people as people_module
from monitor.clean.people import people
from monitor.clean.readalso import words
from monitor.dates import read

LONGEST = 300  # characters: no line rule looks at a longer line
AT_MOST = 0.05  # CPU seconds for one line; an exponential pattern takes minutes


def literals(patterns: list[str]) -> list[str]:
    """Words that the patterns themselves look for: the best material against them."""
    found = re.findall(r"[a-z]{2,}|[\u4e00-\u9fff]{1,4}", " ".join(patterns))
    return sorted(set(found))


def hostile(seed: int, material: list[str]) -> Iterator[str]:
    noise = random.Random(seed)
    marks = ["#", " ", ",", "/", ":", "-", "|", ".", "(", "（", "©", "@", "1", "a", "的", "»"]
    for piece in [*material, *marks]:
        yield (piece * LONGEST)[: LONGEST - 1] + "!"
        yield (f"{piece} " * LONGEST)[: LONGEST - 1] + "!"
    for first, second in itertools.product(marks, marks):
        yield ((first + second * 2) * LONGEST)[: LONGEST - 1] + "\n"
    for _ in range(300):
        some = noise.choices(material + marks * 3, k=4)
        yield "".join(noise.choices(some, k=LONGEST))[:LONGEST]


def slowest(matches: list[tuple[str, re.Pattern[str]]], seed: int) -> tuple[float, str, str]:
    worst = (0.0, "", "")
    for name, pattern in matches:
        for text in hostile(seed, literals([pattern.pattern])[:120]):
            started = time.process_time()
            pattern.fullmatch(text)
            pattern.match(text)
            worst = max(worst, (time.process_time() - started, name, text[:60]))
    return worst


def test_q03_no_line_rule_is_slow_on_any_line() -> None:
    spent, name, text = slowest([(rule.name, rule.pattern) for rule in rules.rules().lines], 3)
    assert spent < AT_MOST, f"{name} took {spent:.2f} s on {text!r}"


def test_q03_no_pointer_pattern_is_slow_on_any_line() -> None:
    patterns = [
        (f"{kind.kind} {name}", pattern)
        for kind in words()
        for name, pattern in (
            ("lead", kind.lead),
            ("bare", kind.bare),
            ("tail", kind.tail),
            ("heading", kind.heading),
        )
        if pattern is not None
    ]
    spent, name, text = slowest(patterns, 4)
    assert spent < AT_MOST, f"{name} took {spent:.2f} s on {text!r}"


def test_q03_no_pattern_of_a_field_is_slow_on_any_line() -> None:
    modules = (authors, clean_dates, dates, evidence, head, jsonld, people_module, titles)
    patterns = [
        (f"{module.__name__}.{name}", pattern)
        for module in modules
        for name, pattern in vars(module).items()
        if isinstance(pattern, re.Pattern)
    ]
    assert len(patterns) > 40
    spent, name, text = slowest(patterns, 5)
    assert spent < AT_MOST, f"{name} took {spent:.2f} s on {text!r}"


@pytest.mark.parametrize(
    "text", ["von " + "A" * 150 + "!", "Von " + "Aa" * 70 + " und!", "By " + "A " * 70 + "!"]
)
def test_q03_a_line_that_is_nearly_a_byline_costs_next_to_nothing(text: str) -> None:
    html = f"<h1>Pier opens after four years</h1><p class='info'>{text}</p><p>The pier opened on Monday.</p>".encode()
    started = time.process_time()
    clean_html(html, "https://news.example/a/1")
    assert time.process_time() - started < 10 * AT_MOST


@pytest.mark.parametrize("seed", [1, 2])
def test_q03_names_dates_and_credits_are_read_in_no_time(seed: int) -> None:
    for text in hostile(
        seed, ["by ", "and ", "Reuters", "新华社", "2026-", "年", "Nov ", "of The ", "PM", "记者"]
    ):
        for what in (lambda t: people([t]), read, lambda t: read(t[:100]), lambda t: wire.wire([t], [t])):
            started = time.process_time()
            what(text)
            assert time.process_time() - started < AT_MOST, text[:60]
