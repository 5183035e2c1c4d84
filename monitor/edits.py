"""Edits: whether a text says something else than before, and what, sentence by sentence. Pure.

    digest(title, text)      equal for versions that say the same, whatever their spaces, quotes, counters, case
    marked(before, after)    one sentence with its words marked
    changes(before, after)   -> Piece after Piece: same, removed, added, changed with its words marked

Counters, "updated 3 minutes ago" and the like (edits.toml) say nothing. Chinese has no spaces: its sentences are
compared character by character. Time is bounded, however a text is made: `changes` of the longest texts takes
two seconds at the worst.
"""

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Literal

from monitor.text import fold, sentences

MOST_CHARACTERS = 500_000
MOST_SENTENCES = 5_000  # of a text that are told apart; the rest counts as one
MOST_WORDS = 300  # of a sentence that are told apart, once its equal ends are off: difflib is quadratic
MOST_COMPARED = 1_000_000  # words by words, over all reworded sentences: two seconds at the worst
MOST_PAIRED = 40  # sentences in a row that are compared with each other
ALIKE = 0.4  # of two sentences' words in common that make them one that was reworded
LONGEST_NOISE = 240  # characters

_PARTS = re.compile(r"[|·•｜]|\s{2,}")
_UNSPOKEN = re.compile(r"(?:(?<!\d)[\W_]|[\W_](?!\d))+")
_WORD = re.compile(
    r"[㐀-䶿一-鿿豈-﫿぀-ヿ\U00020000-\U0003ffff]|[^\W㐀-䶿一-鿿豈-﫿぀-ヿ\U00020000-\U0003ffff]+|\s+|[^\w\s]"
)

