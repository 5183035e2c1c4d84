"""Commands that only read: search, why, links, alerts; and the list that `sources` shows."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from monitor.cli.options import Config, Data, Json, Limit, database_of, reading, settings_of, writing
from monitor.cli.showing import SIDES, marked, moment, out, print_json, print_wrapped, safe, side, table
from monitor.errors import Mistake
from monitor.model import LinkKind, utc_now

if TYPE_CHECKING:
    from monitor.query import telling
    from monitor.query.explaining import Nothing
    from monitor.query.search import Found, Hit
    from monitor.store.database import Database

DATE, RANK = "date", "rank"
BAR = 50  # columns of the longest


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (search, why, links, alerts):
        app.command()(command)


def search(
    query: Annotated[
        list[str] | None,
        typer.Argument(help='Words, "phrases", OR, NOT, NEAR/5, ~term, side:prc, @saved, ...'),
    ] = None,
    *,
    limit: Limit = 20,
    sort: Annotated[
        str, typer.Option("--sort", help="date, newest first; rank, what says most about it first.")
    ] = DATE,
    before: Annotated[
        int | None,
        typer.Option("--before", metavar="N", help="By date: the next page, as the last one says."),
    ] = None,
    days: Annotated[
        int | None,
        typer.Option("--per-day", metavar="DAYS", min=1, max=3660, help="Count the last days, instead."),
    ] = None,
    save: Annotated[str, typer.Option("--save", metavar="NAME", help="Keep the query: search @NAME.")] = "",
    forget: Annotated[str, typer.Option("--forget", metavar="NAME", help="Forget a saved search.")] = "",
    list_saved: Annotated[bool, typer.Option("--list", help="Show the saved searches.")] = False,
    json: Json = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Find articles: straitwatch search 台海 OR "Taiwan Strait" --sort rank. docs/query.md is the manual."""
    if save or forget or list_saved:
        from monitor.cli import saving  # noqa: PLC0415

        saving.saved(database_of(config, data), joined(query or []), save=save, forget=forget, json=json)
        return
    if not query:
        raise Mistake("search wants a query: straitwatch search 台海, or --list for the saved ones")
    if sort not in (DATE, RANK):
        raise Mistake(f"there is no order {sort}; it is one of {DATE}, {RANK}")
    if sort == RANK and before is not None:
        raise Mistake("--before goes on by date; --sort rank shows more with a higher --limit")
    if days is not None:
        _per_day(database_of(config, data), joined(query), days, json=json)
        return
    from monitor.query import search as searching  # noqa: PLC0415

    with reading(database_of(config, data)) as session:
        found = searching.search(session, joined(query), limit=limit, sort=sort, before=before)
    if json:
        print_json({**asdict(hit), "snippet": hit.snippet.text} for hit in found.hits)
        return
    if found.nothing:
        _say_why_nothing(found.nothing)
        return
    for hit in found.hits:
        print_hit(hit)
    out.print("; ".join(_told_of(found, limit)), style="dim")


def _told_of(found: "Found", limit: int) -> Iterator[str]:
    """What is shown of what there is."""
    total = f"more than {found.total:,}" if found.more else f"{found.total:,}"
    yield f"{len(found.hits)} shown of {total} articles that match, copies included"
    if found.ranked is not None and (found.more or found.total > found.ranked):
        yield f"the newest {found.ranked:,} of them ranked"
    if len(found.hits) == limit and limit < min(1000, found.total):
        yield f"--limit {min(1000, limit * 5)} shows more"
    if found.next is not None:
        yield f"--before {found.next} goes on"


