"""Light stemming, at the time of asking: the forms that an English word takes. Pure.

`stem:patrol` asks for patrol, patrols, patrolled, patrolling: whole tokens, so that both databases and the plain
matcher give the same answers, and the index stays as it is. A form that is no word harms nobody.
"""

import re

# Verbs of this field that rules do not reach; the first is the one in a dictionary.
_IRREGULAR = [
    line.split()
    for line in """\
begin began begun
break broke broken
build built
buy bought
deal dealt
drive drove driven
fall fell fallen
fight fought
fly flew flown
give gave given
go goes went gone
hold held
lay laid
lead led
leave left
lose lost
make made
man men
meet met
pay paid
say said
seek sought
sell sold
send sent
shoot shot
sink sank sunk
speak spoke spoken
strike struck stricken
take took taken
tell told
win won
withdraw withdrew withdrawn
write wrote written""".splitlines()
]
_NO_PLURAL = ("news", "series", "species", "always", "perhaps")
_VOWELS = "aeiou"
_HISSES = ("s", "x", "z", "ch", "sh", "o")
# consonant, one vowel, consonant at the end: the last letter doubles (ship, shipped)
_DOUBLES = re.compile(r"[^aeiou][aeiouy][^aeiouwxy]$|^[aeiou][^aeiouwxy]$")
SHORTEST = 3  # letters; shorter ones have too many neighbours


def forms(word: str) -> list[str]:
    """Every form of a folded English word, itself first; only itself when it is short or not of Latin letters."""
    if len(word) < SHORTEST or not (word.isascii() and word.isalpha()):
        return [word]
    found = dict.fromkeys([word])
    for irregular in _IRREGULAR:
        own = [*irregular, *_inflected(irregular[0])]
        if word in own:
            return list(found | dict.fromkeys(own))
    for base in _bases(word):
        found.update(dict.fromkeys(_inflected(base)))
    return list(found)


def _bases(word: str) -> list[str]:
    """The words of which this one may be a form."""
    if word.endswith(("ies", "ied")) and len(word) > 4:
        return [f"{word[:-3]}y"]
    if word.endswith("ing") and len(word) > 5 and _has_vowel(word[:-3]):
        return _undone(word[:-3])
    if word.endswith("ed") and len(word) > 4 and _has_vowel(word[:-2]):
        return _undone(word[:-2])
    if word.endswith("es") and word[:-2].endswith(_HISSES):
        return [word[:-2], word[:-1]]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and word not in _NO_PLURAL:
        return [word[:-1]]
    return [word]


def _undone(stem: str) -> list[str]:
    """What stands before -ed and -ing: patroll is patrol, surveill itself, seiz is seize."""
    if stem[-1] == stem[-2:-1] and stem[-1] not in _VOWELS:
        return [stem, stem[:-1]]
    if _DOUBLES.search(stem) or stem[-1] in "csvzu" or stem[-2:] in ("at", "dg", "rg", "ng"):
        return [stem, f"{stem}e"]
    return [stem]


def _inflected(base: str) -> list[str]:
    if base.endswith("y") and base[-2:-1] not in tuple(_VOWELS):
        stem = base[:-1]
        return [base, f"{stem}ies", f"{stem}ied", f"{base}ing"]
    if base.endswith("e"):
        return [base, f"{base}s", f"{base}d", f"{base[:-1]}ing"]
    plural = f"{base}es" if base.endswith(_HISSES) else f"{base}s"
    regular = [base, plural, f"{base}ed", f"{base}ing"]
    if _DOUBLES.search(base):
        regular += [f"{base}{base[-1]}ed", f"{base}{base[-1]}ing"]
    return regular


def _has_vowel(stem: str) -> bool:
    return any(letter in "aeiouy" for letter in stem)
