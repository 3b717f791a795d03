"""A citizen who waits too long leaves a number in the chat; an agent calls it and says so; the page follows."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import House
from tests.browser.test_desk import SOON, SitDown, sit_down
from tests.browser.test_offers import is_accessible
from tests.browser.web_chat.conftest import SLOWLY, begin, complaints

__all__ = ["complaints", "sit_down"]
pytestmark = pytest.mark.browser
CALLS_BACK = """
from django.utils import timezone
from contactcenter.queues.models import Presence, Queue, WorkItem
WorkItem.objects.filter(state__in=["waiting", "offered"], queue__slug="chat").update(state="done", ended_at=timezone.now())
Queue.objects.filter(slug="chat").update(overflow="callback", max_wait_seconds=1)
"""
AS_BEFORE = """
from contactcenter.queues.models import Queue
Queue.objects.filter(slug="chat").update(overflow="", max_wait_seconds=None)
"""


@pytest.fixture
def calls_back(house: House) -> Iterator[None]:
    house.run(CALLS_BACK)
    yield
    house.run(AS_BEFORE)


def asked(page: Page, house: House, text: str) -> None:
    begin(page, house, text)
    expect(page.locator("#callback summary")).to_have_text("Vuoi che ti richiamiamo?", timeout=SLOWLY)


def test_a_citizen_asks_to_be_called_and_an_agent_reaches_them(
    page: Page, house: House, calls_back: None, sit_down: SitDown, complaints: list[str]
) -> None:
    asked(page, house, "Mi richiamate per la carta d'identità?")
    is_accessible(page)
    page.locator("#callback [name=number]").fill("055")
    page.keyboard.press("Enter")
    expect(page.locator("#callback .fault")).to_contain_text("numero di telefono completo")
    expect(page.locator("#callback [name=number]")).to_have_value("055")
    page.locator("#callback [name=number]").fill("055 234 5678")
    page.keyboard.press("Enter")
    expect(page.locator("#place b")).to_have_text("Ti richiamiamo noi", timeout=SLOWLY)
    expect(page.locator("#place [data-office]")).to_contain_text("+39 055 234 5678")
    expect(page.locator("#rather-mail")).to_be_hidden()
    page.reload()
    expect(page.locator("#place b")).to_have_text("Ti richiamiamo noi", timeout=SLOWLY)
    is_accessible(page)
    complaints.clear()  # 400 for half a number is said in the console, too

    anna = sit_down("anna")
    row = anna.locator("#work .item", has_text="Mi richiamate per la carta")
    expect(row).to_contain_text("da richiamare", timeout=SOON)
    row.click()
    expect(anna.locator("#call")).to_contain_text("+39 055 234 5678")
    expect(anna.locator("#call a")).to_have_count(0)
    anna.locator("#talk [data-key=enter]").click()
    link = anna.locator("#call a[data-key=g]")
    expect(link).to_have_attribute("href", "tel:+390552345678")
    is_accessible(anna)
    expect(page.locator("#place")).to_be_hidden(timeout=SLOWLY)
    expect(page.locator("#callback")).to_be_hidden()
    expect(anna.locator("textarea.box")).to_be_focused(timeout=SOON)
    anna.keyboard.press("Escape")  # out of the composer, where single keys are letters
    anna.keyboard.press("y")
    expect(anna.locator("#call")).to_have_count(0)
    expect(anna.locator("#flow")).to_contain_text("ha parlato al telefono con il cittadino")
    anna.locator("[data-key=w]").click()
    anna.locator("#dialog button.p").click()
    expect(page.locator("#after")).to_be_visible(timeout=SLOWLY)
    assert (
        house.run("from contactcenter.calls.models import Callback; print(Callback.objects.latest('id').state)")
        .strip()
        .endswith("kept")
    )


def test_a_citizen_goes_on_waiting_or_takes_the_call_back_by_keyboard(
    page: Page, house: House, calls_back: None, complaints: list[str]
) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    asked(page, house, "Aspetto volentieri")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert page.evaluate("document.querySelector('#main').scrollWidth <= document.querySelector('#main').clientWidth")
    page.locator("[data-stay]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#callback form")).to_be_hidden()
    expect(page.locator("#words")).to_be_focused()
    page.locator("#callback summary").focus()
    page.keyboard.press("Enter")
    page.locator("#callback [name=number]").fill("347 123 4567")
    page.keyboard.press("Enter")
    expect(page.locator("#place b")).to_have_text("Ti richiamiamo noi", timeout=SLOWLY)
    page.locator("#callback [data-choice=wait]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#place b")).to_contain_text(re.compile("posto in fila|Tocca a te"), timeout=SLOWLY)
    expect(page.locator("#callback summary")).to_be_visible(timeout=SLOWLY)
    page.locator("[data-choice=writing]").click()
    expect(page.locator("#place b")).to_have_text("Riceverai una risposta scritta", timeout=SLOWLY)
    expect(page.locator("#callback")).to_be_hidden()
