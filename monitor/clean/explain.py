"""What became of each line of a page, and why: what `straitwatch try --explain` shows. Values only.

The cleaner hands on an article and short notes of what it removed; here both are found again in the page's
own text (`printed`, `places`). A line of which parts had different fates is told as several. The work grows
with the page, whatever repeats in it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from monitor.clean import places
from monitor.clean.evidence import key
from monitor.clean.links import address
from monitor.clean.places import Claims
from monitor.clean.printed import Printed, of_page, of_text
from monitor.model import Article, Link, LinkKind, PageKind
from monitor.text import squeeze

LONGEST_FIELD = 160  # characters of a line that prints names or a date and little else
NOT_TOLD = "no rule told"  # stood in the container, is not in the text, and no rule says why
_MARKS_ONLY = "marks only"


class FateKind(StrEnum):
    """What became of a line."""

    KEPT = "kept"
    LINK = "link"
    CUT = "cut"
    FIELD = "field"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True)
class Fate:
    """A line of the page, or a part of one, and what became of it."""

    line: str
    fate: FateKind
    rule: str  # kept: kind of block; cut: the rule; link: its kind; field: its name; outside: ""
    position: int | None  # of the line on the page, from 1; None: not on the page but in its data
    block: int | None = None  # kept: index of the block that holds it
    links: tuple[Link, ...] = ()  # that it became, or that stand in its block; told of the first line alone


@dataclass(slots=True)
class _Fact:
    """What the cleaner says of some letters of the page."""

    fate: FateKind
    rule: str
    block: int | None = None
    links: list[Link] = field(default_factory=list)


def explain(html: bytes, url: str, article: Article, *, content_type: str | None = None) -> list[Fate]:
    """Return the fates of all lines of a page, in page order.

    article: what `clean_html` made of html. Blocks that are not printed on the page, because they come from
    its structured data, stand where the text has them; what was removed from such data stands at the end.

    Raises:
        Unreadable: as `clean_html`.
    """
    return _explained(of_page(html, url, content_type), article, marked_up=True)


def explain_text(text: str, article: Article) -> list[Fate]:
    """Return the fates of the lines of a text without markup, as `explain`; all of it is container."""
    return _explained(of_text(text.splitlines()), article, marked_up=False)


def counts(fates: Iterable[Fate]) -> dict[FateKind, int]:
    """How many lines of the page had each fate; a line that was parted counts where most is kept."""
    rank = list(FateKind)
    by_line: dict[int, FateKind] = {}
    for fate in fates:
        if fate.position is not None:
            known = by_line.get(fate.position, fate.fate)
            by_line[fate.position] = min(known, fate.fate, key=rank.index)
    found = Counter(by_line.values())
    return {kind: found[kind] for kind in FateKind}


def why_no_article(article: Article) -> str:
    """Why a page is no article, or not a whole one, in words; "" for an article."""
    links = f"{len(article.links)} links, {article.words:,} words"
    match article.kind:
        case PageKind.LIST:
            return f"it lists articles and is none ({links})"
        case PageKind.BLOCK:
            return f"it asks who we are instead of showing an article ({article.title or 'no title'})"
        case PageKind.SHELL:
            return f"there is no text ({article.words:,} words): an empty shell that needs JavaScript"
        case PageKind.TEASER:
            asks = next((part.text for part in article.removed if part.rule == "withheld"), "")
            said = f": {asks}" if asks else ""
            return f"the text is the beginning of an article that is paid for ({article.words:,} words){said}"
        case _:
            return ""


def _explained(page: Printed, article: Article, *, marked_up: bool) -> list[Fate]:
    claims = Claims(page)
    blocks = [key(block.text) for block in article.blocks]
    removed = [(part.rule, key(part.text), part.text.endswith("…")) for part in article.removed]
    place = article.provenance.get("text", "")
    within = places.container(page, place, blocks) if marked_up else (0, len(page.letters))
    facts = [
        _Fact(FateKind.OUTSIDE, ""),  # of letters that nobody has
        *(_Fact(FateKind.KEPT, block.kind.value, n) for n, block in enumerate(article.blocks)),
        *(_Fact(FateKind.CUT, part.rule) for part in article.removed),
        _Fact(FateKind.CUT, NOT_TOLD),
    ]
    places.claim_blocks(claims, blocks, within, 1)
    printed = places.claim_removed(claims, removed, within, 1 + len(blocks))
    if within is not None:
        claims.take(within, len(facts) - 1)
    _fields(claims, facts, article)
    _links(claims, facts, article)
    missing = [
        Fate(part.text, FateKind.CUT, part.rule, None)
        for n, part in enumerate(article.removed)
        if n not in printed and removed[n][1]
    ]
    return [*_with_data(_pieces(claims, facts), article), *missing]


# ---------------------------------------------------------------- links and fields


def _links(claims: Claims, facts: list[_Fact], article: Article) -> None:
    """Say of the lines that became links that they did."""
    blocks = {fact.block: fact for fact in facts if fact.block is not None}
    wanted: dict[str, Link] = {}
    titled: dict[str, Link] = {}
    for link in article.links:
        if link.kind is LinkKind.IN_TEXT and link.position in blocks:
            blocks[link.position].links.append(link)
        elif link.url is None:
            titled[key(link.title)] = link
        else:
            wanted[link.url] = link
    best: dict[str, tuple[int, int, int]] = {}  # URL -> rank, first letter, last
    for href, start, end in _anchors(claims.page, wanted):
        fact = facts[claims.owner[start]]
        if fact.fate in (FateKind.KEPT, FateKind.FIELD):
            continue
        said = claims.page.letters[start:end]
        rank = 2 * (key(wanted[href].title) not in said) + (fact.fate is FateKind.OUTSIDE)
        if href not in best or rank < best[href][0]:
            best[href] = (rank, start, end)
    for href, (_, start, end) in best.items():
        _became(claims, facts, (start, end), wanted[href])
    if titled:
        _untargeted(claims, facts, titled)


def _anchors(page: Printed, wanted: dict[str, Link]) -> Iterator[tuple[str, int, int]]:
    """The links of the page that are among the wanted: URL, first letter, end."""
    known: dict[str, str | None] = {}
    run = 0
    while run < len(page.runs):
        end, link = run + 1, page.link[run]
        while end < len(page.runs) and page.link[end] == link:
            end += 1
        if link >= 0 and page.start[run] < page.start[end]:
            href = page.hrefs[link]
            if href not in known:
                known[href] = address(page.base, href)
            if (url := known[href]) in wanted and url is not None:
                yield url, page.start[run], page.start[end]
        run = end


def _became(claims: Claims, facts: list[_Fact], span: tuple[int, int], link: Link) -> None:
    """Letters became a link: of a line that a rule took out all that it took, else the words of the link."""
    number = claims.owner[span[0]]
    if facts[number].fate is FateKind.LINK:
        facts[number].links.append(link)
        return
    became = [part for part in claims.spans(*span) if claims.owner[part[0]] == number]
    if facts[number].fate is FateKind.CUT and facts[number].rule != NOT_TOLD:
        became.append(claims.all_in_line(span[0]))
    facts.append(_Fact(FateKind.LINK, link.kind.value, None, [link]))
    claims.own_all(became, len(facts) - 1)


def _untargeted(claims: Claims, facts: list[_Fact], titled: dict[str, Link]) -> None:
    """Links that the page printed with no address: lines that were cut and end in the title."""
    for start, end in claims.spans():
        if facts[claims.owner[start]].fate is not FateKind.CUT:
            continue
        said = claims.page.letters[start:end]
        for title in [title for title in titled if title and said.endswith(title)]:
            _became(claims, facts, (start, end), titled.pop(title))


def _fields(claims: Claims, facts: list[_Fact], article: Article) -> None:
    """Say of lines which print the title, the names or the date that they gave or repeat a field."""
    page = claims.page
    title, names = key(article.title), [key(name) for name in article.authors]
    printed = key(article.published_printed) if article.published else ""
    above = article.provenance.get("section") == "line above the title"
    section = key(article.section) if above else ""
    lines = page.line_spans()
    titles = (n for n, (start, end) in enumerate(lines) if title and page.letters[start:end] == title)
    top = 0 if section else next(titles, 0)
    owed = {"title": title, "authors": bool(names), "published": printed, "section": section}
    for start, end in lines[top:]:
        if start == end or any(facts[n].rule not in ("", NOT_TOLD) for n in set(claims.owner[start:end])):
            continue
        said = page.letters[start : min(end, start + LONGEST_FIELD + len(title))]
        short = len(said) <= LONGEST_FIELD
        holds = {
            "title": said == title,
            "authors": short and all(name in said for name in names),
            "published": short and printed in said,
            "section": said == section,
        }
        if held := [name for name, held in holds.items() if held and owed[name]]:
            facts.append(_Fact(FateKind.FIELD, ", ".join(held)))
            claims.own((start, end), len(facts) - 1)
            owed.update(dict.fromkeys(held, ""))
        if not any(owed.values()):
            return


# ---------------------------------------------------------------- lines


def _pieces(claims: Claims, facts: Sequence[_Fact]) -> Iterator[Fate]:
    """The lines of the page, each parted where its fate changes."""
    begun: set[int] = set()
    for number, words in claims.lines():
        parted: list[tuple[str, int]] = []
        before = ""  # marks that stand before any letter of the line
        for text, owner in words:
            if owner is None and not parted:
                before += text
            elif owner is None or (parted and parted[-1][1] == owner):
                parted[-1] = (parted[-1][0] + text, parted[-1][1])
            else:
                parted.append((before + text, owner))
                before = ""
        if not parted:
            yield Fate(squeeze(before), *_of_marks(claims, facts, number), number + 1)
        for text, owner in parted:
            fact = facts[owner]
            links = fact.links if owner not in begun else []
            begun.add(owner)
            yield Fate(squeeze(text), fact.fate, fact.rule, number + 1, fact.block, tuple(links))


def _of_marks(claims: Claims, facts: Sequence[_Fact], number: int) -> tuple[FateKind, str]:
    """The fate of a line without letters: that of what is around it, but that it is in no text."""
    before, after = (facts[owner] for owner in claims.around(number))
    if before is after and before.fate is not FateKind.KEPT:
        return before.fate, before.rule
    outside = FateKind.OUTSIDE in (before.fate, after.fate)
    return (FateKind.OUTSIDE, "") if outside else (FateKind.CUT, _MARKS_ONLY)


def _with_data(fates: Iterable[Fate], article: Article) -> Iterator[Fate]:
    """The fates, and blocks that the page does not print in front of the next block that it does."""
    ordered = list(fates)
    shown = {fate.block for fate in ordered if fate.block is not None}
    owed = [n for n in range(len(article.blocks)) if n not in shown][::-1]
    last = max((n for n, fate in enumerate(ordered) if fate.block is not None), default=len(ordered) - 1)
    for n, fate in enumerate(ordered):
        while owed and fate.block is not None and owed[-1] < fate.block:
            yield _from_data(article, owed.pop())
        yield fate
        if n == last:
            yield from (_from_data(article, n) for n in reversed(owed))
            owed.clear()
    yield from (_from_data(article, n) for n in reversed(owed))


def _from_data(article: Article, n: int) -> Fate:
    block = article.blocks[n]
    links = tuple(x for x in article.links if x.position == n and x.kind is LinkKind.IN_TEXT)
    return Fate(block.text, FateKind.KEPT, block.kind.value, None, n, links)
