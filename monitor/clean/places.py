"""Where on a page what the cleaner says of it is printed: its container, its blocks, what was removed.

All of it is found by letters alone (`evidence.key`), in order, and each letter is given away once. A text
is looked up by its first letters where runs of text begin, and tried at a bounded number of places.
"""

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from monitor.clean.container import names
from monitor.clean.printed import Printed
from monitor.text import squeeze

Span = tuple[int, int]  # letters: the first, and the one behind the last

LOOKED_UP = 12  # letters
MOST_TRIED = 20  # places of one text
MOST_PASSED_OVER = 200  # runs between two that belong to one text: a part was taken out of it
LONGEST_PLACE = 100  # characters of the container's name that an article keeps
NOBODY = 0


class Claims:
    """Whose each letter of a page is: a number that the one who claims it knows, NOBODY at first."""

    def __init__(self, page: Printed) -> None:
        self.page = page
        self.owner = array("l", [NOBODY]) * len(page.letters)

    def own(self, span: Span, number: int) -> None:
        """Give letters away, whosever they were."""
        start, end = span
        self.owner[start:end] = array("l", [number]) * (end - start)

    def own_all(self, spans: Iterable[Span], number: int) -> None:
        """Give several runs of letters away."""
        for span in spans:
            self.own(span, number)

    def take(self, span: Span, number: int) -> None:
        """Give away those letters that nobody has."""
        for free in [free for free in self.spans(*span) if self.owner[free[0]] == NOBODY]:
            self.own(free, number)

    def spans(self, start: int = 0, end: int | None = None) -> Iterator[Span]:
        """Runs of letters with one owner, within lines where no end is given, in order."""
        owner, page = self.owner, self.page
        bounds = page.line_spans() if end is None else [(start, end)]
        for first, last in bounds:
            at = first
            while at < last:
                mine, begun = owner[at], at
                while at < last and owner[at] == mine:
                    at += 1
                yield begun, at

    def all_in_line(self, letter: int) -> Span:
        """The letters around one that stand in its line and have its owner."""
        first, last = self.page.line_span(letter)
        start, end, mine = letter, letter, self.owner[letter]
        while start > first and self.owner[start - 1] == mine:
            start -= 1
        while end < last and self.owner[end] == mine:
            end += 1
        return start, end

    def around(self, line: int) -> tuple[int, int]:
        """The owners of the letters before and behind a line that has none."""
        at = self.page.line_spans()[line][0]
        before = self.owner[at - 1] if at else NOBODY
        return before, self.owner[at] if at < len(self.owner) else NOBODY

    def lines(self) -> Iterator[tuple[int, list[tuple[str, int | None]]]]:
        """Each line's number and words, each with its owner; None for words without letters."""
        page, number = self.page, 0
        words: list[tuple[str, int | None]] = []
        for n, text in enumerate(page.runs):
            if page.line[n] != number:
                yield number, words
                number, words = page.line[n], []
            if page.start[n] == page.start[n + 1]:
                words.append((text, None))
                continue
            begun = 0
            for _, last in (spans := list(self.spans(page.start[n], page.start[n + 1]))):
                whole = last == spans[-1][1]
                end = len(text) if whole else page.place_of(n, last)
                words.append((text[begun:end], self.owner[last - 1]))
                begun = end
        if words:
            yield number, words


# ---------------------------------------------------------------- looking up


class _Index:
    """Where on the page the first letters of some texts stand, at the beginning of runs or of given letters."""

    def __init__(self, page: Printed, texts: Iterable[str], more: Iterable[int] = ()) -> None:
        wanted: dict[int, set[str]] = defaultdict(set)
        for text in texts:
            if text:
                wanted[min(len(text), LOOKED_UP)].add(text[:LOOKED_UP])
        self.found: dict[str, list[int]] = defaultdict(list)
        letters = page.letters
        for start in sorted({*page.start, *more}):
            for length, keys in wanted.items():
                if (here := letters[start : start + length]) in keys:
                    self.found[here].append(start)

    def places(self, text: str, first: int, last: int) -> Sequence[int]:
        """The first few places for text from first on and before last."""
        every = self.found.get(text[:LOOKED_UP], [])
        start = bisect_left(every, first)
        return every[start : min(bisect_left(every, last), start + MOST_TRIED)]


