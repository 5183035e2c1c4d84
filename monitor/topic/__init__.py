"""Relevance: which terms of the vocabulary an article holds, and how much it concerns the topic. Pure.

    load() -> Vocabulary                                 the vocabulary that comes with the product
    judge(title, text, vocabulary) -> Judgement          tier, points, rules that hold, mentions
    spots(text, vocabulary) -> list[Spot]                where terms stand in a text, as offsets

`vocabulary.yaml` is data that analysts edit: its head says how it is matched and scored, its `tests` block is
run by ours.
"""

from monitor.topic.judging import judge
from monitor.topic.matching import Spot, spots
from monitor.topic.vocabulary import Form, Term, Vocabulary, load, parse

__all__ = ["Form", "Spot", "Term", "Vocabulary", "judge", "load", "parse", "spots"]
