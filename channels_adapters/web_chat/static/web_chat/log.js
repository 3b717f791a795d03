/** The conversation as the citizen sees it. Everything written by people enters as text, never as markup. */

import { fileSize, text, timeElement } from "./texts.js";

/** @typedef {import("./line.js").Frame} Frame */

const log = /** @type {HTMLOListElement} */ (document.getElementById("log"));
const main = /** @type {HTMLElement} */ (document.getElementById("main"));
const marks = { delivered: 0, read: 0 };

/**
 * @param {string} tag  @param {string} [name] class  @param {string} [words]
 * @returns {HTMLElement}
 */
export function element(tag, name = "", words = "") {
  const made = document.createElement(tag);
  if (name) made.className = name;
  made.textContent = words;
  return made;
}

/** @param {() => void} change  follows the end of the conversation, unless the reader scrolled up */
function following(change) {
  const atEnd = main.scrollHeight - main.scrollTop - main.clientHeight < 120;
  change();
  log.hidden = log.childElementCount === 0;
  if (atEnd) main.scrollTop = main.scrollHeight;
}

/** @param {{name: string, size: number, url?: string}} file */
function fileLine({ name, size, url }) {
  const line = element("span", "file");
  const label = url ? element("a", "", name) : element("span", "", name);
  if (url) Object.assign(label, { href: url, target: "_blank", rel: "noopener" });
  label.dir = "auto";
  line.append(label, element("small", "", fileSize(size)));
  return line;
}

/** @param {{mine: boolean, author: string, words: string, at: string, files: any[], automatic?: boolean}} message */
function bubble({ mine, author, words, at, files, automatic }) {
  const item = element("li", mine ? "mine" : "theirs");
  const box = element("div", "bubble");
  const who = mine ? text("you") : automatic ? text("automatic") : author;
  if (who) box.append(element("span", mine ? "hidden-label" : "who", who));
  if (words) {
    const said = element("p", "", words);
    said.dir = "auto";
    box.append(said);
  }
  box.append(...files.map(fileLine));
  const meta = element("span", "meta");
  meta.append(timeElement(at), element("span", "status"));
  box.append(meta);
  item.append(box);
  return item;
}

/** @param {HTMLElement} item */
function place(item) {
  const seq = Number(item.dataset.seq);
  const later = [...log.children].find((other) => {
    const { seq: theirs, cid } = /** @type {HTMLElement} */ (other).dataset;
    return theirs ? Number(theirs) > seq : Boolean(cid);
  });
  log.insertBefore(item, later || null);
}

/** @param {string} cid  @returns {HTMLElement | null} */
const pending = (cid) => (cid ? log.querySelector(`[data-cid="${CSS.escape(cid)}"]`) : null);

/** @param {HTMLElement} item */
function showState(item) {
  const seq = Number(item.dataset.seq);
  const status = item.querySelector(".status");
  if (!status || !item.classList.contains("mine")) return;
  const word = !seq ? "sending" : seq <= marks.read ? "read" : seq <= marks.delivered ? "delivered" : "sent";
  status.textContent = ` · ${text(word)}`;
}

/** A message the office has. @param {Frame} frame */
export function showMessage(frame) {
  following(() => {
    const item = bubble({
      mine: frame.mine, author: frame.author, words: frame.text, at: frame.ts, files: frame.files, automatic: frame.auto,
    });
    item.dataset.seq = String(frame.seq);
    pending(frame.cid)?.remove();
    log.querySelector(`[data-seq="${Number(frame.seq)}"]`)?.remove(); // confirmed a moment ago
    place(item);
    showState(item);
  });
}

/**
 * A message the office may not have yet; shown again it replaces itself.
 * @param {import("./unsent.js").Unsent} message
 * @param {{retry: () => void, remove: () => void}} choices when it failed
 */
export function showPending(message, choices) {
  following(() => {
    const item = bubble({ mine: true, author: "", words: message.text, at: message.at, files: message.files });
    item.dataset.cid = message.cid;
    const before = pending(message.cid);
    if (before) before.replaceWith(item);
    else log.append(item);
    showState(item);
    if (message.failed) showFailure(item, message.failed, choices);
  });
}

/** @param {HTMLElement} item  @param {string} why  @param {{retry: () => void, remove: () => void}} choices */
function showFailure(item, why, choices) {
  item.classList.add("failed");
  const status = /** @type {HTMLElement} */ (item.querySelector(".status"));
  status.textContent = ` · ${text("failed")}: ${why} `;
  for (const [key, action] of Object.entries(choices)) {
    const button = /** @type {HTMLButtonElement} */ (element("button", "link", text(key)));
    button.type = "button";
    button.addEventListener("click", action);
    item.querySelector(".bubble")?.append(button);
  }
}

/** The office has it now, under this number. @param {Frame} frame */
export function showSent({ cid, seq }) {
  const item = pending(cid);
  if (!item) return;
  item.dataset.seq = String(seq);
  delete item.dataset.cid;
  place(item);
  showState(item);
}

/** @param {string} cid */
export const dropPending = (cid) => following(() => pending(cid)?.remove());

/** @param {string} words something that happened, between the messages */
export const showEvent = (words) => following(() => log.append(element("li", "event", words)));

/** How far the citizen's words got; only ever forward. @param {any} reached */
export function showReached({ delivered = 0, read = 0 }) {
  marks.delivered = Math.max(marks.delivered, delivered);
  marks.read = Math.max(marks.read, read);
  log.querySelectorAll("li.mine[data-seq]").forEach((item) => showState(/** @type {HTMLElement} */ (item)));
}

export function clearLog() {
  log.replaceChildren();
  log.hidden = true;
  marks.delivered = marks.read = 0;
}
