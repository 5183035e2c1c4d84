"""F25: is it them or is it us? Signs alone, then whole rounds over several hosts on loopback."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from monitor import pipeline
from monitor.cli.reporting import sentence
from monitor.config import load_settings
from monitor.demo.receivers import Webhook
from monitor.desk import Desk, open_desk, round_of_work
from monitor.network import ENOUGH_HOSTS, Answered, Network, Sign
from monitor.query.ledger import RoundTold, round_told
from monitor.store.database import reading, writing
from monitor.store.tables import EntryRow, FeedRow, Row, SourceRow
from tests.site import Answer, Request, Route, Site
from tests.test_keeping import stories
from tests.test_pipeline import SOURCE, feed
from tests.test_pipeline import collect as hurried

NAMES = ("ash", "birch", "cedar", "elm")


def answer(host: str, sign: Sign, page: str = "") -> Answered[str]:
    return Answered(host, sign, host, page, f"{host}: {sign}")


def test_what_failed_is_kept_back_until_one_host_answers() -> None:
    network: Network[str] = Network()
    assert network.hear(answer("a", "nothing")) == []
    assert network.hear(answer("b", "there")) == ["a", "b"]
    assert network.hear(answer("c", "nothing")) == ["c"]
    assert (network.down(), network.doubtful) == ("", False)


def test_f25_three_hosts_without_an_answer_are_our_network() -> None:
    network: Network[str] = Network()
    for host in "aab":
        network.hear(answer(host, "nothing"))
    assert network.down() == ""  # two hosts may both be down
    network.hear(answer("c", "not asked"))
    assert network.down() == ""
    network.hear(answer("c", "nothing"))
    assert network.down() == "our network is down: none of 3 hosts answered (a: nothing)"
    assert network.release() == ["a", "a", "b", "c", "c"]


def test_f25_one_page_for_several_hosts_is_a_gate_and_different_pages_are_none() -> None:
    network: Network[str] = Network()
    for host in "abc":
        network.hear(answer(host, "gate?", "login page"))
    assert network.down().startswith(
        "our network is behind a gate: 3 hosts answer with one and the same page"
    )
    assert network.hear(answer("d", "gate?", "its own page")) == ["a", "b", "c", "d"]
    assert network.down() == ""


def test_one_bad_page_and_hosts_that_do_not_answer_need_not_have_one_cause() -> None:
    network: Network[str] = Network()
    for host in "abc":
        network.hear(answer(host, "nothing"))
    network.hear(answer("d", "gate?", "an error page"))
    assert network.down() == ""
    network.hear(answer("e", "gate?", "an error page"))
    assert network.down() != ""


def test_after_so_many_hosts_the_rest_need_not_be_asked() -> None:
    network: Network[str] = Network()
    for number in range(ENOUGH_HOSTS):
        assert not network.hopeless
        network.hear(answer(f"h{number}", "nothing"))
    assert network.hopeless


class Net:
    """Four outlets under names of their own, and what lies between us and them."""

    def __init__(self, sites: dict[str, Site]) -> None:
        self.sites = sites
        self.real = {name: dict(site.routes) for name, site in sites.items()}

    def up(self) -> None:
        for name, site in self.sites.items():
            site.routes = dict(self.real[name])

    def between(self, route: Route, *names: str) -> None:
        """Whatever is asked of these outlets, this answers."""
        for name in names or NAMES:
            self.sites[name].routes = dict.fromkeys((*self.real[name], "/robots.txt"), route)

    def asked(self) -> int:
        return sum(len(site.requests) for site in self.sites.values())


def dead(_: Request) -> Answer:
    """No answer at all: the connection closes."""
    return Answer(raw=b"")


@contextmanager
def net(folder: Path, rules: str = "") -> Iterator[tuple[Net, Desk]]:
    (folder / "sources").mkdir(exist_ok=True)
    with ExitStack() as stack:
        sites = {}
        for name in NAMES:
            routes = {"/feed": feed(f"/{name}-1", ETag='"1"'), **stories(f"/{name}-1", f"/{name}-2")}
            sites[name] = stack.enter_context(Site(routes))
            host = f"{name}.example"
            text = SOURCE.format(id=name, host=host, tier=2, feed=f"http://{host}/feed")
            (folder / "sources" / f"{name}.toml").write_text(text, "utf-8")
        resolve = ", ".join(f'"{name}.example" = "{site.host}"' for name, site in sites.items())
        (folder / "straitwatch.toml").write_text(
            f'data = "."\n[fetch]\ngap_seconds = 0\ntotal_seconds = 2\nresolve = {{ {resolve} }}\n{rules}',
            "utf-8",
        )
        desk = stack.enter_context(open_desk(load_settings(folder / "straitwatch.toml")))
        yield Net(sites), desk


@pytest.fixture(autouse=True)
def _database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRAITWATCH_DATABASE__URL", database_url)


def collect(desk: Desk) -> RoundTold:
    number = hurried(desk)
    with reading(desk.database) as session:
        return round_told(session, number)


def rows(desk: Desk, kind: type[Row]) -> list[dict[str, Any]]:
    """All rows of a table, whole; but for when the settings were read."""
    with reading(desk.database) as session:
        return [
            {
                column.name: getattr(row, column.name)
                for column in kind.__table__.columns
                if column.name != "seen_at"
            }
            for row in session.scalars(select(kind).order_by(kind.__table__.c.id))
        ]


def stay(desk: Desk) -> Callable[[], bool]:
    """Whether feeds, sources and entries are as they are now."""
    kinds = (FeedRow, SourceRow, EntryRow)
    before = [rows(desk, kind) for kind in kinds]
    return lambda: [rows(desk, kind) for kind in kinds] == before


def test_f25_when_no_host_answers_the_round_ends_early_and_nobody_is_charged(tmp_path: Path) -> None:
    with Webhook() as webhook:
        rules = f'[channels.hook]\nurl = "{webhook.url()}"\n'
        with net(tmp_path, rules) as (line, desk):
            line.between(
                Answer(503), "ash"
            )  # an entry of each that waits, and one feed that has failed already
            line.sites["ash"].routes["/robots.txt"] = Answer(404)
            for name in NAMES:
                line.sites[name].routes[f"/{name}-1"] = Answer(503)
            collect(desk)
            with writing(desk.database) as session:
                for entry in session.scalars(select(EntryRow)):
                    entry.next_try = entry.first_seen
            same = stay(desk)
            line.between(dead)
            for _ in range(4):
                told = collect(desk)
                assert same()
                assert told.state == "offline"
                assert told.note.startswith("our network is down: none of 4 hosts answered (")
                assert "ended early" in sentence(told)
                assert "nothing is charged to any source" in sentence(told)
            assert webhook.posts == []
            line.up()
            assert collect(desk).state == "done"
            with reading(desk.database) as session:
                assert set(session.scalars(select(EntryRow.outcome))) <= {"stored", "copy"}
                assert set(session.scalars(select(FeedRow.failures))) == {0}


@pytest.mark.parametrize("how", ["in place", "redirect", "511"])
def test_f25_a_captive_portal_is_no_blocked_source_and_no_article(tmp_path: Path, how: str) -> None:
    login = b"<html><title>Hotel Wi-Fi</title><p>Please log in to use our network.</p></html>"
    with Site({"/login": login}) as portal, net(tmp_path) as (line, desk):
        collect(desk)
        same = stay(desk)
        if how == "redirect":
            # A portal's own host is private: our guard says so, of each source the same.
            line.between(Answer(302, headers={"Location": portal.url("/login")}))
        else:
            line.between(Answer(511 if how == "511" else 200, login))
        for name in NAMES:
            line.sites[name].routes["/robots.txt"] = Answer(404)
        told = collect(desk)
        assert told.state == "offline"
        assert "our network is behind a gate: 4 hosts" in told.note
        assert same()


def test_f25_one_host_that_answers_shows_that_the_others_are_down(tmp_path: Path) -> None:
    with net(tmp_path) as (line, desk):
        collect(desk)
        line.between(dead, "ash", "birch", "cedar")
        told = collect(desk)
        assert (told.state, told.note) == ("done", "")
        with reading(desk.database) as session:
            failures = dict(session.execute(select(FeedRow.source, FeedRow.failures)).tuples().all())
        assert failures == {"ash": 1, "birch": 1, "cedar": 1, "elm": 0}


def test_f25_hosts_that_are_due_alone_are_weighed_against_others(tmp_path: Path) -> None:
    """Three dead sites are due, and nobody else is: a few others are asked before our network is blamed."""
    with net(tmp_path) as (line, desk):
        collect(desk)
        line.between(dead, "ash", "birch", "cedar")
        with writing(desk.database) as session:
            for row in session.scalars(select(FeedRow).where(FeedRow.source != "elm")):
                row.next_poll = row.polled_at or row.next_poll
        with round_of_work(desk) as work:
            pipeline.collect(desk, work)
        with reading(desk.database) as session:
            assert round_told(session, work.id).state == "done"
            assert sorted(session.scalars(select(FeedRow.failures))) == [0, 1, 1, 1]
        line.between(dead)
        with writing(desk.database) as session:
            ash = session.scalars(select(FeedRow).where(FeedRow.source == "ash")).one()
            ash.next_poll = ash.polled_at or ash.next_poll
            for row in session.scalars(select(FeedRow)):
                row.failures = 0
        with round_of_work(desk) as work:
            pipeline.collect(desk, work)
        with reading(desk.database) as session:
            assert round_told(session, work.id).state == "offline"


def test_f25_a_network_that_goes_while_pages_are_read_charges_no_entry(tmp_path: Path) -> None:
    with net(tmp_path) as (line, desk):
        for name in NAMES:
            line.sites[name].routes[f"/{name}-1"] = dead  # the listings came, then nothing does
        told = collect(desk)
        # The witnesses answer: it is their pages that fail.
        assert told.state == "done"
        with reading(desk.database) as session:
            assert set(session.scalars(select(EntryRow.tries))) == {1}

        def cut(request: Request) -> Answer:
            line.between(dead)
            return dead(request)

        for name in NAMES:
            line.sites[name].routes[f"/{name}-1"] = cut
        told = collect(desk)
        assert told.state == "offline"
        with reading(desk.database) as session:
            assert set(session.scalars(select(EntryRow.tries))) == {1}
            assert set(session.scalars(select(FeedRow.failures))) == {0}
