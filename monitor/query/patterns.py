"""What the folded index cannot tell, checked on the stored text: exact spellings, names. Pure.

One pattern serves Python, SQLite (whose REGEXP is Python's) and PostgreSQL: made of single characters and sets of
them alone, never of an operator that a person wrote, so that it is linear in the text and means the same to all.
"""

import re
from collections.abc import Iterable
from functools import cache

from monitor.text import fold, is_han, width
from monitor.text.folding import scripts

_BLANKS = " \t\n\u00a0\u3000"
_EDGE = "[0-9A-Za-z_]"  # a neighbour that makes a longer word
_FULL_WIDTH = [chr(code) for code in range(0xFF01, 0xFF5F)]
_SIGNS = list("‘’‚‛′‵“”„‟″‶«»〝〞〟‐‑‒–—―−﹘")
_LATIN = [chr(code) for code in (*range(0x20, 0x7F), *range(0xA1, 0x250), *range(0x1E00, 0x1F00))]


def exactly(written: str) -> str:
    """A pattern that finds words as written, case and script included, whatever the width of signs and letters.

    An acronym in capitals is found with and without its points: US and U.S.
    """
    spellings = [written, *_with_and_without_points(written)]
    return _whole([[_same_width(char) for char in each] for each in dict.fromkeys(spellings)], written)


def folded(written: str) -> str:
    """A pattern that finds words in any case, width and script, as whole words where they are not Chinese."""
    return _whole([[_same_fold(char) for char in written]], written)


def folded_whole(written: str) -> str:
    """A pattern for a text that is, folded, nothing but this."""
    return rf"\A{''.join(map(_same_fold, written))}\Z"


def holds(pattern: str, text: str) -> bool:
    """Whether a pattern is found in text, as both databases would say."""
    return re.search(pattern, text) is not None


def _whole(spellings: list[list[str]], written: str) -> str:
    """Spellings that begin alike, as whole words.

    What stands before is looked at behind the first character: a pattern that begins with a look back is tried
    at each character of a text, one that begins with a set only where that stands, five times as fast.
    """
    first = spellings[0][0]
    before = f"(?<!{_EDGE}{first})" if _joins(written[0]) else ""
    after = f"(?!{_EDGE})" if _joins(written[-1]) else ""
    rest = "|".join("".join(each[1:]) for each in spellings)
    return f"{first}{before}(?:{rest}){after}"


def _joins(char: str) -> bool:
    return width(char).isalnum() and not is_han(char)


def _with_and_without_points(written: str) -> Iterable[str]:
    letters = written.replace(".", "")
    if (
        written[0] != "."
        and len(letters) > 1
        and letters.isascii()
        and letters.isalpha()
        and letters.isupper()
    ):
        yield letters
        yield ".".join(letters)


def _same_width(char: str) -> str:
    if char.isspace():
        return _set(_BLANKS)
    plain = width(char)
    return _set({char, plain} | {each for each in (*_FULL_WIDTH, *_SIGNS) if width(each) == plain})


def _same_fold(char: str) -> str:
    if char.isspace():
        return _set(_BLANKS)
    plain = fold(char)
    return _set({char, plain, *_unfolded().get(plain, ())})


@cache
def _unfolded() -> dict[str, list[str]]:
    """The characters that fold to one, of those that names and sections are written with."""
    known: dict[str, list[str]] = {}
    for char in (*_LATIN, *_FULL_WIDTH, *_SIGNS, *scripts().fold):
        known.setdefault(fold(char), []).append(char)
    return known


def _set(chars: Iterable[str]) -> str:
    escaped = [char if char.isalnum() or not char.isascii() else f"\\{char}" for char in sorted(set(chars))]
    return escaped[0] if len(escaped) == 1 else f"[{''.join(escaped)}]"