def _per_day(database: "Database", query: str, days: int, *, json: bool) -> None:
    from monitor.query import search as searching  # noqa: PLC0415

    today = utc_now().date()
    with reading(database) as session:
        counted = searching.per_day(session, query, today - timedelta(days=days - 1), today)
    if json:
        print_json({"day": each.day.isoformat(), "found": each.found} for each in counted)
        return
    most = max(each.found for each in counted) or 1
    for each in counted:
        bar = "#" * -(-BAR * each.found // most)  # rounded up: one is not nothing
        out.print(f"{each.day}  {each.found:>7,}  {bar}".rstrip())
    out.print(
        f"{sum(each.found for each in counted):,} of the articles stored in {days} days match", style="dim"
    )


def joined(words: list[str]) -> str:
    """The query as typed: a shell has eaten the quotation marks around a phrase that is one argument."""
    return words[0] if len(words) == 1 else " ".join(map(_requoted, words))


def _requoted(word: str) -> str:
    if " " not in word or any(sign in word for sign in ':"()'):
        return word
    sign = word[0] if word[0] in "~=-" else ""
    return f'{sign}"{word.removeprefix(sign)}"'


def print_hit(hit: "Hit") -> None:
    """One hit: time, side and outlet, headline; the hit sentence; address and reasons."""
    when = moment(hit.published or hit.first_seen)
    if hit.published and hit.published_quality == "date-only":  # a day as printed, in the outlet's zone
        when = f"{hit.published:%Y-%m-%d}".ljust(16)
    quality = "" if hit.published_quality == "page" else f" ({_quality(hit)})"
    who = side(hit.side, f"{SIDES.get(hit.side, hit.side)}, {hit.kind}, {safe(hit.source_name, 40)}")
    out.print(Text.assemble(f"{when}  ", who, Text(quality, style="dim")))
    indent = 18
    print_wrapped(safe(hit.title, 200), indent=indent, style="bold")
    print_wrapped(marked(hit.snippet), indent=indent)
    facts = [f"{hit.tier}, {hit.points} points", f"{hit.words:,} words"]
    facts += [f"{hit.copies} more {'copy' if hit.copies == 1 else 'copies'}"] if hit.copies else []
    facts += [f"revision {hit.revision}"] if hit.revision > 1 else []
    facts += [safe(label, 40) for label in hit.labels]
    print_wrapped("; ".join(facts), indent=indent, style="dim")
    # never wrapped: an address is there to be copied
    out.print(Text(" " * indent + safe(hit.url, 2000), style="dim"), soft_wrap=True)
    out.print()


def _quality(hit: "Hit") -> str:
    words = {
        "missing": "no date printed, first seen", "feed": "from feed", "assumed-zone": "zone assumed",
        "ahead": "as printed: later than it was read",
    }  # fmt: skip
    return words.get(hit.published_quality, hit.published_quality.replace("-", " "))


def _say_why_nothing(nothing: "Nothing") -> None:
    from monitor.query.explaining import MOST_COUNTED  # noqa: PLC0415

    out.print("nothing matches; each part of the query alone finds")
    for part in nothing.parts:
        note = f"  {safe(part.note, 200)}" if part.note else ""
        more = "+" if part.found >= MOST_COUNTED else ""
        line = Text.assemble(f"{part.found:>8,}{more}  ", safe(part.written, 80), Text(note, style="dim"))
        out.print(line, soft_wrap=True)
    if nothing.why:
        out.print(safe(nothing.why, 300), soft_wrap=True)


def why(
    url: Annotated[str, typer.Argument(help="Any spelling of an article's address.")],
    json: Json = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Tell what became of a URL, from first sight to the last alert."""
    from monitor.query import telling  # noqa: PLC0415

    with reading(database_of(config, data)) as session:
        try:
            events = telling.story_of(session, url)
        except ValueError as error:
            raise Mistake(f"{safe(url, 100)} is no web address: {error}") from error
    if not events:
        raise Mistake(f"{safe(url, 200)} was never seen: no listing showed it and no article links to it")
    if json:
        print_json(asdict(event) for event in events)
        return
    for event in events:
        out.print(Text(f"{moment(event.at)}  {safe(event.what, 1000)}"), soft_wrap=True)


def links(
    url: Annotated[
        str | None, typer.Argument(help="Links of this article; else those of the archive.")
    ] = None,
    kind: Annotated[str, typer.Option(help="read-also, related, in-text, source, or all.")] = "read-also",
    limit: Limit = 20,
    json: Json = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Show the links kept: READ ALSO and its kin, with how often each target is named."""
    kinds = [each.value for each in LinkKind]
    if kind not in (*kinds, "all"):
        raise Mistake(f"there is no kind of link {kind}; kinds are {', '.join(kinds)}, all")
    from monitor.query import telling  # noqa: PLC0415

    with reading(database_of(config, data)) as session:
        try:
            found = telling.edges(session, kinds=kinds if kind == "all" else [kind], limit=limit, url=url)
        except ValueError as error:
            raise Mistake(f"{safe(url or '', 100)} is no web address: {error}") from error
    if json:
        print_json(asdict(edge) for edge in found)
        return
    rows = [
        (
            edge.kind,
            str(edge.pointed_at),
            f"article {edge.target}" if edge.target else "not stored",
            Text.assemble(
                safe(edge.title, 120), "\n", Text(safe(edge.url or "no URL given", 200), style="dim")
            ),
        )
        for edge in found
    ]
    out.print(table(("kind", "named by", "target", "title and address"), rows, right=("named by",)))
    if not rows:
        out.print("no links of this kind yet")


def alerts(
    retry: Annotated[bool, typer.Option("--retry", help="Owe again what was set aside.")] = False,
    limit: Limit = 20,
    json: Json = False,
    config: Config = None,
    data: Data = None,
) -> None:
    """Show alerts owed, sent and set aside, with the channel's answer."""
    from monitor.query import telling  # noqa: PLC0415
    from monitor.store import outbox  # noqa: PLC0415

    database = database_of(config, data)
    if retry:
        with writing(database) as session:
            out.print(f"{outbox.retry(session, utc_now())} alerts owed again; the next round sends them")
        return
    with reading(database) as session:
        told = telling.alerts_told(session, limit)
        counts = outbox.counts(session)
    if json:
        print_json(asdict(alert) for alert in told)
        return
    rows = [
        (
            moment(alert.sent_at or alert.owed_at),
            alert.state,
            safe(alert.rule, 30),
            safe(alert.channel, 20),
            Text.assemble(safe(alert.title, 100), "\n", Text(safe(alert.receipt, 160), style="dim")),
        )
        for alert in told
    ]
    out.print(table(("time (UTC)", "state", "rule", "channel", "article and answer"), rows))
    out.print(", ".join(f"{number} {state}" for state, number in sorted(counts.items())) or "no alerts yet")


def sources(json: Json = False, config: Config = None, data: Data = None) -> None:
    """Show what is watched: each source with its feeds and their state; health and ledger tell more."""
    from monitor.query import telling  # noqa: PLC0415
    from monitor.sources.loading import load  # noqa: PLC0415

    settings = settings_of(config, data)
    known = load(settings)
    states: dict[str, telling.FeedTold] = {}
    try:
        with reading(database_of(config, data)) as session:
            states = {feed.url: feed for feed in telling.feeds_told(session)}
    except Mistake:
        pass  # no database yet: the settings are all there is to show
    listed = [(source, kind, url, states.get(url)) for source in known for kind, url in source.listings()]
    if json:
        print_json(
            {
                "source": source.id, "name": source.name, "side": source.side.value,
                "kind": source.kind.value, "tier": source.tier, "enabled": source.enabled,
                "listing": kind.value, "url": url, **(asdict(state) if state else {}),
            }
            for source, kind, url, state in listed
        )  # fmt: skip
        return
    for source in known:
        head = f"{source.name}: {SIDES[source.side.value]}, {source.kind.value}, tier {source.tier}"
        out.print(Text.assemble(side(source.side.value, source.id), f"  {safe(head, 120)}"), soft_wrap=True)
        for _, kind, url, state in (line for line in listed if line[0] is source):
            told = _state(enabled=source.enabled, feed=state, note=source.note)
            line = Text.assemble(f"    {kind.value:<8} {told}  ", Text(safe(url, 200), style="dim"))
            out.print(line, soft_wrap=True)
    out.print(f"{len(known)} sources, {sum(source.enabled for source in known)} switched on", style="dim")


def _state(*, enabled: bool, feed: "telling.FeedTold | None", note: str) -> str:
    if not enabled:
        return f"off: {safe(note, 60)}" if note else "off"
    if feed is None or feed.polled_at is None:
        return "not yet asked"
    if feed.problem:
        return f"failing {feed.failures}x: {safe(feed.problem, 80)}"
    brought = f", last news {moment(feed.brought_at)}" if feed.brought_at else ", no news yet"
    return f"ok{brought}"
