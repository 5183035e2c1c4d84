"""Copies: the same text republished elsewhere, edited, cut or extended. Pure.

    text_hash(title, text)           equal for equal texts, whatever their spaces, quotes, punctuation
    fingerprint(text) -> Fingerprint a sketch of a text, small enough for a row
    keys(fingerprint)                what to index, so that likely copies are found by look-up
    resemblance(a, b), is_copy(a, b) how much of one text the other holds, and whether that makes a copy

The sketch is the k smallest hashes of a text's shingles (bottom-k: Broder 1997; Cohen and Kaplan 2007), from
which the share of common shingles is estimated without either text.
"""

from monitor.dedup.copies import COPY, Fingerprint, fingerprint, is_copy, keys, resemblance, text_hash

__all__ = ["COPY", "Fingerprint", "fingerprint", "is_copy", "keys", "resemblance", "text_hash"]
