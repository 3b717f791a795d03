"""Agents at the desk, in real browsers: live without reload, by keyboard, two at once, cut off, on a phone, for everybody."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import House
from tests.served import ROOT

pytestmark = pytest.mark.browser
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
SOON = 12_000  # milliseconds; two cores, many tests
SitDown = Callable[..., Page]

WRITE = """
from django.utils import timezone
from channels_adapters.contract import Address, InboundMessage
from contactcenter.accounts.models import ChannelAccount
from contactcenter.intake import receive
account = ChannelAccount.objects.select_related("queue__office", "office").get(slug="comune")
event = InboundMessage(external_id={key!r}, client_id={key!r}, sender=Address("visitor", {who!r}, {name!r}),
                       text={text!r}, thread={who!r}, language="it")
print(receive.receive(account=account, event=event, at=timezone.now()).interaction)
"""

# The conversation as the page fetches it.
PART_OF = "fetch(document.getElementById('talk').dataset.url, {headers: {'HX-Request': 'true'}}).then(a => a.text())"
COUNT_ADDITIONS = """() => {
  window.added = [];
  const note = (node) => node.querySelector?.(".msg .said, .said") && window.added.push(node.querySelector(".said").textContent);
  new MutationObserver((all) => all.forEach((one) => one.addedNodes.forEach(note)))
    .observe(document.getElementById("flow"), {childList: true});
}"""


def write(house: House, text: str, name: str = "Giulia Ferri") -> str:
    """A citizen's chat message comes in, from another process. Gives the conversation's public id."""
    who = "browser-" + name.lower().replace(" ", "-")
    return house.run(WRITE.format(key=f"{who}-{text}", who=who, name=name, text=text)).strip().splitlines()[-1]


def take(house: House, conversation: str, username: str) -> None:
    house.run(f"""
