"""What must not stop the job: one bad row, one bad child, two rounds at once, a reader who leaves."""

import json
import os
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from monitor import answers, pipeline
from monitor.config import load_settings, settings_file
from monitor.demo.receivers import Webhook
from monitor.desk import open_desk, round_of_work
from monitor.errors import Mistakes, RoundRunning
from monitor.model import Outcome, utc_now
from monitor.store import entries, meta, rounds, schema
from monitor.store.database import Database, open_database, reading, writing
from monitor.store.tables import AlertRow, ArticleRow, DraftRow, EntryRow, LeaseRow, PollRow
from tests.conftest import MakeUrl
from tests.site import Answer, Site
from tests.test_cli_reading import PROGRAM, straitwatch
from tests.test_pipeline import LINES, collect, desk_of, feed, outcomes, page, why


@pytest.fixture(autouse=True)
def _database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRAITWATCH_DATABASE__URL", database_url)


TWO = {"/a/feed": feed("/one", "/two"), "/one": Answer(200, page("Destroyer")),
       "/two": Answer(200, page("Warship", *reversed(LINES)))}  # fmt: skip


def test_k04_a_draft_that_this_release_cannot_read_stops_no_other(tmp_path: Path) -> None:
    with Site(TWO) as site, desk_of(tmp_path, site, {"a": 2}) as desk:
        with round_of_work(desk) as work:
            pipeline.poll(desk, work, pipeline.due_feeds(desk))
            pipeline.read(desk, work, pipeline.due_entries(desk))
            with writing(desk.database) as session:
                draft = session.scalars(select(DraftRow).order_by(DraftRow.entry)).first()
                assert draft is not None
                draft.article = {**draft.article, "shape": "of a later release"}
            pipeline.settle(desk, work)
        with reading(desk.database) as session:
            assert sorted(outcomes(session).values()) == ["pending", "stored"]
        collect(desk)  # read anew, it is stored
        with reading(desk.database) as session:
            assert set(outcomes(session).values()) == {"stored"}


def test_b18_an_answer_that_cannot_be_kept_stops_no_other(tmp_path: Path) -> None:
    """An outcome that does not exist stands in for whatever cannot be written."""
    with Site(TWO) as site, desk_of(tmp_path, site, {"a": 2}) as desk:
        with round_of_work(desk) as work:
            pipeline.poll(desk, work, pipeline.due_feeds(desk))
            answer = answers.Answer(Outcome.GONE, "HTTP 410", None)
            with reading(desk.database) as session:
                (first, second) = entries.owed(session, pipeline.due_entries(desk))
            with desk.writing(work) as session:
                broken = answers.Answer("no outcome", "", None)  # type: ignore[arg-type]
                told = pipeline._alone(
                    session, lambda: pipeline._keep_answer(session, desk, work, first, broken)
                )
                assert "a fault of ours" in told
                assert not pipeline._alone(
                    session, lambda: pipeline._keep_answer(session, desk, work, second, answer)
                )
        with reading(desk.database) as session:
            assert sorted(outcomes(session).values()) == ["gone", "pending"]


def test_s13_a_new_release_takes_up_again_what_an_older_one_set_aside(tmp_path: Path) -> None:
    with Site(TWO) as site:
        with desk_of(tmp_path, site, {"a": 2}) as desk:
            with round_of_work(desk) as work:
                pipeline.poll(desk, work, pipeline.due_feeds(desk))
            with writing(desk.database) as session:
                for entry in session.scalars(select(EntryRow)):
                    for _ in range(entries.CRASHES):
                        entries.crashed(session, entry.id, "a fault of ours", utc_now())
            with reading(desk.database) as session:
                assert session.scalars(select(EntryRow.next_try)).all() == [None, None]
                assert why(session, "one") == "set aside: a fault of ours"
        with desk_of(tmp_path, site, {"a": 2}) as desk, reading(desk.database) as session:
            assert session.scalars(select(EntryRow.next_try)).all() == [None, None]  # the same release
        with desk_of(tmp_path, site, {"a": 2}) as desk, writing(desk.database) as session:
            meta.put(session, "release", "an older one")
        with desk_of(tmp_path, site, {"a": 2}) as desk:
            collect(desk, hurry=False)
            with reading(desk.database) as session:
                assert set(outcomes(session).values()) == {"stored"}


def test_s01_of_two_rounds_that_start_at_once_one_is_told_so(db: Database) -> None:
    begun: list[int] = []
    told: list[RoundRunning] = []
    gate = threading.Barrier(2)

    def begin() -> None:
        gate.wait(10)
        try:
            with writing(db) as session:
                begun.append(rounds.begin_round(session, utc_now()))
        except RoundRunning as running:
            told.append(running)

    starters = [threading.Thread(target=begin) for _ in range(2)]
    for starter in starters:
        starter.start()
    for starter in starters:
        starter.join(30)
    assert (len(begun), len(told)) == (1, 1)
    assert f"round {begun[0]} is running" in str(told[0])


