"""S03: kill -9 of a round at any moment, then another round: the same end state as an undisturbed run."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from monitor.demo.newsroom import Newsroom
from monitor.demo.receivers import Mailbox, Webhook
from monitor.demo.setting import write_settings
from monitor.store.database import open_database, reading
from monitor.store.tables import RoundRow
from tests.conftest import TODAY, MakeUrl
from tests.endstate import end_state

MOMENTS = 12
EVERY_TIME = (0, 3, 5, 6, 9, 11)  # of them; the others in the soak
PROGRAM = Path(sys.executable).parent / "straitwatch"


class Job:
    """The main job against a newsroom of its own, run as a person runs it."""

    def __init__(self, folder: Path, url: str) -> None:
        self.data, self.url = folder, url
        self.newsroom, self.mailbox, self.webhook = Newsroom(today=TODAY), Mailbox(), Webhook()

    def __enter__(self) -> "Job":
        for part in (self.newsroom, self.mailbox, self.webhook):
            part.__enter__()
        write_settings(
            self.data,
            self.newsroom,
            mail=self.mailbox.url("desk@newsroom.example"),
            webhook=self.webhook.url(),
        )
        return self

    def __exit__(self, *_: object) -> None:
        for part in (self.newsroom, self.mailbox, self.webhook):
            part.__exit__(None, None, None)

    def start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [str(PROGRAM), "run", "--data", str(self.data), "--all"],
            env={**os.environ, "STRAITWATCH_DATABASE__URL": self.url},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def finish(self) -> None:
        run = self.start()
        said, _ = run.communicate(timeout=60)
        assert run.returncode == 0, said.decode()

    def kill_after(self, seconds: float) -> bool:
        """Start a round and kill it; returns whether it was still running."""
        run = self.start()
        try:
            run.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            run.kill()
            run.communicate()
            return True
        return False

    def state(self) -> dict[str, Any]:
        database = open_database(self.url)
        with reading(database) as session:
            state = end_state(session)
        database.close()
        return state


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, make_url: MakeUrl) -> tuple[dict[str, Any], float]:
    """The end state of a run that nobody disturbs, and how long it took."""
    with Job(tmp_path_factory.mktemp("undisturbed"), make_url("sqlite")) as job:
        begun = time.monotonic()
        job.finish()
        return job.state(), time.monotonic() - begun


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param(moment, marks=[] if moment in EVERY_TIME else pytest.mark.soak)
        for moment in range(MOMENTS)
    ],
)
def test_s03_a_killed_round_is_made_good_by_the_next(
    moment: int, tmp_path: Path, make_url: MakeUrl, undisturbed: tuple[dict[str, Any], float]
) -> None:
    expected, seconds = undisturbed
    chance = random.Random()
    # Spread over the run: one moment in each twelfth of it, at random within; every fourth on PostgreSQL.
    moments = [seconds * (moment + chance.random()) / MOMENTS]
    if moment % 3 == 0:
        moments.append(seconds * chance.random())  # killed twice
    with Job(tmp_path, make_url("postgresql" if moment % 4 == 1 else "sqlite")) as job:
        kills = sum(job.kill_after(each) for each in moments)
        job.finish()
        job.finish()  # and nothing is done twice by a round that has nothing to do
        assert job.state() == expected, f"killed after {moments} of {seconds:.2f} s"
        sent = [str(message["Message-ID"]) for message in job.mailbox.messages]
        sent += [str(body["alert"]) for _, body in job.webhook.posts]
        assert len(set(sent)) == len(expected["alerts"])
        assert len(sent) <= len(set(sent)) + kills  # A10: at most one double per kill


def test_s06_a_round_told_to_stop_ends_soon_and_loses_nothing(
    tmp_path: Path, make_url: MakeUrl, undisturbed: tuple[dict[str, Any], float]
) -> None:
    expected, seconds = undisturbed
    with Job(tmp_path, make_url("sqlite")) as job:
        run = job.start()
        try:
            run.wait(timeout=seconds * 0.6)
        except subprocess.TimeoutExpired:
            run.terminate()
        said, _ = run.communicate(timeout=10)
        assert run.returncode == 0, said.decode()
        database = open_database(job.url)
        with reading(database) as session:
            assert [row.state for row in session.query(RoundRow)] in (["stopped"], ["done"])
        database.close()
        job.finish()
        assert job.state() == expected
