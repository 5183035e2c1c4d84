"""Text of others in a table that a spreadsheet will open.

A cell that begins like a formula is run as one by Excel, LibreOffice and Google Sheets, also from a CSV file
(CWE-1236): a headline could call home with what stands beside it. Such a cell gets an apostrophe in front. So does what
follows a semicolon, a tab or a line end within a cell: where the system's list separator is a semicolon, as in most of
Europe, Excel cuts a file with commas there. And so does what begins with apostrophes and such a sign, so that `plain`
gives back what `guarded` was given, always.
"""

import re

_SIGNS = "=+\\-@＝＋－＠"  # half-width and full-width
# At the beginning also tab, CR and LF, because spreadsheets skip them before they look.
_FIRST = re.compile(rf"(?='*[{_SIGNS}\t\r\n])")
_INNER = re.compile(rf"(?<=[;\t\r\n])( *)(?='*[{_SIGNS}])")
_GUARDED = re.compile(rf"(?<=[;\t\r\n])( *)'(?='*[{_SIGNS}])")
_GUARDED_FIRST = re.compile(rf"'(?='*[{_SIGNS}\t\r\n])")


def guarded(text: str) -> str:
    """A cell's text that no spreadsheet takes for a formula, whole or cut."""
    inner = _INNER.sub(r"\1'", text)
    return f"'{inner}" if _FIRST.match(text) else inner


def plain(cell: str) -> str:
    """The text that `guarded` made into this cell."""
    text = cell[1:] if _GUARDED_FIRST.match(cell) else cell
    return _GUARDED.sub(r"\1", text)
