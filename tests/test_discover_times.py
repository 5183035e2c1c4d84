"""Times as listings print them."""

from datetime import UTC, datetime
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.discover.times import find_time, read_time
from monitor.model import DateQuality

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
F, A, D, M = DateQuality.FEED, DateQuality.ASSUMED_ZONE, DateQuality.DATE_ONLY, DateQuality.MISSING


@pytest.mark.parametrize(
    ("printed", "zone", "utc", "quality"),
    [
        ("Mon, 23 Nov 2026 08:00:00 GMT", "UTC", "2026-11-23T08:00", F),
        ("Mon, 23 Nov 2026 08:00 +0800", "UTC", "2026-11-23T00:00", F),
        ("23 Nov 26 08:00 EST", "Asia/Taipei", "2026-11-23T13:00", F),
        ("Mon, 23-Nov-2026 08:00:00 Z", "UTC", "2026-11-23T08:00", F),
        ("2026-11-23T08:00:00+08:00", "UTC", "2026-11-23T00:00", F),
        ("2026-11-23T08:00:00.123456Z", "UTC", "2026-11-23T08:00", F),
        ("2026-11-23 08:00:00 +0800", "UTC", "2026-11-23T00:00", F),
        ("20261123T080000Z", "UTC", "2026-11-23T08:00", F),
        ("2026-11-23 08:00:00 Asia/Shanghai", "UTC", "2026-11-23T00:00", F),
        ("Mon, 23 Nov 2026 08:00:00 Europe/Berlin", "UTC", "2026-11-23T07:00", F),
        ("2026-11-23 08:00 UTC+8", "UTC", "2026-11-23T00:00", F),
        ("2026-11-23 08:00", "Asia/Taipei", "2026-11-23T00:00", A),
        ("2026/11/23 08:00:00", "Asia/Taipei", "2026-11-23T00:00", A),
        ("Nov. 23, 2026 8:05 a.m. ET", "UTC", "2026-11-23T13:05", F),
        ("November 23, 2026 at 12:05 AM", "America/New_York", "2026-11-23T05:05", A),
        ("2026年11月23日 08:00", "Asia/Shanghai", "2026-11-23T00:00", A),
        ("2026年11月23日08时05分", "Asia/Shanghai", "2026-11-23T00:05", A),
        ("2026年11月23日 下午 3：05", "Asia/Shanghai", "2026-11-23T07:05", A),
        ("民國115年11月23日 08:00", "Asia/Taipei", "2026-11-23T00:00", A),
        ("12:00 CST", "Asia/Shanghai", None, M),
        ("Mon, 23 Nov 2026 12:00:00 CST", "Asia/Shanghai", "2026-11-23T04:00", A),
        ("Mon, 23 Nov 2026 12:00:00 CST", "America/Chicago", "2026-11-23T18:00", A),
        ("Mon, 23 Nov 2026 12:00:00 IST", "Asia/Kolkata", "2026-11-23T06:30", A),
        ("2026-11-23", "Asia/Taipei", "2026-11-22T16:00", D),
        ("2026年11月23日", "Asia/Taipei", "2026-11-22T16:00", D),
        ("民國115年11月23日", "Asia/Taipei", "2026-11-22T16:00", D),
        ("115年11月23日", "Asia/Taipei", "2026-11-22T16:00", D),
        ("23 November 2026", "UTC", "2026-11-23T00:00", D),
        ("Mon, 23 Nov 2026 08:00:60 GMT", "UTC", "2026-11-23T08:00", F),
    ],
)
def test_d02_d03_d04_d07_a_time_is_read_with_its_zone_or_the_sources(
    printed: str, zone: str, utc: str | None, quality: DateQuality
) -> None:
    found = read_time(printed, zone, NOW)
    assert found.quality is quality
    assert found.printed == printed
    if utc is None:
        assert found.at is None
    else:
        assert found.at is not None
        assert found.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M") == utc


@pytest.mark.parametrize(
    "printed",
    ["2024-02-30", "99999999999999999999", "1714564800", "11/12/2026", "2026-11-23T08:00:00+99:99", "0000-01-01", "10000-01-01",
     "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00", "1944-06-06", "2026-13-01", "2026-11-23T25:00:00Z", "tomorrow",
     "2026-11-28", "Mon, 23 Xyz 2026 08:00:00 GMT", "2026-11-23T08:61Z", "", "   ", "yesterday 08:00"],
)  # fmt: skip
def test_d01_d05_what_is_no_time_is_missing_and_its_words_are_kept(printed: str) -> None:
    found = read_time(printed, "UTC", NOW)
    assert (found.at, found.quality) == (None, M)
    assert found.printed == printed.strip()


def test_d06_a_time_a_little_ahead_is_kept_as_printed() -> None:
    assert read_time("2026-11-24T12:00:00Z", "UTC", NOW).at == datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_d07_the_hour_that_does_not_exist_is_a_valid_instant() -> None:
    found = read_time("2026-03-29 02:30", "Europe/Berlin", NOW)
    assert found.at is not None
    assert found.at.astimezone(UTC) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize("text", ["1" * 100_000, "word " * 200_000, "2026年" * 50_000, " " * 100_000 + "x"])
def test_d08_a_long_text_is_no_time_and_takes_none(text: str) -> None:
    begun = process_time()
    assert read_time(text, "UTC", NOW).at is None
    find_time(text, "UTC", NOW)
    assert process_time() - begun < 0.5


@given(
    st.text(max_size=100)
    | st.from_regex(r"[0-9]{1,4}[-/年 ][0-9A-Za-z]{1,9}[-/月 ][0-9]{1,4}[日T ]?[0-9:]{0,9}[+-]?[0-9:]{0,5}")
)
def test_no_text_raises(text: str) -> None:
    found = read_time(text, "Asia/Shanghai", NOW)
    if found.at is not None:
        assert found.at.astimezone(UTC).year >= 1989
    find_time(text, "Asia/Shanghai", NOW)


def test_a_time_is_found_beside_a_headline() -> None:
    assert find_time("Politics | Nov 23, 2026 8:05 AM | By A. Writer", "UTC", NOW).at == datetime(
        2026, 11, 23, 8, 5, tzinfo=UTC
    )
    assert find_time("[2026-11-23] 国防部", "UTC", NOW).quality is D
    assert find_time("no date here", "UTC", NOW).at is None
