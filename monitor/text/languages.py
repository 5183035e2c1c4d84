"""Which language a text is in: scripts are counted first, words only where the script is Latin."""

import re

from monitor.text.folding import scripts

LOOKED_AT = 4000  # characters; the head of an article tells as well as the whole

_LETTERS = {
    "kana": re.compile(r"[\u3041-\u3096\u30a1-\u30fa\uff66-\uff9d]"),
    "hangul": re.compile(r"[\u1100-\u11ff\uac00-\ud7a3]"),
    "han": re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]"),
    "cyrillic": re.compile(r"[\u0400-\u052f]"),
    "arabic": re.compile(r"[\u0620-\u06ff]"),
    "hebrew": re.compile(r"[\u05d0-\u05ea]"),
    "thai": re.compile(r"[\u0e01-\u0e4f]"),
    "devanagari": re.compile(r"[\u0900-\u097f]"),
    "greek": re.compile(r"[\u0370-\u03ff]"),
    "latin": re.compile(r"[\u00c0-\u024f\u1e00-\u1eff]"),
}
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_NO_LETTERS = bytes(code for code in range(256) if not chr(code).isalpha() or code > 0x7F)
# script -> languages written in it, the first where nothing is said
_WRITTEN_IN = {
    "cyrillic": ("ru", "uk", "be", "bg", "sr", "mk", "kk", "ky", "mn", "tg"),
    "arabic": ("ar", "fa", "ur", "ps", "ug"),
    "hebrew": ("he", "yi"),
    "thai": ("th",),
    "devanagari": ("hi", "mr", "ne"),
    "greek": ("el",),
}
# languages that a hint may not claim for a Latin text
_NOT_LATIN = {"zh", "ja", "ko"}.union(*_WRITTEN_IN.values()) - {"sr"}
_TRADITIONAL_REGIONS = {"tw", "hk", "mo", "hant"}

# the commonest words that few of the others share
_STOP_WORDS = {
    "en": "the of and to that is was for with said on as by from it are has have been will not this",
    "de": "der die das und ist nicht mit von den dem ein eine auf für sich auch im zu wurde",
    "fr": "le la les des et est une dans que qui pour sur pas au avec du par sont été",
    "es": "el los las y una por con para del se más su como fue lo entre está",
    "it": "il di che è gli della per non sono nel alla dei con anche più delle dal",
    "pt": "o os as não uma em por com para do da foi mais dos ao pela são",
    "nl": "het een van en dat niet zijn voor met ook maar bij heeft werd naar",
    "id": "yang dan di dengan untuk dari ini itu pada tidak akan dalam telah oleh",
    "ms": "yang dan di dengan untuk dari ini itu pada tidak akan kepada ialah oleh",
    "tl": "ang ng mga sa na ay at ito hindi para kung siya kay",
    "vi": "và của là các có được trong cho không với đã một những",
    "pl": "w i na się z do nie jest że to przez o jak był oraz",
    "tr": "ve bir bu için ile olarak da de çok olan daha sonra",
}
_VOTES = {
    word: tuple(code for code, words in _STOP_WORDS.items() if word in words.split())
    for words in _STOP_WORDS.values()
    for word in words.split()
}
_LATIN_WORD = re.compile(r"[^\W\d_]+")


def language(text: str, hint: str = "") -> str:
    """Return a BCP 47 tag: en, zh-Hans, zh-Hant, ja, ko, ru, de ...; "" when nothing tells.

    hint is what the page or the source says of itself (`html lang`, any case, `_` or `-`): it decides among
    languages of one script, and never against the script.
    """
    head = text[:LOOKED_AT]
    counts = _counts(head)
    # one Chinese character carries what about four Latin letters do, so that names in Latin do not outvote
    spaceless = counts["han"] + counts["kana"]
    weights = {**counts, "spaceless": spaceless * 4, "hangul": counts["hangul"] * 2}
    del weights["han"], weights["kana"]
    script = max(weights, key=lambda name: weights[name])
    claimed = hint.replace("_", "-").lower().split("-")
    if weights[script] == 0:
        return ""
    if script == "spaceless":
        return "ja" if counts["kana"] * 20 >= spaceless else _chinese(head, claimed)
    if script == "hangul":
        return "ko"
    if script == "latin":
        return _latin(head, claimed[0])
    known = _WRITTEN_IN[script]
    return claimed[0] if claimed[0] in known else known[0]


def _counts(text: str) -> dict[str, int]:
    """How many letters of each script text has; the plain ones are counted at once."""
    plain = len(text.encode("ascii", "ignore").translate(None, _NO_LETTERS))
    others = "" if text.isascii() else "".join(_BEYOND_ASCII.findall(text))
    counts = {script: len(letters.findall(others)) if others else 0 for script, letters in _LETTERS.items()}
    counts["latin"] += plain
    return counts


def _chinese(text: str, claimed: list[str]) -> str:
    table = scripts()
    traditional = sum(char in table.traditional for char in text)
    simplified = sum(char in table.simplified for char in text)
    if traditional == simplified and claimed[0] == "zh":
        return "zh-Hant" if _TRADITIONAL_REGIONS.intersection(claimed[1:]) else "zh-Hans"
    return "zh-Hant" if traditional > simplified else "zh-Hans"


def _latin(text: str, claimed: str) -> str:
    if (
        claimed.isalpha()
        and len(claimed) in (2, 3)
        and claimed not in _NOT_LATIN
        and claimed not in ("und", "mul")
    ):
        return claimed
    votes = dict.fromkeys(_STOP_WORDS, 0)
    for word in _LATIN_WORD.findall(text.lower()):
        for code in _VOTES.get(word, ()):
            votes[code] += 1
    best, second = sorted(votes.values(), reverse=True)[:2]
    return max(votes, key=lambda code: votes[code]) if best > second else ""
