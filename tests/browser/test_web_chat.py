"""A citizen at the chat, in a real browser: hosted, framed by the town's site, cut off, by keyboard, on a small screen."""

import http.server
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect

from tests.browser.conftest import EVERYBODY_AT_WORK, House
from tests.served import ROOT

pytestmark = pytest.mark.browser
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


def test_citizen_writes_and_learns_the_place_in_line(page: Page, house: House, complaints: list[str]) -> None:
    begin(page, house)
    expect(page.locator("#log .mine p")).to_have_text(QUESTION)
    expect(page.locator("#place b")).to_contain_text(re.compile("posto in fila|Tocca a te"))
    expect(page.locator("#leave")).to_be_visible()
    expect(page.locator("#words")).to_be_focused()


def test_citizen_reads_the_answer_and_sees_who_wrote_it(page: Page, house: House, complaints: list[str]) -> None:
    begin(page, house)
    answer(house, "Buongiorno, sono Anna. Mi manda la ricevuta?")
    expect(page.locator("#log .theirs p")).to_have_text("Buongiorno, sono Anna. Mi manda la ricevuta?", timeout=SLOWLY)
    expect(page.locator("#log .theirs .who")).to_have_text("Anna")
    expect(page.locator("#subtitle")).to_contain_text("Anna")
    expect(page.locator("#place")).to_be_hidden()


def test_citizen_and_agent_meet(page: Page, browser: Browser, house: House, complaints: list[str]) -> None:
    """Two people, two browsers, nothing in between but the house."""
    desk = browser.new_context(locale="it-IT", viewport={"width": 1440, "height": 900}).new_page()
    desk.goto(f"{house.url}/login/")
    desk.locator("[name=username]").fill("bruno")
    desk.locator("[name=password]").fill("demo")
    desk.keyboard.press("Enter")
    desk.wait_for_url("**/desk/**")
    begin(page, house, "Vorrei iscrivere mia figlia al nido")
    desk.get_by_text("Vorrei iscrivere mia figlia al nido").first.click()
    desk.wait_for_url("**/desk/c/*/")
    desk.locator(f"[action*='{desk.url.rstrip('/').rsplit('/', 1)[1]}/take/'] button").last.click()
    expect(page.locator("#log .event")).to_contain_text("Bruno")
    desk.locator("#composer textarea").press_sequentially("Volentieri.")
    expect(page.locator("#typing")).to_contain_text("Bruno")
    desk.locator("#composer .send").click()
    expect(page.locator("#log .theirs p")).to_have_text("Volentieri.")
    expect(page.locator("#log .mine .status")).to_contain_text("letto")
    desk.context.close()


def test_what_was_written_without_a_network_arrives_once_afterwards(
    page: Page, context: BrowserContext, house: House
) -> None:
    begin(page, house)
    context.set_offline(True)
    page.locator("#words").fill("Scritto in galleria")
    page.keyboard.press("Enter")
    expect(page.locator("#log .mine").last.locator(".status")).to_contain_text("invio in corso")
    context.set_offline(False)
    expect(page.locator("#log .mine").last.locator(".status")).to_contain_text("inviato", timeout=SLOWLY)
    expect(page.locator("#log .mine p")).to_have_text([QUESTION, "Scritto in galleria"])


def test_reloaded_page_shows_the_same_conversation(page: Page, house: House, complaints: list[str]) -> None:
    begin(page, house)
    page.reload()
    expect(page.locator("#log .mine p")).to_have_text([QUESTION])
    expect(page.locator("#start")).to_be_hidden()


def test_message_that_was_never_confirmed_survives_a_closed_tab(
    page: Page, context: BrowserContext, house: House
) -> None:
    begin(page, house)
    page.route("**/messages/**", lambda route: route.abort())
    page.evaluate("""() => { WebSocket.prototype.send = () => {}; }""")
    page.locator("#words").fill("Prima che si spenga")
    page.keyboard.press("Enter")
    expect(page.locator("#log .mine").last.locator(".status")).to_contain_text("invio in corso")
    page.close()
    again = context.new_page()
    again.goto(f"{house.url}/chat/comune/?lang=it")
    expect(again.locator("#log .mine p")).to_have_text([QUESTION, "Prima che si spenga"])
    expect(again.locator("#log .mine").last.locator(".status")).to_contain_text("inviato", timeout=SLOWLY)


