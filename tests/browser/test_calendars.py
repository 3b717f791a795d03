"""The page of a calendar in a real browser: the preview follows what is written, on a phone and in the dark, too."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import House
from tests.served import ROOT

pytestmark = pytest.mark.browser
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RULES = "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})"
SOON = 12_000  # milliseconds


def at_the_settings(browser: Browser, house: House, path: str, scheme: str, width: int) -> Page:
    context = browser.new_context(
        locale="it-IT",
        color_scheme="dark" if scheme == "dark" else "light",
        viewport={"width": width, "height": 900},
    )
    page = context.new_page()
    page.goto(f"{house.url}/login/?next={path}")
    page.locator("[name=username]").fill("ada")
    page.locator("[name=password]").fill("demo")
    page.locator("form.card button").click()
    page.wait_for_url(f"**{path}")
    return page


@pytest.mark.parametrize("width", [1440, 320])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_preview_follows_what_is_written(scheme: str, width: int, house: House, browser: Browser) -> None:
    page = at_the_settings(browser, house, "/settings/new/calendars/", scheme, width)
    preview = page.locator("#preview")
    page.get_by_label("lunedì").fill("8:30-13, 12-")
    page.get_by_label("lunedì").press("Tab")
    expect(preview).to_contain_text("“12:00–” non ha una fine.", timeout=SOON)
    page.get_by_label("lunedì").fill("8:30-13, 14-17")
    page.get_by_label("lunedì").press("Tab")
    expect(preview).to_contain_text("08:30–13:00, 14:00–17:00", timeout=SOON)
    page.get_by_label("Chiuso nei giorni festivi di").select_option("IT")
    page.get_by_label("Parte del Paese").select_option("RM", timeout=SOON)
    expect(preview).to_contain_text(re.compile("Santi Pietro e Paolo"), timeout=SOON)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert [(one["id"], one["nodes"][0]["html"][:160]) for one in page.evaluate(RULES)["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_field_with_a_fault_is_marked_in_red(house: House, browser: Browser) -> None:
    page = at_the_settings(browser, house, "/settings/new/calendars/", "light", 1440)
    page.get_by_label("Nome breve").fill("rosso")
    page.get_by_label("Nome", exact=True).fill("Rosso")
    page.get_by_label("Fuso orario").fill("Roma")
    page.get_by_role("button", name="Salva").click()
    field = page.get_by_label("Fuso orario")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_css("border-top-color", "rgb(168, 32, 26)")
    expect(page.get_by_text("“Roma” non è un fuso orario.").first).to_be_visible()
