"""READ ALSO and its kin: lines that point at other articles, taken out of the text and kept as links.

Shapes: "READ ALSO: title" with a link or without one, in a line of its own or at the end of a paragraph;
a lead alone above links or a bare title; a heading above a list of links; a line that is nothing but a link.
"""

import re
from dataclasses import dataclass, field
from functools import cache

from monitor.clean import rules
from monitor.clean.blocks import Anchor, Line
from monitor.clean.rules import table, whole_line
from monitor.model import BlockKind, LinkKind, Removed
from monitor.text import is_han, one_line

LONGEST_TITLE = 200  # characters; what follows a lead and is longer is prose
_SENTENCE_END = re.compile(r"[.。！？!?]['\"”’」』)]?$")
_MARK = r" ?(?:[:：|»>]|[-–—] |\u2192)+ ?"


@dataclass(frozen=True, slots=True)
class Words:
    """The leads and headings of one kind, compiled."""

    kind: LinkKind | None  # None: a list that stands on every page of the site
    lead: re.Pattern[str] | None  # group 1: the words, group 2: what follows the mark
    bare: re.Pattern[str]  # a lead without a mark, before a link: group 2 what follows
    heading: re.Pattern[str]
    lead_alone: re.Pattern[str]  # a lead that does what a heading does
    outside: re.Pattern[str] | None  # a heading that says so only where it stands outside of a text
    tail: re.Pattern[str] | None  # at a sentence's end, in capitals or before a link


@cache
def words() -> tuple[Words, ...]:
    """readalso.toml, compiled."""
    found = []
    for kind in table("readalso.toml")["kind"]:
        leads = "|".join(sorted(kind["leads"], key=len, reverse=True))
        headings = "|".join(kind["headings"])
        start = r"[\[(（【>»→▶►▲△▼◆■●★•*|\s-]{0,4}"
        found.append(
            Words(
                LinkKind(kind["name"]) if kind["name"] != _SITE_WIDE else None,
                re.compile(rf"{start}({leads})[】\])）]?{_MARK}(.*)", re.IGNORECASE) if leads else None,
                re.compile(rf"{start}({leads or headings})(?:\b|(?<=[\u3400-\u9fff])) ?(.*)", re.IGNORECASE),
                whole_line(kind["headings"]),
                whole_line(kind["leads"] or kind["headings"]),
                whole_line(kind["outside"]) if "outside" in kind else None,
                re.compile(rf"(?<=[.。！？!?”\"')）]) ?[\[(（]?({leads}) ?[:：] ?", re.IGNORECASE)
                if leads
                else None,
            )
        )
    return tuple(found)


_SITE_WIDE = "site-wide"
Pointer = tuple[LinkKind, Anchor, int]  # why, to what, before which line


@dataclass(slots=True)
class Found:
    """Lines that stay, links that were taken out (with the index of the line before which they stood), reasons."""

    kept: list[Line] = field(default_factory=list)
    links: list[Pointer] = field(default_factory=list)
    removed: list[Removed] = field(default_factory=list)

    def take(self, kind: LinkKind | None, line: Line, anchors: list[Anchor]) -> None:
        """Take line out; its anchors become links."""
        if kind is not None:
            self.links += [(kind, anchor, len(self.kept)) for anchor in anchors]
        self.removed.append(Removed(_REASONS[kind], one_line(line.text, 200)))


_REASONS = {None: "list of the site", LinkKind.READ_ALSO: "read also", LinkKind.RELATED: "related"}


def begins(text: str) -> bool:
    """Whether text begins as what points at an article does: "Related: ..."."""
    found = (known.lead.match(text) for known in words() if known.lead is not None)
    return any(match is not None and _SURE.search(match[1]) for match in found)


def told(text: str, anchors: list[Anchor], kind: LinkKind) -> tuple[LinkKind, list[Anchor]]:
    """What a part with these words points at: its lead, if any, says the kind, and is no title."""
    for known in words():
        match = known.bare.match(text)
        if match and known.kind is not None and _SURE.search(match[1]):
            above = heading(match[1])  # a list is what its heading says
            said = above.kind if above is not None and above.kind is not None else known.kind
            return said, _with_titles(anchors, match[1])
    return kind, anchors


