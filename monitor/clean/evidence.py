"""Title, section and picture: what the page says in several places, weighed."""

import re
from functools import cache
from itertools import islice

from lxml import etree

from monitor.clean.jsonld import Data, words
from monitor.clean.rules import table
from monitor.text import fold, is_han, one_line, squeeze

LONGEST_TITLE = 1_000
_MARKS = re.compile(r"[\W_]+")

_PARTS = re.compile(
    r"\s+[|｜–—_·•»«‹›:-]+\s+|[|｜]|[_＿]|\s*[|–—]\s*(?=[\u3400-\u9fff])|(?<=[\u3400-\u9fff？！」”])-+(?=\S)"
)


def plain(element: etree._Element) -> str:
    """The words of an element on one line, not yet cleaned."""
    return squeeze("".join(element.itertext()))


def short(element: etree._Element, longest: int) -> str:
    """The words of an element on one line, or "" when there are more than longest characters of them."""
    pieces, length = [], 0
    for piece in element.itertext():
        pieces.append(piece)
        length += len(piece.strip())
        if length > longest:
            return ""
    return squeeze("".join(pieces))


# ---------------------------------------------------------------- title


def title(root: etree._Element, data: Data, outlet: str = "") -> tuple[str, str, etree._Element | None]:
    """Return the headline, the place that gave it, and the heading element that prints it.

    outlet: the name by which the source is known.

    A printed heading that says what the page states elsewhere is the best evidence; then the likest
    heading; then what is stated.
    """
    own = {*outlets(data), *_masthead(root), *([key(outlet)] if outlet else [])}
    stated = _stated_titles(root, data, own)
    keys = {key(text) for text, _ in stated}
    not_titles = {key(data.first("sitename", "og:site_name")), *own}
    printed = [(heading, _without_name(plain(heading), own)) for heading in islice(root.iter("h1"), 10)]
    printed = [(h, t) for h, t in printed if len(t) >= 4 and not _not_a_title(t) and key(t) not in not_titles]
    found = _printed_title(printed, stated, keys)
    if found is None and stated:
        starts = {text[:4] for text, _ in stated}
        for heading in _HEADLINE_LIKE(root):
            text = "".join(heading.itertext()).strip()
            if text[:4] in starts and len(text) < 400 and key(text) in keys:
                return one_line(text, LONGEST_TITLE), str(heading.tag), heading
        return one_line(stated[0][0], LONGEST_TITLE), stated[0][1], None
    if found is None and printed:
        found = printed[0]
    return (one_line(found[1], LONGEST_TITLE), "h1", found[0]) if found else ("", "", None)


def _stated_titles(root: etree._Element, data: Data, own: set[str]) -> list[tuple[str, str]]:
    stated = [(words(value), "json-ld headline") for value in data.ld("headline")]
    stated += [(data.first(name), name) for name in _TITLE_META]
    stated += [(plain(tag), "title element") for tag in root.iter("title")]
    named = [(_without_outlet(text[:LONGEST_TITLE], own), place) for text, place in stated]
    first = {text: place for text, place in reversed(named) if text and not _not_a_title(text)}
    return list(reversed(first.items()))[:8]


_TITLE_META = ("articletitle", "og:title", "twitter:title", "headline", "parsely-title")
LIKE = 0.4  # share of words that a heading has in common with a stated title
LONGEST_KICKER = 40  # characters
SWALLOWED = 200  # characters; a longer heading was never closed and holds the text, too


def _printed_title(
    printed: list[tuple[etree._Element, str]], stated: list[tuple[str, str]], keys: set[str]
) -> tuple[etree._Element, str] | None:
    for heading, text in printed:
        if key(text) in keys:
            return heading, text
    for heading, text in printed:
        for said, _ in stated:  # a kicker inside the heading
            if len(said) > 20 and text.endswith(said) and len(text) - len(said) < LONGEST_KICKER:
                return heading, said
            if len(text) > SWALLOWED > len(said) and key(text).startswith(key(said)):
                return heading, said
    likest = max(
        (
            (max(_likeness(text, said) for said, _ in stated), n)
            for n, (_, text) in enumerate(printed)
            if stated
        ),
        key=lambda pair: (pair[0], -pair[1]),
        default=(0.0, 0),
    )
    return printed[likest[1]] if likest[0] > LIKE else None


def key(text: str) -> str:
    """Letters and digits of text, folded: what two printings of one line have in common."""
    return _MARKS.sub("", fold(text))


def _likeness(a: str, b: str) -> float:
    """Share of words in common (characters in Chinese)."""
    one, two = (set(t if any(map(is_han, t)) else fold(t).split()) for t in (a, b))
    return len(one & two) / max(1, min(len(one), len(two))) if len(one) > 1 and len(two) > 1 else 0.0


@cache
def _never() -> dict[str, re.Pattern[str]]:
    """What is no headline and no section, compiled from words.toml."""
    known = table("words.toml")
    return {
        name: re.compile(f"(?:{'|'.join(known[name]['never'])})", re.IGNORECASE)
        for name in ("titles", "sections")
    }


def _not_a_title(text: str) -> bool:
    return _never()["titles"].fullmatch(text) is not None


def outlets(data: Data) -> set[str]:
    """The names of the site itself, folded by key()."""
    names = (
        data.meta.get("og:site_name", [])
        + data.meta.get("application-name", [])
        + data.meta.get("apple-mobile-web-app-title", [])
    )
    for value in data.ld("publisher"):
        names += [
            words(v.get("name"))
            for v in (value if isinstance(value, list) else [value])
            if isinstance(v, dict)
        ]
    return {key(name) for name in names if name}