def test_a_round_keeps_its_lease_while_it_writes(db: Database) -> None:
    """A successor that finds the lease expired must wait for the write that asserted it."""
    with writing(db) as session:
        first = rounds.begin_round(session, utc_now())
        session.get_one(LeaseRow, "round").expires_at = utc_now() - timedelta(seconds=1)
    order: list[str] = []

    def succeed() -> None:
        with writing(db) as session:
            rounds.begin_round(session, utc_now())
            order.append("successor")

    with writing(db) as session:
        rounds.assert_held(session, first)
        successor = threading.Thread(target=succeed)
        successor.start()
        successor.join(0.5)
        order.append("first")
    successor.join(30)
    assert order == ["first", "successor"]


def test_x28_one_sitemap_of_an_index_that_fails_is_named_and_its_sibling_is_read(tmp_path: Path) -> None:
    def index(*names: str) -> Answer:
        inner = "".join(f"<sitemap><loc>http://{site.host}/{name}</loc></sitemap>" for name in names)
        return Answer(
            200,
            f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{inner}</sitemapindex>'.encode(),
        )

    with Site({"/one": Answer(200, page("Destroyer"))}) as site:
        urlset = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>http://{site.host}/one</loc></url></urlset>'
        site.routes |= {"/index.xml": index("good.xml", "bad.xml"), "/good.xml": Answer(200, urlset.encode()),
                        "/bad.xml": Answer(404)}  # fmt: skip
        with desk_of(tmp_path, site, {"a": 2}) as _:
            pass
        file = tmp_path / "sources" / "a.toml"
        file.write_text(file.read_text().replace("feeds = ", "sitemaps = ").replace("/a/feed", "/index.xml"))
        with open_desk(load_settings(tmp_path / "straitwatch.toml")) as desk:
            collect(desk)
            with reading(desk.database) as session:
                assert outcomes(session) == {"one": "stored"}
                assert session.scalars(select(PollRow.why)).all() == [
                    f"sitemap http://{site.host}/bad.xml: HTTP 404"
                ]


def test_an_edit_that_makes_a_stub_the_news_owes_its_alert(tmp_path: Path) -> None:
    routes = {"/a/feed": feed("/one"), "/one": Answer(200, page("PLA drill", LINES[0], LINES[3]))}
    with Webhook() as webhook, Site(routes) as site:
        rules = f'[channels.hook]\nurl = "{webhook.url()}"\n[[rules]]\nname = "r"\nquery = "blockade"\nchannels = ["hook"]\nfirst_poll = true\n'
        with desk_of(tmp_path, site, {"a": 2}, rules) as desk:
            collect(desk)
            assert webhook.posts == []
            site.routes["/a/feed"] = feed("/one", titles={"/one": "PLA drill named a blockade"})
            head = '<link rel="canonical" href="/news/one">'
            site.routes["/one"] = Answer(200, page("PLA drill named a blockade", *LINES, head=head))
            collect(desk)
            assert len(webhook.posts) == 1
            with reading(desk.database) as session:
                article = session.scalars(select(ArticleRow)).one()
                assert (article.url, article.revision) == (site.url("/one"), 2)  # its identity stays


def test_the_reason_of_an_answered_entry_survives_a_failed_second_look(tmp_path: Path) -> None:
    routes = {
        "/a/feed": feed("/one"),
        "/one": Answer(200, page("Rice harvest", "The rice is in. " * 20, "It was a good year. " * 9)),
    }
    with Site(routes) as site, desk_of(tmp_path, site, {"a": 2}) as desk:
        collect(desk)
        with reading(desk.database) as session:
            before = why(session, "one")
        site.routes["/a/feed"] = feed("/one", titles={"/one": "Rice harvest, corrected"})
        site.routes["/one"] = Answer(503)
        collect(desk)
        with reading(desk.database) as session:
            assert outcomes(session) == {"one": "off-topic"}
            assert why(session, "one") == before


def test_an_alert_whose_channel_left_the_settings_is_set_aside_by_name(tmp_path: Path) -> None:
    with Webhook(status=503) as webhook, Site(TWO) as site:
        rules = f'[channels.hook]\nurl = "{webhook.url()}"\n[[rules]]\nname = "r"\nquery = "strait"\nchannels = ["hook"]\nfirst_poll = true\n'
        with desk_of(tmp_path, site, {"a": 2}, rules) as desk:
            collect(desk)
        with desk_of(tmp_path, site, {"a": 2}) as desk:
            collect(desk)
            with reading(desk.database) as session:
                told = {(row.state, row.receipt) for row in session.scalars(select(AlertRow))}
            assert told == {("set aside", "there is no channel hook in the settings any more")}


def test_b13_programs_that_start_at_once_after_an_upgrade_share_one_migration(
    make_url: MakeUrl, database_url: str
) -> None:
    code = (
        "import sys\nfrom monitor.store import schema\nfrom monitor.store.database import open_database\n"
        "from monitor.model import utc_now\nschema.upgrade(open_database(sys.argv[1]), utc_now())\n"
    )
    starting = [
        subprocess.Popen([sys.executable, "-c", code, database_url], stderr=subprocess.PIPE, encoding="utf-8")
        for _ in range(3)
    ]
    assert [(one.communicate(timeout=60)[1], one.returncode) for one in starting] == [("", 0)] * 3
    database = open_database(database_url)
    assert schema.version(database) == schema.HEAD
    database.close()


