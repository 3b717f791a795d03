/** A line that has grown too long asks whether to call back. Loaded when it asks; the form comes from the office, translated. */

import { call } from "./door.js";
import { complain, onFilled } from "./forms.js";
import { language } from "./texts.js";

const box = document.createElement("section");
box.id = "callback";
box.className = "card";
box.setAttribute("aria-live", "polite");
let shown = "";

/** @param {string} asked "ask", "promised" or "" */
export async function show(asked) {
  const mail = document.getElementById("rather-mail");
  if (mail) mail.hidden = asked === "promised"; // two promises for one question would be one too many
  if (asked === shown) return;
  shown = asked;
  box.hidden = true;
  if (!asked) return box.replaceChildren();
  document.getElementById("place")?.after(box);
  try {
    const { html } = await call("callback/", { method: "GET" });
    if (shown === asked) draw(html);
  } catch {
    if (shown === asked) shown = ""; // the next frame tries again
  }
}

/** @param {string} html of our own office */
function draw(html) {
  box.hidden = false;
  box.replaceChildren(document.createRange().createContextualFragment(html));
  const form = box.querySelector("form");
  if (form) onFilled(form, ({ number }) => choose({ choice: "call", number }));
  for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (box.querySelectorAll("[data-choice]")))
    button.addEventListener("click", () => press(button));
  box.querySelector("[data-stay]")?.addEventListener("click", () => {
    box.querySelector("details")?.removeAttribute("open");
    document.getElementById("words")?.focus();
  });
}

/** What came of it arrives as a frame. @param {Record<string, string>} body */
const choose = (body) => call("callback/", { body: { ...body, language } });

/** @param {HTMLButtonElement} button */
async function press(button) {
  button.disabled = true;
  try {
    await choose({ choice: button.dataset.choice || "" });
    document.getElementById("words")?.focus();
  } catch (/** @type {any} */ error) {
    complain(box, error.message);
  } finally {
    button.disabled = false;
  }
}
