"""Whatever bytes come, the answer is an Article that keeps its promises or a sentence that says why there is none.

The finds of hypothesis and of bench/fuzz_clean.py stand here, each with the least input that shows it.
"""

import pytest

from monitor.dates import read
from tests.test_clean_hostile import FIRST, STORY, ld, story

UNUSED = bytes([0])  # the choice of clean_html with nothing said beside it


@pytest.mark.parametrize("printed", ["12 Aprıl 2026", "ſept 12, 2026"])
def test_a_month_in_letters_that_only_fold_to_its_own_is_no_date(printed: str) -> None:
    assert read(printed) is None
    assert story(head=f'<meta name="pubdate" content="{printed}">').published is None


@pytest.mark.parametrize("marker", ["<place-of-links>", '<place-of-links id="7">', "<place of links id=0>"])
def test_an_element_named_as_our_marker_is_an_element_like_any_other(marker: str) -> None:
    assert story(STORY + f"<p>{marker}{FIRST} Again.</p>").text.endswith("Again.")


def test_an_author_known_by_an_object_is_nobody() -> None:
    assert story(head=ld('"author":{"@id":{"a":[1]}}')).authors == ()
