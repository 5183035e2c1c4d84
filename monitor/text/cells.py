"""Text of others in a table that a spreadsheet will open.

A cell that begins like a formula is run as one by Excel, LibreOffice and Google Sheets, also from a CSV file
(CWE-1236): a headline could call home with what stands beside it. Such a cell gets an apostrophe in front. So does one
that begins with apostrophes and such a sign, so that `plain` gives back what `guarded` was given, always.
"""

import re

# Half-width and full-width; tab, CR and LF, because spreadsheets skip them before they look.
_FORMULA = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")


def guarded(text: str) -> str:
    """A cell's text that no spreadsheet takes for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def plain(cell: str) -> str:
    """The text that `guarded` made into this cell."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