def take_out(lines: list[Line], home: str = "") -> Found:
    """Part lines into the article's and those that point elsewhere.

    home: the site, "https://host/"; a heading that is one link to it is another article's.
    """
    found = Found()
    listed = _listed(lines)
    under: Words | None = None  # a heading or lead alone was just seen
    titles_left = 0  # bare titles that may still follow it
    for line in lines:
        if line.pointers is not None:
            kind, anchors = line.pointers
            found.links += [(kind, anchor, len(found.kept)) for anchor in anchors]
            continue
        if under is not None:
            if line.is_link or (titles_left and _is_bare_title(line)):
                found.take(under.kind, line, line.anchors or [Anchor("", line.text)])
                titles_left = 0
                continue
            under = None
        alone = _alone(line)
        if alone is not None:
            under = alone
            titles_left = 1 if line.kind is not BlockKind.HEADING else 0
            found.take(alone.kind, line, [a for a in line.anchors if a.href and len(a.text) > 25])
        elif (pointed := _pointing(line)) is not None:
            found.take(pointed[0], line, pointed[1])
        elif _is_promotion(line) or id(line) in listed or _is_headline_of_site(line, home):
            found.take(LinkKind.RELATED, line, line.anchors)
        else:
            found.kept.append(_without_tail(line, found))
    return found


def _alone(line: Line) -> Words | None:
    """The words when the line is only a heading or lead: what follows are links."""
    return heading(line.text) if len(line.text) <= 100 else None


def heading(text: str) -> Words | None:
    """The words that a heading above links says, or None."""
    text = text.strip("【】[]（）()《》<> ")
    by_heading = (kind for kind in words() if kind.heading.fullmatch(text))
    by_lead = (kind for kind in words() if kind.lead_alone.fullmatch(text))
    return next(by_heading, None) or next(by_lead, None)


def _listed(lines: list[Line]) -> set[int]:
    """The ids of list items that only link to articles: three and more in a row, no sentence among them."""
    found: set[int] = set()
    run: list[Line] = []
    for line in [*lines, None]:
        if line is not None and line.kind is BlockKind.ITEM and _is_listed(line):
            run.append(line)
            continue
        if len(run) >= LEAST_LISTED:
            found.update(map(id, run))
        run = []
    return found


LEAST_LISTED = 3  # items that are a list of articles


def _is_listed(line: Line) -> bool:
    if len(line.anchors) != 1 or not LEAST_HEADLINE <= len(line.text) <= LONGEST_TITLE:
        return False
    return line.linked >= 0.6 * len(line.text) and not _SENTENCE_END.search(line.text)


LEAST_HEADLINE = 20  # characters


def _is_headline_of_site(line: Line, home: str) -> bool:
    if line.kind is not BlockKind.HEADING or len(line.anchors) != 1 or not line.is_link or not home:
        return False
    href = line.anchors[0].href
    own = href.startswith(home) or (href.startswith("/") and not href.startswith("//"))
    return own and LEAST_HEADLINE <= len(line.text) <= LONGEST_TITLE


def is_of_article(text: str) -> bool:
    """Whether a heading outside of the text stands above links that belong to the article, not to the site."""
    known = heading(text)
    if known is None or known.kind is None:
        return False
    return not any(kind.outside is not None and kind.outside.fullmatch(text) for kind in words())


def _is_promotion(line: Line) -> bool:
    """Whether a paragraph is nothing but one link with the words of a headline."""
    if line.kind is not BlockKind.PARAGRAPH or len(line.anchors) != 1:
        return False
    if line.linked < 0.97 * len(line.text.strip(" []()（）【】")):
        return False
    return 20 <= len(line.text) <= LONGEST_TITLE and not _SENTENCE_END.search(line.text)


def _is_bare_title(line: Line) -> bool:
    if rules.line(line.text) is not None:
        return False
    return 12 <= len(line.text) <= LONGEST_TITLE and not _SENTENCE_END.search(line.text) and not line.anchors


