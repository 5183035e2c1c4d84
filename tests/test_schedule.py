"""When to ask next."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.schedule import LONGEST, FeedState, Happened, next_delivery, next_poll, next_try

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


def feed(
    failures: int = 0, quiet: timedelta | None = timedelta(0), url: str = "https://example.org/feed"
) -> FeedState:
    return FeedState(url, QUARTER, failures, None if quiet is None else NOW - quiet)


def wait(state: FeedState, happened: Happened) -> timedelta:
    return next_poll(state, happened, NOW) - NOW


def test_a_busy_feed_is_due_when_the_next_round_comes_by() -> None:
    for number in range(50):
        due = wait(feed(url=f"https://example.org/{number}"), Happened("news"))
        assert timedelta(minutes=12.75) <= due <= timedelta(minutes=14.25)


def test_a_quiet_feed_is_asked_more_rarely_but_within_a_day() -> None:
    waits = [wait(feed(quiet=timedelta(days=days)), Happened("unchanged")) for days in (0, 1, 7, 60, 4_000)]
    assert waits == sorted(waits)
    assert waits[1] > timedelta(minutes=45)
    assert waits[-1] <= LONGEST
    assert wait(feed(quiet=None), Happened("unchanged")) <= QUARTER


def test_x26_a_failing_feed_backs_off_to_a_day_and_is_never_given_up() -> None:
    waits = [wait(feed(failures=failures), Happened("failed")) for failures in (1, 2, 3, 6, 10, 1_000, 10**9)]
    assert waits == sorted(waits)
    assert waits[0] <= QUARTER
    assert waits[1] == pytest.approx(2 * waits[0], abs=timedelta(seconds=1))
    assert timedelta(hours=20) < waits[-1] <= LONGEST


def test_a_refusing_site_is_left_alone_for_longer() -> None:
    assert wait(feed(failures=1), Happened("refused")) > timedelta(minutes=50)


def test_f25_our_own_network_costs_a_feed_nothing() -> None:
    assert wait(feed(failures=7), Happened("our network")) <= QUARTER


@pytest.mark.parametrize("asked", [3_600.0, 86_400.0, 1e9, float("inf")])
def test_f15_retry_after_is_honoured_to_a_day(asked: float) -> None:
    assert wait(feed(), Happened("failed", retry_after=asked)) == timedelta(seconds=min(asked, 86_400))


@pytest.mark.parametrize("wish", [0, -1, 1e9, 31_536_000, float("nan"), 1e-6, float("-inf")])
def test_x27_a_feeds_own_wish_is_clamped(wish: float) -> None:
    assert timedelta(minutes=5) <= wait(feed(), Happened("unchanged", wish=wish)) <= LONGEST


def test_a_reasonable_wish_is_granted() -> None:
    assert timedelta(minutes=50) < wait(feed(), Happened("unchanged", wish=3_600)) <= timedelta(hours=1)


def test_the_same_feed_keeps_its_place_and_its_neighbour_has_another() -> None:
    one, two = feed(url="https://example.org/a"), feed(url="https://example.org/b")
    assert wait(one, Happened("news")) == wait(one, Happened("news")) != wait(two, Happened("news"))


@given(
    st.integers(-5, 10**12),
    st.sampled_from(["news", "unchanged", "failed", "refused", "our network"]),
    st.one_of(st.none(), st.floats()),
    st.one_of(st.none(), st.floats()),
    st.timedeltas(timedelta(days=-400), timedelta(days=4_000)),
)
def test_a_poll_is_always_due_within_a_day(
    failures: int, answer: str, retry: float | None, wish: float | None, quiet: timedelta
) -> None:
    due = wait(feed(failures, quiet), Happened(answer, retry, wish))  # type: ignore[arg-type]
    assert timedelta(minutes=4) < due <= LONGEST


def test_an_entry_is_tried_again_soon_then_daily() -> None:
    waits = [next_try(tries, NOW, "https://example.org/a") - NOW for tries in (1, 2, 3, 4, 5, 50)]
    limits = [timedelta(minutes=10), *(timedelta(hours=hours) for hours in (1, 4, 12, 24, 24))]
    assert all(limit * 0.85 <= due <= limit for due, limit in zip(waits, limits, strict=True))


def test_a02_an_owed_alert_is_tried_for_48_hours_then_set_aside() -> None:
    at, tries = NOW, 0
    while (due := next_delivery(tries := tries + 1, NOW, at, name="7 desk")) is not None:
        assert due > at
        at = due
    assert timedelta(hours=48) <= at - NOW < timedelta(hours=51)
    assert tries < 50


def test_a03_a_channel_that_asks_to_wait_is_waited_for() -> None:
    assert next_delivery(1, NOW, NOW, retry_after=3_600) == NOW + timedelta(hours=1)