def _fitted(claims: Claims, text: str, start: int) -> list[Span]:
    """The letters of nobody that say text from start on, whole runs in between passed over; [] for not."""
    page, owner = claims.page, claims.owner
    letters, said, passed_over, at = page.letters, 0, 0, start
    spans: list[Span] = []
    run = page.run_at(start)
    while run < len(page.runs) and passed_over <= MOST_PASSED_OVER:
        end = page.start[run + 1]
        length = min(end - at, len(text) - said)
        free = not any(owner[at : at + length])
        if length and free and text.startswith(letters[at : at + length], said):
            if spans and spans[-1][1] == at:
                spans[-1] = (spans[-1][0], at + length)
            else:
                spans.append((at, at + length))
            said += length
            if said == len(text):
                return spans
        elif not spans:
            return []
        elif length:
            passed_over += 1
        run, at = run + 1, end
    return []


def container(page: Printed, place: str, blocks: Sequence[str]) -> Span | None:
    """The letters of the element that gave the text, by the name that its article keeps (`body.find`).

    Of several with that name the one in which most blocks begin, the smallest of equals. Beginnings that occur
    more than once on the page count only where there are no others.
    """
    if not place.startswith("container "):
        return None
    index = _Index(page, blocks)
    every = list(index.found.values())
    once = [starts for starts in every if len(starts) == 1]
    begun = sorted(start for starts in once or every for start in starts)

    def worth(span: Span) -> tuple[int, int]:
        return bisect_left(begun, span[1]) - bisect_left(begun, span[0]), span[0] - span[1]

    called = [
        (start, end)
        for start, end, part in page.parts
        if _is_called(f"container {squeeze(names(part)) or str(part.tag)}"[:LONGEST_PLACE], place)
    ]
    return max(called, key=worth, default=None)


def _is_called(name: str, place: str) -> bool:
    return place == name or place.startswith(f"{name}, ")


# ---------------------------------------------------------------- blocks


def claim_blocks(claims: Claims, blocks: Sequence[str], within: Span | None, numbers: int) -> set[int]:
    """Give each block (its letters) what prints it; return the blocks that are on the page.

    numbers: the owner of the first block's letters, those of the others follow. Blocks with one place alone
    come first, as far as they stand in order; the others are looked for between them, then anywhere: a
    standfirst is printed above the container.
    """
    index = _Index(claims.page, blocks)
    first, last = within or (0, len(claims.page.letters))
    sure: dict[int, list[Span]] = {}
    for n, text in enumerate(blocks):
        places = index.places(text, first, last)
        if len(places) == 1 and (spans := _fitted(claims, text, places[0])):
            sure[n] = spans
    found = {n: sure[n] for n in _in_order([(n, spans[0][0]) for n, spans in sure.items()])}
    for n, spans in found.items():
        claims.own_all(spans, numbers + n)
    ends = [*(spans[0][0] for spans in found.values()), last]
    at, behind = first, 0
    for n, text in enumerate(blocks):
        if n in found:
            at, behind = found[n][-1][1], behind + 1
            continue
        spans = _first_fit(claims, text, index.places(text, at, ends[behind]))
        at = spans[-1][1] if spans else at
        spans = spans or _first_fit(claims, text, index.places(text, 0, first))
        spans = spans or _first_fit(claims, text, index.places(text, first, len(claims.page.letters)))
        if spans:
            sure[n] = spans
            claims.own_all(spans, numbers + n)
    return set(found) | {n for n in sure if claims.owner[sure[n][0][0]] == numbers + n}


def _first_fit(claims: Claims, text: str, places: Iterable[int]) -> list[Span]:
    return next((spans for place in places if (spans := _fitted(claims, text, place))), [])


