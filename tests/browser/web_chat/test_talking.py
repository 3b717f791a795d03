"""A citizen talks with the office in a real browser: nothing gets lost, whatever the network does."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import EVERYBODY_AT_WORK, House
from tests.browser.web_chat.conftest import QUESTION, SLOWLY, answer, begin

pytestmark = pytest.mark.browser


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
    expect(desk.locator("#talk[data-mine]")).to_be_visible()  # before that, what is typed is a note for colleagues
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
