// Ping, then pull: the socket says that something changed, the page fetches the part again under the agent's own rights.
// The newest words of what is shown come by the socket itself; the part that follows holds them too, and all around them.

import { tick, Turns } from "../house/page.js";

const QUIET = 1300, LOST = 2800; // ms without a word: ask; give up and come back
const SIGNED_OUT = 4401, WORDS_FIRST = 150, QUIETLY = 700; // ms before the part is fetched; the second where only words and their states changed
/** @type {WebSocket | null} */
let socket = null;
let tries = 0, heard = 0, seenSeq = "", typedAt = 0;
/** @type {(first: boolean) => void} */
let swapped = () => {};
const parts = {
  mine: { etag: "", turns: new Turns(() => fetchPart("mine"), 600) },
  talk: { etag: "", turns: new Turns(() => fetchPart("talk"), 150) },
};

const byId = (/** @type {string} */ id) => document.getElementById(id);
const talk = () => byId("talk");
const shownHeads = () => JSON.parse(byId("work")?.dataset.heads ?? "{}");

/** @param {object} frame */
function say(frame) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
}

/** The messages on the page, oldest first. @returns {HTMLElement[]} */
const messages = () => [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("#flow > .msg"))];

/** The newest message on the page; 0 = none. */
export const lastSeq = () => Number(messages().at(-1)?.dataset.seq ?? 0);

/** Tell the house what this screen shows now, and up to where. */
export function watch() {
  const at = talk(), topic = at?.dataset.topic;
  const words = topic && "newest" in at.dataset ? { talk: topic, last: lastSeq() } : {};
  say({ t: "watch", topics: [...Object.keys(shownHeads()), ...(topic ? [topic] : [])], ...words });
  seen();
}

/** The newest words of my own conversation are on a visible page. */
export function seen() {
  const at = talk();
  if (!at?.dataset.topic || !("mine" in at.dataset) || document.visibilityState !== "visible") return;
  const seq = lastSeq(), mark = `${at.dataset.topic} ${seq}`;
  if (mark === seenSeq || !seq || socket?.readyState !== WebSocket.OPEN) return;
  seenSeq = mark;
  say({ t: "seen", topic: at.dataset.topic, seq });
}

/** @param {string} topic @param {boolean} [aside] for colleagues alone */
export function typing(topic, aside = false) {
  if (Date.now() - typedAt < 3000) return;
  typedAt = Date.now();
  say({ t: "typing", topic, ...(aside && { aside }) });
}

/** A swap by another way: what was fetched before no longer says what is shown. */
export function forget() {
  parts.talk.etag = parts.mine.etag = "";
}

/** Fetch a part again soon. @param {"mine" | "talk"} name @param {number} wait ms */
export function pull(name, wait = 30) {
  parts[name].turns.ask(wait);
}

/** The list: at once for what is one's own, when it fits for the line, which is everybody's. @param {string[]} topics */
function pullMine(topics) {
  if (topics.every((topic) => topic.startsWith("queue."))) parts.mine.turns.askCalmly();
  else pull("mine");
}

function mineUrl() {
  const query = new URLSearchParams({ open: talk()?.dataset.id ?? "", after: byId("work")?.dataset.after ?? "" });
  const filter = byId("work")?.dataset.filter;
  return `${document.body.dataset.mine}?${query}${filter ? `&${filter}` : ""}`;
}

/** @param {"mine" | "talk"} name */
async function fetchPart(name) {
  const part = parts[name], url = name === "mine" ? mineUrl() : talk()?.dataset.url;
  if (!url) return;
  try {
    const known = part.etag.startsWith(`${url} `) ? part.etag.slice(url.length + 1) : "";
    const answer = await fetch(url, { headers: { "HX-Request": "true", ...(known && { "If-None-Match": known }) }, cache: "no-store" });
    const body = await answer.text();
    if (answer.status === 401) location.assign(answer.headers.get("HX-Redirect") ?? "/login/");
    else if (answer.status === 404 && name === "talk") gone(body);
    else if (name === "mine" && url !== mineUrl()) part.turns.ask(0); // something else is asked for by now
    else if (answer.status === 200 && (name === "mine" || url === talk()?.dataset.url)) {
      part.etag = `${url} ${answer.headers.get("ETag") ?? ""}`;
      show(body);
    }
  } catch {
    lost(); // the heartbeat after the next connection asks again
  }
}

/** @param {string} html parts with ids, each to be morphed onto the one on the page */
function show(html) {
  const body = new DOMParser().parseFromString(html, "text/html").body;
  for (const fresh of [...body.children]) {
    const old = fresh.id && byId(fresh.id);
    if (!old) continue;
    swapped(true);
    Idiomorph.morph(old, fresh, { morphStyle: "outerHTML" });
    htmx.process(byId(fresh.id));
  }
  tick();
  swapped(false);
  watch();
}

