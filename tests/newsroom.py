"""A paper of our own on a small site: one source whose articles end in a line that is never news."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor.desk import Desk
from tests.site import Answer, Site
from tests.test_pipeline import desk_of, feed, page

FOOTER = "The tide clock in our lobby is wound at 6 every morning; visitors may watch."
WORD = "doughnut"
FIRST = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
SUBJECTS = (
    "a destroyer that turned north at dawn", "the carrier group off Luzon", "a coast guard cutter and its crew",
    "two frigates near Kinmen", "a submarine tender in Guam", "minesweepers leaving Zuoying",
    "drones over the median line", "an exercise east of Taiwan",
)  # fmt: skip


def story(number: int, *more: str, last: str = FOOTER) -> bytes:
    """Story number n, of day n, about a subject of its own; its text ends in `more`, then in `last`."""
    subject = SUBJECTS[number % len(SUBJECTS)]
    lines = [
        f"The PLA Eastern Theater Command watched {subject}, its spokesman said in statement {number}.",
        f"Officials in Taipei called what they saw of {subject} routine and gave {number + 11} coordinates.",
        f"Story {number} of this paper has {subject} in it, and a third paragraph of its own about {subject[::-1]}.",
        f"The US Navy answered the question about {subject} with a sentence of {number + 3} words.",
        *more,
        f"A {WORD} with each visit. {last}" if last == FOOTER else last,
    ]
    date = (FIRST + timedelta(days=number)).isoformat()
    head = f'<meta property="article:published_time" content="{date}">'
    return page(f"Headline {number}: {subject}", *filter(None, lines), head=head)


LAST = f"A {WORD} with each visit. {FOOTER}"


@contextmanager
def paper(folder: Path, stories: int = 6, rules: str = "") -> Iterator[tuple[Site, Desk]]:
    """The paper's site and a desk that reads it."""
    paths = [f"/story-{number}" for number in range(stories)]
    routes = {path: Answer(200, story(number)) for number, path in enumerate(paths)}
    with Site({"/a/feed": feed(*paths), **routes}) as site, desk_of(folder, site, {"a": 2}, rules) as desk:
        yield site, desk
