"""The demo's two rounds, in full: the acceptance of the main job, on both databases."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from monitor import pipeline
from monitor.cli.demo import CHINESE, ENGLISH, LEARNT, SEED, STATEMENT
from monitor.cli.reporting import sentence
from monitor.config import load_settings
from monitor.demo.newsroom import Newsroom
from monitor.demo.receivers import Mailbox, Webhook
from monitor.demo.setting import write_settings
from monitor.desk import Desk, open_desk, round_of_work
from monitor.model import Article, BlockKind, LinkKind, utc_now
from monitor.query import boilerplate, revisions, telling
from monitor.query.health import weeks_told
from monitor.query.known import read
from monitor.query.ledger import RoundTold, round_told
from monitor.query.search import search
from monitor.store.database import reading
from monitor.store.tables import AlertRow, ArticleRow, EntryRow, LinkRow, RevisionRow
from tests import manual
from tests.chinese import found_urls, wrong_words
from tests.conftest import KINDS, MakeUrl
from tests.endstate import end_state


@dataclass(frozen=True)
class Played:
    """The demo after its two rounds."""

    today: date
    desk: Desk
    told: tuple[RoundTold, RoundTold]
    first: dict[str, Any]  # end states
    second: dict[str, Any]
    mailbox: Mailbox
    webhook: Webhook


@pytest.fixture(scope="module", params=KINDS)
def played(
    request: pytest.FixtureRequest, make_url: MakeUrl, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Played]:
    data = tmp_path_factory.mktemp("demo")
    url = make_url(str(request.param))
    today = utc_now().date()
    with Newsroom(today=today) as newsroom, Mailbox() as mailbox, Webhook() as webhook:
        write_settings(data, newsroom, mail=mailbox.url("desk@newsroom.example"), webhook=webhook.url())
        with (data / "straitwatch.toml").open("a", encoding="utf-8") as file:
            file.write(f'\n[database]\nurl = "{url}"\n')
        with open_desk(load_settings(None, data=data)) as desk:
            told, states = [], []
            for edition in (1, 2):
                newsroom.edition = edition
                with round_of_work(desk) as work:
                    pipeline.collect(desk, work, every_feed=True)
                with reading(desk.database) as session:
                    told.append(round_told(session, work.id))
                    states.append(end_state(session))
            yield Played(today, desk, (told[0], told[1]), states[0], states[1], mailbox, webhook)


def test_the_seed_article_is_clean(played: Played) -> None:
    with reading(played.desk.database) as session:
        article = telling.article_at(session, SEED)
    assert article is not None
    _is_the_seed(article)
    also = [link for link in article.links if link.kind is LinkKind.READ_ALSO]
    assert [(link.title, link.url) for link in also] == [
        ("China-US Cooperation: Not An Option, But An Imperative,” Declares Wang Yi",
         "https://southarkansassun.com/us-china/77911/china-us-cooperation-not-an-option-but-an-imperative-declares-wang-yi"),
        ("Decision In US-China Solar Trade Probe Will Restructure Billions In Trade",
         "https://southarkansassun.com/us-china/78102/decision-in-us-china-solar-trade-probe-will-restructure-billions-in-trade"),
    ]  # fmt: skip


def _is_the_seed(article: Article) -> None:
    assert (
        article.title == "Pentagon Summit: US and Chinese Officials Convene for Talks on Bilateral Relations"
    )
    assert article.section == "US-China"
    assert [block.kind for block in article.blocks] == [
        BlockKind.PARAGRAPH, BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.PARAGRAPH,
        BlockKind.PARAGRAPH, BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.PARAGRAPH,
    ]  # fmt: skip
    begins = ["It was stated on Tuesday", "US-China Talks: Pentagon", "A senior defense", "Tuesday’s Pentagon",
              "To address long-standing", "Post-November", "After a positive", "US and Chinese officials"]  # fmt: skip
    assert all(block.text.startswith(begin) for block, begin in zip(article.blocks, begins, strict=True))
    chrome = ["Connect with us", "what are you looking", "Photo from", "READ ALSO", "Click to comment", "Leave a Reply",
              "Your email", "You May Also", "In this article"]  # fmt: skip
    assert [words for words in chrome if words in article.text] == []


def test_round_two_stores_only_what_is_new(played: Played) -> None:
    first = {row[0]: row for row in played.first["articles"]}
    second = {row[0]: row for row in played.second["articles"]}
    assert set(first) < set(second)
    changed = [url for url, row in first.items() if second[url][:4] != row[:4]]
    assert sorted(changed) == sorted({row[0] for row in played.second["revisions"]})
    assert 2 <= len(changed) <= 3


def test_the_edit_is_a_revision_of_the_same_article(played: Played) -> None:
    with reading(played.desk.database) as session:
        rows = session.scalars(select(RevisionRow)).all()
        assert rows
        for row in rows:
            article = session.get_one(ArticleRow, row.article)
            assert (row.number, article.revision) == (1, 2)
            assert row.text != article.text


def test_the_statement_that_was_edited_without_a_word_is_a_revision_and_told(played: Played) -> None:
    with reading(played.desk.database) as session:
        found = revisions.edited(session, STATEMENT)
        assert found is not None
        (before, after) = found.versions
        told = [event.what for event in telling.story_of(session, STATEMENT)]
    assert ("two of them" in before.text, "one of them" in after.text) == (True, True)
    assert "asked again: edited: revision 2: 2 sentences reworded" in told
    assert [what for what in told if what.startswith("asked again: ") and "edited" not in what] == [
        what for what in told if what.startswith("asked again: unchanged: HTTP 304")
    ]
    edits = [body for _, body in played.webhook.posts if "edit" in body]
    assert [(body["article_url"], body["edit"]["revision"]) for body in edits] == [(STATEMENT, 2)]


def test_nothing_is_in_the_database_twice(played: Played) -> None:
    with reading(played.desk.database) as session:
        for columns in (
            (EntryRow.url,), (ArticleRow.url,), (ArticleRow.entry,),
            (LinkRow.article, LinkRow.url, LinkRow.title), (AlertRow.rule, AlertRow.channel, AlertRow.about, AlertRow.revision, AlertRow.change),
        ):  # fmt: skip
            twice = session.execute(
                select(*columns, func.count()).group_by(*columns).having(func.count() > 1)
            ).all()
            assert twice == []
    sent = [str(message["Message-ID"]) for message in played.mailbox.messages]
    assert len(set(sent)) == len(sent)


def test_each_fault_of_the_second_edition_has_its_answer(played: Played) -> None:
    notes = [f"{line.source}: {note}" for line in played.told[1].lines for note in line.notes]
    for words in (
        "pacific-dispatch: feed failed: not a feed: HTML",
        "maritime-security: pending: www.maritimesecurity.example: slower than 4 s",
        "refused: redirect loop",
        "refused: southarkansassun.com: robots.txt: Disallow: /partner-content/",
        "harbor-ledger: refused: list page",
    ):
        assert any(words in note for note in notes), (words, notes)
    outcomes = dict(played.second["entries"])
    once = [url for url in outcomes if "tidewater" in url or "dry-dock" in url]
    assert once
    assert [outcomes[url] for url in once] == ["stored"]
    broken = [url for url in outcomes if "old-radar" in url or "fishing-fleet-radar" in url]
    assert [outcomes[url] for url in broken] == ["stored"]


def test_the_ledger_of_each_round_adds_up(played: Played) -> None:
    for told in played.told:
        decided = sum(sum(line.outcomes.values()) for line in told.lines)
        assert decided >= sum(line.new for line in told.lines)
    assert sum(line.new for line in played.told[0].lines) >= 70
    assert len(played.second["entries"]) == sum(line.new for told in played.told for line in told.lines)


def test_the_weekly_ledger_adds_up(played: Played) -> None:
    with reading(played.desk.database) as session:
        lines = weeks_told(session, utc_now(), 2)
    assert [line for line in lines if not line.adds_up] == []
    assert sum(line.found for line in lines) == len(played.second["entries"])
    assert {line.source for line in lines} == set(played.desk.sources)


def test_the_second_round_shows_a_source_in_a_bad_state_and_one_that_recovered(played: Played) -> None:
    first, second = played.told
    assert (list(first.bad), list(first.recovered)) == (["wire-desk silent"], [])
    assert (list(second.bad), list(second.recovered)) == (["pla-observer-zh blocked"], ["wire-desk"])
    assert "well again: wire-desk" in sentence(second)
    told = [str(message["Subject"]) for message in played.mailbox.messages]
    assert "Source well again: Meridian Wire" in told
    assert sum(body["rule"] == "health" for _, body in played.webhook.posts) == 2


def test_wire_copies_are_folded_and_off_topic_news_is_set_aside(played: Played) -> None:
    outcomes = [outcome for _, outcome in played.second["entries"]]
    assert outcomes.count("copy") >= 4
    assert outcomes.count("off-topic") >= 15
    assert outcomes.count("stored") >= 40
    groups = {row[7] for row in played.second["articles"] if row[7]}
    for group in groups:
        members = [row for row in played.second["articles"] if group in (row[0], row[7])]
        assert sum(row[4] for row in members) == 1  # one of them is shown


def test_alerts_arrived_by_mail_and_webhook_with_their_receipts(played: Played) -> None:
    assert played.mailbox.messages
    assert played.webhook.posts
    assert len(played.mailbox.messages) + len(played.webhook.posts) == len(played.second["alerts"])
    assert {row[3] for row in played.second["alerts"]} == {"sent"}
    message = played.mailbox.messages[0]
    text = message.get_body(("plain",))
    assert text is not None
    assert "Demo newsroom: all of it is invented" in text.get_content()
    with reading(played.desk.database) as session:
        receipts = session.scalars(select(AlertRow.receipt)).all()
    assert all(receipts)


@pytest.mark.parametrize("query", [ENGLISH, CHINESE])
def test_search_finds_both_languages(played: Played, query: str) -> None:
    with reading(played.desk.database) as session:
        assert search(session, query).hits


def test_the_line_under_each_article_of_two_outlets_is_proposed_and_nothing_else(played: Played) -> None:
    with reading(played.desk.database) as session:
        vocabulary = played.desk.vocabulary
        found = {
            told.source: [
                line.text[:12]
                for line in boilerplate.lines_told(session, told.source, vocabulary)
                if line.state == "proposed"
            ]
            for told in boilerplate.sources_told(session, vocabulary)
        }
    assert {source: lines for source, lines in found.items() if lines} == {
        "harbor-ledger": ["The tide clo"], "pla-observer-zh": ["本网观察台设于老灯塔旁，"],
    }  # fmt: skip
    assert tuple(source for source, lines in found.items() if lines) == LEARNT


# --- docs/query.md, and Chinese to the letter, on the archive of the demo ---------------------------------------------


def test_every_example_of_the_manual_finds_as_many_articles_as_it_says(played: Played) -> None:
    """Ages in the demo count from today, so the days of the examples move with it."""
    today = played.today
    with reading(played.desk.database) as session:
        counted = [
            (query, len(found_urls(session, read(session, manual.on(today, query)))))
            for query, _ in manual.EXAMPLES
        ]
    assert len(counted) > 45
    assert counted == manual.EXAMPLES


def test_chinese_words_are_found_exactly_where_they_stand(played: Played) -> None:
    with reading(played.desk.database) as session:
        texts = dict(
            session.execute(select(ArticleRow.url, ArticleRow.title + "\n" + ArticleRow.text)).tuples().all()
        )
        checked = wrong_words(session, texts, most=1500)
    assert checked == (1500, [])
