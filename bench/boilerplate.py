"""What is learnt as boilerplate, and how much of it is right: on the demo's newsroom and on real outlets.

    python bench/boilerplate.py [--corpora DIR] [--least PAGES] [--no-demo] [--cost]

Real outlets are the hosts of DIR with at least three pages. Each is counted by the product's own tables: the
articles as the cleaner makes them, and pages of which nothing was cut. Whoever asks approves whatever is proposed,
until nothing more is. A proposed line is wrong when it stands in the true body of any page of its host; `false` are
the lines that come often enough and stand in none, of which recall is a share. Three pages are too few for most
rules: a second time each page stands for four articles of as many days (--times). --cost counts 5,000 invented articles of
one source and prints rows and time.
"""

import argparse
import gzip
import json
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from lxml import html

from monitor import learnt, pipeline, topic
from monitor.clean import clean_html
from monitor.config import load_settings
from monitor.demo.newsroom import Newsroom
from monitor.demo.receivers import Mailbox, Webhook
from monitor.demo.setting import write_settings
from monitor.desk import open_desk, round_of_work
from monitor.errors import StraitwatchError
from monitor.learnt.lines import folded
from monitor.model import Block, BlockKind
from monitor.query import boilerplate
from monitor.query.boilerplate import LineTold
from monitor.sources import Kind, Side, Source
from monitor.store import feeds, schema
from monitor.store import learnt as lines
from monitor.store.database import Database, open_database, reading, writing
from monitor.text import count_words

CORPORA = Path(__file__).resolve().parents[2] / "shared" / "corpora"
DAY = date(2026, 11, 1)
BEFORE, AFTER = 6, 12  # lines around the body that a leaky cleaner keeps
_BLOCKS = "//*[self::p or self::li or self::h1 or self::h2 or self::h3 or self::h4 or self::h5 or self::h6 or \
self::div or self::span or self::figcaption or self::td or self::dd or self::a or self::label or self::button]"


@dataclass(frozen=True, slots=True)
class Sample:
    """A page of a corpus."""

    host: str
    url: str
    page: bytes
    body: str  # the true one
    day: date | None


def samples(corpora: Path, least: int) -> dict[str, list[Sample]]:
    """The hosts with at least so many pages."""
    hosts: dict[str, list[Sample]] = {}
    for listed in sorted(corpora.glob("*/truth.jsonl")):
        for line in listed.read_text("utf-8").splitlines():
            truth = json.loads(line)
            host = (urlsplit(truth["url"] or "").hostname or "").removeprefix("www.")
            page = gzip.decompress((listed.parent / truth["html"]).read_bytes())
            day = date.fromisoformat(truth["date"][:10]) if truth.get("date") else None
            hosts.setdefault(host, []).append(Sample(host, truth["url"], page, truth["body"], day))
    return {host: pages for host, pages in sorted(hosts.items()) if host and len(pages) >= least}


def cleaned(sample: Sample) -> Iterable[Block]:
    """The page's article."""
    try:
        return clean_html(sample.page, sample.url).blocks
    except StraitwatchError:
        return ()


def uncut(sample: Sample) -> Iterable[Block]:
    """Every line of the page, as far as elements without further blocks make lines."""
    root = html.fromstring(sample.page)
    for dead in root.xpath("//script | //style | //noscript | //head"):
        dead.drop_tree()
    for element in root.xpath(_BLOCKS):
        if not element.xpath("." + _BLOCKS.replace(" or self::span", "").replace(" or self::a", "")):
            text = " ".join(element.text_content().split())
            heading = re.fullmatch(r"h[1-6]", str(element.tag)) is not None
            if text:
                yield Block(BlockKind.HEADING if heading else BlockKind.PARAGRAPH, text)


def leaky(sample: Sample) -> Iterable[Block]:
    """The part of a page around its true body, as a cleaner leaves it that only finds the place."""
    every = [block for block in uncut(sample) if learnt.key_of(block.text) is not None]
    body = {folded(part) for part in sample.body.splitlines() if count_words(part) >= 4}
    true = [at for at, block in enumerate(every) if folded(block.text) in body]
    return every[max(0, true[0] - BEFORE) : true[-1] + 1 + AFTER] if true else ()


