"""The headline: what a page prints and what it states in its head, weighed.

A printed heading that says what the page states elsewhere is the best evidence. Where the two differ, the
headline of the structured data stands, unless it is only what the title element says to search engines.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice

from lxml import etree

from monitor.clean.evidence import key
from monitor.clean.jsonld import Data, words
from monitor.clean.rules import table
from monitor.clean.survey import plain
from monitor.text import fold, is_han, one_line

LONGEST_TITLE = 1_000
LIKE = 0.4  # share of words that a heading has in common with a stated title
LONGEST_KICKER = 40  # characters
SWALLOWED = 200  # characters; a longer heading was never closed and holds the text, too
CUT_AT = 100  # characters; publishing systems cut headlines for search engines at 110
MOST_STATED = 4  # headlines of structured data that are looked at
MOST_PARTS = 4  # that are cut off a title: "headline - section - outlet"

_TITLE_META = ("articletitle", "og:title", "twitter:title", "headline", "parsely-title")
_PARTS = re.compile(
    r"\s+[|｜–—_·•»«‹›:-]+\s+|[|｜]|[_＿]|\s*[|–—]\s*(?=[\u3400-\u9fff])|(?<=[\u3400-\u9fff？！」”])-+(?=\S)"
)
_HARD = frozenset("|｜_＿»«")  # never part of a headline
_SOFT = frozenset("-–—")  # behind one, only a few words are an outlet
_NAME_BEFORE = re.compile(r"([^:：]{2,60})(?:[:：]\s+|：)(?=\S)")
_TELLING_WORD = re.compile(r"[^\W\d_]{4,}")
_HEADLINE_LIKE = etree.XPath(
    "//h2 | //h3 | //div[not(*)] | //td[not(*)] | //span[not(*)] | //b[not(*)] | //strong[not(*)] | //font[not(*)]"
)


@dataclass(frozen=True, slots=True)
class Stated:
    """A title that the page states, without the outlet's name."""

    text: str
    place: str
    key: str  # what is compared


Printed = tuple[etree._Element, str]


def title(root: etree._Element, data: Data, own: Collection[str]) -> tuple[str, str, etree._Element | None]:
    """Return the headline, the place that gave it, and the heading element that stands above the text.

    own: names of the outlet, folded by key().
    """
    printed = _printed(data, own)
    stated = _stated(data, own, {key(text) for _, text in printed})
    keys = {said.key for said in stated}
    printed = [(h, text) for h, text in printed if key(text) in keys or not _names_an_outlet(text)]
    found = _best_printed(printed, stated, keys)
    if found is None and stated:
        return _elsewhere(root, stated, keys)
    if found is None:
        found = printed[0] if printed else None
    if found is None:
        return "", "", None
    better = _better(found[1], stated)
    if better is not None:
        return one_line(better.text, LONGEST_TITLE), better.place, found[0]
    return one_line(found[1], LONGEST_TITLE), "h1", found[0]


def _elsewhere(
    root: etree._Element, stated: list[Stated], keys: set[str]
) -> tuple[str, str, etree._Element | None]:
    """What is stated, and the element other than a first heading that prints it, if there is one."""
    starts = {said.text[:4] for said in stated}
    for element in _HEADLINE_LIKE(root):
        text = "".join(element.itertext()).strip()
        if text[:4] in starts and len(text) < 400 and key(text) in keys:
            return one_line(text, LONGEST_TITLE), str(element.tag), element
    return one_line(stated[0].text, LONGEST_TITLE), stated[0].place, None


# ---------------------------------------------------------------- what is printed, what is stated


def _printed(data: Data, own: Collection[str]) -> list[Printed]:
    headings = ((h, _without_name(plain(h), own)) for h, _ in islice(data.seen.headings, 10))
    return [(h, t) for h, t in headings if len(t) >= 4 and not _not_a_title(t) and key(t) not in own]


def _stated(data: Data, own: Collection[str], printed: set[str]) -> list[Stated]:
    said = [(words(value), "json-ld headline") for value in islice(data.ld("headline"), MOST_STATED)]
    said += [(words(value), "microdata headline") for value in islice(data.micro("headline"), 1)]
    said += [(data.first(name), name) for name in _TITLE_META]
    said += [(plain(tag), "title element") for tag in data.seen.titles[:3]]
    texts = [(text[:LONGEST_TITLE], place) for text, place in said if text]
    sures = {text: cut(text, own, guess=False) for text, _ in texts}
    confirming = printed | {key(sures[text]) for text, place in texts if place == "json-ld headline"}
    found: dict[tuple[str, str], Stated] = {}
    for text, place in texts:
        sure = sures[text]
        short = cut(sure, own, guess=True) if _SOFT.intersection(sure) else sure
        whole = key(short) not in printed and (place == "json-ld headline" or key(sure) in confirming)
        best = sure if whole else short
        if best and not _not_a_title(best) and (folded := key(best)) not in own:
            found.setdefault((best, place), Stated(best, place, folded))
    return list(found.values())


