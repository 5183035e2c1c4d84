"""What is to be said of a clock that was moved. Pure; the clocks are arguments.

Intervals inside a round are measured by the monotonic clock. Between rounds only the wall clock is left: one set back
is known by the times that the last round wrote, one set forward cannot be told from a machine that was off.
"""

from datetime import UTC, datetime, timedelta

from monitor.errors import Mistake

SLACK = timedelta(minutes=2)  # time servers correct a clock by less
REFUSED = timedelta(days=1)  # further back than this, what a round would write is wrong for certain
OLDEST = datetime(2026, 1, 1, tzinfo=UTC)  # before this program was: a board without a battery starts in 1970


def set_back(last: datetime | None, now: datetime, *, believed: bool = False) -> timedelta:
    """How far the clock is behind the last moment that a round wrote; zero when it is not.

    Args:
        last: the last round's last moment; None when there was none.
        now: what the clock says.
        believed: a person says that the clock is right.

    Raises:
        Mistake: no round can be written at that time.
    """
    if now < OLDEST:
        raise Mistake(
            f"this machine's clock says {now:%Y-%m-%d %H:%M} UTC, which cannot be: set it, then run again"
        )
    behind = last - now if last is not None else timedelta(0)
    if behind > REFUSED and not believed:
        raise Mistake(
            f"this machine's clock says {now:%Y-%m-%d %H:%M} UTC, but the last round wrote {last:%Y-%m-%d %H:%M}: the"
            " clock moved. Set it right; or, if it is right now and was ahead then,"
            " `straitwatch run --clock-is-right`"
        )
    return behind if behind > SLACK else timedelta(0)


def told(back: timedelta, wall: timedelta, monotonic: timedelta) -> str:
    """The sentence about a moved clock, "" when it did not move.

    Args:
        back: what `set_back` returned when the round began.
        wall: how long the round took by the wall clock.
        monotonic: how long it took in truth.
    """
    words = [f"the clock was set back by {_span(back)} since the last round"] if back else []
    moved = wall - monotonic
    if abs(moved) > SLACK:
        way = "forward" if moved > timedelta(0) else "back"
        words.append(f"the clock moved {way} by {_span(abs(moved))} in this round, or this machine slept")
    return "; ".join(words)


def _span(time: timedelta) -> str:
    minutes = round(time / timedelta(minutes=1))
    days, rest = divmod(minutes, 1440)
    words = [f"{days:,} d"] if days else []
    words += [f"{rest // 60} h"] if rest >= 60 else []
    words += [f"{rest % 60} min"] if rest % 60 else []
    return " ".join(words)
