"""Bylines to names: no "By", titles, roles, outlets, duplicates. Pure text."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache
from itertools import islice

from monitor.clean.evidence import key
from monitor.clean.jsonld import words
from monitor.clean.rules import table
from monitor.text import squeeze

MOST_AUTHORS = 12
MOST_NAMES = 1_000  # looked at
LONGEST_BYLINE = 500  # characters
LONGEST_INITIALS = 4  # by which some papers sign: "amw"; agencies write themselves so, too: "dpa"

_BETWEEN = re.compile(
    r"\s*(?:\s(?:The )?(?:Associated Press|USA TODAY NETWORK|NYT News Service)$|,|;|、|，|；|\||/|／|╱|\band\b|\bund\b|\bet\b|\by\b|&|\bwith\b|\n|•|·(?=\s)|＊|(?:实习|實習)(?:生|记者|記者)\s|(?:通讯|通訊)[员員]\s)\s*"
)
_IN_BRACKETS = re.compile(r"\([^)]{0,80}\)|（[^）]{0,40}）")
_TAG = re.compile(r"<[^>]{0,200}>")
_AFTERWARDS = re.compile(r"\s+(?:of|for|from|in)\s+(?:the\s+)?[A-Z]|\s[-–—|]\s")
_FILED = re.compile(r",\s+[Ii]n\s+[A-Z].*")  # "Ann Example, in Sport, Business"
_CHINESE_NAMES = re.compile(r"[\u3400-\u9fff]{2,4}(?: [\u3400-\u9fff]{2,4})+")
_NO_NAME = re.compile(r"[{}#=@/<>]")
_STAFF = re.compile(r"\s+staff$", re.IGNORECASE)
_CALL_SIGN = re.compile(r"[A-Z][A-Z0-9&]{1,5}")


@dataclass(frozen=True, slots=True)
class Words:
    """The table of words.toml, compiled."""

    before: re.Pattern[str]
    role: re.Pattern[str]
    rank: re.Pattern[str]
    nobody: re.Pattern[str]
    outlet: re.Pattern[str]
    agency: re.Pattern[str]


@cache
def _known() -> Words:
    tables = table("words.toml")
    a = tables["authors"]

    def one(patterns: Iterable[str]) -> re.Pattern[str]:
        return re.compile(f"(?:{'|'.join(patterns)})", re.IGNORECASE)

    return Words(
        before=re.compile(
            rf"^\s*(?:(?:{'|'.join(a['before'])})(?:\s*[:：/]\s*|\s+|(?<=[\u3400-\u9fff])))+", re.IGNORECASE
        ),
        role=one(a["roles"]),
        rank=re.compile(rf"^(?:(?:{'|'.join(a['titles'])})\.?\s+)+", re.IGNORECASE),
        nobody=one(a["never"]),
        outlet=one(a["outlets"]),
        agency=one(form for forms in tables["wire"]["agencies"].values() for form in forms),
    )


def people(names: Iterable[str], own: Collection[str] = frozenset()) -> tuple[str, ...]:
    """Clean bylines into names of people.

    own: names of the outlet, folded by key().
    """
    found: dict[str, str] = {}
    known = _known()
    for name in islice(names, MOST_NAMES):
        line = known.before.sub("", words(_TAG.sub(" ", name[:LONGEST_BYLINE])))
        for part in _BETWEEN.split(squeeze(_IN_BRACKETS.sub(" ", _FILED.sub("", line)))):
            person = squeeze(known.before.sub("", part)).strip(" .:：,-–—|*@")
            person = known.rank.sub("", _AFTERWARDS.split(person)[0])
            # Chinese names stand apart by a space alone.
            for one in person.split() if _CHINESE_NAMES.fullmatch(person) else (person,):
                if _is_person(one, own):
                    found.setdefault(key(one), _in_case(one))
    beside = [person for person in found.values() if not _is_outlet_beside(person, own)]
    return tuple(beside or found.values())[:MOST_AUTHORS]


def organisation(names: Iterable[str]) -> tuple[str, ...]:
    """The first name that may stand for an author where no person is named: an agency, the outlet, its staff."""
    known = _known()
    for name in names:
        line = squeeze(known.before.sub("", words(_TAG.sub(" ", name[:LONGEST_BYLINE])))).strip(" ,|-–—")
        line = _STAFF.sub("", line)
        named = 2 <= len(line) <= 60 and any(map(str.isalpha, line)) and not _NO_NAME.search(line)
        if named and (not known.nobody.fullmatch(line) or known.outlet.fullmatch(line)):
            return (line,)
    return ()


def agencies(names: Iterable[str]) -> tuple[str, ...]:
    """Those of names that are news agencies."""
    return tuple(dict.fromkeys(squeeze(n) for n in names if _known().agency.fullmatch(squeeze(n))))


def _is_person(name: str, own: Collection[str]) -> bool:
    if not 2 <= len(name) <= 60 or len(name.split()) > 6 or not any(c.isalpha() for c in name):
        return False
    if any(c.isdigit() or c in "{}#:;=：_" for c in name):
        return False
    if len(name) <= LONGEST_INITIALS and name.islower() and name.isascii():
        return False
    known = _known()
    if known.nobody.fullmatch(name) or known.role.fullmatch(name) or known.outlet.fullmatch(name):
        return False
    first, _, rest = name.partition(" ")
    return key(name) not in own and not (rest and first.isupper() and key(first) in own)


def _is_outlet_beside(name: str, own: Collection[str]) -> bool:
    """Whether a name that stands beside those of people is rather an outlet's: WBEZ, the Harbor Mail."""
    _, *rest = name.split()
    return _CALL_SIGN.fullmatch(name) is not None or bool(rest and key(rest[-1]) in own)


def _in_case(name: str) -> str:
    return name.title() if name.isupper() and len(name) > 5 else name
