// The desk: puts the parts together. Swapping keeps what is being written, where one reads, and what is unfolded.

import { closeMenus, showKeys, tick } from "../house/page.js";
import * as composer from "./composer.js";
import * as live from "./live.js";

const byId = (/** @type {string} */ id) => document.getElementById(id);
/** @param {string} which @returns {NodeListOf<HTMLElement>} */
const all = (which) => document.querySelectorAll(which);
const NEAR = 80; // px from the end that still count as reading along
let atEnd = true, openId = byId("talk")?.dataset.id, lastSeq = 0, typingTimer = 0;

// What is being typed stays; but a region that has the focus, and all in it, is drawn anew like any other.
Object.defineProperty(Idiomorph.defaults, "ignoreActiveValue", { enumerable: true, get: () => document.activeElement?.matches("input, textarea, select") ?? false });
Idiomorph.defaults.callbacks.beforeNodeMorphed = (/** @type {Node} */ old, /** @type {Node} */ fresh) =>
  !(old instanceof HTMLElement && fresh instanceof HTMLElement && old.dataset.keep && old.dataset.keep === fresh.dataset.keep);
// A part that was drawn before the newest words were said doesn't take them away again.
Idiomorph.defaults.callbacks.beforeNodeRemoved = (/** @type {Node} */ node) => {
  const talk = byId("talk"), seq = Number(/** @type {HTMLElement} */ (node).dataset?.seq ?? 0);
  return !(talk && seq > Number(talk.dataset.last) && talk.dataset.id === openId && "newest" in talk.dataset);
};
Idiomorph.defaults.callbacks.beforeAttributeUpdated = (/** @type {string} */ name, /** @type {Element} */ node) => !(name === "open" && node.tagName === "DETAILS");

/** @param {boolean} before */
function onSwap(before) {
  const flow = byId("flow");
  if (before) {
    atEnd = !flow || flow.scrollHeight - flow.scrollTop - flow.clientHeight < NEAR;
    return;
  }
  composer.restore();
  tighten(flow);
  const talk = byId("talk"), last = live.lastSeq(), other = talk?.dataset.id !== openId;
  if (flow && (other || atEnd)) flow.scrollTop = flow.scrollHeight;
  if (other || atEnd || last > lastSeq) byId("to-end")?.toggleAttribute("hidden", other || atEnd);
  if (other && talk?.dataset.id) step("talk");
  openId = talk?.dataset.id;
  lastSeq = last;
  unfold();
  markOpen();
  count();
  countDown();
  document.dispatchEvent(new Event("desk:swapped"));
  // What is kept on the server is only asked for where there is something to write.
  if (composer.pen()) void import("./drafts.js").then((drafts) => drafts.start());
  document.dispatchEvent(new Event("desk:drawn"));
}

/** What runs out is only watched where there is something. */
function countDown() {
  if (document.querySelector("[data-left]")) void import("./countdown.js").then((countdown) => countdown.look());
}

/** Blank text between messages is like any other blank text to a morph: it would move, and so announce, messages to match it. */
function tighten(/** @type {HTMLElement | null} */ flow) {
  for (const node of [...(flow?.childNodes ?? [])]) if (node instanceof Text) node.remove();
}

/** What is unfolded changed elsewhere, and was drawn folded again: it is fetched anew, since it opens only once by itself. */
function unfold() {
  for (const part of document.querySelectorAll("details[open] > [hx-get]:not(.htmx-request)"))
    if (part.querySelector("[data-fetching]")) void htmx.ajax("GET", part.getAttribute("hx-get") ?? "", { source: part, target: part, swap: "innerHTML" });
}

function markOpen() {
  for (const link of all(".item[data-id], .tab[data-id]"))
    if (link.dataset.id === openId) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
}

/** What wants attention, in the title of the tab and on the phone's bar. */
function count() {
  const work = byId("work"), waiting = work?.dataset.waiting ?? "0", unread = Number(work?.dataset.unread ?? 0);
  const n = waiting.endsWith("+") ? waiting : String(Number(waiting) + unread);
  document.title = n === "0" ? "Sportello" : `(${n}) Sportello`;
  const badge = byId("step-count");
  if (n === "0") void navigator.clearAppBadge?.().catch(() => {});
  else void navigator.setAppBadge?.(parseInt(n)).catch(() => {});
  if (badge) { badge.hidden = n === "0"; badge.textContent = n; }
}

/** @param {string} name on a narrow screen one region is shown at a time */
function step(name) {
  document.body.dataset.step = name;
  for (const button of all("[data-go]"))
    if (button.dataset.go === name) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
}

const dialog = /** @type {HTMLDialogElement} */ (byId("dialog"));

/** @param {string} url a form or sheet, shown over the page */
async function open(url) {
  await htmx.ajax("GET", url, { target: "#dialog-body", swap: "innerHTML" });
  ask();
}

/** What stands in the dialog is shown. */
function ask() {
  closeMenus();
  if (!byId("dialog-title")) return;
  htmx.process(byId("dialog-body")); // it settles a moment later by itself: a quick Enter would leave as a plain form
  showKeys();
  if (!dialog.open) dialog.showModal();
  /** @type {HTMLElement | null} */ (dialog.querySelector("[autofocus]"))?.focus();
}

function close() {
  dialog.close();
  byId("dialog-body")?.replaceChildren();
}

