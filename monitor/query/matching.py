"""Does one article match a query? The plain matcher that rules use on what was just settled. Pure.

It gives the same answer as the database's index, because both are fed by `text.tokens`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from monitor.query.language import All, AnyOf, Is, Node, Not, Words
from monitor.text import fold, starts_words


@dataclass(frozen=True, slots=True)
class Subject:
    """What a query can ask of an article: its tokens and its fields."""

    title: Sequence[str]
    body: Sequence[str]
    fields: Mapping[str, str]  # source, side, kind, lang, section, tier


def matches(node: Node, subject: Subject) -> bool:
    """Whether the query holds for the article."""
    match node:
        case Words():
            places = (subject.title,) if node.title else (subject.title, subject.body)
            return any(_holds(place, node) for place in places)
        case Is():
            return field_holds(subject.fields.get(node.field, ""), node)
        case Not():
            return not matches(node.part, subject)
        case All():
            return all(matches(part, subject) for part in node.parts)
        case AnyOf():
            return any(matches(part, subject) for part in node.parts)


def field_holds(found: str, asked: Is) -> bool:
    """Whether a field's value is the one asked for; `lang:zh` means every zh-..., sections fold."""
    if asked.field == "section":
        return fold(found) == fold(asked.value)
    wanted = asked.value.lower()
    return found.lower() == wanted or (asked.field == "lang" and found.lower().startswith(f"{wanted}-"))


def _holds(place: Sequence[str], words: Words) -> bool:
    first, *rest = words.tokens
    last = len(words.tokens) - 1
    open_end = words.open or starts_words(list(words.tokens))

    def fits(token: str, wanted: str, number: int) -> bool:
        return token.startswith(wanted) if open_end and number == last else token == wanted

    return any(
        fits(token, first, 0)
        and start + last < len(place)
        and all(fits(place[start + number], wanted, number) for number, wanted in enumerate(rest, 1))
        for start, token in enumerate(place)
    )
