"""The main job on small sites of our own: what each step leaves behind, on both databases."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select

from monitor import pipeline
from monitor.config import load_settings
from monitor.demo.receivers import Webhook
from monitor.desk import Desk, open_desk, round_of_work
from monitor.model import Outcome
from monitor.query.search import search
from monitor.store import entries
from monitor.store.database import Session, reading, writing
from monitor.store.tables import (
    AlertRow,
    ArticleRow,
    DraftRow,
    EntryRow,
    FeedRow,
    LeaseRow,
    LinkRow,
    PageRow,
    PollRow,
)
from tests.site import Answer, Request, Site

LINES = [
    "The PLA Eastern Theater Command said on Monday that its ships had followed a US Navy destroyer",
    "through the Taiwan Strait, and that a second vessel had kept its distance to the east of the line.",
    "Officials in Taipei described the passage as routine and said that their own ships had watched it.",
    "A spokesman for the Seventh Fleet gave no position but said that the crew had seen nothing unusual.",
]


def page(title: str, *paragraphs: str, head: str = "") -> bytes:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs or LINES)
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>{head}</head><body>
      <nav><a href="/">Home</a></nav><article><h1>{title}</h1>{body}</article></body></html>""".encode()


def feed(*paths: str, titles: dict[str, str] | None = None, **headers: str) -> Answer:
    items = "".join(
        f"<item><title>{(titles or {}).get(path, 'Story ' + path)}</title><link>{path}</link></item>"
        for path in paths
    )
    body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>F</title>{items}</channel></rss>'
    return Answer(200, body.encode(), {"Content-Type": "application/rss+xml", **headers})


SOURCE = """
id = "{id}"
name = "{id}"
home = "http://{host}/"
side = "us"
kind = "press"
tier = {tier}
feeds = ["{feed}"]
"""


@contextmanager
def desk_of(
    folder: Path, site: Site, sources: dict[str, int], rules: str = "", more: str = ""
) -> Iterator[Desk]:
    """A desk whose sources have their feeds at /ID/feed of the site; id -> tier."""
    (folder / "sources").mkdir(exist_ok=True)
    for name, tier in sources.items():
        text = SOURCE.format(id=name, host=site.host, tier=tier, feed=site.url(f"/{name}/feed")) + more
        (folder / "sources" / f"{name}.toml").write_text(text, "utf-8")
    (folder / "straitwatch.toml").write_text(
        f'data = "."\n[fetch]\ngap_seconds = 0\ntotal_seconds = 2\nallow_private = ["127.0.0.1"]\n{rules}',
        "utf-8",
    )
    with open_desk(load_settings(folder / "straitwatch.toml")) as desk:
        yield desk


@pytest.fixture(autouse=True)
def _database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRAITWATCH_DATABASE__URL", database_url)


def collect(desk: Desk, *, hurry: bool = True) -> int:
    """One round; in a hurry, whatever waits for its next try is due now."""
    if hurry:
        with writing(desk.database) as session:
            for entry in session.scalars(select(EntryRow).where(EntryRow.next_try.is_not(None))):
                entry.next_try = entry.first_seen
            for alert in session.scalars(select(AlertRow).where(AlertRow.next_try.is_not(None))):
                alert.next_try = alert.owed_at
    with round_of_work(desk) as work:
        pipeline.collect(desk, work, every_feed=True)
    return work.id


def outcomes(session: Session) -> dict[str, str]:
    return {row.address.rpartition("/")[2]: row.outcome for row in session.scalars(select(EntryRow))}


def why(session: Session, path: str) -> str:
    return session.scalars(select(EntryRow.why).where(EntryRow.address.endswith(path))).one()


def test_an_entry_stays_pending_while_its_site_is_down(tmp_path: Path) -> None:
    up = False

    def story(_: Request) -> Answer:
        return Answer(200, page("Destroyer in the strait")) if up else Answer(503)

    with (
        Site({"/a/feed": feed("/one", ETag='"1"'), "/one": story}) as site,
        desk_of(tmp_path, site, {"a": 2}) as desk,
    ):
        collect(desk)
        with reading(desk.database) as session:
            assert outcomes(session) == {"one": "pending"}
            assert why(session, "one") == "HTTP 503"
        site.routes["/a/feed"] = Answer(304)  # the listing never shows it again
        up = True
        collect(desk)
        with reading(desk.database) as session:
            assert outcomes(session) == {"one": "stored"}