@contextmanager
def archive() -> Iterator[Database]:
    """An empty database of our own."""
    with tempfile.TemporaryDirectory(prefix="boilerplate-") as folder:
        database = open_database(f"sqlite:///{folder}/straitwatch.db")
        schema.upgrade(database, datetime.now(UTC))
        yield database
        database.close()


def source_named(number: int, host: str) -> Source:
    """A source for a host."""
    return Source(
        id=f"host-{number}", name=host[:80], home=f"http://{host}/", side=Side.OTHER, kind=Kind.PRESS
    )


def learn(host: str, pages: Sequence[tuple[Sequence[Block], date | None]], times: int = 1) -> list[LineTold]:
    """What is known of a host's lines after these articles; one without a date is a day of its own.

    times: each page stands for so many articles of as many days.
    """
    with archive() as database, writing(database) as session:
        source = source_named(1, host)
        feeds.keep_sources(session, [source], datetime.now(UTC))
        for number, (blocks, day) in enumerate(page for _ in range(times) for page in pages):
            on = day if day and times == 1 else DAY + timedelta(number)
            lines.count(session, source.id, number + 1, learnt.lines_of(blocks), on)
        return boilerplate.lines_told(session, source.id, topic.load())


def learn_all(sample: Sequence[Sample], pages: list[tuple[Block, ...]], times: int) -> list[LineTold]:
    """What somebody approves who approves whatever is proposed, until nothing more is."""
    approved: list[LineTold] = []
    while True:
        told = learn(
            sample[0].host, [(blocks, page.day) for blocks, page in zip(pages, sample, strict=True)], times
        )
        new = [line for line in told if line.state == "proposed"]
        if not new:
            return approved
        approved += new
        keys = {learnt.key_of(line.text) for line in new}
        pages = [
            tuple(block for block in blocks if learnt.key_of(block.text) not in keys) for blocks in pages
        ]


def is_wrong(line: str, pages: Sequence[Sample]) -> bool:
    """Whether a line, numbers and dates folded, is a line of a true body, or a part of one of 4 words or more."""
    text = folded(line)
    bodies = [folded(part) for page in pages for part in page.body.splitlines() if part.strip()]
    if text in bodies:
        return True
    return count_words(text) >= 4 and any(f" {text} " in f" {part} " for part in bodies)


