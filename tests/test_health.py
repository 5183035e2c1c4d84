"""How a feed does, from what is remembered of it: pure, at any time of any clock."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.health import (
    Judged,
    Line,
    Memory,
    Signs,
    State,
    heard,
    judge,
    learn,
    missed,
    not_news,
    same_title,
    silence,
    usual_pause,
    worst,
)

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
WEEK = 7 * DAY


def signs(
    memory: Memory | None = None, *, answer: str = "news", failures: int = 0, problem: str = ""
) -> Signs:
    return Signs(
        source="ledger", answer=answer, failures=failures, failing_since=NOW - DAY if failures else None,
        problem=problem, answered_at=NOW, silence=WEEK, memory=memory or living(),
    )  # fmt: skip


def living(**more: object) -> Memory:
    """A feed that brought something an hour ago."""
    facts: dict[str, object] = {
        "title": "The Harbor Ledger", "host": "ledger.example", "now_title": "The Harbor Ledger",
        "now_host": "ledger.example", "newest_at": NOW - HOUR, "fresh_at": NOW - HOUR, "lines": 10, **more,
    }  # fmt: skip
    return Memory(**facts)  # type: ignore[arg-type]


def listing(*ages: timedelta, seen: bool = True, start: int = 0) -> list[Line]:
    """Lines of these ages, seen an hour after they were printed, or never."""
    return [
        Line(f"k{start + number}", NOW - age, min(NOW - age + HOUR, NOW) if seen else None)
        for number, age in enumerate(ages)
    ]


def test_a_feed_that_brings_news_is_ok() -> None:
    assert judge(signs(), NOW) == Judged(State.OK)
    assert judge(signs(answer=""), NOW) == Judged(State.NEW)


def test_f14_a_refusal_is_blocked_at_once_with_its_words() -> None:
    told = judge(signs(answer="refused", failures=1, problem="HTTP 403"), NOW)
    assert told == Judged(State.BLOCKED, "says no to us: HTTP 403")


def test_a_feed_is_failing_after_three_failures_in_a_row() -> None:
    once = judge(signs(answer="failed", failures=1, problem="HTTP 503"), NOW)
    assert once == Judged(State.OK, "failed once: HTTP 503")
    thrice = judge(signs(answer="failed", failures=3, problem="HTTP 503"), NOW)
    assert thrice == Judged(State.FAILING, "failed 3 times in a row since 2026-11-23 09:30: HTTP 503")


def test_x11_an_empty_feed_is_ok_and_silent_after_its_threshold() -> None:
    memory = heard(Memory(), [], title="F", host="h.example", polled_before=None, now=NOW)
    assert judge(signs(memory), NOW) == Judged(State.OK, "its listing is empty")
    assert judge(signs(memory), NOW + 8 * DAY).state is State.SILENT


def test_silence_is_measured_by_the_sources_own_word_until_its_history_tells() -> None:
    memory = living(fresh_at=NOW - 8 * DAY, newest_at=NOW - 8 * DAY)
    assert judge(signs(memory), NOW) == Judged(
        State.SILENT, "nothing new for 8 days; 7 days are normal, as its source says"
    )
    weekly = learn((), None, [NOW - 8 * DAY - number * WEEK for number in range(12, -1, -1)])
    assert judge(signs(replace(memory, rhythm=weekly)), NOW).state is State.OK  # two weeks are normal for it


def test_silence_is_learnt_from_the_second_longest_pause() -> None:
    at, times = NOW - 40 * DAY, []
    for number in range(40):
        at += 12 * DAY if number == 20 else DAY  # one outage teaches nothing
        times.append(at)
    rhythm = learn((), None, times)
    assert silence(signs(living(rhythm=rhythm))) == (2 * DAY, True)
    assert silence(signs(living(rhythm=rhythm[:9]))) == (WEEK, False)  # too few days
    hourly = learn((), None, [NOW - 5 * DAY + number * HOUR for number in range(120)])
    assert silence(signs(living(rhythm=hourly))) == (WEEK, False)  # not one weekend among them


def test_what_a_source_says_of_its_silence_holds_for_its_feeds_together() -> None:
    quiet = signs(living(fresh_at=NOW - 10 * DAY, newest_at=NOW - 10 * DAY))
    assert judge(quiet, NOW).state is State.SILENT
    assert judge(replace(quiet, source_fresh_at=NOW - DAY), NOW).state is State.OK


def test_x22_a_feed_whose_newest_item_is_of_long_ago_is_a_zombie_with_the_age() -> None:
    old = datetime(2016, 3, 1, tzinfo=UTC)
    memory = heard(Memory(), [Line("a", old, None)], title="F", host="h.example", polled_before=None, now=NOW)
    told = judge(signs(memory), NOW)
    assert told == Judged(State.ZOMBIE, "answers, but its newest item is of 2016-03-01, 3,920 days ago")
    assert not_news(memory, NOW)


def test_x22_a_feed_that_answers_as_somebody_else_is_a_zombie_with_both_names() -> None:
    memory = heard(
        living(), [Line("a", NOW, None)], title="Casino Bonus Review", host="casino.example",
        polled_before=NOW - HOUR, now=NOW,
    )  # fmt: skip
    told = judge(signs(memory), NOW)
    assert told.state is State.ZOMBIE
    assert '"Casino Bonus Review" at casino.example' in told.why
    assert '"The Harbor Ledger" at ledger.example' in told.why
    assert not_news(memory, NOW)
    back = heard(memory, [Line("b", NOW, None)], title="The Harbor Ledger", host="ledger.example",
                 polled_before=NOW, now=NOW)  # fmt: skip
    assert judge(signs(back), NOW).state is State.OK


@pytest.mark.parametrize(
    ("known", "now", "same"),
    [
        ("The Harbor Ledger", "Defence - The Harbor Ledger", True),
        ("The Harbor Ledger", "", True),
        ("News of 24 November", "News of 25 November", True),
        ("军情观察网", "军情观察网_要闻", True),
        ("军情观察网", "娱乐八卦", False),
        ("The Harbor Ledger", "Casino Bonus Review", False),
        ("The Harbor Ledger", "The Bonus", False),
    ],
)
def test_a_title_is_the_same_while_it_shares_a_word(known: str, now: str, same: bool) -> None:
    assert same_title(known, now) is same


def test_x23_a_listing_that_ran_over_since_the_last_poll_is_a_gap_with_from_and_to() -> None:
    before = NOW - HOUR
    memory = living(newest_at=before, lines=20)
    ages = [timedelta(minutes=number) for number in range(1, 21)]
    new = heard(memory, listing(*ages, seen=False), title="", host="", polled_before=before, now=NOW)
    assert (new.gap_from, new.gap_to) == (before, NOW - timedelta(minutes=20))
    told = judge(signs(new), NOW)
    assert told.state is State.GAP
    assert "between 2026-11-24 08:30 and 2026-11-24 09:10" in told.why
    assert new.covers == timedelta(minutes=19)


def test_x25_a_sticky_item_hides_no_gap_and_an_overlap_is_none() -> None:
    before = NOW - HOUR
    memory = living(newest_at=before - timedelta(minutes=5), lines=20)
    fresh = listing(*(timedelta(minutes=number) for number in range(1, 20)), seen=False)
    sticky = [Line("sticky", NOW - 90 * DAY, NOW - 90 * DAY), *fresh]
    assert missed(memory, sticky, before, NOW) == (before, NOW - timedelta(minutes=19))
    overlap = [*fresh, Line("newest then", before - timedelta(minutes=5), before)]
    assert missed(memory, overlap, before, NOW) is None
    older = [*fresh, Line("back-dated", before - DAY, None)]
    assert missed(memory, older, before, NOW) is None


def test_x23_without_times_a_listing_of_strangers_is_a_gap() -> None:
    lines = [Line(f"k{number}", None, None) for number in range(10)]
    assert missed(living(newest_at=None), lines, NOW - HOUR, NOW) == (NOW - HOUR, NOW)
    assert missed(living(newest_at=None), [*lines, Line("old", None, NOW - DAY)], NOW - HOUR, NOW) is None
    assert missed(Memory(), lines, NOW - HOUR, NOW) is None  # nothing was listed before: all of it is here
    assert missed(living(), lines, None, NOW) is None  # a first poll misses nothing


def test_x24_every_item_known_for_38_days_is_all_duplicates() -> None:
    lines = [Line(f"k{number}", NOW - number * HOUR, NOW - 38 * DAY) for number in range(10)]  # re-dated
    memory = living(fresh_at=NOW - 38 * DAY)
    told = judge(signs(heard(memory, lines, title="", host="", polled_before=NOW - HOUR, now=NOW)), NOW)
    assert told == Judged(
        State.ALL_DUPLICATES, "its listing changes, and every item in it has been known for 38 days"
    )


def test_x24_a_listing_without_times_is_all_duplicates_while_it_changes_and_silent_while_it_does_not() -> (
    None
):
    lines = [Line(f"k{number}", None, NOW - 38 * DAY) for number in range(10)]
    memory = living(fresh_at=NOW - 38 * DAY, newest_at=None)
    memory = heard(memory, lines, title="", host="", polled_before=NOW - HOUR, now=NOW)
    assert judge(signs(memory), NOW).state is State.ALL_DUPLICATES
    later = heard(memory, lines, title="", host="", polled_before=NOW, now=NOW + 8 * DAY)
    assert judge(signs(later), NOW + 8 * DAY).state is State.SILENT
    turned = heard(later, lines[::-1], title="", host="", polled_before=NOW, now=NOW + 8 * DAY)
    assert judge(signs(turned), NOW + 8 * DAY).state is State.ALL_DUPLICATES


def test_x25_back_dated_items_are_no_silence() -> None:
    lines = [Line(f"k{number}", NOW - (30 + number) * DAY, None) for number in range(10)]
    memory = heard(living(), lines, title="", host="", polled_before=NOW - HOUR, now=NOW)
    assert judge(signs(memory), NOW).state is State.OK


def test_x26_a_feed_that_comes_back_after_40_days_is_ok_or_tells_its_gap() -> None:
    before = NOW - 40 * DAY
    memory = living(newest_at=before, fresh_at=before)
    assert judge(signs(memory, answer="failed", failures=60, problem="HTTP 404"), NOW).state is State.FAILING
    reaches_back = [*listing(DAY, 20 * DAY, seen=False), Line("known", before, before)]
    back = heard(memory, reaches_back, title="", host="", polled_before=before, now=NOW)
    assert judge(signs(back), NOW).state is State.OK
    cut = heard(memory, listing(DAY, 2 * DAY, seen=False), title="", host="", polled_before=before, now=NOW)
    assert judge(signs(cut), NOW).state is State.GAP
    assert (cut.gap_from, cut.gap_to) == (before, NOW - 2 * DAY)


def test_a_date_of_next_year_makes_nothing_new() -> None:
    lines = [Line("ball", NOW + 90 * DAY, NOW - 30 * DAY), Line("k", NOW - 30 * DAY, NOW - 30 * DAY)]
    memory = heard(
        living(fresh_at=NOW - 30 * DAY), lines, title="", host="", polled_before=NOW - HOUR, now=NOW
    )
    assert memory.newest_at == NOW - 30 * DAY
    assert judge(signs(memory), NOW).state is State.SILENT


def test_the_worst_feed_speaks_for_its_source() -> None:
    order = [State.SILENT, State.OK, State.BLOCKED, State.GAP]
    assert worst(Judged(state) for state in order).state is State.BLOCKED
    assert worst([]).state is State.NEW
    assert [state for state in State if not state.bad] == [State.OK, State.NEW]


def test_a_weekly_feed_has_a_pause_of_a_week() -> None:
    weekly = learn((), None, [NOW - number * WEEK for number in range(12, -1, -1)])
    assert usual_pause(weekly) == WEEK
    assert usual_pause(weekly[:3]) is None


moments = st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
some_lines = st.lists(
    st.builds(Line, st.text("abc", max_size=2), st.none() | moments, st.none() | moments), max_size=8
)


@given(st.lists(st.tuples(some_lines, moments, st.booleans()), max_size=6), moments)
def test_whatever_is_listed_whenever_there_is_a_state_and_a_bounded_memory(
    polls: list[tuple[list[Line], datetime, bool]], now: datetime
) -> None:
    memory, before = Memory(), None
    for lines, at, titled in polls:
        memory = heard(memory, lines, title="T" if titled else "", host="h", polled_before=before, now=at)
        before = at
        assert len(memory.rhythm) <= 60
        assert all(seconds >= 0 for _, seconds in memory.rhythm)
        assert memory.gap_from is None or memory.gap_to is not None
    told = judge(signs(memory), now)
    assert told.state is State.OK or told.why
    assert DAY <= silence(signs(memory))[0] <= 90 * DAY
