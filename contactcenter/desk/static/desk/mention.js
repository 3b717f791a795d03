// @ and a name: colleagues who may read the conversation, to be chosen by keys or pointer.

const byId = (/** @type {string} */ id) => document.getElementById(id);
const BEGUN = /(?:^|[\s(])@([\p{L}\w.+-]{0,40})$/u;
/** @type {HTMLTextAreaElement | null} */
let box = null;
let asked = "", timer = 0, at = 0;

/** Notes and words beside the conversation; an answer to the citizen mentions nobody. @param {HTMLTextAreaElement} text */
const calls = (text) => {
  const as = text.form?.querySelector('[name="as"]:checked, [name="as"][type="hidden"]');
  return "mentions" in text.dataset || (as instanceof HTMLInputElement && as.value === "note");
};

/** @returns {string | null} what stands behind the @ before the cursor */
const begun = () => (box ? (BEGUN.exec(box.value.slice(0, box.selectionStart))?.[1] ?? null) : null);

/** @param {HTMLTextAreaElement} text where somebody writes */
export function suggest(text) {
  box = calls(text) ? text : null;
  clearTimeout(timer);
  if (begun() === null) { close(); return; }
  timer = setTimeout(() => void ask(), 120);
}

async function ask() {
  const name = begun(), base = byId("talk")?.dataset.url?.split("?")[0];
  if (name === null || !base || !box) { close(); return; }
  asked = name;
  const answer = await fetch(`${base}colleagues/?${new URLSearchParams({ q: name })}`, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok || asked !== begun()) return;
  show(await answer.text());
}

/** @param {string} html options */
function show(html) {
  if (!box) return;
  close();
  const list = document.createElement("ul");
  list.id = "mentions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", document.body.dataset.colleagues ?? "");
  list.append(...new DOMParser().parseFromString(html, "text/html").body.children);
  if (!list.children.length) return;
  box.before(list);
  box.setAttribute("aria-autocomplete", "list");
  box.setAttribute("aria-controls", "mentions");
  at = 0;
  choose(0);
}

const options = () => [...(byId("mentions")?.children ?? [])];

/** @param {number} by */
function choose(by) {
  const all = options();
  at = (at + by + all.length) % all.length;
  for (const [n, one] of all.entries()) one.setAttribute("aria-selected", String(n === at));
  box?.setAttribute("aria-activedescendant", all[at]?.id ?? "");
  all[at]?.scrollIntoView({ block: "nearest" });
}

/** @param {Element | undefined} option */
function take(option) {
  if (!box || !option) return;
  const end = box.selectionStart, start = box.value.lastIndexOf("@", end - 1);
  box.setRangeText(`@${/** @type {HTMLElement} */ (option).dataset.username} `, start, end, "end");
  close();
  box.focus();
  box.dispatchEvent(new Event("input", { bubbles: true })); // kept like any other words
}

function close() {
  byId("mentions")?.remove();
  for (const name of ["aria-controls", "aria-activedescendant"]) box?.removeAttribute(name);
}

document.addEventListener("keydown", (event) => {
  if (!byId("mentions") || event.target !== box || event.ctrlKey || event.metaKey) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") choose(event.key === "ArrowDown" ? 1 : -1);
  else if (event.key === "Enter" || event.key === "Tab") take(options()[at]);
  else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
  event.stopPropagation();
}, true);
document.addEventListener("pointerdown", (event) => {
  const option = /** @type {Element} */ (event.target).closest("#mentions [role=option]");
  if (option) { event.preventDefault(); take(option); } else close();
});
document.addEventListener("focusout", (event) => { if (event.target === box) close(); });
