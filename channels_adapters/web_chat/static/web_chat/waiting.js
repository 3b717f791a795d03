/** Where the citizen stands: place in the queue, an honest wait, who is there, who is writing. */

import { text, waitRange } from "./texts.js";

/** @param {string} id */
const part = (id) => /** @type {any} */ (document.getElementById(id));
const card = part("place"), subtitle = part("subtitle"), typing = part("typing");
let firstPlace = 0;
let typingEnds = 0;
let asked = false;

/** @param {string} line  @param {string} words said by a screen reader only when they changed */
function say(line, words) {
  const said = card.querySelector(line);
  said.hidden = !words;
  if (said.textContent !== words) said.textContent = words;
}

/** @param {any} queue pos, eta, text, writing, title and call; null = not waiting */
export function showPlace(queue) {
  card.hidden = !queue;
  asked ||= queue?.call;
  if (asked) import("./callback.js").then((part) => part.show(queue?.call || ""), () => {}); // else with the next frame
  if (!queue) return;
  const { pos, eta, writing, title } = queue;
  firstPlace = Math.max(firstPlace, pos);
  const bar = card.querySelector("progress");
  bar.hidden = writing;
  bar.value = 100 * (1 - pos / (firstPlace + 1));
  say("b", title || text(writing ? "writing" : pos > 1 ? "place" : "next", { n: pos }));
  say("[data-wait]", title ? "" : writing ? text("writing-how") : eta ? text("wait", { time: waitRange(eta[0], eta[1]) }) : text("wait-unknown"));
  say("[data-office]", queue.text);
}

/** @param {string} state  @param {string} name of the agent, "" when unknown */
export function showState(state, name) {
  if (state !== "waiting") {
    showPlace(null);
    firstPlace = 0;
  }
  if (state !== "new") subtitle.textContent = text(state, { name: name || text("an-agent") });
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
