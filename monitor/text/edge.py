"""What is done at the edge to any text from outside, so that both databases, terminals and mails can take it."""

import re
import unicodedata
from functools import cache

MOST_MARKS = 8  # combining marks on one character; living languages need at most four

# CSI, OSC and two-character escapes (ECMA-48), bounded, so that an unclosed one cannot eat an article. Only
# those that begin with ESC: their one-byte forms are mostly windows-1252 quotes, decoded as something else.
_ESCAPES = re.compile(
    r"\x1b\[[0-?]{0,32}[ -/]{0,8}[@-~]"
    r"|\x1b[\]PX^_][^\x07\x1b]{0,256}(?:\x07|\x1b\\)"
    r"|\x1b[ -/]{0,4}[0-~]"
)
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_RETURNS = re.compile(r"\r\n?")
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_NONCHARACTERS = re.compile(
    "[\ufdd0-\ufdef"
    + "".join(chr(plane << 16 | end) for plane in range(17) for end in (0xFFFE, 0xFFFF))
    + "]"
)
_DIRECTIONS = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")  # UAX 9; CVE-2021-42574


# A run that may be marks, for no mark is a letter or a digit; the exact pattern takes 25 ms to make.
_MAY_BE_MARKS = re.compile(rf"[^\x00-\x7f\w]{{{MOST_MARKS + 1}}}")


@cache
def _marks() -> re.Pattern[str]:
    marks = "".join(
        chr(code) for code in range(0x300, 0x10000) if unicodedata.category(chr(code)) in ("Mn", "Me")
    )
    return re.compile(f"([{marks}\U000e0100-\U000e01ef]{{{MOST_MARKS}}})[{marks}\U000e0100-\U000e01ef]+")


def clean_text(text: str) -> str:
    """Return text as it may be stored: what PostgreSQL, XML and JSON all accept, and nothing lost that is read.

    NUL and other controls and terminal escapes go, tabs and newlines stay (a return becomes a newline);
    surrogates are joined where they are pairs, else become U+FFFD, as noncharacters do; of more than 8
    combining marks in a row 8 stay. Bidi controls and zero-width characters stay: they belong to the text.
    Idempotent.
    """
    if text.isprintable():  # no control, surrogate or noncharacter, that is
        return _few_marks(text)
    if _SURROGATES.search(text):
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    text = _NONCHARACTERS.sub("\ufffd", text)
    text = _RETURNS.sub("\n", text)
    if _CONTROLS.search(text):
        text = _CONTROLS.sub("", _ESCAPES.sub("", text))
    return _few_marks(text)


def _few_marks(text: str) -> str:
    if text.isascii() or not _MAY_BE_MARKS.search(text):
        return text
    return _marks().sub(r"\1", text)


def squeeze(text: str) -> str:
    """Return text on one line, white space of any kind and length made one space, none at the ends."""
    return " ".join(text.split())


def one_line(text: str, limit: int = 300) -> str:
    """Return text fit for a title or a terminal: cleaned, no bidi controls, one line, at most limit characters.

    What is cut ends with an ellipsis, which counts.
    """
    line = squeeze(_DIRECTIONS.sub("", clean_text(text)))
    if len(line) <= limit:
        return line
    return line[: max(limit - 1, 0)].rstrip() + "…" if limit > 0 else ""
