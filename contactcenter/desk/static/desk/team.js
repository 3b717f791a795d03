// The team's page, live: the socket says that something changed, the page fetches itself again, and what somebody is just
// doing stays as it is until it is done.

import { closeMenus, tick } from "../house/page.js";

const TOGETHER = 700, SILENT = 12_000; // ms: pings that come together are one look; a line that says nothing for so long is cut
/** @type {WebSocket | null} */
let socket = null;
let etag = "", timer = 0, busy = false, again = false, heard = 0, tries = 0;

Idiomorph.defaults.ignoreActiveValue = true;
Idiomorph.defaults.callbacks.beforeAttributeUpdated = (/** @type {string} */ name, /** @type {Element} */ node) => !(name === "open" && node.tagName === "DETAILS");

const team = () => document.getElementById("team");
const heads = () => JSON.parse(team()?.dataset.heads ?? "{}");
const line = (/** @type {boolean} */ hidden) => document.getElementById("line")?.toggleAttribute("hidden", hidden);

/** Something is chosen, unfolded, asked or being typed: that part stays as it is until it is done. */
const isBusy = () =>
  document.querySelector("#team [data-busy][open], #team [name=item]:checked, #team [data-everything]:checked, #team [data-confirm]") !== null ||
  document.activeElement?.closest("#team form :is(input, select)") != null;

function soon() {
  if (busy) again = true;
  else if (!timer) timer = setTimeout(() => { timer = 0; void look(); }, TOGETHER * (0.7 + Math.random() * 0.6));
}

async function look() {
  const url = document.getElementById("live")?.dataset.url;
  if (!url || document.visibilityState !== "visible") return;
  if (isBusy()) { again = true; return; }
  busy = true;
  try {
    const answer = await fetch(url, { headers: { "HX-Request": "true", ...(etag && { "If-None-Match": etag }) }, cache: "no-store" });
    if (answer.status === 401) location.assign(answer.headers.get("HX-Redirect") ?? "/login/");
    if (answer.status === 200) show(await answer.text(), answer.headers.get("ETag") ?? "");
  } catch {
    line(false); // the next heartbeat asks again
  } finally {
    busy = false;
    if (again && !isBusy()) { again = false; soon(); }
  }
}

/** @param {string} html @param {string} mark */
function show(html, mark) {
  const old = team(), fresh = new DOMParser().parseFromString(html, "text/html").getElementById("team");
  if (!old || !fresh || isBusy()) { again = true; return; }
  etag = mark;
  Idiomorph.morph(old, fresh, { morphStyle: "outerHTML" });
  htmx.process(team());
  tick();
}

function say(/** @type {object} */ frame) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
}

/** @param {MessageEvent<string>} event */
function hear(event) {
  heard = Date.now();
  line(true);
  const frame = JSON.parse(event.data), shown = heads();
  if (frame.t === "look") soon();
  if (frame.t !== "heads") return;
  if (Object.keys(shown).some((topic) => frame.gone.includes(topic) || frame.heads[topic] !== shown[topic]) || again) soon();
}

function connect() {
  const ours = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/live/`);
  socket = ours;
  heard = Date.now();
  ours.onmessage = hear;
  ours.onopen = () => { tries = 0; say({ t: "watch", topics: Object.keys(heads()) }); };
  ours.onclose = (event) => {
    if (socket !== ours) return;
    socket = null;
    if (event.code === 4401) { location.reload(); return; }
    line(false);
    setTimeout(connect, Math.min(15_000, 250 * 1.8 ** tries++) * (0.6 + Math.random() * 0.8));
  };
}

function listen() {
  if (socket?.readyState === WebSocket.OPEN && document.visibilityState === "visible" && Date.now() - heard > SILENT) socket.close();
}
/** @param {string} which @returns {NodeListOf<HTMLInputElement>} */
const boxes = (which) => document.querySelectorAll(`#team input${which}`);

function count() {
  const chosen = document.querySelectorAll("#team [name=item]:checked").length;
  const shown = document.querySelector("[data-chosen-count]");
  if (shown) shown.textContent = chosen ? String(chosen) : "";
}

document.addEventListener("change", (event) => {
  const target = event.target;
  if (target instanceof HTMLInputElement && target.matches("[data-all]"))
    for (const box of boxes("[name=item]")) box.checked = target.checked;
  count();
});
// Looking into somebody's conversation from here is supervising: it is recorded as that.
document.addEventListener("click", (event) => {
  const link = /** @type {Element} */ (event.target).closest("a[data-watch]");
  const form = link && document.getElementById(link.getAttribute("data-watch") ?? "");
  if (!(form instanceof HTMLFormElement) || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  form.requestSubmit(form.querySelector("button"));
});
document.body.addEventListener("team:done", () => {
  etag = "";
  closeMenus();
  for (const box of boxes("[type=checkbox]")) box.checked = false;
  count();
});
document.body.addEventListener("desk:refused", () => { // what it was based on is old: look again, then decide again
  for (const menu of document.querySelectorAll("#team details[data-menu][open]")) menu.removeAttribute("open");
  soon();
});
document.addEventListener("toggle", () => again && soon(), true);
document.addEventListener("visibilitychange", soon);
document.addEventListener("htmx:afterSettle", tick);
connect();
setInterval(listen, 2000);
