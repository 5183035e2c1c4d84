"""Which element holds the article's body: a cheap pass over the page's runs of text.

Each run of text gives its length to the elements around it, less and less on the way up, so that the
parent of many paragraphs outweighs each of them and a parent of one body and little else does not outweigh
the body. Names that publishing systems give to bodies add weight; parts that are never the article
(navigation, comments, other articles) give nothing; text that the page's own structured data calls the
body counts more.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from itertools import islice

from lxml import etree

from monitor.clean.rules import LONGEST_NAMES, container, region, rules

UP = 0.75  # of a run's weight that reaches the next element up
MOST_OF_PAGE = 0.4  # a part with more of the page's text is not left out for its name alone
KNOWN = (1.0, 1.4, 2.0)  # by container()
SIBLINGS = 0.15  # of a container's text that parts of its shape beside it must hold to belong to it
MOST_AROUND = 120  # elements around a run that are looked at: runs times depth would fill the memory
MOST_LEVELS = 7  # that are looked at above a container
ABOVE = 0.02  # for text above the headline
OUTSIDE = 0.1  # for text outside the <article> in which the headline stands
LEAST_BELOW = 200  # of weight below the headline; less is no article
LEAST_ARTICLE = 500  # of weight in such an element; a smaller one holds the headline alone
AS_STATED = 4.0  # for text that structured data calls the body
SHORTEST = 25  # characters of a run that counts, Chinese ones doubled
LEAST = SHORTEST // 2  # characters of a run that may count

_INLINE = frozenset(
    [
        "a",
        "abbr",
        "b",
        "bdi",
        "big",
        "cite",
        "code",
        "em",
        "font",
        "i",
        "ins",
        "kbd",
        "mark",
        "q",
        "s",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "u",
    ]
)
_PARAGRAPHS = frozenset(
    ["p", "li", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "dd", "dt", "figure"]
)
_HAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_LETTERS = re.compile(r"\W+")
_HIDDEN = re.compile(
    r"(?:display\s*:\s*none|visibility\s*:\s*hidden|left\s*:\s*-\d{4,}|text-indent\s*:\s*-\d{4,}|font-size\s*:\s*0(?![.\d]))",
    re.IGNORECASE,
)
_WITHHELD = re.compile(
    r"subscribers?[-_]?only|(?:premium|paid|member|locked|full|rest|remaining|expand\w{0,9}|collaps\w{1,9}|read-?more)[-_]?(?:content|text|body|article|story)"
    r"|(?:content|text|body|article|story)[-_]?(?:premium|paid|locked|full|rest|remaining|expanded|collapsed)",
    re.IGNORECASE,
)
_STREAMED = re.compile(r"S:[0-9a-f]{1,4}")
_ROLES = frozenset(
    [
        "navigation",
        "dialog",
        "alertdialog",
        "complementary",
        "contentinfo",
        "search",
        "menu",
        "menubar",
        "banner",
        "tooltip",
    ]
)


def names(element: etree._Element) -> str:
    """The class, id and itemprop of element, spaced."""
    get = element.get
    return f"{get('class') or ''} {get('id') or ''} {get('itemprop') or ''}"[:LONGEST_NAMES]


def hidden(element: etree._Element) -> bool:
    """Whether element is hidden by an attribute or its inline style."""
    style = element.get("style")
    if element.get("hidden") is not None and not is_streamed(element.get("id") or ""):
        return True
    # A script will show what a publishing system calls the body: WeChat sends it invisible.
    return style is not None and hidden_style(style) and container(names(element)) < 2


def is_streamed(name: str) -> bool:
    """Whether a part with this id is hidden only until a script puts it in its place (React)."""
    return _STREAMED.fullmatch(name) is not None


def is_withheld(found: str) -> bool:
    """Whether a hidden part with these names is the rest of the text, shown to readers who pay or ask for more."""
    return _WITHHELD.search(found) is not None


def is_stated(text: str, stated: str) -> bool:
    """Whether structured data says that text belongs to the body (stated: its letters)."""
    start = letters(text[:300])[:40]
    return len(start) > 20 and start in stated


def hidden_style(style: str) -> bool:
    """Whether an inline style hides what it is on."""
    return _HIDDEN.search(style) is not None


def letters(text: str) -> str:
    """Text without spaces and punctuation, to compare what two encodings of one body say."""
    return _LETTERS.sub("", text)


def find(
    root: etree._Element, stated: str = "", heading: etree._Element | None = None
) -> etree._Element | None:
    """Return the element that holds the body, or None where the page has no text.

    stated: the body according to the page's structured data, if any.
    heading: the element that prints the title; what stands before it is hardly the body.
    """
    said = letters(stated)
    runs = _weights(root, said, heading)
    chains = _Chains()
    all_of_them = _sums(runs, chains)
    total = max(all_of_them.values(), default=0)
    if not total:
        return None
    left_out = {e for e, mass in all_of_them.items() if _no_article(e, mass / total, said)}
    good = {e: mass for e, mass in runs.items() if left_out.isdisjoint(chains[e])} or runs
    article = next((e for e in chains[heading] if e.tag == "article"), None) if heading is not None else None
    if article is not None and all_of_them.get(article, 0.0) > LEAST_ARTICLE:
        good = {e: mass if article in chains[e] else OUTSIDE * mass for e, mass in good.items()}
    others = list(_other_articles(root, heading))
    for other in others:
        good = {e: OUTSIDE * mass if other in chains[e] else mass for e, mass in good.items()}
    points: dict[etree._Element, float] = defaultdict(float)
    for element, mass in good.items():
        weight = mass
        for ancestor in chains[_holder(element)]:
            points[ancestor] += weight
            weight *= UP
    best = max(points, key=lambda e: points[e] * _liking(e))
    return _with_siblings(best, _sums(good, chains), others)


def _other_articles(root: etree._Element, heading: etree._Element | None) -> Iterator[etree._Element]:
    """The parts that hold the headline of another article and are built like the one around heading.

    Pages that go on without end put the next article below the one that was asked for.
    """
    if heading is None or heading.tag != "h1":
        return
    around = {heading, *heading.iterancestors()}
    for other in islice(root.iter("h1"), MOST_HEADLINES):
        top = other
        while (parent := top.getparent()) is not None and parent not in around:
            top = parent
        if parent is None or top is other or top in around:
            continue
        own = next((child for child in parent if child in around), None)
        if own is not None and own.tag == top.tag and own.get("class") == top.get("class"):
            yield top


MOST_HEADLINES = 20  # of a page that are looked at


class _Chains(dict[etree._Element, list[etree._Element]]):
    """Of each element asked for: itself and the elements around it, from the inside out."""

    def __missing__(self, element: etree._Element) -> list[etree._Element]:
        chain = [element, *islice(element.iterancestors(), MOST_AROUND)]
        self[element] = chain
        return chain


def _with_siblings(
    element: etree._Element, mass: dict[etree._Element, float], others: Collection[etree._Element]
) -> etree._Element:
    """The element, or the ancestor over which the body is spread: parts of one shape beside each other."""
    widest = part = element
    for _ in range(MOST_LEVELS):
        parent = part.getparent()
        if parent is None or parent.tag in ("body", "html"):
            break
        alike = [
            s
            for s in parent
            if s in mass and s is not part and s.tag == part.tag and _is_alike(s, part) and s not in others
        ]
        if not part.get("class") and part is not element:  # without a name only its own neighbours are alike
            alike = []
        if sum(mass[s] for s in alike) > SIBLINGS * mass[widest]:
            widest = parent
        part = parent
    return widest


def _is_alike(one: etree._Element, other: etree._Element) -> bool:
    """Whether two elements beside each other are parts of one text: of one name, or of one sort of part."""
    names_of_one, names_of_other = one.get("class", "").split(), other.get("class", "").split()
    if names_of_one == names_of_other:
        return True
    first = names_of_one[:1] == names_of_other[:1] and names_of_one
    return bool(first) and _PART_OF_TEXT.search(names_of_one[0]) is not None


_PART_OF_TEXT = re.compile(r"body|text|part|chunk|paragraph|slice|story|markdown", re.IGNORECASE)


def _weights(
    root: etree._Element, stated: str, heading: etree._Element | None
) -> dict[etree._Element, float]:
    """The length of the text that stands directly in each element; links and short runs do not count."""
    runs: dict[etree._Element, float] = defaultdict(float)
    above: dict[etree._Element, float] = {}
    body = root.find("body")
    for element in root.iter() if body is None else body.iter():
        if element is heading:
            above, runs = runs, defaultdict(float)
        text = element.text
        if text is not None and len(text) > LEAST:
            _count(runs, element, text, stated)
        text = element.tail
        if text is not None and len(text) > LEAST and (parent := element.getparent()) is not None:
            _count(runs, parent, text, stated)
    # A headline below all the text is none of it.
    share = ABOVE if sum(runs.values()) > LEAST_BELOW else 1.0
    for before, mass in above.items():
        runs[before] += share * mass
    return runs


def _count(runs: dict[etree._Element, float], parent: etree._Element, run: str, stated: str) -> None:
    text = run.strip()
    if len(text) <= LEAST or parent.tag in rules().dropped or _in_link(parent):
        return
    mass = float(len(text) if text.isascii() else len(text) + len(_HAN.findall(text)))
    if mass < SHORTEST:
        return
    if stated:
        mass *= AS_STATED if letters(text[:60])[:30] in stated else 0.5
    runs[parent] += mass


def _in_link(element: etree._Element | None) -> bool:
    """Whether text stands in a link, at most three elements deep."""
    for _ in range(4):
        if element is None or element.tag in ("p", "div", "li", "td"):
            return False
        if element.tag == "a":
            return True
        element = element.getparent()
    return False


def _sums(runs: dict[etree._Element, float], chains: _Chains) -> dict[etree._Element, float]:
    sums: dict[etree._Element, float] = {}
    for element, mass in runs.items():
        for ancestor in chains[element]:
            sums[ancestor] = sums.get(ancestor, 0.0) + mass
    return sums


def _holder(element: etree._Element) -> etree._Element:
    """The element that holds the paragraph in which text stands."""
    while element.tag in _INLINE and (parent := element.getparent()) is not None:
        element = parent
    while element.tag in _PARAGRAPHS and (parent := element.getparent()) is not None:
        element = parent
    return element


def _no_article(element: etree._Element, share: float, stated: str) -> bool:
    if element.tag in ("body", "html"):
        return False
    if element.tag in rules().dropped:
        return element.tag != "form" or share < MOST_OF_PAGE  # ASP.NET wraps whole pages in a form
    if not element.attrib:
        return False
    if hidden(element):
        if is_withheld(names(element)):
            return False
        return not is_stated(" ".join(islice(element.itertext(), 40)), stated)
    if share > MOST_OF_PAGE:
        return False
    if element.get("role") in _ROLES:
        return True
    found = names(element)
    return container(found) < 2 and region(found) is not None


def _liking(element: etree._Element) -> float:
    if element.tag in ("html", "body"):
        return 0.7
    if element.tag in ("ul", "ol"):
        return 0.4
    found = names(element)
    known = KNOWN[container(found)]
    return known * (0.6 if known == 1.0 and region(found) is not None else 1.0)
