"""Which language a message is written in: by script first, langdetect only for longer Latin text.

langdetect alone takes short Chinese for Korean and short English for anything
(shared FACTS: 41 of 103 wrong), and raises on text without letters.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import yaml
from langdetect import PROFILES_DIRECTORY, DetectorFactory, LangDetectException

from bot.nlu.syllables import all_syllables, cut
from bot.places.gazetteer import gazetteer
from bot.settings import ROOT

DetectorFactory.seed = 0  # the same text gives the same answer in each run
# Languages in Latin letters that somebody here may write. Of all 55 langdetect takes short English for Tagalog or
# Somali, and needs five times as long.
_LATIN = ("en", "fr", "de", "es", "pt", "it", "nl", "vi", "id", "tr", "pl")

_HAN = re.compile(r"[\u3400-\u9fff]")
_KANA = re.compile(r"[\u3040-\u30ff]")
_HANGUL = re.compile(r"[\uac00-\ud7af]")
_WORD = re.compile(r"[a-z]+")
_LONG_LATIN = 25  # characters from which langdetect is right more often than not
# English words that read as pinyin syllables too; where one stands, the text is English.
_ENGLISH = frozenset(
    [
        "she", "me", "we", "hi", "no", "water", "the", "an", "one", "to", "do", "go", "is", "in", "on", "can",
        "you", "help", "please", "near", "home", "out", "come", "here", "more", "time", "same", "line", "pipe",
        "women", "since", "fine", "name", "gone", "done", "bin", "ban", "man", "fan", "ten", "pen", "sun", "run",
        "fun", "gun", "bun", "none", "wine", "mine",
    ]
)  # fmt: skip
_ENGLISH_ONLY = re.compile(
    r"(?:bl|br|cl|cr|dr|fl|fr|(?<!n)g[lr]|pl|pr|sc|sk|sl|sm|sn|sp|st|sw|th|tr|wr|ck|ss|ll|ee|oo)"
)

# Letters that are no speech: links, addresses, tags, commands, and codes with digits (HN261124-001, A3).
_SCRAPS = re.compile(
    r"[a-z][a-z+.\-]*://\S+|www\.\S+|\S+@\S+|\b[\w.\-]+\.(?:com|cn|net|org)\b\S*|</?[a-z][^<>]*>"
    r"|(?<![\w/])/[a-z_]+|\b[a-z]{0,3}[\-_ ]?\d[\w\-]*",
    re.IGNORECASE,
)
_WORDS = {
    name: frozenset(words.split())
    for name, words in yaml.safe_load(
        (ROOT / "data" / "nlu_tables" / "languages.yml").read_text(encoding="utf-8")
    ).items()
}
_PLACE_ENDS = re.compile(r"\w*(?:zhen|xiang|jiedao|cun|zu|jie|lu|qiao|hao|dong|lou|xiaoqu)", re.IGNORECASE)
_NAME_WORDS = 3  # a surname and at most two more words


def is_pinyin(text: str) -> bool:
    """True where every Latin word of `text` can be cut into pinyin syllables and none is plainly English."""
    words = _WORD.findall(text.lower())
    if _WORDS["talk"].intersection(words) - _ENGLISH:
        words = [word for word in words if word != "you"]  # 有 beside a word that only pinyin has
    return bool(words) and not any(
        word in _ENGLISH or _ENGLISH_ONLY.search(word) or cut(word) is None for word in words
    )


def _is_name_or_place(text: str) -> bool:
    """True where the pinyin of `text` names somebody or somewhere and says nothing (Chen Guixiang, Huaqiao)."""
    known = gazetteer().pattern.search(text)
    rest = re.findall(r"[A-Za-z]+", gazetteer().pattern.sub(" ", text))
    if known and all(_PLACE_ENDS.fullmatch(word) for word in rest):
        return True
    words = re.findall(r"[A-Za-z]+", text)
    lower = [word.lower() for word in words]
    if len(words) > _NAME_WORDS or "shui" in lower[-1]:
        return False
    if all(word[0].isupper() and not word.isupper() for word in words):
        return True
    return lower[0] in _WORDS["surnames"] and not any(word in _WORDS["talk"] for word in lower[1:])


@lru_cache(maxsize=1)
def _latin() -> DetectorFactory:
    factory = DetectorFactory()
    factory.load_json_profile([(Path(PROFILES_DIRECTORY) / name).read_text("utf-8") for name in _LATIN])
    return factory


def warm_up() -> None:
    """Read the tables now rather than with the first message in Latin letters (half a second)."""
    all_syllables()
    _latin()


def _of_latin(text: str) -> str | None:
    """The language of Latin text without its scraps; None where it says nothing in any."""
    words = [word for word in _WORD.findall(text.lower()) if len(word) > 1 or word in "ia"]
    if not words:
        return None
    if len(set(words)) == 1:
        return (
            "zh"
            if words[0] in _WORDS["speech_pinyin"]
            else "en"
            if words[0] in _WORDS["speech_english"]
            else None
        )
    if is_pinyin(text):
        return None if _is_name_or_place(text) else "zh"
    if len(text) >= _LONG_LATIN:
        try:
            detector = _latin().create()
            detector.append(gazetteer().pattern.sub(" ", text))  # a name in pinyin is of no language
            return str(detector.detect())
        except LangDetectException:
            return "en"
    return "en"


def identify(text: str) -> str | None:
    """Language code of `text` ("zh", "en", "ja", "ko", ...), or None where it does not tell one.

    Any Han character without kana makes it Chinese; pinyin is Chinese too. Latin scraps tell nothing: links,
    tags, commands, report numbers, a lone word that people say in any language (ok, GDP), a name or place in
    pinyin. The talk then goes on in the language it had.
    """
    if _KANA.search(text):
        return "ja"
    if _HAN.search(text):
        return "zh"
    if _HANGUL.search(text):
        return "ko"
    return _of_latin(_SCRAPS.sub(" ", text).strip())
