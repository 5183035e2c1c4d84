"""A clock that was moved: told, borne, and nothing written at a time that cannot be."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from prefect.server.schemas.schedules import IntervalSchedule
from sqlalchemy import func, select

from flows.serve import rounds_every
from monitor import clock
from monitor.cli.reporting import sentence
from monitor.demo.receivers import Webhook
from monitor.desk import round_of_work
from monitor.errors import Mistake
from monitor.model import utc_now
from monitor.store.database import reading, writing
from monitor.store.tables import FeedRow, RoundRow
from tests.site import Site
from tests.test_cli_reading import straitwatch
from tests.test_keeping import DAY, HOUR, collect, dated, days_pass, later, state, stories
from tests.test_pipeline import desk_of

RULES = '[channels.hook]\nurl = "{url}"\n[[rules]]\nname = "r"\nquery = "PLA"\nchannels = ["hook"]\nfirst_poll = true\n'
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRAITWATCH_DATABASE__URL", database_url)


def test_d10_a_clock_set_back_by_two_hours_is_told_delays_no_feed_and_sends_nothing_again(
    tmp_path: Path,
) -> None:
    paths = ("/one", "/two")
    with (
        Webhook() as webhook,
        Site({"/a/feed": dated({"/one": HOUR, "/two": 2 * HOUR}), **stories(*paths)}) as site,
        desk_of(tmp_path, site, {"a": 2}, RULES.format(url=webhook.url())) as desk,
    ):
        collect(desk)
        sent = len(webhook.posts)
        assert sent
        with writing(desk.database) as session:
            session.scalars(select(FeedRow)).one().next_poll = utc_now() + HOUR / 4
        later(desk, -2 * HOUR)
        told = collect(desk, every_feed=False)
        assert "the clock was set back by 2 h since the last round" in sentence(told)
        with reading(desk.database) as session:
            due = session.scalars(select(FeedRow.next_poll)).one()
        assert due is not None
        assert due < utc_now() + HOUR / 2
        assert state(desk)[0] == "ok"
        assert len(webhook.posts) == sent
        again = collect(desk)
        assert "clock" not in sentence(again)


def test_d10_no_round_is_written_over_a_day_before_the_last_unless_a_person_says_that_the_clock_is_right(
    tmp_path: Path,
) -> None:
    with (
        Site({"/a/feed": dated({"/one": HOUR}), **stories("/one")}) as site,
        desk_of(tmp_path, site, {"a": 2}) as desk,
    ):
        collect(desk)
        later(desk, -30 * DAY)  # while the clock was a month ahead
        asked = len(site.paths)
        with pytest.raises(Mistake, match="the clock moved"), round_of_work(desk):
            pass
        refused = straitwatch("run", "--all", cwd=tmp_path)
        assert (refused.returncode, len(site.paths)) == (1, asked)
        assert "straitwatch run --clock-is-right" in " ".join(refused.stderr.split())
        with reading(desk.database) as session:
            assert session.scalar(select(func.count(RoundRow.id))) == 1
        believed = straitwatch("run", "--all", "--clock-is-right", cwd=tmp_path)
        assert believed.returncode == 0, believed.stderr
        assert "the clock was set back by 30 d since" in " ".join(believed.stdout.split())
        assert straitwatch("run", "--all", cwd=tmp_path).returncode == 0


def test_d10_a_clock_set_forward_by_thirty_days_makes_no_source_silent(tmp_path: Path) -> None:
    items = {"/one": HOUR, "/two": 2 * HOUR}
    with (
        Site({"/a/feed": dated(items), **stories(*items)}) as site,
        desk_of(tmp_path, site, {"a": 2}) as desk,
    ):
        collect(desk)
        collect(desk)
        later(desk, 30 * DAY)
        told = collect(desk)
        assert state(desk)[0] == "ok"
        assert "no round for 720 h before it" in sentence(told)
        days_pass(desk, 8)  # asked each day, and nothing comes: that is silence
        assert state(desk)[0] == "silent"


def test_d10_a_clock_before_this_program_was_made_begins_no_round() -> None:
    with pytest.raises(Mistake, match="clock says 1970-01-01 00:05 UTC, which cannot be"):
        clock.set_back(None, datetime(1970, 1, 1, 0, 5, tzinfo=UTC))


@pytest.mark.parametrize(
    ("last", "back"),
    [
        (None, timedelta(0)),
        (NOW - DAY, timedelta(0)),
        (NOW + timedelta(seconds=90), timedelta(0)),
        (NOW + 3 * HOUR, 3 * HOUR),
        (NOW + DAY, DAY),
    ],
)
def test_d10_how_far_a_clock_is_behind(last: datetime | None, back: timedelta) -> None:
    assert clock.set_back(last, NOW) == back


@pytest.mark.parametrize(
    ("wall", "told"),
    [
        (timedelta(seconds=31), ""),
        (HOUR, "the clock moved forward by 59 min in this round, or this machine slept"),
        (-HOUR, "the clock moved back by 1 h 1 min in this round, or this machine slept"),
        (50 * DAY, "the clock moved forward by 49 d 23 h 59 min in this round, or this machine slept"),
    ],
)
def test_d10_a_clock_that_moves_in_a_round_is_told(wall: timedelta, told: str) -> None:
    assert clock.told(timedelta(0), wall, timedelta(seconds=60)) == told


@pytest.mark.parametrize("night", ["2026-10-24", "2027-03-27"])
def test_d11_rounds_come_at_the_same_interval_on_the_nights_when_clocks_change(night: str) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    begun = datetime.fromisoformat(f"{night}T20:00").replace(tzinfo=berlin)
    made = rounds_every(30, begun)
    schedule = IntervalSchedule(interval=made.interval, anchor_date=made.anchor_date, timezone=made.timezone)
    dates = asyncio.run(schedule.get_dates(24, start=begun))
    assert len({date.astimezone(UTC) for date in dates}) == 24
    assert begun.utcoffset() != dates[-1].astimezone(berlin).utcoffset()
    assert {(after - before).total_seconds() for before, after in pairwise(dates)} == {1800}