from contactcenter.queues import work_items
from crm.models import Interaction, User
item = work_items.open_item(Interaction.objects.get(public_id={conversation!r}))
work_items.claim(item=item, actor=User.objects.get(username={username!r}))
""")


@pytest.fixture
def sit_down(browser: Browser, house: House) -> Iterator[SitDown]:
    """Somebody signs in, in a browser of their own: `sit_down("anna")`. It ends with no complaint in any console."""
    contexts: list[BrowserContext] = []
    said: list[str] = []

    def sit_down(username: str, path: str = "/desk/", **more: Any) -> Page:
        context = browser.new_context(**{"locale": "it-IT", "viewport": {"width": 1440, "height": 900}, **more})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(f"{house.url}/login/?next={path}")
        page.locator("[name=username]").fill(username)
        page.locator("[name=password]").fill("demo")
        page.locator("form.card button").click()
        page.wait_for_url(f"**{path}")
        return page

    yield sit_down
    for context in contexts:
        context.close()
    expected = ("409", "422", "ERR_INTERNET_DISCONNECTED", "ERR_FAILED", "WebSocket")
    assert [text for text in said if not any(word in text for word in expected)] == []


def row(page: Page, conversation: str) -> Any:
    return page.locator(f"#row-{conversation}")


def open_(page: Page, house: House, conversation: str) -> None:
    page.goto(f"{house.url}/desk/c/{conversation}/")
    expect(page.locator("#talk")).to_have_attribute("data-id", conversation)


def test_a_chat_arrives_is_taken_and_answered_without_a_reload(house: House, sit_down: SitDown) -> None:
    anna = sit_down("anna")
    anna.evaluate("window.neverReloaded = true")
    conversation = write(house, "Ho pagato due volte la TARI", name="Giulia Arriva")
    expect(row(anna, conversation)).to_be_visible(timeout=SOON)
    expect(row(anna, conversation)).to_contain_text("Ho pagato due volte")
    row(anna, conversation).hover()
    row(anna, conversation).locator(".take").click()
    expect(anna.locator(f"#tab-{conversation}")).to_be_visible(timeout=SOON)
    box = anna.locator("textarea.box")
    expect(box).to_be_focused(timeout=SOON)
    box.fill("Buongiorno Giulia, sono Anna.")
    box.press("Control+Enter")
    expect(anna.locator(".msg.out .said")).to_have_text("Buongiorno Giulia, sono Anna.", timeout=SOON)
    expect(box).to_have_value("")
    write(house, "Grazie, ecco la ricevuta", name="Giulia Arriva")
    expect(anna.locator(".msg.in .said").last).to_have_text("Grazie, ecco la ricevuta", timeout=SOON)
    assert anna.evaluate("window.neverReloaded") is True


def test_new_words_appear_without_a_fragment_and_stay_the_same_when_it_comes(house: House, sit_down: SitDown) -> None:
    """Said once, also to a screen reader: one addition to the log, however often the conversation is fetched after it."""
    conversation = write(house, "Uno", name="Livia Subito")
    anna = sit_down("anna")
    open_(anna, house, conversation)
    older = anna.evaluate(PART_OF)
    anna.evaluate(COUNT_ADDITIONS)
    whole = "**/desk/c/*/"
    anna.route(whole, lambda route: route.abort())
    write(house, "Due", name="Livia Subito")
    expect(anna.locator(".msg.in .said").last).to_have_text("Due", timeout=SOON)
    anna.unroute(whole)
    anna.route(whole, lambda route: route.fulfill(body=older, content_type="text/html"))  # drawn before it was said
    with anna.expect_response(whole):
        write(house, "Tre", name="Livia Subito")
    expect(anna.locator(".msg.in .said")).to_have_text(["Uno", "Due", "Tre"], timeout=SOON)
    anna.unroute(whole)
    with anna.expect_response(whole):
        write(house, "Quattro", name="Livia Subito")
    expect(anna.locator("#talk")).to_have_attribute(
        "data-last", anna.locator(".msg").last.get_attribute("data-seq") or ""
    )
    expect(anna.locator(".msg.in .said")).to_have_text(["Uno", "Due", "Tre", "Quattro"])
    assert anna.evaluate("window.added") == ["Due", "Tre", "Quattro"]


def test_new_words_leave_whoever_reads_above_where_they_are(house: House, sit_down: SitDown) -> None:
    conversation = write(house, "Riga\n" * 120, name="Mara Lunga")
    anna = sit_down("anna")
    open_(anna, house, conversation)
    anna.evaluate("document.getElementById('flow').scrollTop = 40")
    with anna.expect_response("**/desk/c/*/"):
        write(house, "In fondo", name="Mara Lunga")
    expect(anna.locator("#to-end")).to_be_visible(timeout=SOON)
    assert anna.evaluate("document.getElementById('flow').scrollTop") == 40
    anna.locator("#to-end").click()
    expect(anna.locator(".msg .said").last).to_be_in_viewport()


def test_two_agents_race_and_the_loser_reads_who_was_quicker(house: House, sit_down: SitDown) -> None:
    conversation = write(house, "Sono la prima?", name="Irene Contesa")
    bruno = sit_down("bruno")
    open_(bruno, house, conversation)
    bruno.route(
        "**/desk/c/*/", lambda route: route.abort() if route.request.headers.get("hx-request") else route.continue_()
    )
    bruno.evaluate("() => { window.WebSocket.prototype.send = () => {} }")  # his screen hears nothing more
    take(house, conversation, "anna")
    bruno.locator(".head .btn.p").click()
    expect(bruno.locator("#notice")).to_contain_text("Anna Conti", timeout=SOON)


def test_a_stale_answer_is_refused_and_not_one_word_is_lost(house: House, sit_down: SitDown) -> None:
    conversation = write(house, "Come faccio?", name="Piera Cambia")
    take(house, conversation, "anna")
    anna = sit_down("anna")
    open_(anna, house, conversation)
    anna.locator("textarea.box").fill("Deve venire allo sportello con")
    anna.evaluate("document.getElementById('version').value = '0'")  # as if the last ping had been lost
    anna.locator("textarea.box").press("Control+Enter")
    expect(anna.locator("#stale")).not_to_be_empty(timeout=SOON)
    expect(anna.locator("textarea.box")).to_have_value("Deve venire allo sportello con")
    expect(anna.locator(".msg.out .said")).to_have_count(0)
    anna.locator("textarea.box").press("Control+Enter")
    expect(anna.locator(".msg.out .said")).to_have_text("Deve venire allo sportello con", timeout=SOON)


def test_a_draft_survives_another_conversation_a_ping_and_a_reload(house: House, sit_down: SitDown) -> None:
    first, second = write(house, "Uno", name="Rita Prima"), write(house, "Due", name="Sara Seconda")
    for conversation in (first, second):
        take(house, conversation, "anna")
    anna = sit_down("anna")
    open_(anna, house, first)
    anna.locator("textarea.box").fill("Le rispondo subito che")
    write(house, "Ci siete?", name="Rita Prima")
    expect(anna.locator(".msg.in")).to_have_count(2, timeout=SOON)
    expect(anna.locator("textarea.box")).to_have_value("Le rispondo subito che")
    anna.locator(f"#tab-{second}").click()
    expect(anna.locator("#talk")).to_have_attribute("data-id", second, timeout=SOON)
    expect(anna.locator("textarea.box")).to_have_value("")
    anna.locator(f"#tab-{first}").click()
    expect(anna.locator("#talk")).to_have_attribute("data-id", first, timeout=SOON)
    expect(anna.locator("textarea.box")).to_have_value("Le rispondo subito che")
    anna.reload()
    expect(anna.locator("textarea.box")).to_have_value("Le rispondo subito che")


def test_a_cut_line_is_told_within_three_seconds_and_heals_by_itself(house: House, sit_down: SitDown) -> None:
    conversation = write(house, "Prima del taglio", name="Ugo Tagliato")
    take(house, conversation, "anna")
    anna = sit_down("anna")
    open_(anna, house, conversation)
    expect(anna.locator("#line")).to_be_hidden()
    anna.evaluate("window.neverReloaded = true")
    anna.context.set_offline(True)
    expect(anna.locator("#line")).to_be_visible(timeout=3_000)
    write(house, "Durante il taglio", name="Ugo Tagliato")
    anna.context.set_offline(False)
    expect(anna.locator(".msg.in .said").last).to_have_text("Durante il taglio", timeout=SOON)
    expect(anna.locator("#line")).to_be_hidden(timeout=SOON)
    assert anna.evaluate("window.neverReloaded") is True


def test_a_line_that_falls_silent_is_noticed_too(house: House, sit_down: SitDown) -> None:
    """No close, no error: just nobody there any more."""
    anna = sit_down("anna")
    expect(anna.locator("#line")).to_be_hidden()
    anna.evaluate("() => { window.WebSocket.prototype.send = () => {} }")
    expect(anna.locator("#line")).to_be_visible(timeout=9_000)  # a heartbeat may still come through first


def test_by_keyboard_alone(house: House, sit_down: SitDown) -> None:
    conversation = write(house, "Posso fare tutto da tastiera?", name="Tea Tasti")
    take(house, conversation, "bruno")
    bruno = sit_down("bruno")
    open_(bruno, house, conversation)
    bruno.keyboard.press("n")
    expect(bruno.locator("textarea.box")).to_be_focused()
    bruno.keyboard.type("Richiamare domani")
    bruno.keyboard.press("Control+Enter")
    expect(bruno.locator(".msg.note .said")).to_have_text("Richiamare domani", timeout=SOON)
    bruno.keyboard.press("Escape")
    bruno.keyboard.press("?")
    expect(bruno.locator("dialog")).to_be_visible(timeout=SOON)
    bruno.keyboard.press("Escape")
    bruno.keyboard.press("p")
    expect(bruno.locator("#case-subject")).to_be_focused(timeout=SOON)
    bruno.keyboard.press("Enter")
    expect(bruno.locator("#person")).to_contain_text("2026-", timeout=SOON)
    expect(bruno.locator("dialog")).to_be_hidden()
    bruno.keyboard.press("w")
    expect(bruno.locator("#outcome")).to_be_focused(timeout=SOON)
    bruno.keyboard.press("Enter")
    expect(bruno.locator(".why-not")).to_be_visible(timeout=SOON)
    bruno.keyboard.press("Escape")
    bruno.keyboard.press("j")
    assert bruno.evaluate("document.activeElement.classList.contains('item')")


def test_the_title_counts_what_wants_attention(house: House, sit_down: SitDown) -> None:
    write(house, "Conto anch'io?", name="Nadia Numero")
    anna = sit_down("anna")
    expect(anna).to_have_title(re.compile(r"^\(\d+\+?\) Sportello$"), timeout=SOON)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "path",
    ["/login/", "/desk/", "conversation", "/settings/channels/", "/settings/channels/comune/", "/settings/queues/"],
)
def test_nothing_keeps_anybody_out(path: str, scheme: str, house: House, sit_down: SitDown, browser: Browser) -> None:
    if path == "/login/":
        page = browser.new_context(locale="it-IT", color_scheme="dark" if scheme == "dark" else "light").new_page()
        page.goto(f"{house.url}/login/")
    else:
        who = "ada" if path.startswith("/settings") else "anna"
        page = sit_down(who, path if path.startswith("/") else "/desk/", color_scheme=scheme)
    if path == "conversation":
        conversation = write(house, "Accessibile?", name=f"Ada {scheme}")
        take(house, conversation, "anna")
        open_(page, house, conversation)
    page.wait_for_load_state("networkidle")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})")
    wrong = [(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found["violations"]]
    assert wrong == []


@pytest.mark.parametrize(
    "path",
    [
        "/login/",
        "/desk/",
        "conversation",
        "/settings/new/rules/",
        "/settings/rules/",
        "/settings/skills/",
        "/settings/breaks/",
        "/settings/agents/",
        "/settings/queues/tributi/",
        "/settings/queues/",
        "/settings/channels/",
        "/settings/channels/comune/",
        "/settings/queues/accoglienza/",
    ],
)
def test_at_320_pixels_nothing_scrolls_sideways(path: str, house: House, sit_down: SitDown) -> None:
    small = {"width": 320, "height": 640}
    who = "ada" if path.startswith("/settings") else "anna"
    page = sit_down(who, "/desk/" if path in {"/login/", "conversation"} else _known(path), viewport=small)
    if path == "/login/":
        page.context.clear_cookies()
        page.goto(f"{house.url}/login/")
    if path == "conversation":
        open_(page, house, write(house, "Parolalunghissimasenzaspazi" * 6, name="Silvia Piccola"))
    for step in ("work", "talk", "person") if path in {"/desk/", "conversation"} else ("",):
        if step:
            page.locator(f"[data-go={step}]").click()
            expect(page.locator(f"#{step}")).to_be_visible()
        wide = page.evaluate("""() => [document.documentElement, ...document.querySelectorAll('#work, #talk, #person, #flow')]
            .filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.id || e.tagName)""")
        assert wide == []


def _known(path: str) -> str:
    return "/settings/queues/" if path.endswith("accoglienza/") else path


def test_light_dark_and_language_are_remembered(house: House, sit_down: SitDown) -> None:
    anna = sit_down("anna")
    anna.locator("summary.ava").click()
    with anna.expect_response("**/look/"):
        anna.locator("[data-theme-choice=dark]").click()
    anna.reload()
    assert anna.locator("html").get_attribute("data-theme") == "dark"
    anna.locator("summary.ava").click()
    with anna.expect_response("**/look/"):
        anna.locator("[data-theme-choice=system]").click()
    anna.locator("button[lang=uk]").click()
    expect(anna.locator("html")).to_have_attribute("lang", "uk")
