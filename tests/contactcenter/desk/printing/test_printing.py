"""Paper: what stands on it, who may have it, and how a sheet is recognised later."""

import datetime as dt
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from contactcenter.desk.printing import contents, sheet
from contactcenter.desk.printing.document import Document, Line, Part, Shape
from crm import cases, interactions
from crm.models import AuditEntry, Case, Interaction, User
from tests.contactcenter.desk.conftest import SignIn, Write, take

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]


def pages_of(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(content)).pages]


def print_of(desk: Client, interaction: Interaction) -> bytes:
    answer = desk.get(reverse("desk-print", args=[interaction.public_id]))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/pdf"
    return bytes(answer.content)


def test_a_printed_conversation_has_who_said_what_and_the_notes(
    desk: Client, with_anna: Interaction, anna: User
) -> None:
    interactions.note(interaction=with_anna, text="Pagata due volte, vedi cassa.", actor=anna, client_id="n1")
    words = "\n".join(pages_of(print_of(desk, with_anna)))
    assert "Giulia Ferri" in words
    assert "Ho pagato due volte la TARI" in words
    assert "internal note" in words
    assert "Pagata due volte, vedi cassa." in words
    assert "taken by Anna Bianchi" in words


def test_every_page_has_its_number_and_the_hash_that_the_audit_trail_keeps(
    desk: Client, write: Write, anna: User
) -> None:
    long = write("\n".join(f"Riga {n} di una lettera che non finisce" for n in range(150)))
    take(long, anna)
    pages = pages_of(print_of(desk, long))
    kept = AuditEntry.objects.get(action="interaction.printed")
    assert kept.actor == anna
    assert kept.data["pages"] == len(pages) > 1
    for n, page in enumerate(pages, 1):
        assert f"page {n} of {len(pages)}" in page
        assert kept.data["sha256"] in page


def test_the_same_contents_have_the_same_hash_and_another_word_another(
    desk: Client, with_anna: Interaction, anna: User
) -> None:
    def seal() -> str:
        return contents.of_conversation(Interaction.objects.get(pk=with_anna.pk)).seal

    before = seal()
    print_of(desk, with_anna)
    assert seal() == before
    interactions.note(interaction=with_anna, text="Una parola in più", actor=anna, client_id="n2")
    assert seal() != before


def test_a_case_is_printed_with_all_its_conversations_oldest_first(desk: Client, write: Write, anna: User) -> None:
    first = write("La prima lettera")
    take(first, anna)
    case = first.case
    assert case is not None
    second = write("Torno a scrivere", thread="another", at=timezone.now() + dt.timedelta(days=1))
    cases.link(case=case, interaction=second, actor=anna)
    answer = desk.get(reverse("desk-print-case", args=[case.number]))
    words = "\n".join(pages_of(answer.content))
    assert case.number in words
    assert words.index("La prima lettera") < words.index("Torno a scrivere")
    assert AuditEntry.objects.filter(action="case.printed", subject=f"case:{case.public_id}").count() == 1
    assert AuditEntry.objects.filter(action="interaction.read", subject=f"interaction:{second.public_id}").exists()


def test_who_may_not_read_may_not_print(with_anna: Interaction, carla: User, sign_in: SignIn) -> None:
    browser = sign_in(carla)
    assert browser.get(reverse("desk-print", args=[with_anna.public_id])).status_code == 404
    assert with_anna.case is not None
    assert browser.get(reverse("desk-print-case", args=[with_anna.case.number])).status_code == 404
    assert browser.get(reverse("desk-print-case", args=["2026-999999"])).status_code == 404
    assert not AuditEntry.objects.filter(action__endswith=".printed").exists()


def test_a_confidential_case_is_printed_only_for_whom_it_exists(desk: Client, with_anna: Interaction) -> None:
    assert with_anna.case is not None
    Case.objects.filter(pk=with_anna.case.pk).update(confidentiality="confidential", owner=None)
    assert desk.get(reverse("desk-print-case", args=[with_anna.case.number])).status_code == 404


def test_no_name_of_a_person_stands_in_the_name_of_the_file(desk: Client, with_anna: Interaction) -> None:
    answer = desk.get(reverse("desk-print", args=[with_anna.public_id]))
    assert "Giulia" not in answer["Content-Disposition"]
    assert answer["Content-Disposition"].startswith("inline")
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.usefixtures("in_english")
@pytest.mark.parametrize(
    "words",
    ["Добрий день, де можна отримати довідку?", "صباح الخير، أين المكتب؟", "Così è 👍 \x00\x1b[31m", "a" * 5000],
)
def test_any_script_and_any_rubbish_can_be_printed(words: str) -> None:
    part = Part("Chat", (), (Line(Shape.IN, "Olena", words, ("File: a.pdf, 1 KB",)), Line(Shape.FACT, text="closed")))
    content, pages = sheet.draw(Document("Chat", (), (part,)), by="Anna", at=timezone.now())
    assert len(pages_of(content)) == pages


@pytest.mark.usefixtures("in_english")
def test_cyrillic_letters_are_letters_on_paper() -> None:
    part = Part("Chat", (), (Line(Shape.IN, "Olena", "Добрий день"),))
    content, _pages = sheet.draw(Document("Chat", (), (part,)), by="Anna", at=timezone.now())
    assert "Добрий день" in pages_of(content)[0]