def test_settings_in_this_folder_are_used_also_with_a_data_folder_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "straitwatch.toml").write_text('packs = ["taiwan"]\n', "utf-8")
    settings = load_settings(None, data=tmp_path / "elsewhere")
    assert settings.packs == ("taiwan",)
    assert settings.data == tmp_path / "elsewhere"
    assert settings_file(None, tmp_path / "elsewhere") == Path("straitwatch.toml")


def test_a_mistake_in_the_environment_is_named_as_such(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STRAITWATCH_ROUND_MINUTES", "2")
    with pytest.raises(Mistakes, match=r"environment: round_minutes: must be 5 or more"):
        load_settings(None, data=tmp_path)
    monkeypatch.setenv("STRAITWATCH_ROUND_MINUTES", "20")
    monkeypatch.setenv("STRAITWATCH_PACKS", "abc")
    with pytest.raises(Mistakes, match=r"environment: .*packs"):
        load_settings(None, data=tmp_path)


class TestByHand:
    """As a person meets it; the kind of database does not matter here."""

    def test_check_lists_mistakes_of_every_sort_at_once(self, tmp_path: Path) -> None:
        (tmp_path / "straitwatch.toml").write_text(
            'dorp = 1\n[database]\nurl = "mysql://x/y"\n[[rules]]\nname = "r"\nquery = "(a"\nchannels = ["x"]\n',
            "utf-8",
        )
        (tmp_path / "sources").mkdir()
        (tmp_path / "sources" / "x.toml").write_text('id = "x"\n', "utf-8")
        environment = {key: value for key, value in os.environ.items() if key != "STRAITWATCH_DATABASE__URL"}
        done = subprocess.run(
            [str(PROGRAM), "check"], cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8",
            check=False, timeout=60,
        )  # fmt: skip
        assert done.returncode == 1
        for words in (
            "dorp is not a key",
            "of the kind mysql",
            "there is no channel x",
            "sources/x.toml: name is missing",
        ):
            assert words in done.stdout

    def test_a_reader_who_leaves_is_no_mistake(self, tmp_path: Path) -> None:
        done = subprocess.run(
            f"{PROGRAM} sources --config {tmp_path}/straitwatch.toml --json | head -1; exit ${{PIPESTATUS[0]}}",
            shell=True, executable="/bin/bash", capture_output=True, encoding="utf-8", check=False, timeout=60,
            cwd=self._with_packs(tmp_path),
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["source"]
        assert done.stderr == ""

    def _with_packs(self, folder: Path) -> Path:
        (folder / "straitwatch.toml").write_text(
            'packs = ["region", "trade-press", "us-official"]\n', "utf-8"
        )
        return folder

    def test_c04_b08_what_is_no_database_is_told_without_a_traceback(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("STRAITWATCH_DATABASE__URL")
        (tmp_path / "straitwatch.db").write_bytes(b"\x00garbage" * 5000)
        done = straitwatch("db", "check", "--data", str(tmp_path), cwd=tmp_path)
        assert done.returncode == 2
        assert "straitwatch.db is damaged or no database: file is not a database" in done.stderr
        (tmp_path / "folder" / "straitwatch.db").mkdir(parents=True)
        done = straitwatch("search", "--data", str(tmp_path / "folder"), "x", cwd=tmp_path)
        assert done.returncode == 1
        assert "is a folder; the database is a file" in done.stderr

    def test_try_cleans_a_file_of_scraped_text(self, tmp_path: Path) -> None:
        file = tmp_path / "scraped.txt"
        file.write_text(
            "\n\n".join(
                [
                    "Connect with us",
                    "Two fleets pass off Luzon",
                    *LINES,
                    "READ ALSO: A third fleet waits",
                    "Leave a Reply",
                ]
            ),
            "utf-8",
        )
        done = straitwatch("try", str(file), "--json", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        article = json.loads(done.stdout)
        assert article["title"] == "Two fleets pass off Luzon"
        assert article["text"].splitlines() == LINES
        assert [(link["kind"], link["title"], link["url"]) for link in article["links"]] == [
            ("read-also", "A third fleet waits", None)
        ]

    def test_s06_a_stop_does_not_wait_for_a_page_that_hangs(self, tmp_path: Path) -> None:
        hanging = threading.Event()

        def hang(request: object) -> None:
            hanging.set()
            request.closing.wait(60)  # type: ignore[attr-defined]

        with Site({"/a/feed": feed("/one"), "/one": hang}) as site:
            with desk_of(tmp_path, site, {"a": 2}) as _:
                pass
            settings = (
                (tmp_path / "straitwatch.toml").read_text().replace("total_seconds = 2", "total_seconds = 60")
            )
            (tmp_path / "straitwatch.toml").write_text(settings)
            run = subprocess.Popen(
                [str(PROGRAM), "run", "--config", str(tmp_path / "straitwatch.toml")],
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
            )  # fmt: skip
            assert hanging.wait(30)
            run.terminate()
            said, _ = run.communicate(timeout=10)
            assert run.returncode == 0, said
