"""An alert in words: subject, text and HTML for mail, facts for a webhook, a few lines for chat.

The templates are ours and fixed; what outlets wrote only ever enters them as values, so "{{7*7}}" in a
title stays what it is.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC
from functools import cache
from typing import TYPE_CHECKING

from monitor.alerts import wording
from monitor.alerts.told import ChannelKind, Message, Told, ToldEdit, ToldLink, ToldMention

if TYPE_CHECKING:
    from jinja2 import Environment

SUBJECT_CHARACTERS = 200
LEAD_CHARACTERS = 600  # two long sentences; with the other bounds a mail stays under 25 kB
CHAT_LEAD_CHARACTERS = 240
CHAT_CHARACTERS = 1000  # Pushover, the tightest, takes 1,024
MOST_MENTIONS = 8
MOST_LINKS = 8
MOST_CHANGES = 8  # sentences of an edit; in chat two
PIECE_CHARACTERS = 240  # of what changed in one sentence
AROUND = 60  # characters kept on either side of it


@dataclass(frozen=True, slots=True)
class _Lines:
    """An alert with every foreign text made safe for one kind of channel: what the templates see."""

    alert: str
    rule: str
    reason: str
    title: str
    source: str
    side: str  # us, prc, tw, ally, other
    side_word: str
    kind: str
    source_tier: int
    language: str
    published: str
    lead: list[tuple[str, bool]]  # piece, whether it is a mention
    mentions: list[ToldMention]
    mentions_left_out: int
    points: int
    tier: str
    labels: list[str]
    copies: int
    url: str
    links: list[ToldLink]
    links_left_out: int
    owed: str
    weekday: str
    demo: bool
    edit: ToldEdit | None
    changes_left_out: int


def compose(told: Told, channel_kind: str) -> Message:
    """Word an alert for a channel of the given kind (a ChannelKind or its word).

    Mail gets text and HTML twins, a webhook the text and the facts, chat a few lines of at most 1,000
    characters without mention or markup. Every length is bounded, whatever the outlet wrote.

    Raises:
        ValueError: there is no such kind of channel.
    """
    kind = ChannelKind(channel_kind)
    safe = wording.chat_line if kind is ChannelKind.CHAT else wording.one_line
    lines = _lines(told, safe)
    templates = _templates()
    name = "chat.txt" if kind is ChannelKind.CHAT else "alert.txt"
    text = templates.get_template(name).render(a=lines).strip() + "\n"
    if kind is ChannelKind.CHAT:
        text = _cut_to_chat(text, lines.url)
    html = templates.get_template("alert.html").render(a=lines) if kind is ChannelKind.MAIL else ""
    subject = wording.header_line(f"{lines.reason}: {lines.title}", SUBJECT_CHARACTERS)
    return Message(subject=subject, text=text, html=html, id=lines.alert, facts=_facts(told, lines))


def _lines(told: Told, safe: Callable[[str, int], str]) -> _Lines:
    title = safe(told.title, 200) or "(no title)"
    source = safe(told.source, 80)
    chat = safe is wording.chat_line
    lead = safe(told.lead, CHAT_LEAD_CHARACTERS if chat else LEAD_CHARACTERS)
    mentions = [
        ToldMention(safe(each.label, 60), safe(each.form, 60), each.weight, each.hits)
        for each in told.mentions[:MOST_MENTIONS]
    ]
    links = [ToldLink(safe(each.title, 160), wording.address(each.url)) for each in told.links[:MOST_LINKS]]
    return _Lines(
        alert=safe(told.alert, 80),
        rule=safe(told.rule, 80),
        reason=safe(told.reason, 80),
        title=title,
        source=source,
        side=told.side if told.side in wording.SIDES else "other",
        side_word=wording.SIDES.get(told.side, "Other"),
        kind=safe(told.kind, 40),
        source_tier=told.source_tier,
        language=safe(told.language, 20),
        published=wording.published(told.published, told.published_quality, safe(told.published_printed, 60)),
        lead=wording.marked(lead, [each.form for each in mentions]) if lead else [],
        mentions=mentions,
        mentions_left_out=max(0, len(told.mentions) - MOST_MENTIONS),
        points=told.points,
        tier=safe(told.tier, 40),
        labels=[safe(label, 60) for label in told.labels[:MOST_MENTIONS]],
        copies=told.copies,
        url=wording.address(told.url),
        links=links,
        links_left_out=max(0, len(told.links) - MOST_LINKS),
        owed=wording.moment(told.owed_at, seconds=True),
        weekday=wording.weekday(told.owed_at),
        demo=told.demo,
        edit=_edit(told.edit, safe, 2 if chat else MOST_CHANGES) if told.edit else None,
        changes_left_out=max(0, len(told.edit.changes) - (2 if chat else MOST_CHANGES)) if told.edit else 0,
    )


def _edit(edit: ToldEdit, safe: Callable[[str, int], str], most: int) -> ToldEdit:
    """An edit as it is told: the first sentences of it, each with little of what stayed the same."""
    changes = tuple(
        tuple((sign, _piece(words, safe)) for sign, words in _shortened(change))
        for change in edit.changes[:most]
    )
    return ToldEdit(edit.revision, safe(edit.summary, 200), safe(edit.title_before, 200), changes)


def _shortened(change: tuple[tuple[str, str], ...]) -> Iterator[tuple[str, str]]:
    for place, (sign, words) in enumerate(change):
        if sign == " " and len(words) > 2 * AROUND:
            head = words[:AROUND] if place > 0 else ""
            tail = words[-AROUND:] if place < len(change) - 1 else ""
            yield sign, f"{head}…{tail}"
        else:
            yield sign, words


def _piece(words: str, safe: Callable[[str, int], str]) -> str:
    """Words made safe, with the spaces by which they hang together with their neighbours."""
    line = safe(words, PIECE_CHARACTERS)
    before = " " if words[:1].isspace() else ""
    return f"{before}{line}{' ' if line and words[-1:].isspace() else ''}"


def _written(change: tuple[tuple[str, str], ...]) -> str:
    """A changed sentence where there is no colour: [-what went-]{+what came+}."""
    marks = {"-": "[-{}-]", "+": "{{+{}+}}", " ": "{}"}
    return "".join(marks[sign].format(words) for sign, words in change)


def _facts(told: Told, lines: _Lines) -> dict[str, object]:
    """Return the alert for a program; times are ISO 8601 in UTC, `published` null where none is known."""
    return {
        "alert": lines.alert,
        "rule": lines.rule,
        "reason": lines.reason,
        "article_title": lines.title,
        "article_url": lines.url,
        "source": lines.source,
        "side": told.side,
        "kind": lines.kind,
        "source_tier": told.source_tier,
        "language": told.language,
        "published": told.published.astimezone(UTC).isoformat() if told.published else None,
        "published_quality": str(told.published_quality),
        "lead": "".join(piece for piece, _ in lines.lead),
        "relevance": lines.tier,
        "points": told.points,
        "terms": [
            {"label": each.label, "form": each.form, "weight": each.weight, "hits": each.hits}
            for each in lines.mentions
        ],
        "labels": lines.labels,
        "copies": told.copies,
        "read_also": [{"title": each.title, "url": each.url} for each in lines.links],
        "owed_at": told.owed_at.astimezone(UTC).isoformat(),
        "demo": told.demo,
        **({"edit": _edit_facts(lines.edit)} if lines.edit else {}),
    }


def _edit_facts(edit: ToldEdit) -> dict[str, object]:
    return {
        "revision": edit.revision,
        "summary": edit.summary,
        "title_before": edit.title_before,
        "changes": [_written(change) for change in edit.changes],
    }


def _cut_to_chat(text: str, url: str) -> str:
    """Return text within the chat bound, the way to the article kept as the last line of what is cut."""
    if len(text) <= CHAT_CHARACTERS:
        return text
    room = CHAT_CHARACTERS - len(url) - 3
    if room < 0:  # a URL that fills the message would be cut into one that leads elsewhere
        return text[: CHAT_CHARACTERS - 1] + "…"
    return text[:room].rstrip() + "…\n" + url + "\n"


@cache
def _templates() -> "Environment":
    """Return our templates: HTML escapes what it is given, text does not."""
    from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape  # noqa: PLC0415  commands that tell nothing skip it

    environment = Environment(
        loader=PackageLoader("monitor.alerts"),
        autoescape=select_autoescape(("html",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["folded"] = wording.folded
    environment.filters["written"] = _written
    environment.filters["lang_of"] = wording.language_of
    return environment
