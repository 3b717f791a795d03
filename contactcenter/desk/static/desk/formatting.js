// Marks of formatting around what is chosen in the composer. Typed like words, so that the browser's own undo takes them back.

import { pen } from "./composer.js";

const AROUND = /** @type {Record<string, string>} */ ({ bold: "**", italic: "_" });
const KEYS = /** @type {Record<string, string>} */ ({ b: "bold", i: "italic", k: "link", e: "look" });
const SHIFTED = /** @type {Record<string, string>} */ ({ Digit7: "numbers", Digit8: "list" });

/** The composer, where its channel carries formatting and it is an answer. */
function place() {
  const at = pen(), bar = /** @type {HTMLElement | null | undefined} */ (at?.root.querySelector("[data-formats]"));
  return at && bar?.offsetParent ? { ...at, bar } : null;
}

/** @param {HTMLTextAreaElement} text @param {string} words @param {number} from @param {number} to what is replaced */
function put(text, words, from, to) {
  text.focus();
  text.setSelectionRange(from, to);
  if (!document.execCommand("insertText", false, words)) text.setRangeText(words, from, to, "end");
  text.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Marks around the choice, or away again. @param {HTMLTextAreaElement} text @param {string} mark */
function around(text, mark) {
  let { selectionStart: from, selectionEnd: to } = text;
  while (to > from && /\s/.test(text.value[to - 1])) to--; // a mark beside a blank marks nothing
  while (from < to && /\s/.test(text.value[from])) from++;
  const chosen = text.value.slice(from, to), size = mark.length;
  if (text.value.slice(from - size, from) === mark && text.value.slice(to, to + size) === mark) {
    put(text, chosen, from - size, to + size);
    text.setSelectionRange(from - size, to - size);
    return;
  }
  put(text, mark + chosen + mark, from, to);
  text.setSelectionRange(from + size, to + size);
}

/** Every chosen line becomes a point, or stops being one. @param {HTMLTextAreaElement} text @param {boolean} numbered */
function list(text, numbered) {
  const from = text.value.lastIndexOf("\n", text.selectionStart - 1) + 1, end = text.value.indexOf("\n", text.selectionEnd);
  const to = end < 0 ? text.value.length : end, lines = text.value.slice(from, to).split("\n");
  const point = numbered ? /^\d+\. / : /^- /, all = lines.every((line) => point.test(line));
  const made = lines.map((line, n) => (all ? line.replace(point, "") : `${numbered ? `${n + 1}.` : "-"} ${line.replace(/^(\d+\.|-) /, "")}`)).join("\n");
  put(text, made, from, to);
  text.setSelectionRange(from + (lines.length > 1 ? 0 : made.length), from + made.length);
}

/** The address is chosen afterwards, to be typed over. @param {HTMLTextAreaElement} text @param {string} address */
function link(text, address) {
  const { selectionStart: from, selectionEnd: to } = text, chosen = text.value.slice(from, to);
  const isAddress = /^https?:\/\/\S+$/.test(chosen);
  const words = isAddress ? address : chosen || address, target = isAddress ? chosen : "https://";
  put(text, `[${words}](${target})`, from, to);
  const begins = isAddress ? from + 1 : from + words.length + 3;
  text.setSelectionRange(begins, begins + (isAddress ? words : target).length);
}

/** @param {string} what */
function act(what) {
  const at = place();
  if (!at) return;
  if (what === "look") void look(at.root, at.bar, at.text.value);
  else if (what === "link") link(at.text, at.bar.dataset.address ?? "");
  else if (AROUND[what]) around(at.text, AROUND[what]);
  else list(at.text, what === "numbers");
}

/** @param {HTMLElement} root @param {HTMLElement} bar @param {string} text */
async function look(root, bar, text) {
  const box = /** @type {HTMLElement | null} */ (root.querySelector("[data-formatted]")), button = bar.querySelector("[data-look]");
  if (!box || !button) return;
  const open = button.getAttribute("aria-expanded") !== "true";
  button.setAttribute("aria-expanded", String(open));
  box.hidden = !open;
  if (open) await htmx.ajax("POST", box.dataset.url ?? "", { target: box, swap: "innerHTML", values: { text } });
}

document.addEventListener("click", (event) => {
  const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-format], [data-look]"));
  if (button) act(button.dataset.format ?? "look");
});
// Before the page's own keys: with words chosen, Ctrl K is a link and not the palette.
document.addEventListener("keydown", (event) => {
  const at = place();
  if (!at || event.target !== at.text || event.altKey || !(event.ctrlKey || event.metaKey)) return;
  const what = event.shiftKey ? SHIFTED[event.code] : KEYS[event.key.toLowerCase()];
  if (!what || (what === "link" && at.text.selectionStart === at.text.selectionEnd)) return;
  event.preventDefault();
  event.stopPropagation();
  act(what);
}, { capture: true });
document.addEventListener("input", (event) => {
  const at = place();
  if (at && event.target === at.text && at.bar.querySelector('[aria-expanded="true"]')) void hide(at.root, at.bar);
});
document.body.addEventListener("desk:sent", () => { const at = place(); if (at) hide(at.root, at.bar); });

/** What was shown isn't what is there any more. @param {HTMLElement} root @param {HTMLElement} bar */
function hide(root, bar) {
  bar.querySelector("[data-look]")?.setAttribute("aria-expanded", "false");
  root.querySelector("[data-formatted]")?.toggleAttribute("hidden", true);
}
