"""Words, phrases and NEAR in the languages of the two indexes, with the same meaning. Pure.

Only our own tokens reach them, quoted: a-z, 0-9 and letters, never a sign. A tree of words is `pure`; `narrowed`
gives of any tree the pure one that everything it finds lies in, so that the index is asked first and once.
"""

from collections.abc import Iterable
from itertools import groupby

from monitor.query.tree import All, AnyOf, Exact, Named, Near, Node, Not, Words
from monitor.store.search_index import GAP, lexemes_between


def pure(node: Node) -> bool:
    """Whether the index alone can answer a node: words, and exclusions beside words."""
    match node:
        case Words() | Near():
            return True
        case Named():
            return pure(node.part)
        case AnyOf():
            return all(map(pure, node.parts))
        case All():
            inner = [part.part if isinstance(part, Not) else part for part in node.parts]
            return all(map(pure, inner)) and not all(isinstance(part, Not) for part in node.parts)
        case _:
            return False


def narrowed(node: Node) -> Node | None:
    """A pure node that finds at least what this one finds; None when words do not narrow it."""
    match node:
        case Exact():
            return node.words
        case Named():
            return narrowed(node.part)
        case _ if pure(node):
            return node
        case AnyOf():
            parts = [narrowed(part) for part in node.parts]
            return None if None in parts else AnyOf(tuple(part for part in parts if part is not None))
        case All():
            found = [part for part in map(narrowed, node.parts) if part is not None]
            found += (
                [part for part in node.parts if isinstance(part, Not) and pure(part.part)] if found else []
            )
            return (found[0] if len(found) == 1 else All(tuple(found))) if found else None
        case _:
            return None


def fts5(node: Node) -> str:
    """A pure node as an FTS5 expression."""
    match node:
        case Words():
            return _in_title(_string(node), title=node.title)
        case Near():
            pairs = [
                _in_title(f"NEAR({_string(left)} {_string(right)}, {node.distance})", title=left.title)
                for left in node.left
                for right in node.right
            ]
            return f"({' OR '.join(pairs)})"
        case Named():
            return fts5(node.part)
        case AnyOf():
            return f"({' OR '.join(map(fts5, node.parts))})"
        case _:
            assert isinstance(node, All)
            wanted = [fts5(part) for part in node.parts if not isinstance(part, Not)]
            without = [fts5(part.part) for part in node.parts if isinstance(part, Not)]
            held = f"({' AND '.join(wanted)})"
            return f"({held} NOT ({' OR '.join(without)}))" if without else held


def _string(words: Words) -> str:
    return f'"{" ".join(words.tokens)}"{" *" if words.goes_on else ""}'


def _in_title(expression: str, *, title: bool) -> str:
    return f"{{title}} : {expression}" if title else expression


def tsquery(node: Node) -> str:
    """A pure node as a tsquery."""
    match node:
        case Words():
            return _phrase(node, "A" if node.title else "")
        case Near():
            return f"({' | '.join(_near(node))})"
        case Not():
            return f"!{tsquery(node.part)}"
        case Named():
            return tsquery(node.part)
        case _:
            assert isinstance(node, All | AnyOf)
            joint = " & " if isinstance(node, All) else " | "
            return f"({joint.join(map(tsquery, node.parts))})"


def tsquery_between(node: Node, low: int, high: int) -> str:
    """The same, of articles with numbers between two, and few others."""
    spans = " | ".join(f"'{lexeme}'" for lexeme in lexemes_between(low, high))
    return f"{tsquery(node)} & ({spans})"


def _phrase(words: Words, weight: str) -> str:
    last = len(words.tokens) - 1
    lexemes = [
        _lexeme(token, weight, goes_on=words.goes_on and place == last)
        for place, token in enumerate(words.tokens)
    ]
    return f"({' <-> '.join(lexemes)})"


def _lexeme(token: str, weight: str, *, goes_on: bool) -> str:
    marks = f"{'*' if goes_on else ''}{weight}"
    return f"'{token}':{marks}" if marks else f"'{token}'"


def _near(node: Near) -> Iterable[str]:
    """Every distance at which the two sides may stand, in both orders, and every way in which they overlap.

    PostgreSQL knows exact distances only, and counts title and body as one: from GAP on, a distance could lead
    from the one into the other, so each is asked by its weight.
    """
    weights = ("A",) if node.left[0].title else ("A", "D")
    for left in _by_length(node.left):
        for right in _by_length(node.right):
            for distance in range(1, node.distance + 2):
                for weight in weights if node.left[0].title or distance >= GAP else ("",):
                    one, other = _either(left, weight), _either(right, weight)
                    yield f"({one} <{distance}> {other})"
                    yield f"({other} <{distance}> {one})"
    weight = "A" if node.left[0].title else ""
    for first in node.left:
        for second in node.right:
            yield from _overlaps(first, second, weight)
            yield from _overlaps(second, first, weight)


def _by_length(words: tuple[Words, ...]) -> list[list[Words]]:
    """PostgreSQL measures from the end of a phrase only where those of one alternative are equally long."""
    ordered = sorted(words, key=lambda each: len(each.tokens))
    return [list(group) for _, group in groupby(ordered, key=lambda each: len(each.tokens))]


def _either(words: list[Words], weight: str) -> str:
    return f"({' | '.join(_phrase(each, weight) for each in words)})"


def _overlaps(first: Words, second: Words, weight: str) -> Iterable[str]:
    """Both at once, the second beginning within the first: "taiwan strait" and "strait" in taiwan strait."""
    for shift in range(len(first.tokens)):
        places: list[list[tuple[str, bool]]] = [
            [] for _ in range(max(len(first.tokens), shift + len(second.tokens)))
        ]
        for words, start in ((first, 0), (second, shift)):
            for number, token in enumerate(words.tokens):
                ends = number == len(words.tokens) - 1
                places[start + number].append((token, words.goes_on and ends))
        together = [_together(place, weight) for place in places]
        if all(together):
            yield f"({' <-> '.join(together)})"


def _together(place: list[tuple[str, bool]], weight: str) -> str:
    """One lexeme that is all that a place asks for; "" when there can be none."""
    exact = {token for token, goes_on in place if not goes_on}
    starts = [token for token, goes_on in place if goes_on]
    if len(exact) > 1 or any(not token.startswith(start) for token in exact for start in starts):
        return ""
    if exact:
        return _lexeme(exact.pop(), weight, goes_on=False)
    longest = max(starts, key=len)
    return _lexeme(longest, weight, goes_on=True) if all(map(longest.startswith, starts)) else ""
