"""Q07: text of others in a table that a spreadsheet will open."""

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.text.cells import guarded, plain


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "＝1+1", "＋1", "－1", "＠x", "=cmd|' /C calc'!A0", "'=1"],
)  # fmt: skip
def test_q07_what_a_spreadsheet_would_run_gets_an_apostrophe(text: str) -> None:
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("Talks;=HYPERLINK(1);x", "Talks;'=HYPERLINK(1);x"), ("A; =1+1", "A; '=1+1"), ("a\n- b\n@c", "a\n'- b\n'@c"),
        ("a\t＝1", "a\t'＝1"), ("a;'=1", "a;''=1"), ("\t=1", "'\t'=1"), ("a;b - c; d=1", "a;b - c; d=1"),
    ],
)  # fmt: skip
def test_q07_what_a_program_that_cuts_at_semicolons_would_run_gets_one_too(text: str, cell: str) -> None:
    assert guarded(text) == cell
    assert plain(cell) == text


@pytest.mark.parametrize("text", ["", "PLA drill", "台海", "'tis", "a=b", " =1", "5", "1-1"])
def test_q07_what_is_no_formula_stays(text: str) -> None:
    assert guarded(text) == text


@given(st.text() | st.text("'=+-@\t\r＝a; \n"))
@example("''=1")
def test_q07_the_text_comes_back_from_its_cell_whatever_it_was(text: str) -> None:
    assert plain(guarded(text)) == text
    kept = io.StringIO(newline="")
    csv.writer(kept, lineterminator="\r\n").writerow(["x", guarded(text)])
    kept.seek(0)
    if "\0" not in text:
        assert plain(next(csv.reader(kept))[1]) == text
