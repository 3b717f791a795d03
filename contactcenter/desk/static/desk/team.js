// The team's page, kept live: it asks every few seconds, and leaves alone what somebody is just doing.

import { closeMenus, tick } from "../house/page.js";

const EVERY = 3000; // ms
let etag = "";

Idiomorph.defaults.ignoreActiveValue = true;
Idiomorph.defaults.callbacks.beforeAttributeUpdated = (/** @type {string} */ name, /** @type {Element} */ node) => !(name === "open" && node.tagName === "DETAILS");

const live = document.getElementById("live");

/** Something is chosen, unfolded or being typed: that part stays as it is until it is done. */
const isBusy = () =>
  document.querySelector("#team [data-busy][open], #team [name=item]:checked") !== null ||
  document.activeElement?.closest("#team form :is(input, select)") != null;

async function look() {
  if (!live?.dataset.url || isBusy() || document.visibilityState !== "visible") return;
  try {
    const answer = await fetch(live.dataset.url, { headers: { "HX-Request": "true", ...(etag && { "If-None-Match": etag }) }, cache: "no-store" });
    document.getElementById("line")?.toggleAttribute("hidden", true);
    if (answer.status === 401) location.assign(answer.headers.get("HX-Redirect") ?? "/login/");
    const team = document.getElementById("team");
    if (answer.status !== 200 || isBusy() || !team) return;
    etag = answer.headers.get("ETag") ?? "";
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("team");
    if (fresh) Idiomorph.morph(team, fresh, { morphStyle: "outerHTML" });
    htmx.process(document.getElementById("team"));
    tick();
  } catch {
    document.getElementById("line")?.toggleAttribute("hidden", false);
  }
}

/** @param {string} which @returns {NodeListOf<HTMLInputElement>} */
const boxes = (which) => document.querySelectorAll(`#team input${which}`);

function count() {
  const chosen = document.querySelectorAll("#team [name=item]:checked").length;
  const shown = document.querySelector("[data-chosen-count]");
  if (shown) shown.textContent = chosen ? String(chosen) : "";
}

document.addEventListener("change", (event) => {
  const target = event.target;
  if (target instanceof HTMLInputElement && target.matches("[data-all]"))
    for (const box of boxes("[name=item]")) box.checked = target.checked;
  count();
});
document.body.addEventListener("team:done", () => {
  etag = "";
  closeMenus();
  for (const box of boxes("[type=checkbox]")) box.checked = false;
  count();
});
document.addEventListener("htmx:afterSettle", tick);
setInterval(look, EVERY);