@cache
def _known() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What is no headline, and how names of outlets end; from words.toml."""
    titles = table("words.toml")["titles"]
    return (
        re.compile(f"(?:{'|'.join(titles['never'])})", re.IGNORECASE),
        re.compile(f"(?:{'|'.join(titles['outlets'])})", re.IGNORECASE),
    )


def _not_a_title(text: str) -> bool:
    return _known()[0].fullmatch(text) is not None


def _names_an_outlet(text: str) -> bool:
    return len(text) <= 30 and _known()[1].fullmatch(text) is not None


def _without_name(text: str, own: Collection[str]) -> str:
    """Text without "The Example: " before it."""
    match = _NAME_BEFORE.match(text)
    return text[match.end() :] if match and key(match[1]) in own else text


def cut(text: str, own: Collection[str], *, guess: bool) -> str:
    """Text without the site's name behind, or before, a mark.

    guess: a few words behind a dash are the name of an outlet, too; otherwise only what is known to be one,
    or stands behind a mark that headlines do not have.
    """
    text = _without_name(text, own)
    for _ in range(MOST_PARTS):
        marks = list(_PARTS.finditer(text))
        if not marks:
            break
        named = next((mark for mark in marks if key(text[mark.end() :]) in own), None)
        if named is not None:
            return text[: named.start()].strip()
        if key(text[: marks[0].start()]) in own:
            return text[marks[0].end() :].strip()
        last = marks[-1]
        behind, mark = text[last.end() :], last[0].strip()[:1]
        if _names_an_outlet(behind) and mark:
            text = text[: last.start()].strip()
            continue
        short_name = mark in _HARD or (guess and mark in _SOFT and len(behind.split()) <= 4)
        if not mark or not short_name or len(behind) >= 0.6 * last.start():
            break
        text = text[: last.start()].strip()
    return text


# ---------------------------------------------------------------- weighing


def _best_printed(printed: list[Printed], stated: list[Stated], keys: set[str]) -> Printed | None:
    for heading, text in printed:
        if key(text) in keys:
            return heading, text
    for heading, text in printed:
        for said in (s.text for s in stated):  # a kicker inside the heading
            if len(said) > 20 and text.endswith(said) and len(text) - len(said) < LONGEST_KICKER:
                return heading, said
            if text.startswith(said) and _ends_in_a_tag(heading, text[len(said) :]):
                return heading, said
            if len(text) > SWALLOWED > len(said) and key(text).startswith(key(said)):
                return heading, said
    likest = max(
        (
            (max(_likeness(text, said.text) for said in stated), n)
            for n, (_, text) in enumerate(printed)
            if stated
        ),
        key=lambda pair: (pair[0], -pair[1]),
        default=(0.0, 0),
    )
    return printed[likest[1]] if likest[0] > LIKE else None


def _ends_in_a_tag(heading: etree._Element, behind: str) -> bool:
    """Whether words behind a headline are an element of their own: "Pier opens [Original]"."""
    last = heading[-1] if len(heading) else None
    return last is not None and 0 < len(behind) < LONGEST_KICKER and plain(last) == behind.strip()


def _better(printed: str, stated: list[Stated]) -> Stated | None:
    """The headline of the structured data where that is another than the printed one, and is to be believed.

    It is not when it is cut short, when it shares no telling word with the printed one (it may be another
    article's), and when only the title element agrees with it: that is what search engines are to show.
    """
    said = [s for s in stated if s.place == "json-ld headline"]
    if len({s.key for s in said}) != 1 or said[0].key == key(printed):
        return None  # of several articles it is not known which is the page's
    best = said[0]
    if best.text.endswith(("...", "…")) or (len(best.text) >= CUT_AT and key(printed).startswith(best.key)):
        return None
    if not _share_a_word(printed, best.text):
        return None
    for_searching = any(s.key == best.key for s in stated if s.place == "title element")
    shared = {s.key for s in stated if s.place in ("og:title", "twitter:title")}
    if for_searching and shared != {best.key}:
        return None
    return _usual_spelling(best, stated)


def _usual_spelling(best: Stated, stated: Iterable[Stated]) -> Stated:
    spelled = Counter(s.text for s in stated if s.key == best.key)
    text, _ = max(spelled.items(), key=lambda item: item[1])  # the first of equals
    return replace(best, text=text)


def _share_a_word(a: str, b: str) -> bool:
    if any(map(is_han, a)):
        return _likeness(a, b) > LIKE
    one, two = (set(_TELLING_WORD.findall(fold(text))) for text in (a, b))
    return bool(one & two)


def _likeness(a: str, b: str) -> float:
    """Share of words in common (characters in Chinese)."""
    one, two = (set(t if any(map(is_han, t)) else fold(t).split()) for t in (a, b))
    return len(one & two) / max(1, min(len(one), len(two))) if len(one) > 1 and len(two) > 1 else 0.0
