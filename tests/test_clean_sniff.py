"""Bytes of unknown sort: whether they are a page, and the text they hold."""

import pytest

from monitor.clean import decoded, looks_like_markup
from monitor.errors import Unreadable


@pytest.mark.parametrize(
    "page", [b"<!DOCTYPE HTML>\n<p>x", b"\n\n<html>", b"Scraped: <div class=x>text</div>"]
)
def test_a_page_is_known_by_its_first_tags(page: bytes) -> None:
    assert looks_like_markup(page)


def test_text_with_an_angle_bracket_is_no_page() -> None:
    assert not looks_like_markup(b"Pier opens\n\nDepth < 12 m, width > 40 m.\n")


def test_plain_text_is_read_in_whatever_encoding_it_is() -> None:
    text = "东部海域年度救援演练十八日举行，来自五个单位的十二艘舰船参加。" * 4
    assert decoded(text.encode("gb18030")) == text
    assert decoded(text.encode("utf-8")) == text


def test_f45_a_file_of_another_sort_is_no_text() -> None:
    with pytest.raises(Unreadable):
        decoded(b"%PDF-1.7 ...")
