"""`straitwatch demo`: two rounds of the whole job against the newsroom, and what came of them."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from threading import Event

from rich.rule import Rule
from rich.text import Text

from monitor.cli import diffing, health, learning
from monitor.cli.asking import print_hit
from monitor.cli.reporting import print_round
from monitor.cli.showing import err, out, print_wrapped, safe, table
from monitor.config import Settings, load_settings
from monitor.demo.newsroom import Newsroom
from monitor.demo.receivers import Mailbox, Webhook
from monitor.demo.setting import fresh_folder, write_settings
from monitor.errors import StraitwatchError
from monitor.model import LinkKind
from monitor.query import telling
from monitor.query.ledger import round_told
from monitor.query.search import search
from monitor.store import rounds
from monitor.store.database import Session, open_database, reading
from monitor.supervise import end, set_prefect, start_server, wait_for_server

SEED = (
    "https://southarkansassun.com/us-china/78233/"
    "pentagon-summit-us-and-chinese-officials-convene-for-talks-on-bilateral-relations"
)
STATEMENT = (
    "https://maritimesecurity.example/News/Releases/Release/Article/4210331/"
    "readout-of-us-prc-military-maritime-consultation"
)
LEARNT = ("harbor-ledger", "pla-observer-zh")  # outlets with a line that recurs
_SHOWN = 8  # alerts listed of each channel
ENGLISH, CHINESE = '"carrier strike group" OR "Taiwan Strait"', "台海"


@dataclass(frozen=True, slots=True)
class _Stage:
    """What the demo runs on."""

    data: Path
    newsroom: Newsroom
    mailbox: Mailbox
    webhook: Webhook


def run_demo(data: Path, *, stay: bool = False) -> None:
    """Run the demo and print what came in; with `stay`, keep its servers until Ctrl-C.

    Raises:
        Mistake: the folder holds something else.
        StraitwatchError: a round did not end as it should.
    """
    begun = time.monotonic()
    fresh_folder(data)
    today = datetime.now(UTC).date()
    with ExitStack() as stack:
        newsroom = stack.enter_context(Newsroom(today=today))
        mailbox = stack.enter_context(Mailbox())
        webhook = stack.enter_context(Webhook())
        stage = _Stage(data, newsroom, mailbox, webhook)
        write_settings(data, newsroom, mail=mailbox.url("desk@newsroom.example"), webhook=webhook.url())
        settings = load_settings(None, data=data)
        out.print(
            f"The whole job, twice, against {len(newsroom.hosts)} invented outlets on this machine"
            f" ({newsroom.address}).\nNothing leaves the loopback address.\n"
        )
        stack.enter_context(_prefect(settings))
        _rounds(stage, settings)
        _results(stage, settings)
        out.print(Text(f"Done in {time.monotonic() - begun:.0f} s. {_how_to_go_on(data)}"), soft_wrap=True)
        if stay:
            out.print(f"\nPrefect's page: {_prefect_page()}   Ctrl-C ends the demo.")
            _until_interrupted()


@contextmanager
def _prefect(settings: Settings) -> Iterator[None]:
    set_prefect(settings, os.environ, port=_free_port())
    server: subprocess.Popen[bytes] | None = None
    try:
        with err.status("starting Prefect's server (longest the first time) ..."):
            server = start_server(os.environ)
            wait_for_server(f"{os.environ['PREFECT_API_URL']}/health", [server], Event())
        yield
    finally:
        if server is not None:
            end(server)


def _prefect_page() -> str:
    return os.environ["PREFECT_API_URL"].removesuffix("/api")


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def _rounds(stage: _Stage, settings: Settings) -> None:
    _heading("Round 1: the newsroom's first edition")
    _one_round(stage, settings)
    stage.newsroom.edition = 2
    _heading("Round 2: its second edition, with an edit, new articles and faults")
    _one_round(stage, settings)


def _one_round(stage: _Stage, settings: Settings) -> None:
    """One run of the flow in a process of its own, as the schedule would do it."""
    with err.status("a round: poll, read, settle, deliver ..."):
        run = subprocess.run(  # noqa: S603  our own interpreter
            [sys.executable, "-m", "flows.once", "--data", str(stage.data), "--all"],
            check=False, capture_output=True, text=True, encoding="utf-8",
        )  # fmt: skip
    if run.returncode:
        raise StraitwatchError(f"the round failed:\n{run.stderr.strip() or run.stdout.strip()}")
    database = open_database(settings.database_url)
    with reading(database) as session:
        print_round(round_told(session, rounds.latest_rounds(session, 1)[0].id), notes=20)
    database.close()


def _results(stage: _Stage, settings: Settings) -> None:
    database = open_database(settings.database_url)
    try:
        _heading("How the sources do: straitwatch sources health")
        health.health(data=stage.data)
        with reading(database) as session:
            _seed(session)
            _links(session)
        _edited(stage)
        _learnt(stage)
        with reading(database) as session:
            _alerts(stage)
            _search(session, "English", ENGLISH)
            _search(session, "Chinese", CHINESE)
    finally:
        database.close()


def _heading(words: str) -> None:
    out.print()
    out.print(Rule(Text(f"{words} ", style="bold"), align="left", characters="─"))


def _seed(session: Session) -> None:
    _heading("One article, clean")
    article = telling.article_at(session, SEED)
    if article is None:
        raise StraitwatchError("the seed article was not stored")
    out.print(Text(safe(article.title), style="bold"))
    out.print(
        Text(
            f"section {article.section}; {article.words} words; {len(article.removed)} parts cut\n",
            style="dim",
        )
    )
    for block in article.blocks:
        print_wrapped(block.text, style="bold" if block.level else "")
        out.print()
    for link in article.links:
        if link.kind is LinkKind.READ_ALSO:
            out.print(Text(f"{link.kind.value}: {link.title}\n    {link.url}"), soft_wrap=True)


def _links(session: Session) -> None:
    _heading("Links kept: READ ALSO and its kin, each target once")
    edges = telling.edges(session, kinds=[LinkKind.READ_ALSO.value], limit=8)
    rows = [
        (
            str(edge.pointed_at),
            f"article {edge.target}" if edge.target else "not stored",
            safe(edge.title, 66),
        )
        for edge in edges
    ]
    out.print(table(("named by", "target", "title"), rows, right=("named by",)))


def _edited(stage: _Stage) -> None:
    """A ministry takes words out of a statement, and its feed says nothing: its page was asked for again."""
    _heading("A statement edited without a word: straitwatch diff URL")
    out.print("Its feed is as it was. The page was asked for again after the news, as official ones are:\n")
    diffing.diff(STATEMENT, data=stage.data)


def _learnt(stage: _Stage) -> None:
    """Two outlets end each article in a line of their own, which no rule knows: shown, approved, cut."""
    _heading("Lines that recur: straitwatch boilerplate show SOURCE, approve SOURCE --all")
    for source in LEARNT:
        learning.show(source, data=stage.data)
        learning.approve(source, every=True, data=stage.data)
        out.print()


def _alerts(stage: _Stage) -> None:
    _heading(f"Alerts that arrived: {len(stage.mailbox.messages)} mails, {len(stage.webhook.posts)} posts")
    mails = [safe(str(message["Subject"]), 88) for message in stage.mailbox.messages]
    posts = [safe(str(body.get("title", "")), 88) for _, body in stage.webhook.posts]
    for channel, subjects in (("mail", mails), ("webhook", posts)):
        for subject in subjects[:_SHOWN]:
            out.print(Text(f"{channel:<9}{subject}"))
        if len(subjects) > _SHOWN:
            out.print(Text(f"{'':<9}... and {len(subjects) - _SHOWN} more", style="dim"))
    if stage.mailbox.messages:
        out.print(Text("\nThe last mail in full:\n", style="dim"))
        for line in _text_of(stage.mailbox.messages[-1]).splitlines():
            print_wrapped(line, indent=4)


def _text_of(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    return str(part.get_content()).strip() if part is not None else ""


def _search(session: Session, language: str, query: str) -> None:
    _heading(f"Search, {language}: straitwatch search {query!r}")
    found = search(session, query, limit=2)
    for hit in found.hits:
        print_hit(hit)
    out.print(f"{len(found.hits)} shown of {found.total} articles that match", style="dim")


def _how_to_go_on(data: Path) -> str:
    return f"""The data stays in {data}. Go on with:
  .venv/bin/straitwatch search --data {data} "coast guard" OR 海警
  .venv/bin/straitwatch why    --data {data} {SEED}
  .venv/bin/straitwatch diff   --data {data} {STATEMENT}
  .venv/bin/straitwatch links  --data {data}
  .venv/bin/straitwatch sources health --data {data}
  .venv/bin/straitwatch sources ledger --data {data}
  .venv/bin/straitwatch boilerplate list --data {data}
  .venv/bin/straitwatch try    page.html --explain
For the real world: straitwatch init, check, run, serve (README.md)."""


def _until_interrupted() -> None:
    try:
        Event().wait()
    except KeyboardInterrupt:
        return
