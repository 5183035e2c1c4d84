"""Where the terms of the vocabulary stand in a text."""

import unicodedata
from typing import NamedTuple

from monitor.text import is_han, width
from monitor.topic.vocabulary import Form, Pattern, Script, Vocabulary, key


class Spot(NamedTuple):
    """A term at text[start:end]; `term` is "" where it is an exclusion."""

    start: int
    end: int
    term: str


def spots(text: str, vocabulary: Vocabulary) -> list[Spot]:
    """Return where terms and exclusions stand in text, in order of place; offsets are of text as given.

    Matched as the head of vocabulary.yaml says. Longest match wins: what overlaps a longer match is none, but a
    form that belongs to two terms counts for both. Zero-width characters within a form are looked through.
    What a term needs in the rest of the article (`Term.needs`) is not asked here.
    """
    shown, places = _without_invisible(text)
    found, cancelled = _candidates(shown, vocabulary)
    # (term, place) -> where the phrase ends that cancels the term there
    covered: dict[tuple[str, int], int] = {}
    for start, end, term in cancelled:
        for place in range(start, end):
            covered[term, place] = max(end, covered.get((term, place), 0))
    chosen = _longest([spot for spot in found if covered.get((spot.term, spot.start), 0) < spot.end])
    if places is None:
        return chosen
    return [Spot(places[start], places[end - 1] + 1, term) for start, end, term in chosen]


def _without_invisible(text: str) -> tuple[str, list[int] | None]:
    """text without zero-width characters, and where its characters stood; None when nothing was taken."""
    if text.isascii():
        return text, None
    invisible = {char for char in set(text) if unicodedata.category(char) == "Cf"}
    if not invisible:
        return text, None
    places = [place for place, char in enumerate(text) if char not in invisible]
    return "".join(text[place] for place in places), places


def _candidates(text: str, vocabulary: Vocabulary) -> tuple[set[Spot], list[Spot]]:
    """Every form that stands in text, and every phrase that cancels one."""
    folded = key(text)
    found: set[Spot] = set()
    cancelled: list[Spot] = []
    if not vocabulary.automaton:
        return found, cancelled
    patterns: tuple[Pattern, ...]
    for last, (length, patterns) in vocabulary.automaton.iter(folded):
        start, end = last + 1 - length, last + 1
        for pattern in patterns:
            until = _end(pattern.form, text, folded, start, end)
            if until is None:
                continue
            spot = Spot(start, until, pattern.term)
            if pattern.cancels:
                cancelled.append(spot)
            else:
                found.add(spot)
    return found, cancelled


def _end(form: Form, text: str, folded: str, start: int, end: int) -> int | None:
    """Where the form that reads folded[start:end] ends in text, or None when its manner of matching says no."""
    if form.script in (Script.SIMPLIFIED, Script.TRADITIONAL):
        return end
    if start and _joins(folded[start - 1]):
        return None
    if form.script is Script.ACRONYM:
        joined = end < len(folded) and _joins(folded[end])
        return None if joined or width(text[start:end]) != width(form.text) else end
    if end < len(folded) and folded[end] == "s":  # plural
        end += 1
    return None if end < len(folded) and _joins(folded[end]) else end


def _joins(char: str) -> bool:
    """Whether a neighbour makes a longer word; a Chinese character beside PLA does not."""
    return (char.isalnum() or char == "_") and not is_han(char)


def _longest(found: list[Spot]) -> list[Spot]:
    """Of matches that overlap the longest, then the first; equal spans of several terms stay together."""
    taken: dict[int, tuple[int, int]] = {}  # place -> the span that holds it
    chosen = []
    for spot in sorted(found, key=lambda spot: (spot.start - spot.end, spot)):
        span = (spot.start, spot.end)
        holder = taken.get(spot.start) or taken.get(spot.end - 1)
        if holder is None:
            # spans come longest first, so a shorter one can only meet a longer one at its own ends
            taken.update(dict.fromkeys(range(*span), span))
        elif holder != span:
            continue
        chosen.append(spot)
    return sorted(chosen)
