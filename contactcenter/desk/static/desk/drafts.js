// What is half written is kept on the server, too: after a crash, or on another machine, it is there. The copy of this
// device (composer.js) stays the net below. Each writing has a mark and names the one it replaces: an older window
// can't overwrite a newer one, and is offered the other words instead.

import { begunAsNote, pen } from "./composer.js";

/** @typedef {{ text: string, note: boolean, mark: string }} Draft */
/** @typedef {{ draft: Draft | null, sentence: string, tongue: string }} Told */
/**
 * What is known of one composer: the words that are kept, under which mark; the writing that is on its way;
 * `held` until its writer chose between these words and those of another window (`other`, behind the button).
 * @typedef {{ ready: boolean, held: boolean, text: string, note: boolean, mark: string, next: string, sending: boolean, other: Draft | null }} Known
 */

const PAUSE = 800; // ms without a keystroke before words travel
const AGAIN = 5000; // ms until the server is tried again

/** @type {WeakMap<HTMLElement, Known>} */
const known = new WeakMap();
let waiting = 0, started = false;

/** @param {HTMLElement} root */
const stateOf = (root) => /** @type {HTMLElement | null} */ (root.querySelector("[data-draft-state]"));

/** @param {HTMLElement} root */
const isNote = (root) => /** @type {HTMLInputElement | null} */ (root.querySelector('[name="as"]:checked, [name="as"][type="hidden"]'))?.value === "note";

/** @param {HTMLElement} root @param {string} words said only when they change: a live region must not chatter */
function say(root, words) {
  const state = stateOf(root);
  if (state && state.textContent !== words) state.textContent = words;
}

/** @param {HTMLElement} root @param {BodyInit} [body] @returns {Promise<{ status: number, told: Told }>} */
async function ask(root, body) {
  const token = /** @type {HTMLInputElement | null} */ (root.closest("form")?.querySelector('[name="csrfmiddlewaretoken"]'))?.value ?? "";
  const answer = await fetch(stateOf(root)?.dataset.url ?? "", { method: body ? "POST" : "GET", body, headers: { "X-CSRFToken": token, "HX-Request": "true" } });
  return { status: answer.status, told: await answer.json() };
}

/** Another language than the citizen's? @param {HTMLElement} root @param {string} sentence */
function mind(root, sentence) {
  if (sentence || root.querySelector("[data-tongue]:not([hidden])")) void import("./tongue.js").then((tongue) => tongue.show(root, sentence));
}

/** @param {HTMLElement} root @param {Draft} draft put these words into the box */
function show(root, draft) {
  const text = root.querySelector("textarea");
  if (!text) return;
  text.value = draft.text;
  const radio = /** @type {HTMLInputElement | null} */ (root.querySelector(`input[type="radio"][value="${draft.note ? "note" : "reply"}"]`));
  if (radio) radio.checked = true;
  root.dispatchEvent(new Event("input", { bubbles: true })); // not of the box: nobody is typing
}

/** @param {HTMLElement} root @param {Known} now @param {Draft | null} draft */
function agree(root, now, draft) {
  Object.assign(now, { ready: true, text: draft?.text ?? "", note: draft?.note ?? false, mark: draft?.mark ?? "", next: "" });
  const key = `house:${document.body.dataset.me}:${root.dataset.draft}`;
  if (draft) localStorage.setItem(key, draft.text);
  else localStorage.removeItem(key);
  say(root, draft ? stateOf(root)?.dataset.house ?? "" : "");
}

/** @param {HTMLElement} root @param {Known} now @param {Draft | null} draft what the house keeps meets what this device kept */
function compare(root, now, draft) {
  const mine = root.querySelector("textarea")?.value ?? "", theirs = draft?.text ?? "";
  const untouched = mine === localStorage.getItem(`house:${document.body.dataset.me}:${root.dataset.draft}`);
  const goesOn = mine.startsWith(theirs);
  if (goesOn && !(untouched && !draft) || theirs.startsWith(mine) || untouched) {
    if (!goesOn || untouched) show(root, draft ?? { text: "", note: false, mark: "" });
    agree(root, now, draft);
    return keepSoon();
  }
  now.ready = now.held = true;
  offer(root, draft);
  say(root, stateOf(root)?.dataset.device ?? "");
}

