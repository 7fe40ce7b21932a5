"""The language of a text, by its script and its commonest words."""

import re
from collections import Counter

LENGTH = 2_000  # characters looked at
LEAST = 3  # words that must be known

_WORDS = {
    "en": "the and to of you is in for that this with your are be have on it we i as not our from will",
    "de": "der die das und ist nicht sie ich zu den mit von für auf ein eine wir ihre dem des im auch bitte sich",
    "fr": "le la les et des est vous de à un une pour dans que qui nous votre sur pas avec ce du au je",
    "es": "el la los las y de que en un una por para con su es no se del al lo como más está usted",
    "pt": "o a os as e de que em um uma por para com não se do da no na seu sua você é ao",
    "it": "il la le e di che un una per con non è si del della i gli sono nel al suo lei questo come",
    "nl": "de het een en van is dat op te in voor met u niet zijn wij uw aan ook om bij deze naar ik",
    "pl": "i w na z do nie się to jest że o po za od dla jak ale tym przez oraz są czy państwa prosimy",
    "tr": "ve bir bu için ile da de çok olarak daha gibi ne olan değil sayın veya size sizin kadar sonra ama var",
    "sv": "och att det som en är på för av med till den har inte om ett vi du jag kan från eller din så",
    "ru": "и в не на что с по это как к вы для из от за у но мы ваш вас я или так если",
    "uk": "і в не на що з до як це та ви для від за у але ми ваш вас я або так якщо й",
}
_LANGUAGES: dict[str, list[str]] = {}
for _language, _words in _WORDS.items():
    for _word in _words.split():
        _LANGUAGES.setdefault(_word, []).append(_language)

_NOT_LATIN = re.compile("[\u0370-\u1fff\u3040-\ud7ff]")
_SCRIPTS = {
    "cyrillic": re.compile("[\u0400-\u04ff]"),
    "arabic": re.compile("[\u0600-\u06ff]"),
    "he": re.compile("[\u05d0-\u05ea]"),
    "el": re.compile("[\u0370-\u03ff]"),
    "ja": re.compile("[\u3040-\u30ff]"),
    "ko": re.compile("[\uac00-\ud7a3]"),
    "zh": re.compile("[\u4e00-\u9fff]"),
    "hi": re.compile("[\u0900-\u097f]"),
    "th": re.compile("[\u0e00-\u0e7f]"),
}
_UKRAINIAN = re.compile("[іїєґ]")
_RUSSIAN = re.compile("[ыэъё]")
_PERSIAN = re.compile("[پچژگکی]")
_ARABIC = re.compile("[ةكيىأإ]")


def language(text: str) -> str:
    """Name the language of a text (ISO 639-1), empty if unsure."""
    start = text[:LENGTH].lower()
    script = "" if start.isascii() else _script(start)
    if script and script != "cyrillic":
        if script == "arabic":
            return "fa" if len(_PERSIAN.findall(start)) > len(_ARABIC.findall(start)) else "ar"
        return script
    counts: dict[str, int] = {}
    for word, count in Counter(filter(_LANGUAGES.__contains__, start.split())).items():
        for one in _LANGUAGES[word]:
            counts[one] = counts.get(one, 0) + count
    if script == "cyrillic":
        ukrainian = len(_UKRAINIAN.findall(start)) + counts.get("uk", 0)
        russian = len(_RUSSIAN.findall(start)) + counts.get("ru", 0)
        return "" if ukrainian == russian else "uk" if ukrainian > russian else "ru"
    if not counts:
        return ""
    (best, most), (_, second) = sorted([*counts.items(), ("", 0)], key=lambda pair: -pair[1])[:2]
    return best if most >= LEAST and most > second else ""


def _script(text: str) -> str:
    """Name the script that most letters have, if that is not Latin."""
    if _NOT_LATIN.search(text) is None:
        return ""
    counts = {name: len(letters.findall(text)) for name, letters in _SCRIPTS.items()}
    if counts["ja"] * 10 > counts["zh"]:
        counts["ja"] += counts["zh"]
    name = max(counts, key=lambda one: counts[one])
    return name if counts[name] * 2 > sum(map(str.isalpha, text)) else ""
