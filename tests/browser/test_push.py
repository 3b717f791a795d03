"""A notice on the device, as the browser's own service worker shows it: pushed by the browser's tools, not by a maker."""

import json

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import House
from tests.browser.test_desk import SOON, SitDown, sit_down, write

__all__ = ["sit_down"]
pytestmark = pytest.mark.browser
SHOWN = """async () => {
  const registration = await navigator.serviceWorker.getRegistration("/desk/");
  return (await registration.getNotifications()).map((one) => [one.title, one.body, one.tag]);
}"""
REGISTER = """async () => {
  const registration = await navigator.serviceWorker.register("/desk/push-worker.js?language=it", {scope: "/desk/"});
  await navigator.serviceWorker.ready;
  return registration.scope;
}"""


def shown_after(page: Page, told: dict[str, str]) -> list[list[str]]:
    wire = page.context.new_cdp_session(page)
    known: list[str] = []
    wire.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: known.extend(one["registrationId"] for one in event["registrations"]),
    )
    wire.send("ServiceWorker.enable")
    wire.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": page.evaluate("location.origin"), "registrationId": known[-1], "data": json.dumps(told)},
    )
    page.wait_for_function(f"async () => (await ({SHOWN})()).length > 0", timeout=SOON)
    found: list[list[str]] = page.evaluate(SHOWN)
    return found


def test_a_push_is_shown_in_the_agents_language_and_names_nobody(house: House, sit_down: SitDown) -> None:
    page = sit_down("anna")
    page.context.grant_permissions(["notifications"], origin=house.url)
    conversation = write(house, "Sono tornata", "Nora Notifica")
    assert page.evaluate(REGISTER) == f"{house.url}/desk/"
    page.goto(f"{house.url}/demo/")  # nobody looks at the desk
    told = {"kind": "message", "channel": "comune", "id": conversation}
    [[title, body, tag]] = shown_after(page, told)
    assert (title, tag) == ("Sportello", f"message-{conversation}")
    assert "ha scritto" in body
    assert "Nora" not in body
