"""Which alerts a newly settled article owes, and why it owes no others."""

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.model import Tier

_NEVER_ALERTED = (Tier.PERIPHERAL, Tier.OFF_TOPIC)


@dataclass(frozen=True, slots=True)
class FiredRule:
    """A rule whose query matched the article."""

    name: str
    channels: tuple[str, ...]
    least_points: int = 0  # of relevance
    first_poll: bool = False  # also alert on what a source's first poll or a backfill brings


@dataclass(frozen=True, slots=True)
class Owed:
    """An alert that must reach a channel."""

    rule: str
    channel: str
    why: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided for one rule and one channel; `channel` is "" for a rule that names none."""

    rule: str
    channel: str
    owed: bool
    why: str  # a sentence without its full stop


def owed(
    fired: Sequence[FiredRule], *, tier: Tier, points: int, copy_of_known: bool, first_poll: bool
) -> list[Owed]:
    """Return the alerts that a newly settled article owes, one per rule and channel; see `decide`."""
    decisions = decide(fired, tier=tier, points=points, copy_of_known=copy_of_known, first_poll=first_poll)
    return [Owed(each.rule, each.channel, each.why) for each in decisions if each.owed]


def decide(
    fired: Sequence[FiredRule], *, tier: Tier, points: int, copy_of_known: bool, first_poll: bool
) -> list[Decision]:
    """Decide for every fired rule and each of its channels whether an alert is owed.

    `points` is the article's relevance; `copy_of_known` says that its text was told before from elsewhere;
    `first_poll` that it came with a source's first poll or a backfill, when everything is new to us and
    nothing is news (5,000 alerts in one night is the failure this prevents).
    """
    decisions = []
    for rule in fired:
        against = _against(rule, tier=tier, points=points, copy_of_known=copy_of_known, first_poll=first_poll)
        for channel in dict.fromkeys(rule.channels) or ("",):  # each once, in the written order
            against_channel = against or ("" if channel else f'rule "{rule.name}" names no channel')
            why = against_channel or f'rule "{rule.name}" matched: {points} points, {tier}'
            decisions.append(Decision(rule.name, channel, owed=not against_channel, why=why))
    return decisions


def _against(rule: FiredRule, *, tier: Tier, points: int, copy_of_known: bool, first_poll: bool) -> str:
    """Return what speaks against an alert, or ""."""
    if tier in _NEVER_ALERTED:
        return f"{tier} articles are never alerted"
    if copy_of_known:
        return "copy of a text already told"
    if first_poll and not rule.first_poll:
        return (
            f'came with the first poll of its source or a backfill, and rule "{rule.name}" leaves those out'
        )
    if points < rule.least_points:
        return f'{points} points; rule "{rule.name}" asks for {rule.least_points} or more'
    return ""