/** A sentence for whoever acted; above a dialog when one is open. @param {string} [text] */
function notice(text) {
  const box = byId("notice");
  if (!box) return;
  (dialog.open ? dialog : document.body).append(box);
  if (text) box.replaceChildren(Object.assign(document.createElement("div"), { className: "banner", textContent: text }));
  const shown = box.firstElementChild;
  setTimeout(() => shown?.remove(), 9000);
}

document.addEventListener("click", (event) => {
  const target = /** @type {Element} */ (event.target);
  /** @param {string} name @returns {string | undefined} what the pressed element says under it */
  const said = (name) => target.closest(`[data-${name}]`)?.getAttribute(`data-${name}`) ?? undefined;
  const url = said("open"), go = said("go"), page = said("page"), flow = byId("flow"), work = byId("work");
  const palette = said("palette");
  if (palette && !event.ctrlKey && !event.metaKey) { event.preventDefault(); void import("./palette.js").then((part) => part.open(palette)); }
  if (url) void open(url);
  if (go) step(go);
  if (target.closest("[data-beside]")) void import("./beside.js").then((beside) => beside.toggle());
  if (target.closest("[data-close]")) close();
  const filter = target.closest("[data-filter]:not(#work)");
  if (filter) { event.preventDefault(); narrow(filter.getAttribute("data-filter") ?? ""); }
  if (flow && target.closest("#to-end")) { flow.scrollTop = flow.scrollHeight; byId("to-end")?.setAttribute("hidden", ""); }
  if (work && page !== undefined) {
    event.preventDefault();
    work.dataset.after = page;
    live.pull("mine", 0);
  }
});

/** What the lists show is chosen. @param {string | HTMLFormElement} chosen */
const narrow = (chosen) => void import("./narrowing.js").then((narrowing) => { narrowing.narrow(chosen); if (dialog.open) close(); });
document.addEventListener("htmx:pushedIntoHistory", () => { // at once: whoever reloads now finds the same lists
  const filter = byId("work")?.dataset.filter;
  if (filter) history.replaceState(history.state, "", `${location.pathname}?${filter}`);
});
document.addEventListener("submit", (event) => {
  if (!(event.target instanceof HTMLFormElement) || !event.target.matches("[data-filter-form]")) return;
  event.preventDefault();
  narrow(event.target);
});

// A mail's frame grows with what is in it. Nothing runs inside it; it is ours to measure.
document.addEventListener("load", (event) => {
  const frame = event.target;
  if (frame instanceof HTMLIFrameElement && frame.contentDocument)
    frame.style.height = `${Math.min(900, frame.contentDocument.documentElement.scrollHeight + 4)}px`;
}, true);

document.addEventListener("htmx:beforeSwap", () => onSwap(true));
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target?.id === "dialog-body" || event.detail.target?.id === "notice") return;
  live.forget();
  tick();
  onSwap(false);
  live.watch();
});
document.addEventListener("htmx:sendError", () => notice(document.body.dataset.lost));
document.addEventListener("htmx:responseError", () => notice(document.body.dataset.lost));
for (const name of ["desk:changed", "desk:taken", "desk:sent", "desk:done", "desk:stale", "desk:refused"])
  document.body.addEventListener(name, () => live.pull("mine", 0));
for (const name of ["desk:changed", "desk:taken", "desk:done", "desk:stale"]) document.body.addEventListener(name, () => dialog.open && close());
document.body.addEventListener("desk:ask", ask);
for (const name of ["desk:changed", "desk:sent"]) document.body.addEventListener(name, closeMenus);
document.body.addEventListener("desk:refused", () => setTimeout(notice, 20));
document.body.addEventListener("desk:taken", () => setTimeout(composer.focus, 60));

document.addEventListener("desk:typing", (event) => {
  const { topic, who, name } = event.detail, talk = byId("talk"), line = byId("typing");
  if (who === "colleague") void import("./company.js").then((company) => company.writes(event.detail));
  if (who === "colleague" || !line || !talk || topic !== talk.dataset.topic || (who === "agent" && "mine" in talk.dataset)) return;
  const { typing = "", citizenTyping = "" } = document.body.dataset;
  line.textContent = who === "agent" ? typing.replace("NAME", name) : citizenTyping;
  if (atEnd) line.scrollIntoView({ block: "nearest" });
  clearTimeout(typingTimer);
  typingTimer = setTimeout(() => { line.textContent = ""; }, 5000);
});

document.addEventListener("desk:company", (event) => void import("./company.js").then((company) => company.draw(event.detail)));
document.addEventListener("input", ({ target }) => {
  if (!(target instanceof HTMLTextAreaElement)) return;
  if (target.value.includes("@")) void import("./mention.js").then((mention) => mention.suggest(target));
  const topic = byId("talk")?.dataset.topic, as = target.form?.querySelector('[name="as"]:checked, [name="as"][type="hidden"]');
  if (topic && target.form?.id === "composer" && as instanceof HTMLInputElement && as.value === "note") live.typing(topic, true);
});

// Sounds and notices may only come after a press; until then they are not even fetched.
const attend = () => void import("./attention.js").then((attention) => attention.start());
for (const name of ["pointerdown", "keydown"]) document.addEventListener(name, attend, { once: true });
window.addEventListener("blur", attend, { once: true });

composer.start(live.typing);
step(document.body.dataset.step ?? "work");
onSwap(false);
const flow = byId("flow");
if (flow) flow.scrollTop = flow.scrollHeight;
live.start(onSwap);
if (location.hash === "#beside") byId("to-beside")?.click();