def test_f16_a_page_that_fails_once_is_stored_in_the_same_round(tmp_path: Path) -> None:
    answers = iter([Answer(500), Answer(200, page("Destroyer in the strait"))])
    with (
        Site({"/a/feed": feed("/one"), "/one": lambda _: next(answers)}) as site,
        desk_of(tmp_path, site, {"a": 2}) as desk,
    ):
        collect(desk)
        with reading(desk.database) as session:
            assert outcomes(session) == {"one": "stored"}


def test_ten_copies_of_a_wire_story_owe_one_alert(tmp_path: Path) -> None:
    """S15: ten outlets print it in one round, each with its own headline and an edit; the best tier is shown."""
    names = [f"paper-{number}" for number in range(10)]
    routes = {f"/{name}/feed": feed(f"/{name}/story") for name in names}
    for number, name in enumerate(names):
        routes[f"/{name}/story"] = Answer(
            200, page(f"Strait passage, as {name} has it", *LINES, f"By our desk {number}.")
        )
    with Webhook() as webhook, Site(routes) as site:
        rules = f'[channels.hook]\nurl = "{webhook.url()}"\n[[rules]]\nname = "r"\nquery = "strait"\nchannels = ["hook"]\nfirst_poll = true\n'
        with desk_of(tmp_path, site, {name: 1 if name == "paper-7" else 3 for name in names}, rules) as desk:
            collect(desk)
            collect(desk)
            with reading(desk.database) as session:
                states = list(session.scalars(select(EntryRow.outcome)))
                assert sorted(states) == ["copy"] * 9 + ["stored"]
                assert session.scalars(select(AlertRow.state)).all() == ["sent"]
                assert session.scalars(select(ArticleRow.source).where(ArticleRow.shown)).all() == ["paper-7"]
        assert len(webhook.posts) == 1


def test_an_edited_page_becomes_a_revision_and_no_second_alert(tmp_path: Path) -> None:
    routes = {"/a/feed": feed("/one"), "/one": Answer(200, page("Destroyer in the strait"))}
    with Webhook() as webhook, Site(routes) as site:
        rules = f'[channels.hook]\nurl = "{webhook.url()}"\n[[rules]]\nname = "r"\nquery = "strait"\nchannels = ["hook"]\nfirst_poll = true\n'
        with desk_of(tmp_path, site, {"a": 2}, rules) as desk:
            collect(desk)
            site.routes["/a/feed"] = feed("/one", titles={"/one": "Two destroyers in the strait"})
            site.routes["/one"] = Answer(
                200, page("Two destroyers in the strait", *LINES, "This text was corrected.")
            )
            collect(desk)
            with reading(desk.database) as session:
                article = session.scalars(select(ArticleRow)).one()
                assert (article.title, article.revision) == ("Two destroyers in the strait", 2)
                assert article.text.endswith("This text was corrected.")
                assert session.scalar(select(func.count()).select_from(PageRow)) == 2
        assert len(webhook.posts) == 1


def test_p13_a_block_page_never_replaces_a_stored_text(tmp_path: Path) -> None:
    routes = {"/a/feed": feed("/one"), "/one": Answer(200, page("Destroyer in the strait"))}
    with Site(routes) as site, desk_of(tmp_path, site, {"a": 2}) as desk:
        collect(desk)
        site.routes["/a/feed"] = feed("/one", titles={"/one": "Just a moment..."})
        site.routes["/one"] = Answer(
            200, page("Just a moment...", "Verify you are human. Enable JavaScript and cookies.")
        )
        collect(desk)
        with reading(desk.database) as session:
            article = session.scalars(select(ArticleRow)).one()
            assert (article.title, article.revision) == ("Destroyer in the strait", 1)
            assert outcomes(session) == {"one": "stored"}


