"""A term of the vocabulary in a query: `~` looks for all its spellings, `term:` for what was counted. Pure."""

import difflib

from monitor.query.tree import Exact, Node, Words, any_of
from monitor.text import phrase
from monitor.topic import Vocabulary
from monitor.topic.vocabulary import Form, Script, key


def ids_of(written: str, vocabulary: Vocabulary) -> list[str]:
    """The terms that are called so: by id, else by any spelling, whatever its case, width or script."""
    if written.lower() in vocabulary.terms:
        return [written.lower()]
    wanted = key(written)
    return [
        term.id for term in vocabulary.terms.values() if any(key(form.text) == wanted for form in term.forms)
    ]


def near_terms(written: str, vocabulary: Vocabulary, most: int = 3) -> list[str]:
    """Spellings and ids of the vocabulary that look like this, best first, one of each term."""
    known: dict[str, tuple[str, str]] = {}  # folded -> as written, the term
    for term in vocabulary.terms.values():
        for spelling in (term.id, *(form.text for form in term.forms)):
            known.setdefault(key(spelling), (spelling, term.id))
    # two characters differ in one of four: a Chinese word of two needs a lower bar than an English one
    cutoff = 0.5 if len(written) <= 4 and not written.isascii() else 0.7
    close = difflib.get_close_matches(key(written), known, most * 3, cutoff)
    found = {term: spelling for spelling, term in reversed([known[each] for each in close])}
    return list(reversed(found.values()))[:most]


def spellings(ids: list[str], vocabulary: Vocabulary, *, title: bool) -> Node:
    """All spellings of terms, as the vocabulary matches them: acronyms in their case, English with plural -s."""
    found: dict[tuple[str, ...], Node] = {}
    for term in ids:
        for form in vocabulary.terms[term].forms:
            for words in _words(form, title=title):
                node: Node = Exact(words) if form.script is Script.ACRONYM else words
                # US military and U.S. military, 海军 and 海軍 are one to the index; an acronym keeps its case
                case = (form.text,) if form.script is Script.ACRONYM else ()
                found.setdefault((*words.tokens, *case), node)
    return any_of(list(found.values()))


def _words(form: Form, *, title: bool) -> list[Words]:
    tokens = tuple(phrase(form.text))
    singular = Words(tokens, form.text, title)
    last = tokens[-1]
    if form.script is Script.ENGLISH and last.isalpha() and not last.endswith("s"):
        return [singular, Words((*tokens[:-1], f"{last}s"), f"{form.text}s", title)]
    return [singular]