def measure(
    title: str, hosts: dict[str, list[Sample]], make: Callable[[Sample], Iterable[Block]], times: int
) -> None:
    """Print what is proposed for each host, and the precision over all of them."""
    print(
        f"\n{title}\n{'host':28}{'pages':>6}{'lines':>7}{'false':>7}{'proposed':>9}{'wrong':>6}{'recall':>8}"
    )
    least = max(2, -(-learnt.LEAST_ARTICLES // times))
    sums = dict.fromkeys(("lines", "false", "proposed", "wrong"), 0)
    for host, pages in hosts.items():
        made = [tuple(make(page)) for page in pages]
        told = learn_all(pages, made, times)
        wrong = [line for line in told if is_wrong(line.text, pages)]
        recurring = Counter(line.key for blocks in made for line in learnt.lines_of(blocks))
        texts = {line.key: line.text for blocks in made for line in learnt.lines_of(blocks)}
        often = [texts[key] for key, seen in recurring.items() if seen >= least]
        false = [text for text in often if not is_wrong(text, pages)]
        row = {"lines": sum(map(len, made)), "false": len(false), "proposed": len(told), "wrong": len(wrong)}
        print(f"{host:28}{len(pages):6}" + _cells(row))
        for line in wrong:
            print(f"    wrong: {line.text[:100]}")
        sums = {name: sums[name] + number for name, number in row.items()}
    print(f"{'all':28}{sum(map(len, hosts.values())):6}{_cells(sums)}")
    right = sums["proposed"] - sums["wrong"]
    print(f"precision {right / sums['proposed']:.3f}" if sums["proposed"] else "nothing is proposed")


def _cells(row: dict[str, int]) -> str:
    recall = f"{(row['proposed'] - row['wrong']) / row['false']:8.2f}" if row["false"] else "       -"
    return f"{row['lines']:7}{row['false']:7}{row['proposed']:9}{row['wrong']:6}{recall}"


def demo() -> None:
    """Print what two rounds against the demo's newsroom leave to be approved."""
    print("the demo's newsroom, two rounds")
    with (
        tempfile.TemporaryDirectory(prefix="boilerplate-") as folder,
        Newsroom(today=datetime.now(UTC).date()) as newsroom,
        Mailbox() as mailbox,
        Webhook() as webhook,
    ):
        data = Path(folder)
        write_settings(data, newsroom, mail=mailbox.url("desk@newsroom.example"), webhook=webhook.url())
        with open_desk(load_settings(None, data=data)) as desk:
            for newsroom.edition in (1, 2):
                with round_of_work(desk) as work:
                    pipeline.collect(desk, work, every_feed=True)
            with reading(desk.database) as session:
                for source in boilerplate.sources_told(session, desk.vocabulary):
                    told = boilerplate.lines_told(session, source.source, desk.vocabulary)
                    print(
                        f"{source.source:28}{source.articles:4} articles{len(told):4} recurring{source.proposed:4} proposed"
                    )
                    for line in told:
                        if line.state == "proposed":
                            print(f"    {line.articles} of {line.of}, {line.stands}: {line.text}")


def cost(articles: int = 5_000, per_article: int = 25, batch: int = 50) -> None:
    """Print rows and time for many articles of one source: a footer of three lines, the rest never twice."""
    chance = random.Random(1)
    words = ["".join(chance.choices("abcdefghijklmnop", k=6)) for _ in range(5_000)]
    footer = [f"Footer of this outlet, line {word}" for word in "abc"]
    print(f"\none source, {articles:,} articles of {per_article} lines, {batch} in a transaction, SQLite")
    print(f"{'articles':>9}{'rows':>8}{'kB':>8}{'ms an article: lines':>22}{'count':>8}")
    with archive() as database:
        source = source_named(1, "cost.example")
        with writing(database) as session:
            feeds.keep_sources(session, [source], datetime.now(UTC))
        cutting = counting = 0.0
        for start in range(0, articles, batch):
            texts = [
                [" ".join(chance.choices(words, k=40)) for _ in range(per_article - 3)] for _ in range(batch)
            ]
            made = [[Block(BlockKind.PARAGRAPH, text) for text in [*news, *footer]] for news in texts]
            begun = time.process_time()
            found = [learnt.lines_of(blocks) for blocks in made]
            cut = time.process_time()
            with writing(database) as session:
                for number, each in enumerate(found, start + 1):
                    lines.count(session, source.id, number, each, DAY + timedelta(number // 20))
            counting += time.process_time() - cut
            cutting += cut - begun
            if (done := start + batch) % (articles // 5) == 0:
                with reading(database) as session:
                    rows = lines.size(session, source.id)
                size = Path(database.where).stat().st_size // 1000
                each_of = 1000 / (articles // 5)
                print(f"{done:9,}{rows:8,}{size:8,}{cutting * each_of:22.2f}{counting * each_of:8.2f}")
                cutting = counting = 0.0


def main(argv: Sequence[str] | None = None) -> int:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--corpora", type=Path, default=CORPORA)
    parser.add_argument("--least", type=int, default=3, help="pages that a host must have")
    parser.add_argument(
        "--times", type=int, default=4, help="articles that a page stands for, the second time"
    )
    parser.add_argument("--no-demo", action="store_true")
    parser.add_argument("--cost", action="store_true")
    args = parser.parse_args(argv)
    if not args.no_demo:
        demo()
    if args.corpora.is_dir():
        hosts = samples(args.corpora, args.least)
        for times in (1, args.times):
            print(f"\n--- each page counted as {times} article{'s' * (times > 1)}")
            measure("articles as the cleaner makes them", hosts, cleaned, times)
            around = f"the body with {BEFORE} lines before and {AFTER} after it, nothing cut"
            measure(around, hosts, leaky, times)
            measure("whole pages, nothing cut", hosts, uncut, times)
    else:
        print(
            f"{args.corpora}: no such folder, so real outlets are not measured; --corpora names one",
            file=sys.stderr,
        )
    if args.cost:
        cost()
    return 0


if __name__ == "__main__":
    sys.exit(main())
