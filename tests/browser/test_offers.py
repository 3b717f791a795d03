"""Contacts come to people: offered with a reason and a countdown, accepted by a key; breaks, hand-overs, moves, the team."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import House
from tests.browser.test_desk import AXE, SOON, SitDown, open_, row, sit_down, take, write

__all__ = ["sit_down"]
pytestmark = pytest.mark.browser
ONLY_ANNA_IS_ASKED = """
from django.utils import timezone
from contactcenter.queues.models import Offer, Presence, Queue, WorkItem
WorkItem.objects.filter(state__in=["waiting", "offered"], queue__slug="chat").update(state="done", ended_at=timezone.now())
Offer.objects.filter(state="pending").update(state="rescinded", ended_at=timezone.now())
Presence.objects.exclude(user__username="anna").update(status="offline", routing="offline")
Presence.objects.filter(user__username="anna").update(
    status="available", missed=False, lost=False, break_next=None, routing="free", since=timezone.now())
Queue.objects.filter(slug="chat").update(mode={mode!r}, wrap_up_seconds=30)
"""
BACK_TO_WORK = """
from contactcenter.queues.models import Presence, Queue
Queue.objects.filter(slug="chat").update(mode="pull", wrap_up_seconds=0)
Presence.objects.filter(user__username__in=["anna", "bruno"]).update(status="available", missed=False, routing="free")
"""


@pytest.fixture
def offering(house: House) -> Iterator[None]:
    """The chat is offered, and only to Anna, as soon as she sits down."""
    house.run(ONLY_ANNA_IS_ASKED.format(mode="both"))
    yield
    house.run(BACK_TO_WORK)


@pytest.fixture
def picking(house: House) -> Iterator[None]:
    house.run(ONLY_ANNA_IS_ASKED.format(mode="pull"))
    yield
    house.run(BACK_TO_WORK)


def is_accessible(page: Page) -> None:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})")
    assert [(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found["violations"]] == []


def test_a_chat_is_offered_with_its_reason_and_one_key_opens_it(
    offering: None, house: House, sit_down: SitDown
) -> None:
    anna = sit_down("anna")
    anna.evaluate("window.neverReloaded = true")
    conversation = write(house, "Quando apre la piscina?", name="Olga Offerta")
    card = anna.locator(".offer", has_text="Olga Offerta")
    expect(card).to_be_visible(timeout=SOON)
    expect(card).to_contain_text("Quando apre la piscina?")
    expect(card.locator(".why")).not_to_be_empty()
    expect(anna.locator("#said")).to_contain_text("Olga Offerta")
    expect(anna.locator("#presence .made")).to_be_visible()
    before = int(card.locator("[data-left-shown]").inner_text())
    expect(card.locator("[data-left-shown]")).not_to_have_text(str(before), timeout=SOON)
    is_accessible(anna)
    anna.keyboard.press("a")
    expect(anna.locator("#talk")).to_have_attribute("data-id", conversation, timeout=SOON)
    expect(anna.locator("textarea.box")).to_be_focused(timeout=SOON)
    expect(card).to_have_count(0, timeout=SOON)
    assert anna.evaluate("window.neverReloaded") is True


def test_an_offer_leaves_who_is_writing_alone(offering: None, house: House, sit_down: SitDown) -> None:
    mine = write(house, "Intanto scrivo", name="Sonia Scrive")
    anna = sit_down("anna")
    # Before the offer is there, the same key takes what is next in any line.
    expect(anna.locator(".offer", has_text="Sonia Scrive")).to_be_visible(timeout=SOON)
    anna.keyboard.press("a")
    expect(anna.locator("#talk")).to_have_attribute("data-id", mine, timeout=SOON)
    expect(anna.locator("textarea.box")).to_be_focused(timeout=SOON)
    write(house, "E io?", name="Teo Disturba")
    expect(anna.locator(".offer", has_text="Teo Disturba")).to_be_visible(timeout=SOON)
    expect(anna.locator("textarea.box")).to_be_focused()
    anna.keyboard.type("ada")
    expect(anna.locator("textarea.box")).to_have_value("ada")
    expect(anna.locator(".offer", has_text="Teo Disturba")).to_be_visible()
    anna.set_viewport_size({"width": 360, "height": 740})
    card, box = anna.locator(".offer").bounding_box(), anna.locator("textarea.box").bounding_box()
    assert card is not None
    assert box is not None
    assert card["y"] + card["height"] <= box["y"]
    assert anna.evaluate("document.documentElement.scrollWidth") <= 360
    anna.locator(".offer .answers button").nth(1).click()
    expect(anna.locator(".offer")).to_have_count(0, timeout=SOON)


def test_who_does_not_answer_is_asked_no_more_until_back(offering: None, house: House, sit_down: SitDown) -> None:
    anna = sit_down("anna")
    write(house, "C'è nessuno?", name="Vito Invano")
    expect(anna.locator(".offer", has_text="Vito Invano")).to_be_visible(timeout=SOON)
    house.run("""
