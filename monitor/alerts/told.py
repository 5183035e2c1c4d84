"""What an alert tells, and the message that tells it, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from monitor.model import DateQuality

_NO_FACTS: Mapping[str, object] = {}


class ChannelKind(StrEnum):
    """How a channel shows a message, which decides how foreign text is made safe for it."""

    MAIL = "mail"  # text and HTML side by side
    WEBHOOK = "webhook"  # a program reads it
    CHAT = "chat"  # short plain text, in services that look for mentions and markup in it


class ToldMention(NamedTuple):
    """A vocabulary term found in the article."""

    label: str  # "arms sale to Taiwan"
    form: str  # as found: "对台军售"
    weight: int
    hits: int


class ToldLink(NamedTuple):
    """A read-also link; the URL is "" where the page gave none."""

    title: str
    url: str


class ToldEdit(NamedTuple):
    """An edit: sentence after sentence, each in pieces of both texts (" "), of the old one ("-"), of the new one ("+")."""

    revision: int
    summary: str  # "2 sentences: 1 reworded, 1 added"
    title_before: str  # "" where the headline says the same
    changes: tuple[tuple[tuple[str, str], ...], ...]


@dataclass(frozen=True, slots=True)
class Told:
    """All that one alert tells. Texts may be as an outlet wrote them: hostile, endless, empty."""

    alert: str  # the alert's id, the same on every try
    rule: str
    reason: str  # why now, in a few words: "First PRC official words"
    title: str
    source: str  # the outlet's name
    side: str  # us, prc, tw, ally, other
    kind: str  # official, state media, wire, trade, press, think tank
    source_tier: int  # 1 speaks for itself ... 4 repeats others
    language: str  # of the article, BCP 47; "" when unknown
    published: datetime | None  # aware, in the printed zone where that is known
    published_quality: DateQuality
    published_printed: str
    lead: str  # the first sentence or two, plain text
    url: str  # of the article, canonical
    mentions: tuple[ToldMention, ...]  # most points first
    points: int
    tier: str  # core, relevant
    owed_at: datetime  # aware
    labels: tuple[str, ...] = ()  # teaser, text from feed
    copies: int = 0  # the same text elsewhere, folded into this one
    links: tuple[ToldLink, ...] = ()  # READ ALSO
    demo: bool = False
    edit: ToldEdit | None = None  # what is told, instead of the article itself


@dataclass(frozen=True, slots=True)
class Message:
    """An alert worded for one kind of channel. `id` is the same on every try, so a receiver may drop doubles."""

    subject: str  # one line, at most 200 characters, fit for a header
    text: str  # complete, but for chat, where the subject stands above it
    html: str  # "" unless the channel is mail
    id: str
    facts: Mapping[str, object] = field(
        default_factory=lambda: _NO_FACTS
    )  # for programs: strings, numbers, lists
