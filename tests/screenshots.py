"""`make screenshots`: pictures of the real desk with the demo town, for the documents."""

import sys
import tempfile
from pathlib import Path
from typing import Literal

from playwright.sync_api import Page, ViewportSize, sync_playwright

from tests import chromium
from tests.served import Served, served

DOCS = Path(__file__).resolve().parent.parent / "docs"
SCREEN: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
PICTURES: list[tuple[Literal["light", "dark"], ViewportSize, str]] = [
    ("light", SCREEN, "desk.png"),
    ("dark", SCREEN, "desk-dark.png"),
    ("light", PHONE, "desk-phone.png"),
]


def log_in(page: Page, house: Served) -> None:
    page.goto(f"{house.url}/login/")
    page.locator("[name=username]").fill("anna")
    page.locator("[name=password]").fill("demo")
    page.locator("[name=password]").press("Enter")
    page.wait_for_url("**/desk/**")


def open_first_conversation(page: Page) -> None:
    """Her own first one, so that the picture shows a person's words and not an empty middle."""
    page.locator("a[href*='/desk/c/']").first.click()
    page.locator("textarea").first.wait_for()


def take(house: Served, browser_path: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        for scheme, size, name in PICTURES:
            context = browser.new_context(
                viewport=size, device_scale_factor=2 if size is PHONE else 1, locale="it-IT", color_scheme=scheme
            )
            page = context.new_page()
            log_in(page, house)
            open_first_conversation(page)
            page.screenshot(path=DOCS / name)
            print(f"docs/{name}")
        browser.close()


def main() -> int:
    browser_path = chromium.find()
    if not browser_path:
        print("Screenshots need Chromium: install it, or name it in CHROMIUM.", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as house:
        take(house, browser_path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
