"""Tokens: what the full-text index of both databases is made of. One rule for what is stored and what is asked.

1. Text is folded (`fold`); marks, zero-width and soft hyphens vanish; ligatures fall apart.
2. A word is a run of letters or a run of digits: `F-35`, `F35` and `F 35` all give f, 35; `live-fire` gives
   live, fire. An apostrophe inside a word is dropped, with the s of a possessive: `China's` gives china,
   `Ren'ai` renai.
3. Two or more single letters with dots between are one word: `U.S.` and `US` both give us, `P.R.C.` prc.
4. A run of Chinese characters or kana gives its overlapping pairs and then its last character alone:
   `台海局势` gives 台海, 海局, 局势, 势. The last one marks where the run ends: without it `中国，国家` would
   hold 中国 and 国家 side by side, and be found for 中国家. It also makes a run's last character findable
   (`歼-20` gives 歼, 20, also behind other characters), and any single character by prefix.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from itertools import pairwise

from monitor.text.folding import BMP, SPACELESS, fold, is_han

LONGEST_TOKEN = 64  # characters; longer "words" are encoded data. 256 bytes, far below PostgreSQL's 2 kB

_GONE = frozenset(("Cf", "Mn", "Mc", "Me"))  # zero-width, bidi controls, soft hyphens, accents
_LIGATURES = {
    "\ufb00": "ff",
    "\ufb01": "fi",
    "\ufb02": "fl",
    "\ufb03": "ffi",
    "\ufb04": "ffl",
    "\ufb05": "st",
    "\ufb06": "st",
    "ß": "ss",
    "æ": "ae",
    "œ": "oe",
}


class _Spell(dict[int, str]):
    """`str.translate` table for tokens: as fold, but it may lengthen, and what is not spoken vanishes."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        folded = _LIGATURES.get(char) or fold(char)
        folded = _LIGATURES.get(folded, folded)
        if unicodedata.category(char) in _GONE:
            folded = ""
        elif folded.isnumeric() and not (folded.isalpha() or folded.isdecimal() or is_han(folded)):
            folded = " "  # ½ and ② are neither letters nor digits
        if code <= BMP:
            self[code] = folded
        return folded


_SPELL = _Spell()
_INITIALS = re.compile(r"(?<![a-z0-9.])[a-z](?:\.[a-z])+(?![a-z0-9])(?:\.(?![a-z0-9]))?")
_MAY_BE_INITIALS = re.compile(r"\.[a-z](?![a-z0-9])")  # by its point ten times as fast as the whole
_ASCII_WORD = re.compile(r"[a-z]+(?:'[a-z]+)*|[0-9]+")
_WORD = re.compile(rf"([{SPACELESS}]+)|[0-9]+|[^\W\d_{SPACELESS}]+(?:'[^\W\d_{SPACELESS}]+)*")


def _spelt(text: str) -> str:
    # NFC first: an accent typed as a character of its own must not split a word
    spelt = unicodedata.normalize("NFC", text).translate(_SPELL)
    if _MAY_BE_INITIALS.search(spelt):
        spelt = _INITIALS.sub(lambda found: found[0].replace(".", ""), spelt)
    return spelt


def _word(found: str) -> str:
    if "'" in found:
        found = found.removesuffix("'s").replace("'", "")
    return found[:LONGEST_TOKEN]


def _words(text: str, of_run: Callable[[str], Iterable[str]]) -> list[str]:
    """The folded words of text in order; of_run says what a run of Chinese characters or kana gives."""
    spelt = _spelt(text)
    if spelt.isascii():  # four times as fast, and the same
        words: list[str] = _ASCII_WORD.findall(spelt)
        if "'" in spelt or max(map(len, words), default=0) > LONGEST_TOKEN:
            return list(map(_word, words))
        return words
    found: list[str] = []
    for match in _WORD.finditer(spelt):
        run = match[1]
        if run is None:
            found.append(_word(match[0]))
        else:
            found.extend(of_run(run))
    return found


def tokens(text: str) -> list[str]:
    """Return the tokens of text in order, as the index stores them; the module's head gives the rule.

    A token holds a-z, 0-9 and the letters of other scripts only (never a quote, an operator, white space),
    is 1 to 64 characters long, and equal on both databases. Positions are indices into the list.
    """
    return _words(text, lambda run: (*map("".join, pairwise(run)), run[-1]))


def phrase(text: str) -> list[str]:
    """Return the tokens to look up side by side, in order, to find text; [] when it holds no word.

    As `tokens`, without the lone last character of a closing run of two and more: 台海局势 may go on in the
    text that holds it. Where the phrase closes with a single Chinese character (`starts_words`), that one is
    looked up as a prefix, for the same reason. A Chinese word of two and more characters is in a text, after
    folding, exactly if its phrase is among the text's tokens.
    """
    found = tokens(text)
    if len(found) > 1 and len(found[-2]) == 2 and found[-2][1] == found[-1] and is_han(found[-1]):
        found.pop()
    return found


def starts_words(words: list[str]) -> bool:
    """Whether the last token of a phrase is a single Chinese character, hence to be looked up as a prefix."""
    return bool(words) and len(words[-1]) == 1 and is_han(words[-1])


def units(text: str) -> list[str]:
    """Return the folded words of text in order, each Chinese character or kana being one by itself.

    As `tokens`, but without pairs: for comparing texts.
    """
    return _words(text, tuple)


_SPACELESS_CHAR = re.compile(f"[{SPACELESS}]")
_RUNS = re.compile(r"\w+")  # what _COUNTED finds where there is no Chinese, in half the time
_COUNTED = re.compile(rf"[{SPACELESS}]|[^\W{SPACELESS}]+")


def count_words(text: str) -> int:
    """Return how many words text has: each Chinese character or kana is one, else each run of letters and digits."""
    return len((_COUNTED if _SPACELESS_CHAR.search(text) else _RUNS).findall(text))
