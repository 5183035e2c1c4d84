"""Lines to the article's blocks: boilerplate lines out, what repeats the head out, the tail cut."""

import re
from collections import Counter
from collections.abc import Collection, Iterable

from monitor.clean import dates, rules
from monitor.clean.blocks import Line
from monitor.clean.evidence import key
from monitor.model import BlockKind, Removed
from monitor.text import one_line, squeeze

LONGEST_SUBHEADING = 80  # characters

MOST_ABOVE = 2  # lines of the container that may stand above the headline
LONGEST_LABEL = 40  # characters of such a line
LONG = 300  # characters; a longer line is a paragraph, no headline, date or name
LONGEST_NAMES = 100  # characters of a line that only names the authors
LONG_ENOUGH_TO_REPEAT = 80  # characters of a line that is not written twice by chance
TOO_OFTEN = 8  # times that a page prints a heading which is none
POINTS = 3  # headings in a row that are a list
END = 40  # characters in which a sentence's end is looked for

_SENTENCE = re.compile(r"[.!?。！？…”\"'’」』)）]\W*$")


def tidy(
    lines: Iterable[Line], title: str, authors: Collection[str], drop: Collection[str]
) -> tuple[list[Line], list[Removed], list[str]]:
    """Return the lines that are the article's, the others with the rule, and the credits among them.

    drop: lines that this source prints and that are never the article's.
    """
    kept: list[Line] = []
    removed: list[Removed] = []
    credited: list[str] = []
    unwanted = {squeeze(line) for line in drop}
    headline, names = key(title), {key(name) for name in authors}
    seen: set[str] = set()
    for line in lines:
        if len(kept) <= MOST_ABOVE and _is_headline(line, headline):
            kept, above = _below_the_headline(kept)
            removed += above
        reason = _reason(line, headline, names, unwanted, seen, first=len(kept) < 3)
        if reason is None:
            kept.append(line)
            continue
        if reason == "source line":
            credited.append(line.text)
        removed.append(Removed(reason, one_line(line.text, 200)))
    heads = Counter(line.text for line in kept if line.kind is BlockKind.HEADING)
    again = {text for text, times in heads.items() if times >= TOO_OFTEN}
    removed += [Removed("heading again and again", one_line(text, 200)) for text in again]
    kept = [line for line in kept if line.text not in again]
    for line in kept:
        if line.bold and line.kind is BlockKind.PARAGRAPH and _is_subheading(line):
            line.kind, line.level = BlockKind.HEADING, 3
    heads_nothing = kept and kept[-1].kind is BlockKind.HEADING and not _is_list_of_headings(kept)
    if heads_nothing:
        removed.append(Removed("heading without text", one_line(kept.pop().text, 200)))
    kept = _without_company(_links_at_the_end(kept, removed), removed)
    for line in kept[-2:]:
        if (mark := _EDITORS_MARK.search(line.text)) and mark.start():
            removed.append(Removed("editor line", mark[0]))
            line.text = line.text[: mark.start()].rstrip()
    return _without_biographies(kept, authors, removed), removed, credited


def _is_list_of_headings(kept: list[Line]) -> bool:
    """Whether the text ends in points that are printed as headings."""
    return len(kept) >= POINTS and all(line.kind is BlockKind.HEADING for line in kept[-POINTS:])


def _is_headline(line: Line, headline: str) -> bool:
    return bool(headline) and key(line.text) == headline


def _below_the_headline(kept: list[Line]) -> tuple[list[Line], list[Removed]]:
    """No line when those above the headline are labels, as that of a section; all of them otherwise."""
    if any(len(line.text) > LONGEST_LABEL or _SENTENCE.search(line.text[-END:]) for line in kept):
        return kept, []
    return [], [Removed("above the headline", one_line(line.text, 200)) for line in kept]


def _is_subheading(line: Line) -> bool:
    """Whether a bold paragraph heads the next ones: short, no sentence, no link."""
    return (
        len(line.text) <= LONGEST_SUBHEADING and not line.anchors and not _SENTENCE.search(line.text[-END:])
    )


