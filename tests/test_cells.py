"""Q07: text of others in a table that a spreadsheet will open."""

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.text.cells import guarded, plain


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠x", "=cmd|' /C calc'!A0", "'=1"],
)  # fmt: skip
def test_q07_what_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "PLA drill", "台海", "'tis", "a=b", " =1", "5", "1-1"])
def test_q07_what_is_no_formula_stays(text: str) -> None:
    assert guarded(text) == text


@given(st.text() | st.text("'=+-@\t\r＝a"))
@example("''=1")
def test_q07_the_text_comes_back_from_its_cell_whatever_it_was(text: str) -> None:
    assert plain(guarded(text)) == text
    kept = io.StringIO(newline="")
    csv.writer(kept, lineterminator="\r\n").writerow(["x", guarded(text)])
    kept.seek(0)
    if "\0" not in text:
        assert plain(next(csv.reader(kept))[1]) == text