from datetime import timedelta
from django.utils import timezone
from contactcenter.queues.models import Offer
from contactcenter.queues import offers
offers.expire_due(timezone.now() + timedelta(minutes=1))
""")
    expect(anna.locator("#missed")).to_be_visible(timeout=SOON)
    expect(anna.locator(".offer")).to_have_count(0)
    is_accessible(anna)
    anna.locator("#missed button").click()
    expect(anna.locator("#missed")).to_have_count(0, timeout=SOON)


def test_a_break_begins_when_this_conversation_has_ended(offering: None, house: House, sit_down: SitDown) -> None:
    write(house, "L'ultima prima di pranzo", name="Pia Pranzo")
    anna = sit_down("anna")
    expect(anna.locator(".offer", has_text="Pia Pranzo")).to_be_visible(timeout=SOON)
    anna.keyboard.press("a")
    expect(anna.locator("#talk h1")).to_contain_text("Pia Pranzo", timeout=SOON)
    anna.locator("#presence summary").click()
    anna.locator("#presence [name=after]").check()
    anna.locator("#presence button[value=lunch]").click()
    house.run("""
from contactcenter.queues import work_items
from contactcenter.queues.models import Presence, WorkItem
from crm.models import User
anna = User.objects.get(username="anna")
assert Presence.objects.get(user=anna).break_next == "lunch"
for item in WorkItem.objects.filter(owner=anna, family="chat").exclude(state__in=["done", "abandoned"]):
    work_items.finish(item=item, actor=anna)
