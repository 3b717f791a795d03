// The lane beside a conversation, where colleagues talk: fetched when it is opened, and again whenever the conversation changed.

import { typing } from "./live.js";

const byId = (/** @type {string} */ id) => document.getElementById(id);
const beside = () => byId("beside");
const words = () => /** @type {HTMLTextAreaElement | null} */ (byId("beside-words"));
let etag = "", head = "", busy = false, again = false, saying = 0;

const draft = () => `aside:${document.body.dataset.me}:${beside()?.dataset.me}`;

/** Open it and write, or close it. */
export function toggle() {
  const lane = beside(), folded = lane?.querySelector("template");
  folded?.replaceWith(folded.content); // drawn when it is opened first; a morph leaves it alone from then on
  const box = words();
  if (!lane || !box) return;
  lane.hidden = !lane.hidden;
  mark();
  if (lane.hidden) { byId("to-beside")?.focus(); return; }
  if (!box.value) box.value = sessionStorage.getItem(draft()) ?? "";
  etag = "";
  htmx.process(lane);
  void pull();
  box.focus();
}

/** The button says whether it is open; what one looks at isn't counted as unread. */
function mark() {
  const button = byId("to-beside"), open = beside()?.hidden === false;
  button?.setAttribute("aria-expanded", String(open));
  if (open) for (const count of button?.querySelectorAll(".un, .sr") ?? []) count.remove();
}

async function pull() {
  const url = beside()?.dataset.url;
  if (!url || beside()?.hidden || document.visibilityState !== "visible") return;
  if (busy) { again = true; return; }
  busy = true;
  try {
    const known = etag.startsWith(`${url} `) ? etag.slice(url.length + 1) : "";
    const answer = await fetch(url, { headers: { "HX-Request": "true", ...(known && { "If-None-Match": known }) }, cache: "no-store" });
    const body = await answer.text();
    if (answer.status === 204) beside()?.toggleAttribute("hidden", true);
    if (answer.status !== 200 || url !== beside()?.dataset.url) return;
    etag = `${url} ${answer.headers.get("ETag") ?? ""}`;
    show(body);
  } catch {
    // the next change, or the next opening, asks again
  } finally {
    busy = false;
    if (again) { again = false; void pull(); }
  }
}

/** @param {string} html the lane */
function show(html) {
  const old = byId("lane"), fresh = new DOMParser().parseFromString(html, "text/html").getElementById("lane");
  if (!old || !fresh) return;
  const before = Number(old.dataset.newest ?? 0), first = !("newest" in old.dataset);
  Idiomorph.morph(old, fresh, { morphStyle: "outerHTML" });
  toEnd();
  const last = byId("lane")?.querySelector("li:last-child:not(.own, .none)"), said = byId("beside-said");
  if (!first && said && last && Number(byId("lane")?.dataset.newest) > before) said.textContent = last.textContent?.replace(/\s+/g, " ") ?? "";
}

function toEnd() {
  const list = byId("lane")?.querySelector("ul");
  if (list) list.scrollTop = list.scrollHeight;
}

/** It arrived: begin afresh. */
function sent() {
  const box = words(), id = /** @type {HTMLInputElement | null} */ (byId("beside-form")?.querySelector('[name="client_id"]'));
  sessionStorage.removeItem(draft());
  if (box) { box.value = ""; box.focus(); }
  if (id) id.value = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  etag = "";
  toEnd();
}

document.addEventListener("desk:swapped", () => {
  const now = byId("talk")?.dataset.head ?? "";
  mark();
  if (now !== head) void pull(); // something happened in this conversation, and it is still ours to look beside
  head = now;
});
document.addEventListener("visibilitychange", () => void pull());
document.addEventListener("htmx:afterRequest", (event) => {
  const { elt, successful } = /** @type {CustomEvent} */ (event).detail;
  if (elt?.id === "beside-form" && successful) setTimeout(sent, 30);
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.defaultPrevented || event.target !== words()) return;
  event.preventDefault();
  if (words()?.value.trim()) words()?.form?.requestSubmit();
});
document.addEventListener("input", (event) => {
  const box = words(), topic = byId("talk")?.dataset.topic;
  if (!box || event.target !== box) return;
  if (topic) typing(topic, true);
  clearTimeout(saying);
  saying = setTimeout(() => (box.value ? sessionStorage.setItem(draft(), box.value) : sessionStorage.removeItem(draft())), 250);
});
