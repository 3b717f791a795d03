// The command palette: what can be done on this page, my conversations, and what the house finds. Loaded when first asked for.

import { actions, tabs } from "./possible.js";

const DEBOUNCE = 180, MOST = 8, SAY_AFTER = 600; // ms, of a group, ms
/** @typedef {import("./possible.js").Possible} Possible */

/** @type {HTMLDialogElement | null} */
let box = null;
/** @type {Possible[]} */
let possible = [];
/** @type {AbortController | null} */
let asking = null;
let asked = 0, saying = 0, opening = false;

/** @param {string} where @returns {HTMLElement} */
const part = (where) => /** @type {HTMLElement} */ (box?.querySelector(where));
const input = () => /** @type {HTMLInputElement} */ (part("input"));

/** @param {string} url of the empty palette */
export async function open(url) {
  if (box?.open || opening) return;
  opening = true;
  try {
    box ??= await fetchBox(url);
  } finally {
    opening = false;
  }
  possible = [...actions().map((one) => ({ ...one, group: "actions" })), ...tabs().map((one) => ({ ...one, group: "tabs" }))];
  input().value = "";
  box.showModal();
  changed();
}

/** @param {string} url @returns {Promise<HTMLDialogElement>} on the page, its style there */
async function fetchBox(url) {
  const answer = await fetch(url, { headers: { "HX-Request": "true" } });
  if (answer.status === 401) location.assign(answer.headers.get("HX-Redirect") ?? "/login/");
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("dialog");
  if (!fresh) throw new Error("no palette");
  const sheet = Object.assign(document.createElement("link"), { rel: "stylesheet", href: fresh.dataset.css ?? "" });
  const drawn = new Promise((resolve) => { sheet.onload = sheet.onerror = resolve; });
  document.head.append(sheet);
  await drawn;
  document.body.append(fresh);
  fresh.addEventListener("input", changed);
  fresh.addEventListener("keydown", key);
  fresh.addEventListener("click", pressed, true); // before what it is pressed on hears of it
  fresh.addEventListener("close", () => { asking?.abort(); clearTimeout(asked); clearTimeout(saying); });
  return fresh;
}

function changed() {
  const typed = input().value;
  for (const group of ["actions", "tabs"]) draw(group, matching(group, typed));
  const all = /** @type {HTMLAnchorElement} */ (part("[data-all]"));
  all.search = typed.trim() ? `?q=${encodeURIComponent(typed.trim())}` : "";
  clearTimeout(asked);
  asking?.abort();
  if (typed.trim().length < 2) part("#palette-found").replaceChildren();
  else asked = setTimeout(() => void ask(typed.trim(), all.pathname), DEBOUNCE);
  shown(typed.trim().length < 2);
}

/** @param {string} group @param {string} typed */
function matching(group, typed) {
  const ranked = possible.filter((one) => one.group === group).map((one) => ({ one, rank: one.rank(typed) }));
  return ranked.filter(({ rank }) => rank > 0).sort((a, b) => b.rank - a.rank).slice(0, MOST).map(({ one }) => one);
}

/** @param {string} name @param {Possible[]} found */
function draw(name, found) {
  const group = part(`[data-group="${name}"]`);
  group.hidden = !found.length;
  for (const old of group.querySelectorAll("[role=option]")) old.remove();
  for (const one of found) {
    const option = Object.assign(document.createElement("div"), { className: "popt", id: `palette-${possible.indexOf(one)}` });
    option.setAttribute("role", "option");
    const words = Object.assign(document.createElement("span"), { className: "pwhat", textContent: one.name, dir: "auto" });
    option.append(words);
    if (one.key) option.append(Object.assign(document.createElement("kbd"), { textContent: one.key }));
    group.append(option);
  }
}

/** @param {string} words @param {string} path */
async function ask(words, path) {
  asking = new AbortController();
  const { signal } = asking, note = part("[data-lost-shown]");
  try {
    const answer = await fetch(`${path}?q=${encodeURIComponent(words)}`, { headers: { "HX-Request": "true" }, signal });
    if (answer.status === 401) location.assign(answer.headers.get("HX-Redirect") ?? "/login/");
    const html = new DOMParser().parseFromString(await answer.text(), "text/html").body;
    if (signal.aborted) return;
    note.hidden = answer.ok;
    if (!answer.ok) note.textContent = html.textContent?.trim() ?? "";
    part("#palette-found").replaceChildren(...(answer.ok ? html.children : []));
    htmx.process(part("#palette-found"));
  } catch {
    if (signal.aborted) return;
    note.hidden = false;
    note.textContent = part("[role=status]").dataset.lost ?? "";
  }
  shown(true);
}

/** @returns {HTMLElement[]} */
const options = () => [.../** @type {NodeListOf<HTMLElement>} */ (part("[role=listbox]").querySelectorAll("[role=option]"))].filter((one) => !one.closest("[hidden]"));

/** @param {boolean} settled nothing more is on its way */
function shown(settled) {
  const all = options();
  select(all.find((one) => one.id === input().getAttribute("aria-activedescendant")) ?? all[0]);
  part("[data-none]").hidden = !settled || all.length > 0;
  clearTimeout(saying);
  if (settled) saying = setTimeout(() => {
    const status = part("[role=status]");
    status.textContent = (all.length ? status.dataset.count?.replace("NUMBER", String(all.length)) : status.dataset.nothing) ?? "";
  }, SAY_AFTER);
}

/** @param {HTMLElement | undefined} option */
function select(option) {
  for (const one of options()) one.setAttribute("aria-selected", String(one === option));
  if (option) input().setAttribute("aria-activedescendant", option.id);
  else input().removeAttribute("aria-activedescendant");
  option?.scrollIntoView({ block: "nearest" });
}

/** @param {KeyboardEvent} event */
function key(event) {
  if (event.isComposing || event.keyCode === 229) return;
  const all = options(), at = all.findIndex((one) => one.getAttribute("aria-selected") === "true");
  const by = { ArrowDown: 1, ArrowUp: -1, PageDown: MOST, PageUp: -MOST }[event.key];
  if (by && all.length) {
    const one = Math.abs(by) === 1;
    select(all[one ? (at + by + all.length) % all.length : Math.min(all.length - 1, Math.max(0, at + by))]);
  } else if (event.key === "Enter" && event.target === input()) choose(all[at]);
  else if (event.key === "k" && (event.ctrlKey || event.metaKey)) box?.close();
  else return;
  event.preventDefault();
}

/** @param {MouseEvent} event */
function pressed(event) {
  const target = /** @type {Element} */ (event.target), option = /** @type {HTMLElement | null} */ (target.closest("[role=option]"));
  if (target === box || target.closest("[data-close-palette]")) box?.close();
  else if (option && event.isTrusted && !event.ctrlKey && !event.metaKey) { event.preventDefault(); event.stopPropagation(); choose(option); }
}

/** @param {HTMLElement | undefined} option */
function choose(option) {
  if (!option) return;
  const one = possible[Number(option.id.replace("palette-", ""))];
  box?.close();
  if ((one ? one.element : option).hasAttribute("hx-get"))
    document.addEventListener("htmx:afterSettle", () => document.getElementById("talk")?.focus(), { once: true });
  if (one) one.run();
  else option.click();
}
