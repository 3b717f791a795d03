"""A call to a browser whose desk is closed. The push service itself belongs to the browser's maker; from its border on, this
is the real thing: a worker of ours, woken as Chromium wakes it."""

import json

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import House
from tests.browser.test_desk import SOON, SitDown, sit_down

__all__ = ["sit_down"]
pytestmark = pytest.mark.browser
INSTALLED = """async () => {
  await navigator.serviceWorker.register("/desk/worker.js?language=en", { scope: "/desk/" });
  const found = await navigator.serviceWorker.getRegistration("/desk/");
  while (!found.active) await new Promise((next) => setTimeout(next, 50));
}"""
SHOWN = """async () => {
  const found = await navigator.serviceWorker.getRegistration("/desk/"), shown = async () => await found.getNotifications();
  while (!(await shown()).length) await new Promise((next) => setTimeout(next, 50));
  return (await shown()).map((one) => [one.title, one.body, one.tag]);
}"""


def wake(page: Page, house: House, told: object) -> None:
    """As Chromium does when its push service brings something for this worker."""
    devtools, found = page.context.new_cdp_session(page), []
    devtools.on("ServiceWorker.workerRegistrationUpdated", lambda event: found.extend(event["registrations"]))
    devtools.send("ServiceWorker.enable")
    for _time in range(100):  # what the browser tells comes in with its other answers
        if found:
            break
        page.evaluate("() => 1")
    call = {"origin": house.url, "registrationId": found[-1]["registrationId"], "data": json.dumps(told)}
    devtools.send("ServiceWorker.deliverPushMessage", call)


def test_a_call_is_shown_when_nobody_looks_at_the_desk_and_names_nobody(house: House, sit_down: SitDown) -> None:
    anna = sit_down("anna")
    anna.context.grant_permissions(["notifications"], origin=house.url)
    anna.evaluate(INSTALLED)
    anna.goto(f"{house.url}/chat/comune/")
    wake(anna, house, {"sort": "offer", "conversation": "x"})
    ((title, words, tag),) = anna.evaluate(SHOWN)
    assert (title, tag) == ("Sportello", "offer")
    assert words.endswith(".")


def test_the_preferences_say_how_it_stands_with_this_device(house: House, sit_down: SitDown) -> None:
    anna = sit_down("anna")
    anna.locator("summary.ava").click()
    anna.locator('[data-open="/desk/preferences/"]').click()
    button = anna.locator("[data-push]")
    expect(button).to_have_attribute("aria-pressed", "false", timeout=SOON)
    expect(button).not_to_be_empty()
    button.click()  # the browser asks its person, and headless nobody answers: that is a refusal
    expect(anna.locator("[data-push-said]")).not_to_be_empty(timeout=SOON)
    expect(button).to_have_attribute("aria-pressed", "false")
