"""Folding, one character to one character: `len(fold(text)) == len(text)`, so offsets stay right.

A spelling that only NFKC or lower-casing to several characters could fold (㈱, ﬁ, ß) stays as it is.
"""

import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import NamedTuple

# Han with extensions and compatibility forms, the iteration mark, 〇, and kana: written without spaces.
SPACELESS = (
    "\u3005\u3007\u3041-\u3096\u309d\u309e\u30a1-\u30fa\u30fc-\u30fe\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
)

_SPACELESS_CHAR = re.compile(f"[{SPACELESS}]")

_SINGLE_QUOTES = "‘’‚‛′‵ʹʻʼʽ`´＇"
_DOUBLE_QUOTES = "“”„‟″‶«»〝〞〟＂"
_DASHES = "‐‑‒–—―−﹘﹣－"
_SIGNS = {
    **dict.fromkeys(_SINGLE_QUOTES, "'"),
    **dict.fromkeys(_DOUBLE_QUOTES, '"'),
    **dict.fromkeys(_DASHES, "-"),
}
BMP = 0xFFFF  # fold tables remember these: at most 65,536 short strings, whatever a page sends


class Scripts(NamedTuple):
    """The Chinese characters that tell Traditional and Simplified apart, and how the first folds."""

    fold: dict[str, str]  # 4,142 pairs
    traditional: frozenset[str]
    simplified: frozenset[str]


@cache
def scripts() -> Scripts:
    """The table in han.tsv, whose head says where it comes from."""
    pairs: dict[str, str] = {}
    traditional, simplified = set(), set()
    for line in (Path(__file__).parent / "han.tsv").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        old, new, *marks = line.split("\t")
        pairs[old] = new
        if marks and "T" in marks[0]:
            traditional.add(old)
        if marks and "S" in marks[0]:
            simplified.add(new)
    return Scripts(pairs, frozenset(traditional), frozenset(simplified))


class _Width(dict[int, str]):
    """`str.translate` table, filled as characters come: full-width, compatibility forms, quotes, dashes."""

    def __missing__(self, code: int) -> str:
        char = _one_width(chr(code))
        if code <= BMP:
            self[code] = char
        return char


class _Fold(dict[int, str]):
    """`str.translate` table, filled as characters come: `_Width`, case, accents of Latin, Traditional."""

    def __missing__(self, code: int) -> str:
        char = _one_fold(chr(code))
        if code <= BMP:
            self[code] = char
        return char


def _one_width(char: str) -> str:
    if char in _SIGNS:
        return _SIGNS[char]
    compatible = unicodedata.normalize("NFKC", char)
    return _SIGNS.get(compatible, compatible) if len(compatible) == 1 else char


def _one_fold(char: str) -> str:
    """Fold until nothing changes, so that fold(fold(x)) == fold(x); no character needs more than four turns."""
    pairs = scripts().fold
    for _ in range(4):
        before, char = char, _one_width(char)
        char = _one_case(char)
        base = unicodedata.normalize("NFD", char)[0]
        if base.isascii() and base.isalpha():  # é and e are one to somebody who searches
            char = base
        if char.isdecimal():
            char = str(unicodedata.decimal(char))
        char = pairs.get(char, char)
        if char == before:
            break
    return char


def _one_case(char: str) -> str:
    folded = char.casefold()
    if len(folded) == 1:
        return folded
    lowered = char.lower()
    if len(lowered) == 1:
        return lowered
    # İ lower-cases to i and a combining dot: the dot is an accent like any other
    return lowered[0] if all(map(unicodedata.combining, lowered[1:])) else char


_WIDTH = _Width()
_FOLD = _Fold()


def width(text: str) -> str:
    """Return text with full-width, compatibility forms, quotes and dashes folded; case, accents and script stay.

    For what is case-sensitive. Same length as text, character by character.
    """
    return text.translate(_WIDTH)


def fold(text: str) -> str:
    """Return the spelling under which text is compared and searched, of the same length.

    Character by character: full-width and compatibility forms (NFKC) where they stay one character, quotes
    and dashes, case, accents on Latin letters, digits of any script, Traditional to Simplified Chinese.
    Idempotent. Characters outside this (emoji, ligatures, zero-width) stay as they are.
    """
    return text.translate(_FOLD)


# Where characters stand that NFKC makes one of a script without spaces: radicals, kana in circles, half-width
# kana, squared and compatibility characters.
_COMPATIBLE = (
    (0x2E80, 0x3400), (0xF900, 0xFB00), (0xFF65, 0xFFA0), (0x1F200, 0x1F300), (0x2F800, 0x2FA20),
)  # fmt: skip


@cache
def unfolded(char: str) -> str:
    """Every character that folds to a folded one of a script without spaces, itself first: 台 gives 台臺."""
    found, last = {char: None}, 0
    while last < len(found):
        last = len(found)
        found |= dict.fromkeys(old for old, new in scripts().fold.items() if new in found)
        found |= dict.fromkeys(old for old, new in _compatible() if new in found)
    return "".join(each for each in found if fold(each) == char)


@cache
def _compatible() -> tuple[tuple[str, str], ...]:
    chars = (chr(code) for first, end in _COMPATIBLE for code in range(first, end))
    return tuple(
        (each, unicodedata.normalize("NFKC", each)) for each in chars if unicodedata.decomposition(each)
    )


def is_han(char: str) -> bool:
    """Whether one character is of a script written without spaces: Chinese characters and kana."""
    return _SPACELESS_CHAR.fullmatch(char) is not None
