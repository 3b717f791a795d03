/** Where the citizen stands: place in the queue, an honest wait, who is there, who is writing. */

import { text, waitRange } from "./texts.js";

const card = /** @type {HTMLElement} */ (document.getElementById("place"));
const subtitle = /** @type {HTMLElement} */ (document.getElementById("subtitle"));
const typing = /** @type {HTMLElement} */ (document.getElementById("typing"));
let firstPlace = 0;
let typingEnds = 0;

/** @param {{pos: number, eta: [number, number] | null} | null} queue null = not waiting */
export function showPlace(queue) {
  card.hidden = !queue;
  if (!queue) return;
  firstPlace = Math.max(firstPlace, queue.pos);
  const title = /** @type {HTMLElement} */ (card.querySelector("b"));
  const words = queue.pos > 1 ? text("place", { n: queue.pos }) : text("next");
  if (title.textContent !== words) title.textContent = words; // said by a screen reader only when it changed
  const bar = /** @type {HTMLProgressElement} */ (card.querySelector("progress"));
  bar.value = 100 * (1 - queue.pos / (firstPlace + 1));
  const wait = /** @type {HTMLElement} */ (card.querySelector("[data-wait]"));
  const known = queue.eta ? text("wait", { time: waitRange(...queue.eta) }) : text("wait-unknown");
  if (wait.textContent !== known) wait.textContent = known;
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