def test_two_tabs_show_the_same(page: Page, context: BrowserContext, house: House) -> None:
    begin(page, house)
    other = context.new_page()
    other.goto(f"{house.url}/chat/comune/?lang=it")
    expect(other.locator("#log .mine p")).to_have_text([QUESTION])
    other.locator("#words").fill("Dalla seconda scheda")
    other.keyboard.press("Enter")
    expect(page.locator("#log .mine p")).to_have_text([QUESTION, "Dalla seconda scheda"])


def test_chat_works_where_sockets_can_t_pass(page: Page, house: House) -> None:
    page.add_init_script("""
        window.WebSocket = class extends EventTarget {
            static OPEN = 1;
            constructor() { super(); this.readyState = 0; setTimeout(() => this.fail(), 10); }
            fail() { this.readyState = 3; this.onclose?.({ code: 1006 }); }
            send() {} close() {}
        };""")
    begin(page, house)
    answer(house, "La leggo anche senza socket.")
    expect(page.locator("#log .theirs p")).to_have_text("La leggo anche senza socket.", timeout=SLOWLY)


def test_file_is_uploaded_sent_and_downloadable(
    page: Page, house: House, complaints: list[str], tmp_path: Path
) -> None:
    receipt = tmp_path / "ricevuta-tari.pdf"
    receipt.write_bytes(b"%PDF-1.4\nricevuta\n")
    begin(page, house)
    page.locator("#picker").set_input_files(receipt)
    expect(page.locator("#uploads li")).to_contain_text("ricevuta-tari.pdf")
    expect(page.locator("#uploads progress")).to_have_count(0)
    page.locator("#composer button.primary").click()
    link = page.locator("#log .mine .file a")
    expect(link).to_have_text("ricevuta-tari.pdf")
    answered = page.request.get(f"{house.url}{link.get_attribute('href')}")
    assert answered.headers["content-disposition"].startswith("attachment")
    assert answered.body().startswith(b"%PDF")


def test_chosen_file_can_be_taken_back(page: Page, house: House, complaints: list[str], tmp_path: Path) -> None:
    note = tmp_path / "nota.txt"
    note.write_text("nota")
    begin(page, house)
    page.locator("#picker").set_input_files(note)
    page.get_by_role("button", name="Togli nota.txt").click()
    expect(page.locator("#uploads")).to_be_hidden()
    expect(page.locator("#words")).to_be_focused()


def test_hostile_words_stay_words(page: Page, house: House, complaints: list[str]) -> None:
    begin(page, house, "<img src=x onerror=alert(1)><script>alert(2)</script>")
    expect(page.locator("#log .mine p")).to_have_text("<img src=x onerror=alert(1)><script>alert(2)</script>")
    assert page.locator("#log img, #log script").count() == 0


def test_forgotten_words_are_asked_for_beside_the_form(page: Page, house: House, complaints: list[str]) -> None:
    page.goto(f"{house.url}/chat/comune/?lang=it")
    page.locator("#start button.primary").click()
    expect(page.locator("#start .fault")).to_have_text("Scrivi prima un messaggio.")
    expect(page.locator("#start [name=text]")).to_be_focused()
    expect(page.locator("#start [name=text]")).to_have_attribute("aria-invalid", "true")


def test_language_can_be_changed_without_losing_what_was_typed(page: Page, house: House, complaints: list[str]) -> None:
    page.goto(f"{house.url}/chat/comune/?lang=it")
    page.locator("#start [name=text]").fill("Як подати заяву?")
    page.locator("#language").select_option("uk")
    expect(page.locator("#start button.primary")).to_have_text("Почати чат")
    expect(page.locator("#start [name=text]")).to_have_value("Як подати заяву?")
    assert page.locator("html").get_attribute("lang") == "uk"


def test_ending_asks_once_and_offers_a_new_beginning(page: Page, house: House, complaints: list[str]) -> None:
    begin(page, house)
    page.locator("#leave").click()
    expect(page.locator("#composer .fault")).to_contain_text("Premi ancora")
    page.locator("#leave").click()
    expect(page.locator("#after")).to_be_visible()
    expect(page.locator("#composer")).to_be_hidden()
    page.locator("#again").click()
    expect(page.locator("#start")).to_be_visible()
    expect(page.locator("#log")).to_be_hidden()