/** @param {HTMLElement} root @param {Draft | null} other the words of another window, offered by the button */
function offer(root, other) {
  const now = known.get(root);
  if (now) now.other = other;
  root.querySelector("[data-draft-other]")?.toggleAttribute("hidden", !other);
}

/** A composer came on the page: what does the house keep for it? Called after every swap. */
export async function meet() {
  const at = pen();
  if (!at || known.has(at.root) || !stateOf(at.root)) return;
  /** @type {Known} */
  const now = { ready: false, held: false, text: "", note: false, mark: "", next: "", sending: false, other: null };
  known.set(at.root, now);
  try {
    const { status, told } = await ask(at.root);
    if (status !== 200) return void known.delete(at.root);
    compare(at.root, now, told.draft);
    mind(at.root, told.tongue);
  } catch {
    known.delete(at.root);
    keepSoon(AGAIN);
  }
}

/** Words travel, one writing at a time. */
async function keep() {
  const at = pen(), now = at && known.get(at.root);
  if (!at) return;
  if (!now) return meet();
  const text = at.text.value, note = begunAsNote(at);
  if (!now.ready || now.held || now.sending || (text === now.text && note === now.note)) return;
  now.sending = true;
  now.next ||= crypto.randomUUID?.() ?? [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  try {
    const { status, told } = await ask(at.root, new URLSearchParams({ text, as: note ? "note" : "reply", mark: now.next, based_on: now.mark }));
    if (status === 200) agree(at.root, now, told.draft), mind(at.root, told.tongue);
    else if (status === 409 && !told.draft) now.mark = now.next = ""; // sent or thrown away elsewhere: these words are new
    else say(at.root, told.sentence || (stateOf(at.root)?.dataset.device ?? ""));
    if (status === 409 && told.draft) offer(at.root, told.draft), now.held = true;
    if (status === 200 ? at.text.value !== text : status === 409) keepSoon();
  } catch {
    say(at.root, stateOf(at.root)?.dataset.device ?? "");
    keepSoon(AGAIN);
  } finally {
    now.sending = false;
  }
}

function keepSoon(pause = PAUSE) {
  clearTimeout(waiting);
  waiting = setTimeout(keep, pause);
}

/** The other words come into the box, and those that were there go behind the button. */
function swap() {
  const at = pen(), now = at && known.get(at.root);
  if (!at || !now?.other) return;
  const mine = { text: at.text.value, note: isNote(at.root), mark: "" };
  const theirs = now.other;
  now.held = false;
  show(at.root, theirs);
  if (theirs.mark) agree(at.root, now, theirs);
  else keepSoon();
  offer(at.root, mine);
  at.text.focus();
}

/** Once, when the first composer is there. */
export function start() {
  if (started) return;
  started = true;
  document.addEventListener("input", (event) => {
    if (pen()?.root.contains(/** @type {Node} */ (event.target))) keepSoon();
  });
  document.addEventListener("click", (event) => {
    if (/** @type {Element} */ (event.target).closest("[data-draft-other]")) swap();
  });
  document.addEventListener("htmx:beforeRequest", (event) => { // leaving: what was just typed travels now
    if (!(/** @type {Element} */ (event.target).matches("#composer"))) void keep();
  });
  document.addEventListener("htmx:afterSettle", () => void meet());
  document.body.addEventListener("desk:sent", () => {
    const at = pen(), now = at && known.get(at.root);
    clearTimeout(waiting);
    if (!at || !now) return;
    now.held = false;
    offer(at.root, null);
    agree(at.root, now, null);
    mind(at.root, "");
  });
  void meet();
}