""")
    expect(anna.locator("#presence summary .dot")).to_have_class(re.compile("away"), timeout=SOON)


def test_going_offline_with_work_asks_what_becomes_of_it(picking: None, house: House, sit_down: SitDown) -> None:
    conversation = write(house, "Resto qui?", name="Rosa Resta")
    take(house, conversation, "anna")
    anna = sit_down("anna")
    anna.locator("#presence summary").click()
    anna.locator("#presence button[value=offline]").click()
    expect(anna.locator("dialog")).to_contain_text("Rosa Resta", timeout=SOON)
    is_accessible(anna)
    anna.locator("dialog button[value=keep]").click()
    expect(anna.locator("dialog")).to_be_hidden(timeout=SOON)
    expect(anna.locator("#presence summary .dot")).to_have_class(re.compile("offline"), timeout=SOON)
    expect(anna.locator(f"#tab-{conversation}")).to_have_count(0, timeout=SOON)
    expect(row(anna, conversation)).to_be_visible(timeout=SOON)


def test_signing_out_asks_on_a_plain_page_too(picking: None, house: House, sit_down: SitDown) -> None:
    conversation = write(house, "E adesso?", name="Elio Uscita")
    take(house, conversation, "anna")
    anna = sit_down("anna")
    anna.locator("summary.ava").click()
    anna.locator("form[action='/logout/'] button").click()
    expect(anna.locator(".left-open")).to_contain_text("Elio Uscita", timeout=SOON)
    is_accessible(anna)
    anna.locator("button[value=release]").click()
    anna.wait_for_url("**/login/**")


def test_by_keyboard_put_aside_taken_up_wrapped_up(picking: None, house: House, sit_down: SitDown) -> None:
    house.run(
        'from contactcenter.queues.models import Queue; Queue.objects.filter(slug="chat").update(wrap_up_seconds=60)'
    )
    conversation = write(house, "Aspetto un documento", name="Dina Aspetta")
    take(house, conversation, "anna")
    anna = sit_down("anna")
    open_(anna, house, conversation)
    anna.keyboard.press("l")
    expect(anna.locator("dialog button[value=quarter]")).to_be_focused(timeout=SOON)
    anna.keyboard.press("Enter")
    expect(anna.locator("#parked")).to_be_visible(timeout=SOON)
    open_(anna, house, conversation)
    anna.keyboard.press("Enter")
    expect(anna.locator("[data-key=w]")).to_be_visible(timeout=SOON)
    expect(anna.locator("textarea.box")).to_be_focused(timeout=SOON)
    anna.keyboard.press("Escape")
    anna.keyboard.press("w")
    expect(anna.locator("#outcome")).to_be_focused(timeout=SOON)
    anna.locator("dialog [name=later]").press("Enter")
    expect(anna.locator(".wrap-left")).to_be_visible(timeout=SOON)
    is_accessible(anna)
    anna.keyboard.press("Escape")  # taking it up had put the cursor into the answer
    anna.keyboard.press("w")
    expect(anna.locator("#outcome")).to_be_focused(timeout=SOON)
    anna.keyboard.type("documento inviato")
    anna.keyboard.press("Enter")
    expect(anna.locator(".wrap-left")).to_have_count(0, timeout=SOON)


def test_a_colleague_is_asked_in_and_goes_out_again(picking: None, house: House, sit_down: SitDown) -> None:
    conversation = write(house, "Caso difficile", name="Cleo Complicata")
    take(house, conversation, "anna")
    anna, bruno = sit_down("anna"), sit_down("bruno")
    open_(anna, house, conversation)
    anna.keyboard.press("i")
    anna.locator(".who-choice", has_text="Bruno").locator("input").check(timeout=SOON)
    is_accessible(anna)
    anna.locator("dialog .btn.p").click()
    expect(anna.locator(".head")).to_contain_text("Bruno", timeout=SOON)
    expect(row(bruno, conversation)).to_be_visible(timeout=SOON)
    open_(bruno, house, conversation)
    bruno.locator(f"form[action$='{conversation}/leave/'] button").click()
    expect(anna.locator(".head .pill", has_text="Bruno")).to_have_count(0, timeout=SOON)


def test_the_language_is_corrected_from_the_head(picking: None, house: House, sit_down: SitDown) -> None:
    conversation = write(house, "Hola, necesito ayuda", name="Lola Lengua")
    take(house, conversation, "anna")
    anna = sit_down("anna")
    open_(anna, house, conversation)
    anna.locator("button.lang").click()
    anna.locator("dialog button[name=language][value=es]").click(timeout=SOON)
    expect(anna.locator("button.lang")).to_contain_text("ES", timeout=SOON)


def test_a_supervisor_sees_the_team_forces_a_state_and_moves_work(
    picking: None, house: House, sit_down: SitDown
) -> None:
    write(house, "Coda sbagliata", name="Mara Spostata")
    anna = sit_down("anna")
    diego = sit_down("diego", "/desk/team/")
    is_accessible(diego)
    work = diego.locator("#team-work tr", has_text="Mara Spostata")
    expect(work).to_be_visible(timeout=SOON)
    work.locator("[name=item]").check()
    diego.locator("#move-to").select_option("tributi")
    diego.locator(".movers .btn.p").click()
    expect(work).to_contain_text("Tributi", timeout=SOON)
    person = diego.locator("#team-people tr", has_text="Anna")
    person.locator("summary").click()
    person.locator("[name=set]").select_option("away")
    person.locator("[name=reason]").fill("Riunione di reparto")
    person.locator(".btn.p").click()
    expect(anna.locator("#forced")).to_contain_text("Riunione di reparto", timeout=SOON)
    for width in (1440, 320):
        diego.set_viewport_size({"width": width, "height": 800})
        assert diego.evaluate("document.documentElement.scrollWidth") <= width
