"""An answer with bold, lists and links, where its channel carries them, and plain words everywhere else."""

from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse

from contactcenter.outbox import compose, formatting
from contactcenter.outbox.models import OutboxItem
from crm.models import Interaction, Message
from tests import paper
from tests.contactcenter.desk.conftest import PART

WORDS = "Gentile Giulia,\n**due cose**:\n\n- la _ricevuta_\n- il [modulo](https://comune.example/modulo)"


@pytest.fixture
def carries(paper_channel: type[paper.Adapter], monkeypatch: pytest.MonkeyPatch) -> None:
    """Letters are typeset."""
    monkeypatch.setattr(paper_channel, "abilities", replace(paper_channel.abilities, html=True))


def answer(desk: Client, interaction: Interaction, text: str, **more: str) -> str:
    interaction.refresh_from_db()
    fields = {"as": "reply", "text": text, "client_id": "c1", "version": interaction.version, **more}
    return desk.post(reverse("desk-answer", args=[interaction.public_id]), fields, headers=PART).text


@pytest.mark.parametrize(
    ("typed", "made"),
    [
        ("**sì**", "<p><strong>sì</strong></p>"),
        ("_subito_", "<p><em>subito</em></p>"),
        ("1. uno\n2. due", "<ol>\n<li>uno</li>\n<li>due</li>\n</ol>"),
        ("- uno\n- due", "<ul>\n<li>uno</li>\n<li>due</li>\n</ul>"),
    ],
)
def test_what_is_marked_is_formatted(typed: str, made: str) -> None:
    assert formatting.html(typed) == made


@pytest.mark.parametrize(
    "plain",
    [
        "", "Buongiorno,\n\ngrazie.", "2*3*4 e 5 * 6", "modulo_di_richiesta_2026", "* con riserva *",
        "https://comune.example/_a_/**b**", "<b>grassetto</b>", "[x](javascript:alert(1))", "~~no~~ `no` # no",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_mark_stays_words(plain: str) -> None:
    assert formatting.html(plain) == ""


@pytest.mark.parametrize(
    "hostile",
    [
        "**<script>alert(1)</script>**", "**x** <img src=x onerror=alert(1)>", "**x** [y](javascript:alert(1))",
        '**x** [y](https://a.example "onmouseover=1")', "**x** [y](data:text/html,z)", "**x** ![y](https://a.example/p.png)",
    ],
)  # fmt: skip
def test_nothing_in_it_can_act(hostile: str) -> None:
    made = formatting.html(hostile)
    assert "<strong>" in made
    for wrong in ("<script", "<img", 'href="javascript', 'href="data', "title="):
        assert wrong not in made


@pytest.mark.django_db
@pytest.mark.usefixtures("carries")
def test_a_formatted_answer_leaves_in_both_forms_and_is_shown_so(desk: Client, with_anna: Interaction) -> None:
    shown = answer(desk, with_anna, WORDS)
    assert "<strong>due cose</strong>" in shown
    assert 'rel="noopener noreferrer nofollow"' in shown
    assert "data-typed=" in shown  # taken back, it is the marked words again
    message = Message.objects.get(direction="out", automatic="")
    assert message.text == WORDS
    out = compose.outbound(OutboxItem.objects.get(message=message))
    assert (out.text, "<li>la <em>ricevuta</em></li>" in out.html) == (WORDS, True)


@pytest.mark.django_db
def test_a_channel_without_formatting_carries_the_words_as_they_are(desk: Client, with_anna: Interaction) -> None:
    shown = answer(desk, with_anna, WORDS)
    assert "<strong>due cose" not in shown
    assert Message.objects.get(direction="out", automatic="").html == ""
    assert "data-formats" not in desk.get(reverse("desk-talk", args=[with_anna.public_id]), headers=PART).text


@pytest.mark.django_db
@pytest.mark.usefixtures("carries")
def test_plain_words_leave_as_before_and_a_note_is_never_formatted(desk: Client, with_anna: Interaction) -> None:
    answer(desk, with_anna, "Grazie.\n\nA presto")
    answer(desk, with_anna, "**Attenzione**", **{"as": "note", "client_id": "c2"})
    assert {row.html for row in Message.objects.exclude(direction="in")} == {""}


@pytest.mark.django_db
@pytest.mark.usefixtures("carries")
def test_the_composer_has_a_toolbar_and_shows_how_it_will_look(desk: Client, with_anna: Interaction) -> None:
    page = desk.get(reverse("desk-talk", args=[with_anna.public_id]), headers=PART).text
    assert 'role="group" aria-label="Formatting"' in page
    look = desk.post(reverse("desk-formatted", args=[with_anna.public_id]), {"text": WORDS}, headers=PART).text
    assert "<strong>due cose</strong>" in look
    plain = desk.post(reverse("desk-formatted", args=[with_anna.public_id]), {"text": "a\n\n<b>b</b>"}, headers=PART)
    assert "<p>a</p><p>&lt;b&gt;" in plain.text
