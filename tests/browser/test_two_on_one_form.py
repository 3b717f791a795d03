"""Two administrators on one form, in a real browser: who changed what is read at once, and one's own words stay."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_desk import SitDown, sit_down
from tests.served import ROOT

__all__ = ["sit_down"]  # a fixture
pytestmark = pytest.mark.browser
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RULES = "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})"
SOON = 12_000  # milliseconds
PATH = "/settings/queues/tributi/"


def keeps(page: Page) -> None:
    page.get_by_role("button", name="Salva", exact=True).click()


def nothing_keeps_anybody_out(page: Page) -> None:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert [(one["id"], one["nodes"][0]["html"][:160]) for one in page.evaluate(RULES)["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("scheme, width", [("light", 1440), ("dark", 320)])
def test_the_second_to_keep_a_form_decides(scheme: str, width: int, sit_down: SitDown) -> None:
    late = sit_down("ada", PATH, color_scheme=scheme, viewport={"width": width, "height": 800})
    quick = sit_down("ada", PATH)
    priority = int(quick.get_by_label("Priorità", exact=True).input_value()) + 1
    quick.get_by_label("Priorità", exact=True).fill(str(priority))
    keeps(quick)
    expect(quick.get_by_text("Salvato.")).to_be_visible(timeout=SOON)
    late.get_by_label("Fila massima").fill("30")
    keeps(late)
    told = late.locator(".theirs")
    expect(told).to_be_focused(timeout=SOON)
    expect(told.get_by_role("row", name=re.compile("Priorità"))).to_contain_text(str(priority))
    expect(late.get_by_label("Fila massima")).to_have_value("30")
    nothing_keeps_anybody_out(late)
    late.get_by_role("button", name="Salva comunque le mie").click()
    expect(late.get_by_text("Salvato.")).to_be_visible(timeout=SOON)
    expect(late.get_by_label("Priorità", exact=True)).to_have_value(str(priority - 1))


@pytest.mark.parametrize("path", ["/settings/breaks/", "/settings/breaks/lunch/", PATH])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_breaks_and_outcomes_are_for_everybody(path: str, scheme: str, sit_down: SitDown) -> None:
    nothing_keeps_anybody_out(sit_down("ada", path, color_scheme=scheme, viewport={"width": 320, "height": 800}))
