"""How much an article concerns the topic, by the rules of vocabulary.yaml."""

from collections import Counter
from collections.abc import Iterable

from monitor.model import Judgement, Mention, Tier
from monitor.topic.matching import spots
from monitor.topic.vocabulary import Term, Vocabulary

IN_TITLE, IN_BODY, MOST_HITS = 2, 1, 4  # "title hit counts 2, body 1, max 4 per term"
CORE, RELEVANT = 8, 4  # least points of a tier
_DEEDS = frozenset(("operations", "platforms_us", "platforms_prc", "exercises", "policy", "incidents"))
_ACTS = frozenset(("operations", "incidents"))


def judge(title: str, text: str, vocabulary: Vocabulary, *, always_relevant: bool = False) -> Judgement:
    """Return how relevant an article is, and why.

    A term's points are its hits (2 in the title, 1 in the body, together at most 4) times its weight; the
    article's points are those of its terms less the hits of noise phrases, at least 0. It is on topic when a
    rule holds, and then its tier is by points: core from 8, relevant from 4, peripheral below. always_relevant
    is the source's flag: on topic, and relevant at least.
    """
    in_title, in_body = spots(title, vocabulary), spots(text, vocabulary)
    titles, bodies = Counter(spot.term for spot in in_title), Counter(spot.term for spot in in_body)
    forms = {spot.term: text[spot.start : spot.end] for spot in reversed(in_body)}
    forms |= {spot.term: title[spot.start : spot.end] for spot in reversed(in_title)}
    hit = [vocabulary.terms[term] for term in forms if term]
    counted = _counted(hit)
    mentions = [
        Mention(
            term=term.id,
            form=forms[term.id],
            in_title=titles[term.id],
            in_body=bodies[term.id],
            points=term.weight * _hits(titles[term.id], bodies[term.id]),
        )
        for term in counted
    ]
    mentions.sort(key=lambda mention: (-mention.points, mention.term))
    noise = _hits(titles[""], bodies[""])
    points = max(sum(mention.points for mention in mentions) - noise, 0)
    rules = _rules(counted, always_relevant=always_relevant)
    return Judgement(_tier(points, rules), points, rules, tuple(mentions))


def _hits(in_title: int, in_body: int) -> int:
    return min(IN_TITLE * in_title + IN_BODY * in_body, MOST_HITS)


def _counted(hit: list[Term]) -> list[Term]:
    """The terms that need no company, or have it: another term of a group they name, counted itself or not."""
    in_group = Counter(term.group for term in hit)
    return [
        term
        for term in hit
        if not term.needs or any(in_group[group] > (group == term.group) for group in term.needs)
    ]


def _rules(terms: Iterable[Term], *, always_relevant: bool) -> tuple[str, ...]:
    terms = list(terms)
    strong = [term for term in terms if term.weight >= 2]
    sides = {term.side for term in strong}
    groups = {term.group for term in terms}
    holds = {
        "direct": any(term.weight == 3 for term in terms),
        "two_sides": "us" in sides and bool(sides & {"prc", "tw"}) and bool(groups & _DEEDS),
        "theatre": any(term.group == "places" for term in strong) and bool(groups & _ACTS),
        "always": always_relevant,
    }
    return tuple(rule for rule, held in holds.items() if held)


def _tier(points: int, rules: tuple[str, ...]) -> Tier:
    if not rules:
        return Tier.OFF_TOPIC
    if points >= CORE:
        return Tier.CORE
    if points >= RELEVANT or "always" in rules:
        return Tier.RELEVANT
    return Tier.PERIPHERAL