/**
 * New words of what is shown, each in its place and none twice. What stands around them follows with the whole part.
 * @param {{topic: string, html: string, version: number}} frame
 */
function add(frame) {
  const at = talk();
  if (at?.dataset.topic !== frame.topic || !("newest" in at.dataset) || frame.version <= Number(/** @type {HTMLInputElement | null} */ (byId("version"))?.value)) return;
  const html = new DOMParser().parseFromString(frame.html, "text/html").body;
  const fresh = /** @type {HTMLElement[]} */ ([...html.children]).filter((one) => !byId(one.id));
  if (!fresh.length) return;
  swapped(true);
  for (const one of fresh) {
    const later = messages().find((other) => Number(other.dataset.seq) > Number(one.dataset.seq));
    (later ?? byId("to-end"))?.before(one);
    htmx.process(one);
  }
  swapped(false);
  seen();
}

/** @param {string} html a sentence: it isn't there, or no longer ours to see */
function gone(html) {
  const at = talk(), sentence = new DOMParser().parseFromString(html, "text/html").body.textContent?.trim();
  if (!at) return;
  at.replaceChildren(Object.assign(document.createElement("p"), { className: "empty", textContent: sentence ?? "" }));
  for (const key of ["topic", "url", "id", "head", "mine"]) delete at.dataset[key];
  byId("person")?.replaceChildren();
}

/** @param {Record<string, string>} heads @param {string[]} missing */
function compare(heads, missing) {
  const shown = shownHeads();
  const differ = Object.keys(shown).filter((topic) => heads[topic] !== undefined && heads[topic] !== shown[topic]);
  if (differ.length) pullMine(differ);
  if (Object.keys(shown).some((topic) => missing.includes(topic))) pull("mine");
  const topic = talk()?.dataset.topic;
  if (topic && (missing.includes(topic) || (heads[topic] !== undefined && heads[topic] !== talk()?.dataset.head))) pull("talk");
}

/** @param {MessageEvent<string>} event */
function hear(event) {
  heard = Date.now();
  const frame = JSON.parse(event.data);
  if (frame.t === "heads") compare(frame.heads, frame.gone);
  if (frame.t === "words") add(frame);
  if (frame.t === "look" && frame.topic === talk()?.dataset.topic) {
    if (frame.quiet) parts.talk.turns.askCalmly(QUIETLY);
    else pull("talk", WORDS_FIRST);
  } else if (frame.t === "look") pullMine([frame.topic]);
  if (frame.t === "company") document.dispatchEvent(new CustomEvent("desk:company", { detail: frame }));
  if (frame.t === "typing") document.dispatchEvent(new CustomEvent("desk:typing", { detail: frame }));
  if (byId("line")?.hidden === false) found();
}

function lost() {
  const line = byId("line");
  if (!line || document.visibilityState !== "visible" || !line.hidden) return;
  line.hidden = false;
  document.dispatchEvent(new Event("desk:lost"));
}

function found() {
  const line = byId("line");
  if (line) line.hidden = true;
}

function connect() {
  const ours = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/live/`);
  socket = ours;
  heard = Date.now();
  ours.onmessage = hear;
  ours.onopen = () => {
    seenSeq = "";
    watch();
    if (tries) { pull("mine"); pull("talk"); }
    tries = 0;
  };
  ours.onclose = (event) => {
    if (socket !== ours) return;
    socket = null;
    if (event.code === SIGNED_OUT) location.reload();
    else { lost(); setTimeout(() => socket ?? connect(), Math.min(15_000, 250 * 1.8 ** tries++) * (0.6 + Math.random() * 0.8)); }
  };
}

/** A line that is silent may be cut without telling: ask, and come back when nobody answers. */
function listen() {
  if (!socket || socket.readyState !== WebSocket.OPEN || document.visibilityState !== "visible") return;
  const silence = Date.now() - heard;
  if (silence > LOST) { lost(); cut(); } else if (silence > QUIET) say({ t: "ping" });
}

function cut() {
  const old = socket;
  socket = null;
  if (old) { old.onclose = null; old.close(); }
  tries++;
  connect();
}

/** @param {(before: boolean) => void} onSwap called before and after parts are replaced */
export function start(onSwap) {
  swapped = onSwap;
  connect();
  setInterval(listen, 500);
  window.addEventListener("offline", lost);
  window.addEventListener("online", () => { if (!socket || Date.now() - heard > LOST) cut(); });
  document.addEventListener("visibilitychange", () => { heard = Date.now(); say({ t: "ping" }); seen(); });
}
