// Canned answers: a slash at the beginning of a word opens a list over the composer; typing filters it. The list has a
// field of its own, so that a screen reader hears a plain combobox; Esc puts the slash and what was typed back as words.

import { pen } from "./composer.js";

/** @typedef {{ id: string, shortcut: string, title: string, text: string, language: string, fallback: string, scope: string, topic: string, missing: string }} Canned */

const FRESH = 60_000; // ms that a list is used again
const MOST = 30; // rows shown at once: whoever wants others types on
/** @type {{ url: string, at: number, answers: Canned[] }} */
let known = { url: "", at: 0, answers: [] };
/** @type {Canned[]} */
let shown = [];
let chosen = 0, from = 0, to = 0; // of the list; of the slash and what follows it in the text
let putBack = false; // a slash that this module wrote is on its way to `slash`, and opens nothing

const box = () => /** @type {HTMLElement | null} */ (pen()?.root.querySelector("[data-slash-box]") ?? null);
/** @param {HTMLElement} at */
const parts = (at) => ({
  field: /** @type {HTMLInputElement} */ (at.querySelector("input")),
  list: /** @type {HTMLElement} */ (at.querySelector("[role=listbox]")),
  said: /** @type {HTMLElement} */ (at.querySelector("[data-slash-said]")),
});

/** A slash was typed: at the beginning of a word it opens the list; elsewhere (1/2, e/o) it is a slash. */
export function slash() {
  const at = pen();
  if (putBack) return void (putBack = false);
  if (!at || at.text !== document.activeElement) return;
  const end = at.text.selectionStart, start = at.text.value.lastIndexOf("/", end - 1);
  const word = at.text.value.slice(start + 1, end);
  if (start < 0 || /\s/.test(word) || !/^$|\s/.test(at.text.value.charAt(start - 1))) return;
  begin(start, end, word);
}

/** By the button: where the cursor stands. */
export function open() {
  const at = pen();
  if (at) begin(at.text.selectionStart, at.text.selectionEnd, "");
}

/** @param {number} start @param {number} end @param {string} word what was typed while this was fetched */
function begin(start, end, word) {
  const at = box();
  if (!at) return;
  [from, to] = [start, end];
  const { field } = parts(at);
  at.hidden = false;
  field.value = word;
  field.onkeydown = onKey;
  field.oninput = (event) => { event.stopPropagation(); typed(); };
  at.onclick = (event) => {
    const row = /** @type {Element} */ (event.target).closest("[role=option]");
    if (row) insert(shown[Number(row.getAttribute("data-n"))]);
  };
  at.addEventListener("focusout", () => setTimeout(() => { if (!at.hidden && !at.contains(document.activeElement)) close(); }, 0));
  field.focus();
  void fetched(at).then(draw);
}

/** @param {HTMLElement} at */
async function fetched(at) {
  const url = at.dataset.url ?? "";
  if (known.url === url && Date.now() - known.at < FRESH) return;
  known = { url, at: 0, answers: [] };
  try {
    const answer = await fetch(url, { headers: { "HX-Request": "true" } });
    if (!answer.ok) throw new Error(String(answer.status));
    known = { url, at: Date.now(), answers: (await answer.json()).answers };
  } catch {
    parts(at).said.textContent = at.dataset.lost ?? "";
  }
}

/** A space after the slash alone was no search. */
function typed() {
  const at = box();
  if (at && parts(at).field.value.startsWith(" ")) return leave();
  chosen = 0;
  draw();
}

/** Shortcuts that begin so come first, then titles, then words. @param {Canned} one @param {string} words */
function rank(one, words) {
  if (one.shortcut.startsWith(words)) return 0;
  if (one.shortcut.includes(words) || one.title.toLowerCase().includes(words)) return 1;
  return one.text.toLowerCase().includes(words) || one.topic.toLowerCase().includes(words) ? 2 : -1;
}