def test_s16_one_url_in_three_feeds_is_one_entry(tmp_path: Path) -> None:
    routes = {f"/{name}/feed": feed("/one?utm_source=" + name) for name in "abc"}
    with (
        Site(
            {**routes, **{f"/one?utm_source={name}": Answer(200, page("Destroyer")) for name in "abc"}}
        ) as site,
        desk_of(tmp_path, site, dict.fromkeys("abc", 2)) as desk,
    ):
        collect(desk)
        with reading(desk.database) as session:
            assert session.scalars(select(EntryRow.outcome)).all() == ["stored"]
        assert sum(path.startswith("/one") for path in site.paths) == 1


def test_x18_the_same_text_under_a_new_url_of_the_source_is_a_duplicate(tmp_path: Path) -> None:
    routes = {path: Answer(200, page("Destroyer in the strait")) for path in ("/one", "/moved/one")}
    with Site({"/a/feed": feed("/one"), **routes}) as site, desk_of(tmp_path, site, {"a": 2}) as desk:
        collect(desk)
        site.routes["/a/feed"] = feed("/moved/one")
        collect(desk)
        with reading(desk.database) as session:
            assert sorted(session.scalars(select(EntryRow.outcome))) == ["duplicate", "stored"]
            assert "the same text as article 1" in why(session, "/moved/one")


def test_a_page_that_names_another_address_as_its_own_is_stored_under_that_one(tmp_path: Path) -> None:
    head = '<link rel="canonical" href="/news/one">'
    with (
        Site({"/a/feed": feed("/one", "/two"), "/one": Answer(200, page("Destroyer", head=head)),
              "/two": Answer(200, page("Destroyer", head=head))}) as site,
        desk_of(tmp_path, site, {"a": 2}) as desk,
    ):  # fmt: skip
        collect(desk)
        with reading(desk.database) as session:
            assert session.scalars(select(ArticleRow.url)).all() == [site.url("/news/one")]
            assert sorted(session.scalars(select(EntryRow.outcome))) == ["duplicate", "stored"]


