"""Folding and tokens, English and Chinese: one place for search, terms and copies. Pure.

    clean_text, one_line, squeeze    what is done at the edge to text from outside
    fold, width                      one character to one character, so that offsets stay; unfolded the way back
    tokens, phrase, starts_words     what the full-text index of either database is fed and asked
    units, count_words               words and single characters: for counts and for copies
    sentences                        where they end
    language                         which language a text is in

Anything stored that depends on tokens or folds carries `VERSION`: when it rises, the index is made anew.
"""

from monitor.text.edge import clean_text, one_line, squeeze
from monitor.text.folding import fold, is_han, unfolded, width
from monitor.text.languages import language
from monitor.text.sentences import SENTENCE, sentences
from monitor.text.words import LONGEST_TOKEN, count_words, phrase, starts_words, tokens, units

VERSION = 1

__all__ = [
    "LONGEST_TOKEN",
    "SENTENCE",
    "VERSION",
    "clean_text",
    "count_words",
    "fold",
    "is_han",
    "language",
    "one_line",
    "phrase",
    "sentences",
    "squeeze",
    "starts_words",
    "tokens",
    "unfolded",
    "units",
    "width",
]