def _in_order(starts: Sequence[tuple[int, int]]) -> list[int]:
    """The longest choice of numbers, ascending, whose starts ascend too (patience sorting)."""
    ends: list[int] = []  # the least start in which a choice of each length ends
    ends_in: list[int] = []  # where in starts that is
    before: list[int] = []
    for at, (_, start) in enumerate(starts):
        length = bisect_left(ends, start)
        before.append(ends_in[length - 1] if length else -1)
        ends[length : length + 1] = [start]
        ends_in[length : length + 1] = [at]
    chosen: list[int] = []
    at = ends_in[-1] if ends_in else -1
    while at >= 0:
        chosen.append(starts[at][0])
        at = before[at]
    return chosen[::-1]


# ---------------------------------------------------------------- what was removed


def claim_removed(
    claims: Claims, removed: Sequence[tuple[str, str, bool]], within: Span | None, numbers: int
) -> set[int]:
    """Give what was removed what prints it; return what of it is on the page.

    removed: rule, letters, and whether these are only the beginning of it. numbers: as for blocks, which
    have theirs by now. The longest come first, as "Share" begins more than one part of a page. Of a part of
    which the beginning alone is told, the widest element that begins there, holds nothing of anyone else's
    and is not the whole container is taken.
    """
    page = claims.page
    ends_of_blocks = [end for start, end in claims.spans(0, len(page.letters)) if claims.owner[start]]
    index = _Index(page, [text for _, text, _ in removed], ends_of_blocks)
    first, last = within or (0, len(page.letters))
    found: dict[int, list[Span]] = {}
    for n in sorted(range(len(removed)), key=lambda n: -len(removed[n][1])):
        rule, text, _ = removed[n]
        if not text:
            continue
        spans = _closed_fit(claims, text, index.places(text, first, last))
        if not spans and (rule == "standfirst" or len(text) >= LOOKED_UP):
            spans = _closed_fit(claims, text, index.places(text, 0, len(page.letters)))
        if spans:
            found[n] = spans
            claims.own_all(spans, numbers + n)
    widest = _Widest(claims, within)
    for n, spans in found.items():
        if removed[n][2]:
            claims.take(widest.around(spans), numbers + n)
    return {n for n, (_, text, _) in enumerate(removed) if n in found or _is_printed(page, index, text)}


def _is_printed(page: Printed, index: _Index, text: str) -> bool:
    """Whether text is on the page, if only as part of a larger one that was removed, too."""
    places = index.places(text, 0, len(page.letters))
    return any(page.letters.startswith(text, place) for place in places)


def _closed_fit(claims: Claims, text: str, places: Iterable[int]) -> list[Span]:
    """The first place where text ends with its line; else the first at all."""
    fits = [spans for place in places if (spans := _fitted(claims, text, place))]
    page = claims.page
    closed = (spans for spans in fits if page.line_span(spans[-1][1] - 1)[1] == spans[-1][1])
    return next(closed, fits[0] if fits else [])


class _Widest:
    """The widest elements around what nobody else claims, once all has been claimed."""

    def __init__(self, claims: Claims, within: Span | None) -> None:
        self.page = claims.page
        every = claims.spans(0, len(claims.page.letters))
        self.claimed = [start for start, _ in every if claims.owner[start] != NOBODY]
        self.ends: dict[int, list[int]] = defaultdict(list)  # of the elements that begin at a letter
        for start, end, _ in claims.page.parts:
            if (start, end) != within and (within is None or end <= within[1]):
                self.ends[start].append(end)

    def around(self, spans: Sequence[Span]) -> Span:
        """The part that begins with spans, or their line where no element does."""
        start, end = spans[0][0], spans[-1][1]
        fit = [last for last in self.ends[start] if last >= end and self._claims(start, last) == len(spans)]
        return start, max(fit, default=self.page.line_span(end - 1)[1])

    def _claims(self, start: int, end: int) -> int:
        return bisect_left(self.claimed, end) - bisect_left(self.claimed, start)