@pytest.mark.parametrize(
    ("answer", "outcome", "says"),
    [
        (Answer(410), "gone", "HTTP 410"),
        (Answer(404), "pending", "HTTP 404"),
        (Answer(451), "refused", "HTTP 451"),
        (Answer(204), "pending", "HTTP 204"),
        (Answer(999), "pending", "HTTP 999"),
        (Answer(302, headers={"Location": "/"}), "gone", "redirects to the front page"),
        (Answer(302, headers={"Location": "file:///etc/passwd"}), "refused", "redirect to no URL"),
        (Answer(200, b"%PDF-1.7 ..."), "unreadable", "PDF"),
        (Answer(200, b"<html></html>"), "unreadable", ""),
        (Answer(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nshort"), "pending", ""),
    ],
)  # fmt: skip
def test_f12_f13_an_answer_without_an_article_has_its_reason(
    tmp_path: Path, answer: Answer, outcome: str, says: str
) -> None:
    routes = {"/a/feed": feed("/one"), "/one": answer, "/": Answer(200, page("Front page"))}
    with Site(routes) as site, desk_of(tmp_path, site, {"a": 2}) as desk:
        collect(desk)
        with reading(desk.database) as session:
            assert outcomes(session) == {"one": outcome}
            assert says in why(session, "one")
            assert why(session, "one")


def test_f14_a_site_that_refuses_us_is_read_from_its_feed(tmp_path: Path) -> None:
    item = (
        "<item><title>US destroyer in the Taiwan Strait</title><link>/one</link>"
        f"<description>{' '.join(LINES)}</description></item>"
    )
    body = f'<rss version="2.0"><channel><title>F</title>{item}</channel></rss>'.encode()
    with (
        Site({"/a/feed": Answer(200, body), "/one": Answer(403, b"<h1>Forbidden</h1>")}) as site,
        desk_of(tmp_path, site, {"a": 2}) as desk,
    ):
        collect(desk)
        with reading(desk.database) as session:
            article = session.scalars(select(ArticleRow)).one()
            assert "text from feed" in article.labels
            assert LINES[0] in article.text


def test_an_unchanged_feed_is_asked_conditionally_and_costs_nothing(tmp_path: Path) -> None:
    def listing(request: Request) -> Answer:
        if request.headers.get("if-none-match") == '"7"':
            return Answer(304)
        return feed("/one", ETag='"7"')

    with (
        Site({"/a/feed": listing, "/one": Answer(200, page("Destroyer"))}) as site,
        desk_of(tmp_path, site, {"a": 2}) as desk,
    ):
        collect(desk)
        second = collect(desk)
        with reading(desk.database) as session:
            assert session.scalars(select(PollRow.answer).where(PollRow.round == second)).all() == [
                "unchanged"
            ]
        assert site.paths.count("/one") == 1


def test_s04_a_listing_that_cannot_be_kept_keeps_no_etag(tmp_path: Path) -> None:
    """Entries and ETag are one transaction: when the entries fail, the feed is asked whole again."""
    with (
        Site({"/a/feed": feed("/one", ETag='"1"'), "/one": Answer(200, page("D"))}) as site,
        desk_of(tmp_path, site, {"a": 2}) as desk,
    ):
        with round_of_work(desk) as work:
            asked = pipeline.due_feeds(desk, every_feed=True)
            with writing(desk.database) as session:
                session.get_one(LeaseRow, "round").round = (
                    work.id + 1
                )  # the lease is lost while the site answers
            with pytest.raises(Exception, match="lost its lease"):
                pipeline.poll(desk, work, asked)
            with writing(desk.database) as session:
                session.get_one(LeaseRow, "round").round = work.id
        with reading(desk.database) as session:
            assert session.scalars(select(FeedRow.etag)).all() == [""]
            assert session.scalars(select(EntryRow.id)).all() == []


def test_a_broken_feed_keeps_its_state_and_is_told(tmp_path: Path) -> None:
    with (
        Site({"/a/feed": feed("/one", ETag='"1"'), "/one": Answer(200, page("D"))}) as site,
        desk_of(tmp_path, site, {"a": 2}) as desk,
    ):
        collect(desk)
        site.routes["/a/feed"] = Answer(
            200, b"<html><title>Error establishing a database connection</title></html>"
        )
        collect(desk)
        with reading(desk.database) as session:
            row = session.scalars(select(FeedRow)).one()
            assert (row.etag, row.failures) == ('"1"', 1)
            assert "not a feed: HTML" in row.problem


def test_s18_a_host_that_hangs_holds_up_only_itself(tmp_path: Path) -> None:
    def hang(request: Request) -> None:
        request.closing.wait(30)

    slow = {f"/slow/{number}": hang for number in range(6)}
    with (
        Site({"/b/feed": feed("/fine"), "/fine": Answer(200, page("Destroyer"))}) as site,
        Site({"/a/feed": feed(*slow), **slow}) as hanging,
    ):
        with desk_of(tmp_path, site, {"b": 2}) as _:
            pass
        text = SOURCE.format(id="a", host=hanging.host, tier=2, feed=hanging.url("/a/feed"))
        (tmp_path / "sources" / "a.toml").write_text(text, "utf-8")
        with open_desk(load_settings(tmp_path / "straitwatch.toml")) as desk:
            collect(desk)
            with reading(desk.database) as session:
                states = outcomes(session)
                assert states.pop("fine") == "stored"
                assert set(states.values()) == {"pending"}
                assert len(states) == 6


def test_s13_an_entry_that_crashes_our_code_is_set_aside_and_its_mates_are_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A title longer than the vocabulary's matcher was made for stands in for a bug: the rows say so."""
    with (
        Site(
            {
                "/a/feed": feed("/one", "/two"),
                "/one": Answer(200, page("Destroyer")),
                "/two": Answer(200, page("Ship")),
            }
        ) as site,
        desk_of(tmp_path, site, {"a": 2}) as desk,
    ):
        broken = desk.sources["a"].model_copy(
            update={"gap_seconds": "bug"}
        )  # only this source's requests fail
        for _ in range(entries.CRASHES):
            with round_of_work(desk) as work:
                feeds_due = pipeline.due_feeds(desk, every_feed=True)
                pipeline.poll(desk, work, feeds_due)
                object.__setattr__(desk, "sources", {"a": broken})
                pipeline.read(desk, work, _all_entries(desk))
                object.__setattr__(
                    desk, "sources", {"a": desk.sources["a"].model_copy(update={"gap_seconds": None})}
                )
        with reading(desk.database) as session:
            assert set(outcomes(session).values()) == {"pending"}
            assert why(session, "one").startswith("set aside: a fault of ours: TypeError")
            assert session.scalars(select(EntryRow.next_try)).all() == [None, None]


def _all_entries(desk: Desk) -> list[int]:
    with reading(desk.database) as session:
        return list(session.scalars(select(EntryRow.id)))


def test_s20_a_bug_in_settling_one_draft_leaves_the_others(tmp_path: Path) -> None:
    with Site({"/a/feed": feed("/one", "/two"), "/one": Answer(200, page("Destroyer")),
               "/two": Answer(200, page("Warship", *reversed(LINES)))}) as site, desk_of(tmp_path, site, {"a": 2}) as desk:  # fmt: skip
        with round_of_work(desk) as work:
            pipeline.poll(desk, work, pipeline.due_feeds(desk))
            pipeline.read(desk, work, pipeline.due_entries(desk))
            with writing(desk.database) as session:  # a draft that no version of ours can settle
                draft = session.scalars(select(DraftRow).order_by(DraftRow.entry)).first()
                assert draft is not None
                draft.article = (
                    {**draft.article, "title": "\x00"}
                    if desk.database.kind == "postgresql-"
                    else {**draft.article, "published": "2026-11-24T00:00:00"}
                )
            pipeline.settle(desk, work)
        with reading(desk.database) as session:
            assert sorted(outcomes(session).values()) == ["pending", "stored"]
            pending = session.scalars(select(EntryRow).where(EntryRow.outcome == Outcome.PENDING.value)).one()
            assert "naive datetime" in pending.why
            assert pending.next_try is not None
            assert session.scalars(select(DraftRow.entry)).all() == []


def test_read_also_links_are_kept_once_and_find_their_target_when_it_arrives(tmp_path: Path) -> None:
    also = '<strong>READ ALSO: <a href="/two?utm_source=also">The second story</a></strong>'
    routes = {
        "/a/feed": feed("/one"),
        "/one": Answer(200, page("Destroyer", *LINES, also, also)),
        "/two": Answer(200, page("The second story", *reversed(LINES))),
    }
    with Site(routes) as site, desk_of(tmp_path, site, {"a": 2}) as desk:
        collect(desk)
        with reading(desk.database) as session:
            link = session.scalars(select(LinkRow)).one()
            assert (link.kind, link.url, link.title, link.target) == (
                "read-also", site.url("/two"), "The second story", None,
            )  # fmt: skip
        site.routes["/a/feed"] = feed("/one", "/two")
        collect(desk)
        with reading(desk.database) as session:
            target = session.scalars(select(ArticleRow.id).where(ArticleRow.url == site.url("/two"))).one()
            assert session.scalars(select(LinkRow.target).where(LinkRow.kind == "read-also")).all() == [
                target
            ]


def test_a13_a_first_poll_alerts_nobody_and_the_next_one_does(tmp_path: Path) -> None:
    routes = {"/a/feed": feed("/one"), "/one": Answer(200, page("Destroyer")),
              "/two": Answer(200, page("Second destroyer", *reversed(LINES)))}  # fmt: skip
    with Webhook() as webhook, Site(routes) as site:
        rules = f'[channels.hook]\nurl = "{webhook.url()}"\n[[rules]]\nname = "r"\nquery = "strait"\nchannels = ["hook"]\n'
        with desk_of(tmp_path, site, {"a": 2}, rules) as desk:
            collect(desk)
            assert webhook.posts == []
            site.routes["/a/feed"] = feed("/one", "/two")
            collect(desk)
            assert len(webhook.posts) == 1


def test_a_rule_fires_on_just_what_a_search_for_it_finds(tmp_path: Path) -> None:
    head = '<meta name="author" content="Wang Yi"><meta property="article:published_time" content="2026-11-20T08:00Z">'
    also = '<strong>READ ALSO: <a href="http://other.example/two">The second story</a></strong>'
    routes = {"/a/feed": feed("/one"), "/one": Answer(200, page("Destroyer", *LINES, also, head=head))}
    queries = [
        "ships NEAR/5 destroyer", "ships NEAR/1 destroyer", "=PLA", "=pla", "stem:follow", "~taiwan_strait", "title:~us_navy",
        "term:taiwan_strait", "term:quad", "relevance:>=4", "relevance:<4", "author:wang", "author:zhang",
        "link:other.example", "link:example.org", "has:link", "has:author", "published:2026-11-20", "published:2026-11-21",
        "seen:-1h", "seen:..-1h", "indexed:-1h", "side:(us OR prc)", "-side:us", "source:a", "tier:core", "lang:en",
    ]  # fmt: skip
    rules = '[channels.hook]\nurl = "json://127.0.0.1:9/x"\n' + "".join(
        f"[[rules]]\nname = 'r{number}'\nquery = '{query}'\nchannels = ['hook']\nfirst_poll = true\nrelevance = 0\n"
        for number, query in enumerate(queries)
    )
    with Site(routes) as site, desk_of(tmp_path, site, {"a": 2}, rules) as desk:
        collect(desk)
        with reading(desk.database) as session:
            fired = set(session.scalars(select(AlertRow.rule)))
            found = {f"r{number}" for number, query in enumerate(queries) if search(session, query).total}
    assert fired == found
    assert len(found) == 17


def test_a09_one_dead_channel_of_three_holds_up_nobody(tmp_path: Path) -> None:
    routes = {"/a/feed": feed("/one"), "/one": Answer(200, page("Destroyer"))}
    with Webhook() as one, Webhook() as two, Webhook(status=503) as dead, Site(routes) as site:
        channels = "".join(
            f'[channels.{name}]\nurl = "{hook.url()}"\n'
            for name, hook in (("one", one), ("dead", dead), ("two", two))
        )
        rules = (
            channels
            + '[[rules]]\nname = "r"\nquery = "strait"\nchannels = ["one", "dead", "two"]\nfirst_poll = true\n'
        )
        with desk_of(tmp_path, site, {"a": 2}, rules) as desk:
            collect(desk)
            with reading(desk.database) as session:
                states = dict(session.execute(select(AlertRow.channel, AlertRow.state)).tuples().all())
            assert states == {"one": "sent", "two": "sent", "dead": "owed"}
            dead.status = 200
            collect(desk)
        assert [len(hook.asked) for hook in (one, two, dead)] == [1, 1, 2]
        assert len(dead.posts) == 1


@pytest.mark.parametrize(
    ("keep", "blocks", "label"), [("excerpt", 4, "excerpt only"), ("metadata", 0, "metadata only")]
)
def test_no_more_is_stored_than_a_source_allows(tmp_path: Path, keep: str, blocks: int, label: str) -> None:
    longer = [
        *LINES,
        *(
            f"Sentence {number} of a long text that goes on about the harbour and its cranes."
            for number in range(40)
        ),
    ]
    with Site({"/a/feed": feed("/one"), "/one": Answer(200, page("Destroyer", *longer))}) as site:
        with desk_of(tmp_path, site, {"a": 2}) as _:
            pass
        with (tmp_path / "sources" / "a.toml").open("a") as file:
            file.write(f'keep = "{keep}"\n')
        with open_desk(load_settings(tmp_path / "straitwatch.toml")) as desk:
            collect(desk)
            with reading(desk.database) as session:
                article = session.scalars(select(ArticleRow)).one()
                assert label in article.labels
                assert len(article.blocks) <= max(blocks, 5) if blocks else article.blocks == []
                assert article.tier == "core"
                assert session.scalars(select(PageRow.id)).all() == []