Kind = Literal["same", "removed", "added", "changed"]
Sign = Literal[" ", "-", "+"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence, as it was and as it is."""

    kind: Kind
    before: str = ""  # "" where it was added
    after: str = ""  # "" where it was removed
    marks: tuple[tuple[Sign, str], ...] = ()  # of a changed one, as `told`

    @property
    def told(self) -> tuple[tuple[Sign, str], ...]:
        """Its words in pieces: those of both texts, of the old one, of the new one."""
        ways: dict[Kind, tuple[tuple[Sign, str], ...]] = {
            "same": ((" ", self.after),),
            "removed": (("-", self.before),),
            "added": (("+", self.after),),
        }
        return ways.get(self.kind, self.marks)


def digest(title: str, text: str) -> str:
    """Return 64 hex digits that are equal for versions that say the same."""
    said = "".join(key for key, _ in _told_apart(text))
    return sha256(f"{_key(title)}\n{said}".encode("utf-8", "replace")).hexdigest()


def changes(before: str, after: str, *, words: bool = True) -> list[Piece]:
    """Return the sentences of two texts in their order: what is the same is shown as it is after.

    Of texts longer than a book (MOST_CHARACTERS) the beginning is compared. words: mark those that changed in a sentence.
    """
    old, new = (_told_apart(text[:MOST_CHARACTERS]) for text in (before, after))
    pieces: list[Piece] = []
    # Numbered, no sentence comes twice, which keeps difflib near linear: "a a a a" against "a a b a" is its worst.
    matcher = SequenceMatcher(None, _numbered(old), _numbered(new), autojunk=False)
    for kind, a, until_a, b, until_b in matcher.get_opcodes():
        if kind == "equal":
            pairs = zip(old[a:until_a], new[b:until_b], strict=True)
            pieces += [Piece("same", each, other) for (_, each), (_, other) in pairs]
        else:
            pieces += _replaced(
                [words for _, words in old[a:until_a]], [words for _, words in new[b:until_b]]
            )
    return list(_marked(pieces)) if words else pieces


def _marked(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """The reworded sentences with their words marked; once that took long, as wholes."""
    left = MOST_COMPARED
    for piece in pieces:
        if piece.kind == "changed":
            marks, cost = _compared(piece.before, piece.after, left)
            left -= cost
            yield replace(piece, marks=marks)
        else:
            yield piece


def marked(before: str, after: str) -> tuple[tuple[Sign, str], ...]:
    """Return the words of two sentences: those of both, of before alone, of after alone."""
    return _compared(before, after, MOST_COMPARED)[0]


def _compared(before: str, after: str, left: int) -> tuple[tuple[tuple[Sign, str], ...], int]:
    """As `marked`, the middle as a whole where that would take too long; and what it took."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    shorter = min(len(old), len(new))
    head = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    rest = shorter - head
    tail = next((at for at in range(rest) if old[-1 - at] != new[-1 - at]), rest)
    mid_old, mid_new = old[head : len(old) - tail], new[head : len(new) - tail]
    cost = len(mid_old) * len(mid_new)
    found: list[tuple[Sign, str]] = [(" ", "".join(old[:head]))]
    if max(len(mid_old), len(mid_new)) > MOST_WORDS or cost > left:
        cost = 0
        found += [("-", "".join(mid_old)), ("+", "".join(mid_new))]
    else:
        for kind, a, until_a, b, until_b in SequenceMatcher(
            None, mid_old, mid_new, autojunk=False
        ).get_opcodes():
            same = kind == "equal"
            found += [(" ", "".join(mid_old[a:until_a]))] if same else []
            found += [] if same else [("-", "".join(mid_old[a:until_a])), ("+", "".join(mid_new[b:until_b]))]
    found.append((" ", "".join(old[len(old) - tail :] if tail else [])))
    return tuple(_joined(found)), cost


def summary(pieces: Sequence[Piece], *, title: bool = False) -> str:
    """Say in words how much changed."""
    found = Counter(piece.kind for piece in pieces)
    words: dict[Kind, str] = {"changed": "reworded", "added": "added", "removed": "removed"}
    told = [f"{found[kind]:,} {word}" for kind, word in words.items() if found[kind]]
    number = sum(found.values()) - found["same"]
    sentence = "sentence" if number == 1 else "sentences"
    if len(told) == 1:  # "2 sentences reworded"
        told = [told[0].replace(" ", f" {sentence} ", 1)]
    elif told:
        told = [f"{number:,} {sentence}: {', '.join(told)}"]
    return "; ".join((["title changed"] if title else []) + told) or "no sentence changed"


def _told_apart(text: str) -> list[tuple[str, str]]:
    """The sentences that say something, each with how it is compared."""
    found = [
        (key, words)
        for line in text.split("\n")
        if not _is_noise(line)
        for words in sentences(line)
        if not _is_noise(words) and (key := _key(words))
    ]
    if len(found) > MOST_SENTENCES:
        rest = " ".join(words for _, words in found[MOST_SENTENCES:])
        found[MOST_SENTENCES:] = [(_key(rest), rest)]
    return found


def _numbered(found: Sequence[tuple[str, str]]) -> list[tuple[str, int]]:
    times: Counter[str] = Counter()
    numbered = []
    for key, _ in found:
        times[key] += 1
        numbered.append((key, times[key]))
    return numbered


def _replaced(old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    """Sentences that stand where others stood: reworded ones side by side, the others removed and added."""
    if len(old) > MOST_PAIRED or len(new) > MOST_PAIRED:
        yield from (Piece("removed", each) for each in old)
        yield from (Piece("added", "", each) for each in new)
        return
    at = 0
    bags = [Counter(_words(each)) for each in new]
    for each in old:
        bag = Counter(_words(each))
        likeness = [(_alike(bag, bags[other]), -other) for other in range(at, len(new))]
        best, where = max(likeness, default=(0.0, 0))
        if best < ALIKE:
            yield Piece("removed", each)
            continue
        yield from (Piece("added", "", new[other]) for other in range(at, -where))
        yield Piece("changed", each, new[-where])
        at = -where + 1
    yield from (Piece("added", "", new[other]) for other in range(at, len(new)))


def _alike(a: Counter[str], b: Counter[str]) -> float:
    return 2 * (a & b).total() / ((a.total() + b.total()) or 1)


def _words(sentence: str) -> Iterator[str]:
    return (word for word in _WORD.findall(fold(sentence[:5_000])) if word[0].isalnum())


def _joined(found: Sequence[tuple[Sign, str]]) -> Iterator[tuple[Sign, str]]:
    """Neighbours of one sign as one; what is between two changes and says nothing goes with both."""
    before = after = ""
    for place, (sign, words) in enumerate(found):
        blank = sign == " " and not words.strip() and 0 < place < len(found) - 1
        if sign == "-":
            before += words
        elif sign == "+":
            after += words
        elif blank and (before or after):
            before, after = before + words, after + words
        elif words:
            yield from _change(before, after)
            before = after = ""
            yield " ", words
    yield from _change(before, after)


def _change(before: str, after: str) -> Iterator[tuple[Sign, str]]:
    end = "" if before.rstrip() == before or after.rstrip() == after else before[len(before.rstrip()) :]
    before, after = before.removesuffix(end), after.removesuffix(end)
    told: tuple[tuple[Sign, str], ...] = (("-", before), ("+", after), (" ", end))
    yield from (each for each in told if each[1])


def _key(words: str) -> str:
    """How words are compared: letters and digits, folded; what stands between two digits counts, 1.5 is not 15."""
    return _UNSPOKEN.sub("", fold(unicodedata.normalize("NFC", words)))


def _is_noise(line: str) -> bool:
    if len(line) > LONGEST_NOISE:
        return False
    parts = [part.strip(" \t.。,，;；[]【】()（）") for part in _PARTS.split(fold(line))]
    return all(not part or _noise().fullmatch(part) for part in parts)


@cache
def _noise() -> re.Pattern[str]:
    patterns = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))["noise"]
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)
