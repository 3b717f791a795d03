// The palette: everything the page can do now, gathered from the page itself, and what the house finds for the words.

const PAUSE = 180; // ms without a key before the house is asked
// What is nearest to the work first.
const OFFERED = [".offer [data-key]", ".moves [data-key], .moves .opt", ".compose [data-key], .compose [data-canned-open]", ".left [data-key]", ".tab", "#presence .opt", ".desk-head .opt"];
let at = 0, asked = "", waiting = 0;

const byName = (/** @type {string} */ name) => /** @type {HTMLElement} */ (document.querySelector(`[data-palette-${name}]`));
/** @returns {HTMLElement[]} */
const options = () => [...byName("list").querySelectorAll("[role=option]")];
const input = () => /** @type {HTMLInputElement} */ (document.getElementById("palette-words"));

/** What an element says, without its key. @param {Element} element */
function label(element) {
  const copy = /** @type {Element} */ (element.cloneNode(true));
  for (const node of copy.querySelectorAll("kbd, svg, .sr")) if (!node.matches(".sr") || copy.textContent?.trim() !== node.textContent?.trim()) node.remove();
  return (copy.textContent ?? "").replace(/\s+/g, " ").replace(/…/g, "").trim();
}

/** Of a choice among several, what is chosen. @param {Element} element */
function headingOf(element) {
  const group = element.closest("[aria-labelledby]"), title = group?.matches("form, [role=group]") && document.getElementById(group.getAttribute("aria-labelledby") ?? "");
  return title ? title.textContent?.trim() ?? "" : "";
}

/** @typedef {{ name: string, key: string, element: HTMLElement }} Deed */
/** @returns {Deed[]} everything that can be pressed now, each once, in the order of the page */
function deeds() {
  /** @type {Map<string, Deed>} */
  const found = new Map();
  for (const element of OFFERED.flatMap((some) => [...document.querySelectorAll(some)])) {
    if (!(element instanceof HTMLElement) || element.closest("dialog, [hidden]") || element.matches(":disabled, [data-palette]")) continue;
    const name = [headingOf(element), label(element)].filter(Boolean).join(" · ");
    if (name && !found.has(name)) found.set(name, { name, key: element.querySelector("kbd")?.textContent ?? "", element });
  }
  return [...found.values()];
}

/** Every letter in its order; whole beginnings of words first. @param {string} name @param {string} words */
function fits(name, words) {
  const low = name.toLowerCase(), wanted = words.toLowerCase();
  if (low.startsWith(wanted)) return 3;
  if (low.split(/[\s-]+/).some((word) => word.startsWith(wanted))) return 2;
  if (low.includes(wanted)) return 1;
  let place = -1;
  const inOrder = wanted.length > 3 && [...wanted].every((letter) => (place = low.indexOf(letter, place + 1)) >= 0);
  return inOrder ? 0.5 : 0;
}

/** @param {Deed[]} found @param {(deed: Deed) => void} run */
function drawDeeds(found, run) {
  const group = document.createElement("div"), title = Object.assign(document.createElement("h3"), { textContent: byName("list").dataset.doing ?? "", id: "palette-doing" });
  group.setAttribute("role", "group");
  title.setAttribute("role", "presentation");
  group.setAttribute("aria-labelledby", title.id);
  group.append(title);
  found.forEach((deed, number) => {
    const one = Object.assign(document.createElement("div"), { id: `deed-${number}` });
    one.setAttribute("role", "option");
    one.append(Object.assign(document.createElement("span"), { className: "grow", textContent: deed.name }));
    if (deed.key) one.append(Object.assign(document.createElement("kbd"), { textContent: deed.key }));
    one.addEventListener("click", () => run(deed));
    group.append(one);
  });
  return group;
}

/** @param {number} to */
function point(to) {
  const all = options();
  at = all.length ? (to + all.length) % all.length : -1;
  all.forEach((one, number) => one.setAttribute("aria-selected", String(number === at)));
  all[at]?.scrollIntoView({ block: "nearest" });
  if (all[at]) input().setAttribute("aria-activedescendant", all[at].id);
  else input().removeAttribute("aria-activedescendant");
}

/** The house's own answer, under what the page can do. @param {string} words */
async function ask(words) {
  if (!byName("list")) return; // it was left meanwhile
  const url = `${byName("list").dataset.search}?${new URLSearchParams({ q: words })}`;
  const answer = await fetch(url, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok || words !== asked || !byName("list")) return;
  const html = new DOMParser().parseFromString(await answer.text(), "text/html").body;
  for (const old of byName("list").querySelectorAll("[data-found]")) old.remove();
  for (const group of [...html.children]) {
    /** @type {HTMLElement} */ (group).dataset.found = "";
    byName("list").append(group);
  }
  point(Math.max(0, at));
  say();
}

function say() {
  const said = byName("said"), n = options().length;
  said.textContent = n ? (said.dataset.some ?? "").replace("NUMBER", String(n)) : said.dataset.none ?? "";
}

/** @param {() => void} close shuts the dialog */
export function start(close) {
  const box = input();
  const all = deeds(); // the page as it was when the palette came over it
  /** @param {Deed} deed */
  const run = (deed) => { close(); deed.element.click(); };
  const draw = () => {
    asked = box.value.trim();
    const ranked = all.map((deed) => ({ deed, rank: asked ? fits(deed.name, asked) : 1 })).filter((one) => one.rank > 0);
    if (asked) ranked.sort((one, other) => other.rank - one.rank);
    const kept = asked.length > 1 ? [...byName("list").querySelectorAll("[data-found]")] : [];
    byName("list").replaceChildren(...(ranked.length ? [drawDeeds(ranked.map((one) => one.deed).slice(0, asked ? 8 : 40), run)] : []), ...kept);
    point(0);
    clearTimeout(waiting);
    if (asked.length > 1) waiting = setTimeout(() => void ask(asked), PAUSE);
    else say();
  };
  box.addEventListener("input", draw);
  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown") point(at + 1);
    else if (event.key === "ArrowUp") point(at - 1);
    else if (event.key === "Enter" && options()[at]) options()[at].click();
    else return;
    event.preventDefault();
  });
  byName("list").addEventListener("click", (event) => {
    const link = /** @type {Element} */ (event.target).closest("a[data-go-to]");
    if (!(link instanceof HTMLAnchorElement)) return;
    event.preventDefault();
    close();
    void htmx.ajax("GET", link.href, { target: "#stage", swap: "morph:outerHTML", push: "true" }).then(() => {
      if (location.pathname !== link.pathname) history.pushState({ htmx: true }, "", link.href);
    });
  });
  draw();
}
