"""Whether the sources that a query names are known; apart from the archive, for `check` needs no database."""

from collections.abc import Iterator, Mapping

from monitor.query.fields import close_to
from monitor.query.pieces import QueryMistake
from monitor.query.tree import All, AnyOf, Is, Named, Node, Not
from monitor.text import fold


def check_sources(query: str, node: Node, names: Mapping[str, str]) -> None:
    """Check that the sources that a query asks for are known; names: id to name.

    Raises:
        QueryMistake: one is not; the text says which one may have been meant.
    """
    for asked in sources_of(node):
        wanted = asked.value.lower()
        if wanted in names or not names:
            continue
        called = {fold(name): source for source, name in names.items()}
        close = (
            called.get(fold(wanted))
            or close_to(wanted, names)
            or called.get(close_to(fold(wanted), called) or "")
        )
        hint = (
            f"did you mean source:{close} ({names[close]})?" if close else "`straitwatch sources` shows them"
        )
        raise QueryMistake(query, asked.at, f"there is no source {asked.value}; {hint}")


def sources_of(node: Node) -> Iterator[Is]:
    """Where a query names sources; what is saved was checked when it was saved."""
    match node:
        case Is() if node.field == "source":
            yield node
        case Not():
            yield from sources_of(node.part)
        case Named() if not node.written.startswith("@"):
            yield from sources_of(node.part)
        case All() | AnyOf():
            for part in node.parts:
                yield from sources_of(part)
        case _:
            return
