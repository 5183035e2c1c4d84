"""A section page looked at for the first time: which of its links are articles, learnt from what repeats. Pure.

The news of a page is the part with the most children of one kind that each hold a link of a headline's length. The
addresses in it give a pattern; where the pattern says too little, the part is named by a selector as well.
"""

import re
from collections import Counter
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml import etree

from monitor import urls
from monitor.discover.css import matching
from monitor.discover.plain import one_line
from monitor.discover.section import FURNITURE, MOST_LINKS, base_of, headline, parsed, read_section
from monitor.errors import Unreadable
from monitor.model import Page
from monitor.sources import Section

LEAST = 3  # children that repeat
LONGEST_TITLE = 100  # characters that count: a teaser is no better a headline
CLIMB = 5  # ancestors that may lend their name
FOUND = 0.9  # of the repeated links that a proposal must find
STRANGE = 0.2  # of what it finds that may have no headline
_DIGITS = re.compile(r"\d")
_NAME = re.compile(r"[A-Za-z_][\w-]{0,60}")


@dataclass(frozen=True, slots=True)
class _News:
    """The part of a page that repeats, and where its links lead."""

    part: etree._Element
    links: tuple[str, ...]  # as linked, absolute, each once


def propose(page: Page, zone: str) -> Section | None:
    """Return a section that finds the page's articles, or None where nothing repeats."""
    try:
        root = parsed(page)
    except Unreadable:
        return None
    news = _repeated(root, page)
    if news is None:
        return None
    pattern, selector = _pattern(news.links), _selector(root, news.part)
    tried = [(pattern, ""), (pattern, selector), ("", selector), ("", "")]
    tried += [("/*", selector)] if selector else []  # addresses that look like nothing in particular
    offers = [
        Section(url=page.final_url, links=links, within=within) for links, within in dict.fromkeys(tried)
    ]
    wanted = {urls.canonical(link) for link in news.links}
    judged = [(_judged(page, offer, zone, wanted), offer) for offer in offers]
    good = next((offer for (found, strange), offer in judged if found >= FOUND and strange <= STRANGE), None)
    if good is not None:
        return good
    (found, _), best = max(judged, key=lambda each: each[0][0] - each[0][1])
    return best if found > 0 else None


def _judged(page: Page, section: Section, zone: str, wanted: set[str]) -> tuple[float, float]:
    """How much of what is wanted a section finds, and how much of what it finds has no headline."""
    try:
        lines = read_section(page, section, zone).lines
    except Unreadable:
        return 0.0, 1.0
    if not lines:
        return 0.0, 1.0
    found = {urls.canonical(line.url) for line in lines}
    return len(found & wanted) / len(wanted), sum(not headline(line.title) for line in lines) / len(lines)


def _repeated(root: etree._Element, page: Page) -> _News | None:
    base = base_of(root, page)
    own = urls.canonical(page.final_url)
    titles: dict[etree._Element, dict[tuple[etree._Element, str], int]] = {}
    links: dict[etree._Element, str] = {}
    for link in list(root.iter("a"))[:MOST_LINKS]:
        title = one_line("".join(link.itertext()))
        above = list(link.iterancestors())
        if not headline(title) or any(each.tag in FURNITURE for each in above):
            continue
        try:
            url = urls.join(base, link.get("href", ""))
            if not urls.same_site(url, page.final_url) or urls.canonical(url) == own:
                continue
        except ValueError:
            continue
        links[link] = url
        child = link
        for part in above:
            kept = titles.setdefault(part, {})
            key = (child, str(child.tag))
            kept[key] = max(kept.get(key, 0), min(len(title), LONGEST_TITLE))
            child = part
    best, most = None, 0
    for part, children in titles.items():
        kinds = Counter(tag for _, tag in children)
        weight = sum(length for (_, tag), length in children.items() if kinds[tag] >= LEAST)
        if weight > most:
            best, most = part, weight
    if best is None:
        return None
    inside = set(best.iter("a"))
    found = tuple(dict.fromkeys(url for link, url in links.items() if link in inside))
    return _News(best, found) if len(found) >= LEAST else None


def _pattern(links: tuple[str, ...]) -> str:
    """What the addresses have in common, as `links_match` reads it; "" where that says nothing."""
    parts = [urlsplit(link) for link in links]
    paths = {each.path for each in parts}
    if len(paths) == 1 and all(each.query for each in parts):
        return f"{paths.pop()}?{_common([each.query for each in parts], '=&')}*"
    rows = [path.split("/") for path in sorted(paths)]
    length, times = Counter(len(row) for row in rows).most_common(1)[0]
    if times < len(rows):  # of different depth: only how they begin and end
        shared = _common(sorted(paths), "/")
        shared = shared if not _DIGITS.search(shared) else shared[: _DIGITS.search(shared).start()]  # type: ignore[union-attr]
        made = f"{shared.rpartition('/')[0]}/*{_ending([row[-1] for row in rows])}"
    else:
        made = "/".join(_step([row[at] for row in rows], last=at == length - 1) for at in range(length))
    return "" if made.strip("/*") == "" and made.count("/") < LEAST else made


def _step(words: list[str], *, last: bool) -> str:
    """One segment: as it is where all have it and it is no number, which is gone tomorrow."""
    same = len(set(words)) == 1
    if same and not _DIGITS.search(words[0]):
        return words[0]
    return f"*{_ending(words)}" if last else "*"


def _ending(words: list[str]) -> str:
    endings = {word.rpartition(".")[2] if "." in word else "" for word in words}
    ending = endings.pop() if len(endings) == 1 else ""
    return f".{ending}" if re.fullmatch(r"[a-z]{2,5}", ending) else ""


def _common(words: list[str], stops: str) -> str:
    """The beginning that all words share, up to one of the stops."""
    first, last = min(words), max(words)
    at = next(
        (n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last))
    )
    return first[: max(first.rfind(stop, 0, at) for stop in stops) + 1]


def _selector(root: etree._Element, part: etree._Element) -> str:
    """The shortest name of a part, or of what it lies in, that names nothing else; "" where there is none."""
    for above in [part, *list(part.iterancestors())[:CLIMB]]:
        tag = str(above.tag)
        if tag in ("body", "html"):
            return ""
        names = [f"#{above.get('id')}"] if _lasting(above.get("id", "")) else []
        names += [f"{tag}.{each}" for each in above.get("class", "").split() if _lasting(each)]
        names += [tag] if tag in ("main", "article") else []
        for name in names:
            if matching(root, name) == [above]:
                return name
    return ""


def _lasting(name: str) -> bool:
    """Whether a name will be the same tomorrow: one with a number in it may be made anew each time."""
    return bool(_NAME.fullmatch(name)) and not re.search(r"\d{3}", name)
