"""Fingerprints of texts, and how alike two of them are."""

import hashlib
import re
import struct
import unicodedata
from dataclasses import dataclass
from heapq import nsmallest
from typing import Self

from monitor.text import fold, units

SHINGLE = 4  # units side by side; with five, one changed word in twenty would cost a quarter of the shingles
KEPT = 128  # hashes in a sketch: a share of one half is known to about +-0.04, for 1 kB a text
KEYS = 16  # indexed of them; see `keys`
LEAD, LEAD_KEPT = 80, 32  # words at the beginning that are sketched by themselves, and hashes kept of them
COPY = 0.65  # least resemblance of a copy: the best F1 of copies against texts that are none, rounded
SHORT = 40  # words; below, what two texts share is a form ("The market is closed today"), not a text
# What the parts of a resemblance weigh. Contained: copies get cut and extended, so it counts more than Jaccard.
# Lead: a follow-up carries the background over and begins anew, a copy mostly begins alike.
_CONTAINED, _JACCARD, _LEAD = 0.55, 0.20, 0.25

_HEAD = struct.Struct("<IIII")
_UNSPOKEN = re.compile(r"[^\w.,]|_|(?<!\d)[.,]|[.,](?!\d)")  # 1.5 and 15 million are two texts


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A sketch of a text: the smallest hashes of its shingles, and of those of its lead."""

    hashes: tuple[int, ...]  # rising, 0 to 2**63 - 1, at most KEPT
    lead: tuple[int, ...]  # the same of the first LEAD words, at most LEAD_KEPT
    shingles: int  # how many different ones the text has
    words: int  # each Chinese character counts as one

    def pack(self) -> bytes:
        """The sketch for one column, about 1.3 kB: numbers of words, shingles, hashes and lead, then the hashes."""
        head = _HEAD.pack(self.words, self.shingles, len(self.hashes), len(self.lead))
        return head + struct.pack(f"<{len(self.hashes) + len(self.lead)}q", *self.hashes, *self.lead)

    @classmethod
    def unpack(cls, packed: bytes) -> Self:
        """The sketch that `pack` wrote.

        Raises:
            ValueError: packed was not made by `pack`.
        """
        try:
            words, shingles, kept, lead = _HEAD.unpack_from(packed)
            hashes = struct.unpack(f"<{kept + lead}q", packed[_HEAD.size :])
        except struct.error as error:
            raise ValueError(f"{len(packed)} bytes are no fingerprint") from error
        return cls(hashes[:kept], hashes[kept:], shingles, words)


def text_hash(title: str | None, text: str) -> str:
    """Return 64 hex digits that are equal for equal texts: sha256 of the folded letters and digits of text.

    Spaces, quotes, punctuation, case, zero-width characters and the Chinese script do not matter. The title
    does not count, except where there is no text: headlines alone are different articles.
    """
    return hashlib.sha256((_spoken(text) or _spoken(title or "")).encode()).hexdigest()


def _spoken(text: str) -> str:
    return _UNSPOKEN.sub("", fold(unicodedata.normalize("NFC", text)))


def fingerprint(text: str) -> Fingerprint:
    """Return the sketch of text: about 1 ms for 1,000 words. An empty text has an empty one.

    Made of runs of 4 words, or characters in Chinese, folded as for search; the hash is blake2b, the same on
    every machine and in every version.
    """
    words = units(text)
    last = max(len(words) - SHINGLE, 0) + 1 if words else 0
    hashes = [_hash(" ".join(words[at : at + SHINGLE])) for at in range(last)]
    different, lead = set(hashes), set(hashes[: LEAD - SHINGLE + 1])
    return Fingerprint(
        tuple(nsmallest(KEPT, different)), tuple(nsmallest(LEAD_KEPT, lead)), len(different), len(words)
    )


def _hash(shingle: str) -> int:
    # one bit less than the hash has: databases have signed integers of 64 bits
    return int.from_bytes(hashlib.blake2b(shingle.encode(), digest_size=8).digest(), "big") >> 1


def keys(fingerprint: Fingerprint) -> tuple[int, ...]:
    """Return the up to 16 hashes to index: texts that share none are not compared.

    They are the smallest, so that two texts with half of their shingles in common share one all but surely, and
    a text that holds a sixth of another still does four times in five.
    """
    return fingerprint.hashes[:KEYS]


def resemblance(a: Fingerprint, b: Fingerprint) -> float:
    """Return how alike two texts are, 0 to 1, whichever comes first.

    Most of it is the share of the smaller text's shingles that the larger holds too, so that a text which was
    cut or extended stays near; the rest the share of common shingles in both together (Jaccard) and in their
    leads.
    """
    if not a.hashes or not b.hashes:
        return 0.0
    # below the lower of both sketches' ends each is complete: that is a fair sample of all shingles
    until = min(_complete_until(a), _complete_until(b))
    contained, jaccard = _shares(
        {number for number in a.hashes if number <= until}, {number for number in b.hashes if number <= until}
    )
    lead, _ = _shares(set(a.lead), set(b.lead))
    return _CONTAINED * contained + _JACCARD * jaccard + _LEAD * lead


def _complete_until(sketch: Fingerprint) -> int:
    return sketch.hashes[-1] if len(sketch.hashes) < sketch.shingles else 2**63


def _shares(ours: set[int], theirs: set[int]) -> tuple[float, float]:
    """What both have in common, as a share of the smaller and of both together."""
    common = len(ours & theirs)
    return (common / min(len(ours), len(theirs)), common / len(ours | theirs)) if common else (0.0, 0.0)


def is_copy(a: Fingerprint, b: Fingerprint) -> bool:
    """Whether one text is the other republished: edited, cut, extended, under another title.

    A text of less than 40 words is a copy only of its equal.
    """
    if min(a.words, b.words) < SHORT:
        return a == b and a.words > 0
    return resemblance(a, b) >= COPY