function draw() {
  const at = box();
  if (!at || at.hidden) return;
  const { field, list, said } = parts(at), words = field.value.trim().toLowerCase();
  const ranked = known.answers.map((one) => ({ one, n: rank(one, words) })).filter((row) => row.n >= 0);
  shown = ranked.sort((a, b) => a.n - b.n).slice(0, MOST).map((row) => row.one);
  chosen = Math.min(chosen, Math.max(0, shown.length - 1));
  list.replaceChildren(...shown.map((one, n) => row(one, n, list.id, at)));
  if (known.at) said.textContent = shown.length ? (at.dataset.count ?? "").replace("NUMBER", String(ranked.length)) : at.dataset.none ?? "";
  mark();
}

/** @param {string} tag @param {string} name @param {string} words */
const made = (tag, name, words) => Object.assign(document.createElement(tag), { className: name, textContent: words });

/** @param {Canned} one @param {number} n @param {string} list @param {HTMLElement} at */
function row(one, n, list, at) {
  const made_ = made("li", "", "");
  made_.id = `${list}-${n}`;
  made_.setAttribute("role", "option");
  made_.dataset.n = String(n);
  const head = made("span", "about", "");
  head.append(made("b", "mono", `/${one.shortcut}`), made("span", "", one.title));
  for (const more of [one.scope, one.topic]) if (more) head.append(made("span", "muted", more));
  if (one.fallback) head.append(made("span", "pill warn", one.fallback));
  const words = made("span", "words", one.text);
  words.lang = one.language;
  words.dir = "auto";
  made_.append(head, words);
  if (one.missing) made_.append(made("span", "muted", `${at.dataset.missing} ${one.missing}`));
  return made_;
}

function mark() {
  const at = box();
  if (!at) return;
  const { field, list } = parts(at);
  [...list.children].forEach((element, n) => element.setAttribute("aria-selected", String(n === chosen)));
  if (shown.length) field.setAttribute("aria-activedescendant", `${list.id}-${chosen}`);
  else field.removeAttribute("aria-activedescendant");
  list.children[chosen]?.scrollIntoView({ block: "nearest" });
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  const field = /** @type {HTMLInputElement} */ (event.target), step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const takes = event.key === "Enter" || (event.key === "Tab" && !event.shiftKey);
  if (event.isComposing) return;
  event.stopPropagation();
  if (step && shown.length) chosen = (chosen + step + shown.length) % shown.length, mark();
  else if (takes && shown.length) insert(shown[chosen]);
  else if (event.key === "Escape" || takes) leave();
  else if (event.key === "Backspace" && !field.value) write("");
  else return;
  event.preventDefault();
}

function close() {
  const at = box();
  if (at) at.hidden = true;
}

/** The slash and what was typed behind it stay as words. */
function leave() {
  const at = box(), typed = at ? parts(at).field.value : "";
  write(to > from ? `/${typed}` : typed);
}

/** @param {string} words instead of the slash; undone by the browser's own undo */
function write(words) {
  const at = pen();
  close();
  if (!at) return;
  putBack = words === "/";
  at.text.focus();
  at.text.setSelectionRange(from, to);
  if (words || to > from) if (!document.execCommand("insertText", false, words)) at.text.setRangeText(words, from, to, "end");
  at.root.dispatchEvent(new Event("input", { bubbles: true })); // kept like any other words
}

/** @param {Canned} one */
function insert(one) {
  const at = pen();
  if (!at) return;
  write(one.text);
  const used = /** @type {HTMLInputElement} */ (at.root.querySelector('[name="canned"]'));
  used.value = [...new Set([...used.value.split(" ").filter(Boolean), one.id])].join(" ");
  const open_ = /\{\{\w+\}\}/.exec(at.text.value.slice(from, from + one.text.length)); // the first place to fill in
  if (open_) at.text.setSelectionRange(from + open_.index, from + open_.index + open_[0].length);
}

/** What a macro brings, at the cursor. @param {Canned} one */
export function put(one) {
  const at = pen();
  if (!at) return;
  [from, to] = [at.text.selectionStart, at.text.selectionEnd];
  insert(one);
}

/** The question was answered: with its braces, too. */
export function sendUnfilled() {
  const at = pen();
  if (!at) return;
  /** @type {HTMLDialogElement | null} */ (document.querySelector("dialog[open]"))?.close();
  /** @type {HTMLInputElement} */ (at.root.querySelector('[name="unfilled_too"]')).value = "1";
  at.root.closest("form")?.requestSubmit();
}
