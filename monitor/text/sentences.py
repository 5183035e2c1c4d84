"""Sentences, English and Chinese: where they end."""

import re

_UNTIL = r"(?:[^。！？!?.\n]|(?<=\b[A-Za-z])\.|\.(?={}|\s+[a-z]))*(?:[。！？!?]+|\.|\n|$)"
# A full stop ends a sentence before white space and a capital, not behind an initial: "the U.S. Navy".
SENTENCE = re.compile(_UNTIL.format(r"\S"))
_WITH_ITS_END = re.compile(_UNTIL.format(r"[^\s”’\")\]]") + r"[”’」』）)\]】》\"]*")


def sentences(text: str) -> list[str]:
    """The sentences of text in their order, each with the quotation marks that close it; none is empty."""
    found = (place[0].strip() for line in text.split("\n") for place in _WITH_ITS_END.finditer(line))
    return [words for words in found if words]
