// Emoji: found by name, chosen by keys, inserted as the character they are.

import { pen } from "./composer.js";

const grid = () => /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".emoji-grid [data-emoji]:not([hidden])")]);

/** @param {string} sign */
function insert(sign) {
  const at = pen();
  /** @type {HTMLElement | null} */ (document.querySelector("dialog[open] [data-close]"))?.click();
  if (!at) return;
  at.text.focus();
  if (!document.execCommand("insertText", false, sign)) at.text.setRangeText(sign, at.text.selectionStart, at.text.selectionEnd, "end");
  at.root.dispatchEvent(new Event("input", { bubbles: true })); // kept like any other words
}

/** How many stand in one row. @param {HTMLElement[]} signs */
const wide = (signs) => Math.max(1, signs.findIndex((sign) => sign.offsetTop > signs[0].offsetTop));

/** @param {KeyboardEvent} event */
function onKey(event) {
  const target = /** @type {HTMLElement} */ (event.target), signs = grid();
  if (target.matches("[data-emoji-find]")) {
    if (event.key === "Enter" && signs.length) event.preventDefault(), insert(signs[0].dataset.emoji ?? "");
    else if (event.key === "ArrowDown" && signs.length) event.preventDefault(), signs[0].focus();
    return;
  }
  const n = signs.indexOf(target), by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: wide(signs), ArrowUp: -wide(signs) }[event.key];
  if (n < 0 || !by) return;
  event.preventDefault();
  const next = signs[n + by] ?? (n + by < 0 ? document.querySelector("[data-emoji-find]") : null);
  if (next instanceof HTMLElement) next.focus();
}

document.addEventListener("keydown", onKey);
document.addEventListener("click", (event) => {
  const sign = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-emoji]"));
  if (sign) insert(sign.dataset.emoji ?? "");
});
document.addEventListener("input", (event) => {
  const field = /** @type {HTMLInputElement} */ (event.target);
  if (!field.matches("[data-emoji-find]")) return;
  const words = field.value.trim().toLowerCase();
  for (const sign of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".emoji-grid [data-emoji]"))) sign.hidden = !sign.title.toLowerCase().includes(words);
});
