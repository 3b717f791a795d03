/** The forms of the page: what is missing is said beside the form, and nothing typed is ever lost. */

import { keep, kept } from "./keep.js";
import { text } from "./texts.js";

const MAIL = /^[^@\s]+@[^@\s]+\.[^@\s.]{2,}$/;
const COMPLAINTS = { text: "write-something", topic: "choose-topic", email: "write-email", consent: "tick-consent" };

/** @param {string} id  @returns {HTMLFormElement} */
export const form = (id) => /** @type {HTMLFormElement} */ (document.getElementById(id));

/** @param {HTMLElement} where  @param {string} sentence "" = nothing is wrong  @param {boolean} asks a question, no fault */
export function complain(where, sentence, asks = false) {
  const fault = /** @type {HTMLElement} */ (where.querySelector(".fault"));
  fault.hidden = !sentence;
  fault.classList.toggle("ask", asks);
  fault.textContent = sentence;
}

/** @param {any} field */
function isMissing(field) {
  if (!field.required) return false;
  if (field.type === "checkbox") return !field.checked;
  return field.type === "email" ? !MAIL.test(field.value.trim()) : !field.value.trim();
}

/** @param {HTMLFormElement} which  @returns {Record<string, any> | null} null = something is missing, and said */
export function filled(which) {
  const fields = /** @type {any[]} */ ([...which.elements]).filter((field) => field.name);
  fields.forEach((field) => field.setAttribute("aria-invalid", String(isMissing(field))));
  const missing = fields.find(isMissing);
  complain(which, missing ? text(COMPLAINTS[/** @type {keyof COMPLAINTS} */ (missing.name)] || "write-something") : "");
  missing?.focus();
  if (missing) return null;
  return Object.fromEntries(fields.map((field) => [field.name, field.type === "checkbox" ? field.checked : field.value.trim()]));
}

/** What is typed survives a reload and a change of language. @param {HTMLFormElement} which */
export function keepDraft(which) {
  const key = `draft.${which.id}`;
  const names = /** @type {any[]} */ ([...which.elements]).filter((field) => (field.name || field.id === "words") && field.type !== "checkbox" && field.type !== "file");
  const draft = kept(key) || {};
  names.forEach((field) => { field.value = draft[field.name || field.id] || field.value; });
  which.addEventListener("input", () => keep(key, Object.fromEntries(names.map((field) => [field.name || field.id, field.value]))));
  which.addEventListener("reset", () => keep(key, null));
}

/**
 * @param {HTMLFormElement} which
 * @param {(values: Record<string, any>) => Promise<void>} send what it throws is shown beside the form
 */
export function onFilled(which, send) {
  which.addEventListener("submit", async (event) => {
    event.preventDefault();
    const values = filled(which);
    const button = /** @type {HTMLButtonElement} */ (which.querySelector("button:not([type=button])"));
    if (!values || button.disabled) return;
    button.disabled = true;
    try {
      await send(values);
    } catch (/** @type {any} */ error) {
      complain(which, error.message);
    } finally {
      button.disabled = false;
    }
  });
}