def test_who_would_rather_have_mail_leaves_an_address(page: Page, house: House, complaints: list[str]) -> None:
    begin(page, house)
    page.locator("#rather-mail").click()
    expect(page.locator("#mail [name=text]")).to_have_value(QUESTION)
    page.locator("#mail [name=email]").fill("giulia.ferri@example.org")
    page.locator("#mail button.primary").click()
    expect(page.locator("#mail .fault")).to_contain_text("Spunta la casella")
    page.locator("#mail [name=consent]").check()
    page.locator("#mail button.primary").click()
    expect(page.locator("#thanks")).to_contain_text("giulia.ferri@example.org")


def test_when_nobody_is_there_the_chat_is_a_form(page: Page, house: House, complaints: list[str]) -> None:
    house.run("from contactcenter.queues.models import Presence; Presence.objects.update(status='away')")
    try:
        page.goto(f"{house.url}/chat/comune/?lang=it")
        expect(page.locator("#start")).to_be_hidden()
        page.locator("#mail [name=email]").fill("marco@example.org")
        page.locator("#mail [name=text]").fill("Quando aprite?")
        page.locator("#mail [name=consent]").check()
        page.locator("#mail button.primary").click()
        expect(page.locator("#thanks")).to_contain_text("marco@example.org")
    finally:
        house.run(EVERYBODY_AT_WORK)


def test_hole_in_the_numbers_is_asked_for_and_order_is_by_number(page: Page, house: House) -> None:
    page.goto(f"{house.url}/chat/comune/?lang=it")
    taken = page.evaluate("""async () => {
        const { Sequence } = await import("/static/web_chat/sequence.js");
        const sequence = new Sequence();
        sequence.start("9f");
        const frames = [[1, 0], [5, 4], [4, 1], [5, 4], [9, 6], [6, 5]].map(([seq, prev]) => ({ t: "msg", seq, prev }));
        return frames.map((frame) => ({ ...sequence.take(frame), head: sequence.head }));
    }""")
    assert [step["head"] for step in taken] == [1, 1, 5, 5, 5, 9]
    assert [step["hole"] for step in taken] == [None, {"from": 2, "to": 4}, None, None, {"from": 6, "to": 6}, None]
    assert [step["fresh"] for step in taken] == [True, True, True, False, True, True]


def test_words_the_office_never_got_begin_a_new_conversation_when_the_session_is_gone(page: Page, house: House) -> None:
    begin(page, house)
    page.evaluate("() => { WebSocket.prototype.send = () => {}; }")
    page.locator("#words").fill("Non buttatelo via")
    page.keyboard.press("Enter")
    house.run(
        "from contactcenter.intake.visitors.models import VisitorSession; from django.utils import timezone;"
        "VisitorSession.objects.update(revoked_at=timezone.now())"
    )
    page.reload()
    expect(page.locator("#log .mine p")).to_have_text(["Non buttatelo via"])
    expect(page.locator("#log .mine .status")).to_contain_text("inviato")


# --- for everybody ---


def test_whole_way_by_keyboard_alone(page: Page, house: House, complaints: list[str]) -> None:
    page.goto(f"{house.url}/chat/comune/?lang=it")
    page.locator("#language").focus()
    for _field in range(3):
        page.keyboard.press("Tab")
    expect(page.locator("#start [name=text]")).to_be_focused()
    page.keyboard.type(QUESTION)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#log .mine p")).to_have_text(QUESTION)
    page.keyboard.type("Seconda riga")
    page.keyboard.press("Enter")
    expect(page.locator("#log .mine p").last).to_have_text("Seconda riga")


def test_conversation_is_announced_to_a_screen_reader(page: Page, house: House, complaints: list[str]) -> None:
    begin(page, house)
    log = page.get_by_role("log", name="Conversazione")
    assert log.get_attribute("aria-live") == "polite"
    for control in page.locator("button:visible, input:visible, select:visible, textarea:visible").all():
        name = control.evaluate(
            "c => c.getAttribute('aria-label') || c.labels?.[0]?.textContent.trim() || c.textContent.trim()"
        )
        assert name, control.evaluate("c => c.outerHTML")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_pass_the_accessibility_rules(page: Page, house: House, scheme: str) -> None:
    """WCAG 2.2 AA as far as a program can tell, on the form, in conversation, and at the end."""
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of the two
    page.goto(f"{house.url}/chat/comune/?lang=it")
    assert offences(page) == []
    begin(page, house)
    assert offences(page) == []
    page.locator("#rather-mail").click()
    assert offences(page) == []
    page.locator("#back-to-chat").click()
    page.locator("#leave").click()
    page.locator("#leave").click()
    expect(page.locator("#after")).to_be_visible()
    assert offences(page) == []