def _masthead(root: etree._Element) -> set[str]:
    """The name of the site as its logo, a link to the front page, says it; folded by key()."""
    said = [image.get("alt") or image.get("title") or "" for image in _LOGOS(root)[:MOST_LOGOS]]
    return {key(name) for name in said if 4 <= len(name) <= 60}


_LOGOS = etree.XPath(
    "//a[@href='/' or starts-with(@href,'/index.') or starts-with(@href,'/default.') or @rel='home']//img"
)
MOST_LOGOS = 3


def _without_name(text: str, own: set[str]) -> str:
    """Text without "The Example: " before it."""
    match = _NAME_BEFORE.match(text)
    return text[match.end() :] if match and key(match[1]) in own else text


_NAME_BEFORE = re.compile(r"([^:：]{2,60})(?:[:：]\s+|：)(?=\S)")


def _without_outlet(text: str, own: set[str]) -> str:
    """Text without the site's name behind, or before, a mark; the name is known, or shorter than the rest."""
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
        short_name = mark in _HARD or (mark in _SOFT and len(behind.split()) <= 4)
        if not mark or not short_name or len(behind) >= 0.6 * last.start():
            break
        text = text[: last.start()].strip()
    return text


MOST_PARTS = 4  # that are cut off a title: "headline - section - outlet"
_HARD = frozenset("|｜_＿»«")  # never part of a headline
_SOFT = frozenset("-–—")  # behind one, only a few words are an outlet


_HEADLINE_LIKE = etree.XPath(
    "//h2 | //h3 | //div[not(*)] | //td[not(*)] | //span[not(*)] | //b[not(*)] | //strong[not(*)] | //font[not(*)]"
)


# ---------------------------------------------------------------- section, picture

_KICKER = re.compile(r"cat|section|kicker|eyebrow|rubric|channel|topic|label|terms", re.IGNORECASE)
_CRUMBS = etree.XPath(
    "//*[contains(@class,'crumb') or contains(@id,'crumb') or @class='path' or @id='path' or contains(@class,'weizhi')"
    " or contains(@class,'position')]"
)
MOST_CRUMBS = 8


def section(
    root: etree._Element, data: Data, heading: etree._Element | None, headline: str
) -> tuple[str, str]:
    """Return the part of the outlet that the article stands in, and the place that names it."""
    for value in data.ld("articleSection"):
        for name in map(words, value if isinstance(value, list) else [value]):
            if _is_section(name, headline):
                return name, "json-ld articleSection"
    if _is_section(
        name := data.first(
            "article:section", "og:section", "section", "articlesection", "parsely-section", "columnname"
        ),
        headline,
    ):
        return name, "meta article:section"
    for crumb in reversed(data.crumbs):
        if _is_section(crumb, headline):
            return crumb, "json-ld breadcrumb"
    for crumbs in _CRUMBS(root)[:3]:
        found = list(crumbs.iter("a"))
        for link in reversed(found if len(found) <= MOST_CRUMBS else []):
            if _is_section(name := short(link, 60), headline):
                return name, "breadcrumb"
    return _kicker(heading, headline)


def _kicker(heading: etree._Element | None, headline: str) -> tuple[str, str]:
    """The link to a section that stands nearest above the headline."""
    above = heading
    for _ in range(4):
        above = above.getparent() if above is not None else None
        if above is None or above.tag == "body":
            break
        nearest = ""
        for element in above.iter():
            if element is heading:
                break
            if (
                element.tag == "a"
                and _is_kicker(element)
                and _is_section(name := short(element, 60), headline)
            ):
                nearest = name
        if nearest:
            return nearest, "section link"
    return _label_above(heading, headline)


def _label_above(heading: etree._Element | None, headline: str) -> tuple[str, str]:
    """The words right above the headline, when the menu calls a section so: old pages print "LOCAL"."""
    if heading is None:
        return "", ""
    label = squeeze("".join(_TEXT_ABOVE(heading)))
    if not _is_section(label, headline) or len(label) > LONGEST_LABEL:
        return "", ""
    menu = (short(link, LONGEST_LABEL) for link in islice(heading.getroottree().iter("a"), MOST_IN_MENU))
    called = next((name for name in menu if key(name) == key(label)), "")
    return called, "section label" if called else ""


_TEXT_ABOVE = etree.XPath("preceding::text()[normalize-space()][1][not(ancestor::a)]")
LONGEST_LABEL = 30  # characters
MOST_IN_MENU = 60  # links at the top of a page among which a section is looked for


def _is_kicker(link: etree._Element) -> bool:
    parent = link.getparent()
    near = [link, *([parent] if parent is not None else []), *(c for c in link)]
    above = parent.getparent() if parent is not None else None
    near += [above] if above is not None else []
    return any(_KICKER.search(f"{e.get('class') or ''} {e.get('rel') or ''}") for e in near)


def _is_section(name: str, headline: str) -> bool:
    return 1 < len(name) <= 50 and key(name) != key(headline) and not _never()["sections"].fullmatch(name)


def picture(data: Data) -> str:
    """The address of the lead image as written; "" for none."""
    return data.first("og:image", "og:image:url", "twitter:image", "twitter:image:src")
