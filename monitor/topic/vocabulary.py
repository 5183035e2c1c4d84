"""The vocabulary as values, read from its YAML."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import ahocorasick

from monitor.errors import Mistakes
from monitor.text import fold, width


class Script(StrEnum):
    """The lists of a term, which are matched in different ways."""

    ENGLISH = "en"  # whole words, any case, plural -s, hyphen or space
    ACRONYM = "ab"  # whole words, case as written
    SIMPLIFIED = "hans"  # anywhere
    TRADITIONAL = "hant"  # anywhere


@dataclass(frozen=True, slots=True)
class Form:
    """One spelling of a term, as written in the file."""

    text: str
    script: Script


@dataclass(frozen=True, slots=True)
class Term:
    """One entry of the vocabulary."""

    id: str
    group: str
    side: str  # us, prc, tw, ally, both
    weight: int  # 3 is enough alone, 2 wants another hit, 1 is context
    forms: tuple[Form, ...]
    needs: frozenset[str] = (
        frozenset()
    )  # groups, one of which another term must hit, or this one does not count
    unless: tuple[str, ...] = ()  # phrases that cancel a hit that they contain
    note: str = ""
    verify: bool = False  # an analyst should confirm spelling or standing


@dataclass(frozen=True, slots=True)
class Pattern:
    """What one string of the automaton stands for."""

    term: str  # id; "" for an exclusion
    form: Form
    cancels: bool = False  # one of the term's `unless`, not of its forms


@dataclass(frozen=True)
class Vocabulary:
    """Terms by id, group labels by id, and noise phrases that are subtracted."""

    version: int
    terms: Mapping[str, Term]
    groups: Mapping[str, str]
    exclusions: tuple[Form, ...] = ()
    tests: tuple[Mapping[str, str], ...] = field(default=(), repr=False)

    @cached_property
    def automaton(self) -> Any:
        """Aho-Corasick over `key` of every pattern: its values are (length, tuple of Pattern)."""
        keyed: dict[str, list[Pattern]] = {}
        for pattern in self._patterns():
            keyed.setdefault(key(pattern.form.text), []).append(pattern)
        automaton = ahocorasick.Automaton()
        for word, patterns in keyed.items():
            automaton.add_word(word, (len(word), tuple(patterns)))
        if keyed:
            automaton.make_automaton()
        return automaton

    def _patterns(self) -> Iterator[Pattern]:
        for term in self.terms.values():
            yield from (Pattern(term.id, form) for form in term.forms)
            yield from (Pattern(term.id, _phrase(words), cancels=True) for words in term.unless)
        yield from (Pattern("", form) for form in self.exclusions)


def key(text: str) -> str:
    """Return text folded for matching, of the same length: as `fold`, and hyphens are spaces."""
    return fold(text).replace("-", " ")


def _phrase(words: str) -> Form:
    """A phrase of which the file does not say the script."""
    return Form(words, Script.ENGLISH if width(words).isascii() else Script.SIMPLIFIED)


@cache
def load() -> Vocabulary:
    """The vocabulary that comes with the product, read once."""
    return parse((Path(__file__).parent / "vocabulary.yaml").read_bytes(), name="vocabulary.yaml")


def parse(content: bytes | str, *, name: str = "vocabulary") -> Vocabulary:
    """Return the vocabulary written in YAML as vocabulary.yaml describes.

    Raises:
        Mistakes: every entry that cannot be used, one line each, beginning with name.
    """
    import yaml  # noqa: PLC0415  (this module is read by every search, the vocabulary by few)

    try:
        # the pure-Python loader takes twenty times as long for the same, equally safe, result
        written = yaml.load(content, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise Mistakes([f"{name}: is not YAML: {' '.join(str(error).split())}"]) from error
    if not isinstance(written, dict):
        raise Mistakes([f"{name}: must hold keys: version, groups, entries"])
    groups, mistakes = _groups(written.get("groups"))
    terms: dict[str, Term] = {}
    for number, entry in enumerate(_listed(written.get("entries")), 1):
        try:
            term = _term(entry, groups)
        except _EntryError as wrong:
            mistakes.append(f"entry {number}: {wrong}")
            continue
        if term.id in terms:
            mistakes.append(f"{term.id}: stands there twice")
        terms[term.id] = term
    if mistakes:
        raise Mistakes([f"{name}: {line}" for line in mistakes])
    version = written.get("version")
    return Vocabulary(
        version=version if isinstance(version, int) else 0,
        terms=terms,
        groups=groups,
        exclusions=_forms(written.get("exclusions") or {}),
        tests=tuple(test for test in _listed(written.get("tests")) if isinstance(test, dict)),
    )


class _EntryError(Exception):
    """Why an entry cannot be used."""


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _groups(value: object) -> tuple[dict[str, str], list[str]]:
    groups, mistakes = {}, []
    for number, group in enumerate(_listed(value), 1):
        if isinstance(group, dict) and isinstance(group.get("id"), str):
            groups[group["id"]] = str(group.get("label", ""))
        else:
            mistakes.append(f"group {number}: id is missing")
    return groups, mistakes


def _term(entry: object, groups: Mapping[str, str]) -> Term:
    if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
        raise _EntryError("id is missing")
    name, group, side, weight = entry["id"], str(entry.get("g")), entry.get("side"), entry.get("w")
    if group not in groups:
        raise _EntryError(f"{name}: g = {group}: no such group")
    if side not in ("us", "prc", "tw", "ally", "both"):
        raise _EntryError(f"{name}: side = {side}: must be us, prc, tw, ally or both")
    if weight not in (1, 2, 3):
        raise _EntryError(f"{name}: w = {weight}: must be 1, 2 or 3")
    needs = frozenset(map(str, _listed(entry.get("ctx"))))
    if unknown := sorted(needs.difference(groups)):
        raise _EntryError(f"{name}: ctx = {', '.join(unknown)}: no such group")
    forms = _forms(entry)
    if not forms:
        raise _EntryError(f"{name}: has no spelling: write en, ab, hans or hant")
    return Term(
        id=name,
        group=group,
        side=side,
        weight=weight,
        forms=forms,
        needs=needs,
        unless=tuple(str(words) for words in _listed(entry.get("not"))),
        note=str(entry.get("note", "")),
        verify=entry.get("verify") is True,
    )


def _forms(entry: Mapping[str, Any]) -> tuple[Form, ...]:
    return tuple(
        Form(str(text), script)
        for script in Script
        for text in _listed(entry.get(script.value))
        if str(text).strip()
    )
