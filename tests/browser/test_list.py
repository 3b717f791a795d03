"""The left of the desk as each agent likes it: filters and views by keyboard, the night theme, sounds and notices."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import House
from tests.browser.test_desk import SOON, SitDown, open_, row, sit_down, take, write
from tests.browser.test_offers import is_accessible, offering

__all__ = ["offering", "sit_down"]
pytestmark = pytest.mark.browser
HEAR = """() => {
  const body = document.body.dataset;
  body.heard = body.shown = "";
  document.addEventListener("desk:sounded", (event) => { body.heard += event.detail; });
  window.Notification = class {
    static permission = "granted";
    constructor(title, more) { body.shown += title + " " + more.body; }
    close() {}
  };
}"""
AWAY = "() => { document.hasFocus = () => false; }"


@pytest.fixture
def as_before(house: House) -> Iterator[None]:
    """What Anna chose and kept is gone afterwards."""
    yield
    house.run(
        "from contactcenter.desk.models import *; Preferences.objects.all().delete(); SavedView.objects.all().delete()"
    )


def test_a_filter_is_set_kept_and_lifted_by_keyboard(as_before: None, house: House, sit_down: SitDown) -> None:
    shown, hidden = (
        write(house, "Ho perso il tesserino", name="Tea Trovata"),
        write(house, "Altro", name="Ugo Nascosto"),
    )
    anna = sit_down("anna")
    anna.evaluate("window.neverReloaded = true")
    title = anna.title()
    anna.keyboard.press("f")
    expect(anna.locator("#f-words")).to_be_focused(timeout=SOON)
    is_accessible(anna)
    anna.keyboard.type("tesserino")
    anna.keyboard.press("Enter")
    expect(row(anna, hidden)).to_have_count(0, timeout=SOON)
    expect(row(anna, shown)).to_be_visible()
    assert anna.url.endswith("?words=tesserino")
    assert anna.title() == title  # it counts everything
    late = write(house, "Anche io aspetto", name="Vito Tardi")  # a ping doesn't lift it
    expect(anna).not_to_have_title(title, timeout=SOON)
    expect(row(anna, late)).to_have_count(0)
    row(anna, shown).locator(".item").click()
    expect(anna.locator("#talk")).to_have_attribute("data-id", shown, timeout=SOON)
    assert anna.evaluate("window.neverReloaded") is True
    anna.reload()
    expect(row(anna, shown)).to_be_visible()
    expect(row(anna, late)).to_have_count(0)
    anna.keyboard.press("f")
    anna.locator("#view-name").fill("Tesserini")
    anna.locator("#view-name").press("Enter")
    expect(anna.locator(".views")).to_contain_text("Tesserini", timeout=SOON)
    anna.locator(".views [data-filter='']").click()
    expect(row(anna, late)).to_be_visible(timeout=SOON)
    assert "?" not in anna.url


@pytest.mark.parametrize("width", [1440, 320])
def test_the_night_theme_and_compact_rows_hold_on_another_machine(
    width: int, as_before: None, house: House, sit_down: SitDown
) -> None:
    write(house, "Buonasera", name="Nora Notte")
    anna = sit_down("anna")
    height = anna.locator("#work .item").first.bounding_box()
    anna.locator("summary.ava").click()
    anna.locator("[data-open$='/preferences/']").click()
    anna.locator("[name=theme][value=night]").check()
    anna.locator("[name=density][value=compact]").check()
    is_accessible(anna)
    with anna.expect_navigation():
        anna.locator(".prefs .btn.p").click()
    elsewhere = sit_down("anna", viewport={"width": width, "height": 800})
    expect(elsewhere.locator("html")).to_have_attribute("data-theme", "night")
    lower = elsewhere.locator("#work .item").first.bounding_box()
    assert height is not None
    assert lower is not None
    assert lower["height"] < height["height"] - 6
    is_accessible(elsewhere)
    assert elsewhere.evaluate("document.documentElement.scrollWidth") <= width


def test_a_new_message_sounds_and_is_told_without_a_name_unless_it_is_being_read(
    as_before: None, house: House, sit_down: SitDown
) -> None:
    house.run("""
from contactcenter.desk import look
from crm.models import User
look.choose(actor=User.objects.get(username="anna"), told_of_messages=True)
""")
    mine = write(house, "Prima parola", name="Sara Suona")
    take(house, mine, "anna")
    anna = sit_down("anna")
    anna.evaluate(HEAR)
    open_(anna, house, mine)
    anna.evaluate(HEAR)
    anna.locator("#work h2").first.click()
    expect(anna.locator(f"#tab-{mine}")).to_have_attribute("data-unread", "0", timeout=SOON)
    write(house, "La leggi subito", name="Sara Suona")
    expect(anna.locator(".msg.in .said").last).to_have_text("La leggi subito", timeout=SOON)
    expect(anna.locator(f"#tab-{mine}")).to_have_attribute("data-unread", "0", timeout=SOON)
    assert anna.evaluate("[document.body.dataset.heard, document.body.dataset.shown]") == ["", ""]
    anna.evaluate(AWAY)
    anna.evaluate("""() => { Object.defineProperty(document, "visibilityState", { get: () => "hidden" }); }""")
    write(house, "Sei altrove", name="Sara Suona")
    expect(anna.locator("body")).to_have_attribute("data-heard", "message", timeout=SOON)
    told = anna.locator("body").get_attribute("data-shown") or ""
    assert "Sportello" in told
    assert "Sara" not in told
    assert "altrove" not in told


def test_an_offer_sounds_unless_sounds_are_off(
    offering: None, as_before: None, house: House, sit_down: SitDown
) -> None:
    anna = sit_down("anna")
    anna.evaluate(HEAR)
    anna.locator("#work h2").first.click()
    write(house, "Sono qui", name="Livia Lieta")
    expect(anna.locator(".offer", has_text="Livia Lieta")).to_be_visible(timeout=SOON)
    expect(anna.locator("body")).to_have_attribute("data-heard", "offer", timeout=SOON)
    anna.evaluate("() => { document.documentElement.dataset.volume = '0'; document.body.dataset.heard = ''; }")
    anna.keyboard.press("d")
    expect(anna.locator(".offer", has_text="Livia Lieta")).to_have_count(0, timeout=SOON)
    write(house, "E io", name="Mario Muto")
    expect(anna.locator(".offer", has_text="Mario Muto")).to_be_visible(timeout=SOON)
    assert anna.locator("body").get_attribute("data-heard") == ""
