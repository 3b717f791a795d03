import pytest
from django.utils import translation

from channels_adapters.contract import (
    AccountFacts,
    Address,
    InboundMessage,
    OutboundMessage,
    RawRequest,
    Unparseable,
    Unsupported,
)
from channels_adapters.web_chat.adapter import Adapter
from channels_adapters.web_chat.settings import Settings, in_language, origin

GIULIA = Address("visitor", "giulia7f3a")
MARCO = Address("visitor", "marco0b1c")
HELLO = b'{"t":"msg","cid":"c1","text":"Buongiorno"}'


def chat(**settings: object) -> Adapter:
    return Adapter(Settings(**settings), AccountFacts("comune", "Comune di Roccaverde"))  # type: ignore[arg-type]


def test_same_words_of_two_citizens_are_two_deliveries() -> None:
    of_giulia = chat().delivery_key(RawRequest("socket", body=HELLO, sender=GIULIA))
    of_marco = chat().delivery_key(RawRequest("socket", body=HELLO, sender=MARCO))
    assert of_giulia != of_marco


def test_same_id_of_two_citizens_is_two_messages() -> None:
    [of_giulia] = chat().parse(RawRequest("socket", body=HELLO, sender=GIULIA))
    [of_marco] = chat().parse(RawRequest("socket", body=HELLO, sender=MARCO))
    assert isinstance(of_giulia, InboundMessage)
    assert isinstance(of_marco, InboundMessage)
    assert of_giulia.external_id != of_marco.external_id


def test_form_without_an_id_is_the_same_message_when_sent_twice() -> None:
    letter = RawRequest(
        "form", body=b'{"email":"giulia@example.org","text":"Rimborso TARI","consent":true}', sender=GIULIA
    )
    [first], [second] = chat().parse(letter), chat().parse(letter)
    assert isinstance(first, InboundMessage)
    assert first == second
    assert first.client_id


def test_page_learns_which_message_was_refused() -> None:
    with pytest.raises(Unparseable) as caught:
        chat().parse(RawRequest("socket", body=b'{"t":"msg","cid":"c9","text":" "}', sender=GIULIA))
    assert caught.value.client_id == "c9"


def test_refusal_is_in_the_reader_s_language() -> None:
    with translation.override("it"), pytest.raises(Unparseable) as caught:
        chat().parse(RawRequest("socket", body=b'{"t":"msg","cid":"c9","text":""}', sender=GIULIA))
    assert str(caught.value) != ""


def test_answer_needs_no_provider() -> None:
    receipt = chat().send(OutboundMessage(key="k", to=(GIULIA,), text="Buongiorno"))
    assert receipt.state == "sent"


@pytest.mark.parametrize("to", [(), (Address("mailto", "giulia@example.org"),), (GIULIA, Address("tel", "+39055"))])
def test_whom_it_does_not_reach_it_says(to: tuple[Address, ...]) -> None:
    with pytest.raises(Unsupported, match="chat"):
        chat().send(OutboundMessage(key="k", to=to, text="Buongiorno"))


@pytest.mark.parametrize(
    "written, meant",
    [
        ("https://www.roccaverde.example", "https://www.roccaverde.example"),
        (" HTTPS://WWW.Roccaverde.Example/contatti?x=1 ", "https://www.roccaverde.example"),
        ("https://www.roccaverde.example:443", "https://www.roccaverde.example"),
        ("http://127.0.0.1:8131", "http://127.0.0.1:8131"),
        ("http://[::1]:8131", "http://[::1]:8131"),
        ("www.roccaverde.example", None),
        ("https://*.roccaverde.example", None),
        ("javascript:alert(1)", None),
        ("https://roccaverde.example:port", None),
        ("null", None),
        ("*", None),
    ],
)
def test_origin_is_brought_into_its_normal_form(written: str, meant: str | None) -> None:
    assert origin(written) == meant


def test_line_that_is_no_origin_allows_nothing_and_is_named() -> None:
    mixed = chat(allowed_origins=("https://www.roccaverde.example", "*", "roccaverde.example"))
    assert mixed.allowed_origins() == ("https://www.roccaverde.example",)
    assert len(mixed.check()) == 2
    assert "“*”" in mixed.check()[0]


def test_text_is_shown_in_the_citizen_s_language_where_there_is_one() -> None:
    lines = ("Buongiorno.", "Siamo qui fino alle 13:00.", "uk: Вітаємо")
    assert in_language(lines, "uk") == "Вітаємо"
    assert in_language(lines, "es") == "Buongiorno.\nSiamo qui fino alle 13:00."
    assert in_language(("uk: Вітаємо",), "it") == ""


def test_greeting_follows_the_language_of_the_page() -> None:
    settings = Settings(greeting=("Buongiorno.", "uk: Вітаємо"), closed_text=("uk: Зачинено",))
    with translation.override("uk"):
        assert (settings.greeting_now, settings.closed_now, settings.nobody_now) == ("Вітаємо", "Зачинено", "")


def test_colour_that_is_none_of_ours_becomes_blue() -> None:
    assert Settings(colour="green").colour_now == "green"
    assert Settings(colour="<style>").colour_now == "blue"


@pytest.mark.parametrize("ask, end", [(-1, 0), (0, 1441)])
def test_a_patience_that_makes_no_sense_is_refused_with_a_sentence(ask: int, end: int) -> None:
    with pytest.raises(ValueError, match="0"):
        Adapter.Settings(ask_after_minutes=ask, end_after_minutes=end)