def _reason(
    line: Line, headline: str, names: set[str], unwanted: set[str], seen: set[str], *, first: bool
) -> str | None:
    text = line.text
    if text in unwanted:
        return "source's own line"
    if line.kind is BlockKind.TABLE:
        return None
    rule = rules.line(text)
    if rule is not None:
        return rule.name
    if _said_before(text, seen):
        return "said before"
    return _of_the_head(text, headline, names, first=first) if len(text) < LONG else None


def _of_the_head(text: str, headline: str, names: set[str], *, first: bool) -> str | None:
    """The rule for a line that says what stands above the text anyway."""
    folded = key(text)
    if not folded:
        return "marks only"
    if first and headline and folded == headline:
        return "title again"
    if first and len(text) <= dates.LONGEST and dates.read(text) is not None:
        return "date"
    if names and len(text) < LONGEST_NAMES:
        signed = folded.removeprefix("by")
        if signed in names or (first and any(map(signed.startswith, names)) and _has_date(text)):
            return "byline"
    return None


def _has_date(text: str) -> bool:
    return any(dates.read(part) is not None for part in re.split(r"\s*[|•·]\s*", text))


def _said_before(text: str, seen: set[str]) -> bool:
    if len(text) <= LONG_ENOUGH_TO_REPEAT:
        return False
    if text in seen:
        return True
    seen.add(text)
    return False


# How Chinese agencies sign off behind the last sentence, in the years of the Republic: "（編輯：王小明）1151121".
_EDITORS_MARK = re.compile(
    r"[（(](?:責任)?(?:編輯|编辑|核稿|譯者|译者)[:：/／][^（）()]{1,40}[）)]\s*\d{0,8}$"
)


def _without_company(lines: list[Line], removed: list[Removed]) -> list[Line]:
    """Lines without the "About Example Corp." at the end of a press release."""
    for at in range(max(MOST_ABOVE, len(lines) - MOST_ABOUT), len(lines)):
        line = lines[at]
        heads = line.bold or line.kind is BlockKind.HEADING
        if heads and len(line.text) <= LONGEST_SUBHEADING and _COMPANY.fullmatch(line.text):
            removed.extend(Removed("about the company", one_line(rest.text, 200)) for rest in lines[at:])
            return lines[:at]
    return lines


MOST_ABOUT = 8  # lines at the end in which such a part is looked for
_COMPANY = re.compile(r"(?:About|ABOUT|关于|關於) ?[^?!。]{2,60}")


def _without_biographies(lines: list[Line], authors: Collection[str], removed: list[Removed]) -> list[Line]:
    """Lines without what the end says of the authors: "Ann Example is a reporter at ..."."""
    names = [name for name in authors if " " in name]
    if not names or len(lines) < LEAST_WITH_BIOGRAPHIES:
        return lines
    about = re.compile(rf"(?:{'|'.join(map(re.escape, names))}),? {_ABOUT}", re.IGNORECASE)
    end = len(lines)
    while end > len(lines) - MOST_BIOGRAPHIES and about.match(lines[end - 1].text):
        end -= 1
    removed.extend(Removed("author box", one_line(line.text, 200)) for line in lines[end:])
    return lines[:end]


LEAST_WITH_BIOGRAPHIES = 4  # lines of an article that may end in some
MOST_BIOGRAPHIES = 4
_ABOUT = r"(?:is|are|was|has|covers|writes|reports|joined|works|teaches|leads|can be|may be|serves)\b"


def _links_at_the_end(lines: list[Line], removed: list[Removed]) -> list[Line]:
    """Lines without the run of bare links at the end."""
    end = len(lines)
    while end > 1 and lines[end - 1].is_link and not _SENTENCE.search(lines[end - 1].text[-END:]):
        end -= 1
    removed.extend(Removed("links at the end", one_line(line.text, 200)) for line in lines[end:])
    return lines[:end]