def offences(page: Page) -> list[str]:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'] })")
    return [f"{rule['id']}: {node['html']}" for rule in found["violations"] for node in rule["nodes"]]


def test_chat_works_where_the_browser_may_store_nothing(page: Page, house: House, complaints: list[str]) -> None:
    page.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } })"
    )
    begin(page, house)
    page.locator("#words").fill("Anche così")
    page.keyboard.press("Enter")
    expect(page.locator("#log .mine p")).to_have_text([QUESTION, "Anche così"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_scrolls_sideways_at_320_pixels(page: Page, house: House, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of the two
    page.set_viewport_size({"width": 320, "height": 640})
    begin(page, house, "Donaudampfschifffahrtsgesellschaftskapitänswitwenrentenauszahlungsstelle" * 3)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert page.evaluate("document.querySelector('#main').scrollWidth <= document.querySelector('#main').clientWidth")
    small = [
        box for control in page.locator("button:visible, select:visible, textarea:visible").all()
        if (box := control.bounding_box()) and box["height"] < 44
    ]  # fmt: skip
    assert small == []


def test_whole_widget_weighs_less_than_sixty_kilobytes(page: Page, house: House) -> None:
    weights: list[int] = []
    page.on("requestfinished", lambda request: weights.append(weight(request)))
    page.goto(f"{house.url}/chat/comune/?lang=it", wait_until="networkidle")
    loader = page.request.get(f"{house.url}/widget.js")
    assert sum(weights) + len(loader.body()) < 60_000


def weight(request: Request) -> int:
    sizes = request.sizes()
    return sizes["responseBodySize"]


# --- on the town's own site ---

ACCOUNT = "from contactcenter.accounts import accounts; comune = accounts.find('comune')"
TOWN = """<!doctype html><html lang="it"><head><title>Comune di Roccaverde</title></head>
<body><h1>Comune di Roccaverde</h1><a href="/tari">TARI</a>
<script async src="{house}/widget.js" data-account="comune" data-lang="it"></script></body></html>"""


@pytest.fixture(scope="module")
def town_site(house: House) -> Iterator[str]:
    """Another origin, with the strictest policy that the README asks for."""

    class Site(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = TOWN.format(house=house.url).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            policy = f"default-src 'none'; script-src {house.url}; frame-src {house.url}"
            self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    before = house.run(f"{ACCOUNT}; print(*comune.settings.get('allowed_origins', []))").split()
    yield f"http://127.0.0.1:{server.server_port}"
    allow(house, *before)
    server.shutdown()


def allow(house: House, *origins: str) -> None:
    change = f"accounts.change(account=comune, actor=None, settings={{'allowed_origins': {list(origins)!r}}})"
    house.run(f"{ACCOUNT}; {change}")


def test_town_embeds_the_chat_by_one_script_tag(page: Page, house: House, town_site: str) -> None:
    allow(house, town_site)
    page.goto(town_site)
    page.get_by_role("button", name="Scrivici").click()
    chat = page.frame_locator("iframe[title='Chat con l’ufficio']")
    chat.locator("#start [name=text]").fill(QUESTION)
    chat.locator("#start button.primary").click()
    expect(chat.locator("#log .mine .status")).to_contain_text("inviato")
    page.goto(f"{town_site}/tari")  # the conversation goes along from page to page
    expect(page.frame_locator("iframe").locator("#log .mine p")).to_have_text(QUESTION)


def test_escape_closes_the_frame_and_gives_the_focus_back(page: Page, house: House, town_site: str) -> None:
    allow(house, town_site)
    page.goto(town_site)
    button = page.get_by_role("button", name="Scrivici")
    button.click()
    chat = page.frame_locator("iframe")
    expect(chat.locator("#start [name=name]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("iframe")).to_be_hidden()
    expect(button).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "false")


def test_site_that_is_not_allowed_shows_no_chat(page: Page, house: House, town_site: str) -> None:
    allow(house, "https://www.roccaverde.example")
    refusals: list[str] = []
    page.on("console", lambda message: refusals.append(message.text))
    page.goto(town_site)
    page.get_by_role("button", name="Scrivici").click()
    expect(page.frame_locator("iframe").locator("#start")).to_have_count(0)
    page.wait_for_function("() => true")
    assert any("frame-ancestors" in refusal for refusal in refusals)
