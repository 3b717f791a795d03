// Canned answers: a slash at the beginning of a word opens them, letters narrow the list, Enter or Tab puts one in.

import { pen } from "./composer.js";

const SLASH = /(^|\s)\/([\p{L}\p{N}-]{0,40})$/u;
let fetchedFor = "", at = -1;

/** The box under the words; made when it is first needed, inside what a swap leaves alone. */
function box() {
  const here = pen();
  let list = /** @type {HTMLElement | null} */ (here?.root.querySelector("[data-canned-list]") ?? null);
  if (!here || list) return list;
  list = Object.assign(document.createElement("ul"), { id: "canned-list", className: "canned", hidden: true });
  list.dataset.cannedList = "";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", here.root.dataset.cannedName ?? "");
  here.text.after(list);
  return list;
}

/** @returns {HTMLElement[]} */
const shown = () => [...(box()?.querySelectorAll("li[data-id]:not([hidden])") ?? [])];
export const isOpen = () => box()?.hidden === false;

/** What stands between the slash and the caret; null = no slash there. */
function asked() {
  const text = pen()?.text;
  const before = text?.value.slice(0, text.selectionStart ?? 0) ?? "";
  return text && text.selectionStart === text.selectionEnd ? SLASH.exec(before)?.[2] ?? null : null;
}

/** Called at every input: opens, narrows or closes the list. */
export async function look() {
  const words = asked(), here = pen(), list = box();
  if (words === null || !here || !list) return close();
  if (fetchedFor !== here.root.dataset.draft || !list.childElementCount) {
    const answer = await fetch(here.root.dataset.canned ?? "", { headers: { "HX-Request": "true" } });
    if (!answer.ok) return close();
    list.innerHTML = await answer.text();
    fetchedFor = here.root.dataset.draft ?? "";
    if (asked() === null) return close();
  }
  const wanted = (asked() ?? "").toLowerCase();
  for (const item of list.querySelectorAll("li[data-id]"))
    if (item instanceof HTMLElement) item.hidden = !(item.dataset.find ?? "").toLowerCase().includes(wanted);
  const exact = shown().findIndex((item) => item.dataset.shortcut === wanted);
  list.hidden = wanted !== "" && shown().length === 0;
  here.text.setAttribute("aria-autocomplete", "list");
  here.text.setAttribute("aria-controls", "canned-list");
  point(list.hidden ? -1 : Math.max(0, exact));
}

export function close() {
  const list = box(), text = pen()?.text;
  if (list) list.hidden = true;
  for (const name of ["aria-activedescendant", "aria-controls"]) text?.removeAttribute(name);
  at = -1;
}

/** @param {number} to */
function point(to) {
  const items = shown();
  at = items.length ? (to + items.length) % items.length : -1;
  items.forEach((item, number) => item.setAttribute("aria-selected", String(number === at)));
  items[at]?.scrollIntoView({ block: "nearest" });
  const text = pen()?.text;
  if (items[at]) text?.setAttribute("aria-activedescendant", items[at].id);
  else text?.removeAttribute("aria-activedescendant");
}

/** @param {HTMLElement | undefined} item */
function put(item) {
  const here = pen();
  if (!here || !item?.dataset.id) return;
  const caret = here.text.selectionStart ?? 0, words = asked() ?? "";
  const begins = caret - words.length - 1;
  here.text.setRangeText(item.dataset.text ?? "", begins, caret, "end");
  here.root.append(Object.assign(document.createElement("input"), { type: "hidden", name: "canned", value: item.dataset.id }));
  close();
  toPlaceholder(here.text, begins);
  here.text.dispatchEvent(new Event("input", { bubbles: true }));
}

/** What is to be filled in by hand is selected. @param {HTMLTextAreaElement} text @param {number} from */
function toPlaceholder(text, from) {
  const found = /\{\{\w+\}\}/.exec(text.value.slice(from));
  if (found) text.setSelectionRange(from + found.index, from + found.index + found[0].length);
  text.focus();
}

/** A key while the list is open. @param {KeyboardEvent} event @returns {boolean} was it ours? */
export function key(event) {
  if (!isOpen()) return false;
  if (event.key === "Escape") close();
  else if (event.key === "ArrowDown") point(at + 1);
  else if (event.key === "ArrowUp") point(at - 1);
  else if ((event.key === "Enter" && !event.ctrlKey && !event.metaKey) || (event.key === "Tab" && !event.shiftKey)) {
    if (!shown()[at]) return false;
    put(shown()[at]);
  } else return false;
  return true;
}

document.addEventListener("pointerdown", (event) => {
  const item = /** @type {Element} */ (event.target).closest?.("[data-canned-list] li[data-id]");
  if (!(item instanceof HTMLElement)) return;
  event.preventDefault(); // the caret stays where it is
  put(item);
});