def _pointing(line: Line) -> tuple[LinkKind | None, list[Anchor]] | None:
    """The links of a line that does nothing but point at other articles; None when the line is text."""
    for kind in words():
        match = kind.lead.match(line.text) if kind.lead is not None else None
        if match and match[2].strip():
            lead, title = match[1], match[2].strip(" ]）)】")
            if line.anchors and line.linked >= 0.5 * len(match[2]):
                return kind.kind, _with_titles(line.anchors, lead)
            if not line.anchors and len(title) <= LONGEST_TITLE and _sure(lead, title, line):
                return kind.kind, [Anchor("", title)]
        match = kind.bare.match(line.text)
        if match is None:
            continue
        rest = match[2].strip()
        if line.anchors and line.linked >= 0.9 * len(rest or "x") and _sure(match[1], "", line):
            return kind.kind, _with_titles(line.anchors, match[1])
        if (
            not line.anchors
            and kind.lead is not None
            and _POINTER.match(line.text)
            and len(rest) >= LEAST_TITLE
        ):
            return kind.kind, [Anchor("", rest)]
    return None


_POINTER = re.compile(r"\s*[▲△▶►→]")  # before a lead it does what a colon does behind one
LEAST_TITLE = 6


def _with_titles(anchors: list[Anchor], lead: str) -> list[Anchor]:
    """The anchors, the lead cut off their words; an anchor that is the lead alone goes when others stay."""
    cut = [
        Anchor(a.href, re.sub(rf"^\W*{re.escape(lead)}[\s:：|»>–—-]*", "", a.text, flags=re.IGNORECASE))
        for a in anchors
    ]
    titled = [a for a in cut if len(a.text) >= 4]
    return titled or anchors[:1]


_SURE = re.compile(
    r"[Aa]lso|Related|[Mm]ore|next|related|recommended|reading|miss|icymi|lire|lesen|leggi|lea |lees|阅|閱|相[关關]|更多|推[荐薦]|链接|報道|报道|記事|[A-Z]{3}"
)


def _sure(lead: str, title: str, line: Line) -> bool:
    """Whether the lead alone tells: "READ", "Read also" do; "Analysis:" or "See:" may begin a paragraph."""
    return bool(_SURE.search(lead)) and not (
        _SENTENCE_END.search(title) and len(title) > 120 and not line.bold
    )


SHORTEST_BEFORE = 30  # characters of a paragraph that may end in a pointer


def _ends_in_a_bare_lead(line: Line) -> bool:
    """Whether a sentence is followed by a link that says no more than "Read more"."""
    if not line.anchors or not line.text.endswith(last := line.anchors[-1].text) or len(last) > 20:
        return False
    if not _SENTENCE_END.search(line.text.removesuffix(last).rstrip()):
        return False
    known = heading(last)
    return known is not None and known.kind is LinkKind.READ_ALSO


def _without_tail(line: Line, found: Found) -> Line:
    """The line without a "READ ALSO: title" at its end."""
    if _ends_in_a_bare_lead(line):
        end = line.anchors.pop()
        found.take(LinkKind.READ_ALSO, Line(line.kind, end.text), [end])
        line.text = line.text.removesuffix(end.text).rstrip()
        line.linked -= len(end.text)
        return line
    if len(line.text) < SHORTEST_BEFORE or (":" not in line.text and "：" not in line.text):
        return line
    for kind in words():
        if kind.tail is None:
            continue
        for match in kind.tail.finditer(line.text):
            if len(line.text) - match.end() > 2 * LONGEST_TITLE:  # a line may hold thousands of leads
                continue
            title = line.text[match.end() :].strip(" ])）")
            behind = [a for a in line.anchors if a.text in title]
            linked = sum(len(a.text) for a in behind)
            if not title or len(title) > LONGEST_TITLE or not _SURE.search(match[1]):
                continue
            sure = match[1].isupper() or (is_han(match[1][0]) and not _SENTENCE_END.search(title))
            if linked < 0.8 * len(title) and not sure:
                continue
            found.take(kind.kind, Line(line.kind, line.text[match.start() :]), behind or [Anchor("", title)])
            line.text = line.text[: match.start()].rstrip()
            line.anchors = [a for a in line.anchors if a not in behind]
            line.linked -= linked
            return line
    return line
