/** Where the citizen stands: place in the queue, an honest wait, who is there, who is writing. */

import { text, waitRange } from "./texts.js";

const card = /** @type {HTMLElement} */ (document.getElementById("place"));
const subtitle = /** @type {HTMLElement} */ (document.getElementById("subtitle"));
const typing = /** @type {HTMLElement} */ (document.getElementById("typing"));
let firstPlace = 0;
let typingEnds = 0;

/** @typedef {{pos: number, eta: [number, number] | null, text?: string, writing?: boolean}} Place */

/** @param {string} selector  @param {string} words said by a screen reader only when they changed; "" hides the line */
function say(selector, words) {
  const line = /** @type {HTMLElement} */ (card.querySelector(selector));
  line.hidden = !words;
  if (line.textContent !== words) line.textContent = words;
}

/** @param {Place} queue */
function waitWords({ eta, writing }) {
  if (writing) return text("in-writing-how");
  return eta ? text("wait", { time: waitRange(...eta) }) : text("wait-unknown");
}

/** @param {Place | null} queue null = not waiting */
export function showPlace(queue) {
  card.hidden = !queue;
  if (!queue) return;
  firstPlace = Math.max(firstPlace, queue.pos);
  say("b", queue.writing ? text("in-writing") : queue.pos > 1 ? text("place", { n: queue.pos }) : text("next"));
  const bar = /** @type {HTMLProgressElement} */ (card.querySelector("progress"));
  bar.hidden = Boolean(queue.writing);
  bar.value = 100 * (1 - queue.pos / (firstPlace + 1));
  say("[data-wait]", waitWords(queue));
  say("[data-office]", queue.text || "");
}

/** @param {string} state  @param {string} name of the agent, "" when unknown */
export function showState(state, name) {
  if (state !== "waiting") {
    showPlace(null);
    firstPlace = 0;
  }
  const words = { waiting: text("waiting"), talking: text("talking", { name: name || text("an-agent") }), closed: text("closed") };
  subtitle.textContent = words[/** @type {keyof words} */ (state)] || subtitle.textContent;
}

/** @param {string} name  @param {number} seconds until it counts as stopped */
export function showTyping(name, seconds) {
  clearTimeout(typingEnds);
  typing.hidden = false;
  typing.textContent = text("typing", { name: name || text("an-agent") });
  typingEnds = setTimeout(hideTyping, seconds * 1000);
}

export function hideTyping() {
  clearTimeout(typingEnds);
  typing.hidden = true;
  typing.textContent = "";
}
