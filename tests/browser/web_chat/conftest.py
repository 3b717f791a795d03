"""A citizen's browser at the town's chat, and what they may complain about."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from tests.browser.conftest import House
from tests.served import ROOT

QUESTION = "Ho pagato due volte la TARI, come faccio?"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
SLOWLY = 40_000  # milliseconds: a page's own ping comes every 20 seconds


@pytest.fixture
def complaints(page: Page) -> Iterator[list[str]]:
    """What the browser's console complained about; a test ends with none."""
    said: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and "ERR_INTERNET_DISCONNECTED" not in message.text:
            said.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield said
    assert said == []


def begin(page: Page, house: House, text: str = QUESTION, language: str = "it") -> None:
    page.goto(f"{house.url}/chat/comune/?lang={language}")
    page.locator("#start [name=text]").fill(text)
    page.locator("#start button.primary").click()
    expect(page.locator("#log .mine .status").first).to_contain_text("inviato")


def answer(house: House, text: str) -> None:
    """Anna takes the newest chat and answers."""
    house.run(f"""
from contactcenter.outbox import replies
from contactcenter.queues import work_items
from contactcenter.queues.models import WorkItem
from crm.models import User
anna = User.objects.get(username="anna")
item = WorkItem.objects.filter(interaction__account="comune", state="waiting").order_by("-id").first()
item = item or WorkItem.objects.filter(owner=anna, state="claimed").order_by("-id").first()
work_items.claim(item=item, actor=anna)
replies.reply(interaction=item.interaction, text={text!r}, actor=anna)
""")
