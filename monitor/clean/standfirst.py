"""The standfirst: the sentence or two between headline and text that many outlets print apart from both.

It is known by its name (rules.toml, standfirst) or because the page's own description says the same words.
Whether it is text depends on the custom of the language. In English and Chinese it is the desk's second headline
(deck, 副题) over a story that begins anew; elsewhere (Vorspann, chapô, entradilla, ingress, sapo) it is the first
paragraph, and the story goes on from it.
"""

from collections.abc import Iterator
from itertools import islice

from lxml import etree

from monitor.clean import rules
from monitor.clean.container import hidden, names
from monitor.clean.evidence import key
from monitor.clean.jsonld import Data, words
from monitor.clean.survey import short
from monitor.text import count_words, one_line

MOST_LOOKED_AT = 60  # elements between headline and text
LONGEST = 700  # characters
LEAST_WORDS = 5  # of a sentence with its full stop
MANY_WORDS = 12  # and without
SAME = 30  # letters at the start that two printings of one sentence have in common

_SENTENCE_ENDS = frozenset('.!?…。！？」”"')
_HOLDS = frozenset(
    ["p", "h2", "h3", "h4", "div", "span", "em", "strong", "section", "header", "li", "summary"]
)


def find(
    heading: etree._Element | None, element: etree._Element, data: Data, headline: str
) -> tuple[str, str]:
    """Return the standfirst above the text in element, and the place that gave it; ("", "") for none."""
    if heading is None:
        return "", ""
    said = _descriptions(data)
    for spot in islice(_between(heading, element), MOST_LOOKED_AT):
        if spot.tag not in _HOLDS or hidden(spot):
            continue
        named = rules.is_standfirst(names(spot))
        if not named and not said:
            continue
        text = short(spot, LONGEST)
        described = not named and key(text[: 3 * SAME]).startswith(said)
        if not (named and not _holds_blocks(spot)) and not described:
            continue
        if not _is_sentence(text) or key(text) == key(headline) or rules.line(text) or _is_elsewhere(spot):
            continue
        return text, one_line(f"standfirst {names(spot)}", 100) if named else "description"
    return "", ""


def decks(element: etree._Element) -> set[str]:
    """The decks that stand at the head of the text itself, as their names tell."""
    near = islice(element.iter(), MOST_WITHIN)
    found = (short(spot, LONGEST) for spot in near if spot.tag in _HOLDS and rules.is_deck(names(spot)))
    return {text for text in found if text}


MOST_WITHIN = 12  # elements of the text that are looked at


def _descriptions(data: Data) -> tuple[str, ...]:
    """The first letters of what the page says of its article in its head."""
    stated = [data.first(name) for name in ("og:description", "description", "twitter:description")]
    stated += [
        words(v) for field in ("description", "abstract", "alternativeHeadline") for v in data.ld(field)
    ]
    return tuple(start for start in (key(text[: 3 * SAME])[:SAME] for text in stated) if len(start) == SAME)


def _between(heading: etree._Element, element: etree._Element) -> Iterator[etree._Element]:
    """The elements after heading and before element, or, where heading stands in element, the next ones."""
    around = {element, *element.iterancestors()}
    at = heading
    while at not in around:
        for behind in at.itersiblings():
            if behind in around:
                break
            yield from behind.iter()
        parent = at.getparent()
        if parent is None:
            return
        at = parent
    inside = element
    while inside is not at and (parent := inside.getparent()) is not None and parent is not at:
        for before in inside.itersiblings(preceding=True):
            yield from before.iter()
        inside = parent


def _is_sentence(text: str) -> bool:
    """Whether text says something, as a kicker or a credit does not."""
    count = count_words(text)
    return count >= MANY_WORDS or (count >= LEAST_WORDS and text[-1] in _SENTENCE_ENDS)


def _is_elsewhere(spot: etree._Element) -> bool:
    """Whether spot belongs to a picture, a gallery or another part that is no article."""
    around = islice((spot, *spot.iterancestors()), 4)
    return any(
        at.tag in ("figure", "figcaption", "aside", "nav") or _is_no_article(names(at)) for at in around
    )


def _is_no_article(found: str) -> bool:
    rule = rules.region(found)
    return rule is not None and rule.name in (
        "caption",
        "gallery",
        "comments",
        "share bar",
        "newsletter",
        "advert",
    )


def _holds_blocks(spot: etree._Element) -> bool:
    return sum(1 for _ in spot.iter("p", "li", "h2", "h3")) > 2
