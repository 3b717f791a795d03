// What every staff page can do: light and dark, menus that close, clocks that tick, single keys.

/** @param {Record<string, string>} choice kept for whoever is signed in, on every machine */
function keep(choice) {
  const token = /** @type {HTMLInputElement | null} */ (document.querySelector("[name=csrfmiddlewaretoken]"))?.value ?? "";
  void fetch("/look/", { method: "POST", headers: { "X-CSRFToken": token }, body: new URLSearchParams(choice), keepalive: true }).catch(() => {});
}

/** @param {string} choice "light", "dark", "night" or "system" */
function wear(choice) {
  const root = document.documentElement;
  root.dataset.theme = choice;
  if (choice === "system") root.removeAttribute("data-bs-theme");
  else root.dataset.bsTheme = choice === "night" ? "dark" : choice;
  keep({ theme: choice });
  showChoice();
}

function showChoice() {
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-theme-choice]")))
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === document.documentElement.dataset.theme));
}

/** @returns {NodeListOf<HTMLDetailsElement>} */
const openMenus = () => document.querySelectorAll("details[data-menu][open]");

export function closeMenus() {
  for (const menu of openMenus()) menu.open = false;
}

document.addEventListener("click", (event) => {
  const target = /** @type {Element} */ (event.target);
  const choice = target.closest("[data-theme-choice]")?.getAttribute("data-theme-choice");
  if (choice) wear(choice);
  target.closest("[data-dismiss]")?.parentElement?.remove();
  for (const menu of openMenus())
    if (!menu.contains(target) || target.closest("[data-open]")) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  const menu = openMenus()[0];
  if (event.key !== "Escape" || !menu) return;
  menu.open = false;
  menu.querySelector("summary")?.focus();
});

/**
 * 0:48, 12:05, 5 h, 2 d: as the server writes it.
 * @param {number} seconds
 */
export function elapsed(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 3600) return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
  if (whole < 86400) return `${Math.floor(whole / 3600)} ${document.body.dataset.hours ?? "h"}`;
  return `${Math.floor(whole / 86400)} ${document.body.dataset.days ?? "d"}`;
}

/** @param {HTMLElement} clock */
function tickOne(clock) {
  const seconds = (Date.now() - Date.parse(clock.getAttribute("datetime") ?? "")) / 1000;
  const text = elapsed(seconds);
  if (clock.textContent !== text) clock.textContent = text;
  const bad = Number(clock.dataset.bad ?? Infinity);
  const level = seconds >= bad ? "bad" : seconds >= Number(clock.dataset.warn ?? Infinity) ? "warn" : "";
  const ring = clock.closest("[data-ring]");
  for (const element of ring ? [clock, ring] : [clock])
    for (const name of ["warn", "bad"]) element.classList.toggle(name, name === level);
  ring?.querySelector(".run")?.setAttribute("stroke-dasharray", `${Math.min(100, (100 * seconds) / bad).toFixed(1)} 100`);
}

/** Every clock on the page, now. */
export function tick() {
  for (const clock of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("time[data-clock]"))) tickOne(clock);
}

// --- keys: [data-key] names the one that presses a button. They can be switched off: voice control would trip over them.

const keysAreOn = () => !("keysOff" in document.documentElement.dataset);

/** @param {EventTarget | null} target */
const writes = (target) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.closest("input:not([type=radio], [type=checkbox]), textarea, select, [role=textbox], [role=combobox]") !== null);

const REGIONS = ".left, #talk, #person, #tabs, header, main"; // what has the focus is asked first

/** @param {HTMLElement} button 0 = can't be pressed, 1 = inside a menu that is closed, 2 = to be seen */
function standing(button) {
  if (button.matches(":disabled, [aria-disabled=true]") || button.closest("[hidden], [inert]")) return 0;
  const menu = button.closest("details:not([open])"), region = menu ?? button;
  if (!region.checkVisibility({ checkVisibilityCSS: !document.body.dataset.step })) return 0; // a phone hides regions, not actions
  return menu ? 1 : 2;
}

/**
 * The button a key stands for: several may share one. Where the focus is comes first, then what is seen, then the page's order.
 * @param {string} key @returns {HTMLElement | undefined}
 */
export function keyed(key) {
  const near = document.activeElement?.closest(REGIONS);
  /** @type {HTMLElement | undefined} */
  let best;
  let most = 0;
  for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`))) {
    const at = standing(button), rank = at && at + (near?.contains(button) ? 2 : 0);
    if (rank > most) [best, most] = [button, rank];
  }
  return best;
}

/** @param {string} key */
function press(key) {
  const button = keyed(key);
  button?.click();
  return button !== undefined;
}

/** @param {number} by one down or up in the list, from what has the focus, else from what is open */
function move(by) {
  const items = [...document.querySelectorAll("[data-list] .item")];
  const focused = items.findIndex((item) => item === document.activeElement);
  const from = focused >= 0 ? focused : items.findIndex((item) => item.getAttribute("aria-current") === "true");
  const next = items[Math.min(items.length - 1, Math.max(0, from + by))];
  if (next instanceof HTMLElement) next.focus();
  return items.length > 0;
}

/** @param {KeyboardEvent} event @returns {boolean} was it a shortcut? */
function act(event) {
  const key = event.key.toLowerCase(), at = document.activeElement;
  if (key === "j" || key === "k") return move(key === "j" ? 1 : -1);
  if (key === "arrowdown" || key === "arrowup") return at?.closest("[data-list]") ? move(key === "arrowdown" ? 1 : -1) : false;
  if (key === "enter") return at?.closest("a, button, summary, label, input") ? false : press("enter");
  return key.length === 1 && press(key);
}

document.addEventListener("keydown", (event) => {
  // 229: a browser that is composing a character and doesn't say so otherwise.
  if (event.defaultPrevented || event.isComposing || event.keyCode === 229 || document.querySelector("dialog[open]")) return;
  if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
    if (press("ctrl+k")) event.preventDefault(); // while writing too: it types nothing
  } else if (event.key === "Escape" && writes(event.target)) document.getElementById("talk")?.focus();
  else if (!writes(event.target) && !event.ctrlKey && !event.metaKey && !event.altKey && keysAreOn() && act(event)) event.preventDefault();
});

document.addEventListener("change", (event) => {
  if (!(event.target instanceof HTMLInputElement) || !event.target.matches("[data-keys]")) return;
  document.documentElement.toggleAttribute("data-keys-off", !event.target.checked);
  keep({ keys: event.target.checked ? "on" : "off" });
});

/** The switch of the shortcut sheet shows what was chosen. */
export function showKeys() {
  const box = document.querySelector("[data-keys]");
  if (box instanceof HTMLInputElement) box.checked = keysAreOn();
}

showChoice();
tick();
setInterval(tick, 1000);

const SHARE = 8, LONGEST = 5000; // what isn't urgent is done an eighth of the time at most; ms

/** Something that is done again and again: asked for together it is done once, and never twice at the same time. */
export class Turns {
  timer = 0;
  due = 0;
  took = 0; // ms, the last time: a house that is slow is asked less
  again = Infinity;
  busy = false;

  /** @param {() => Promise<void>} run @param {number} pause ms that follow when it was asked for meanwhile */
  constructor(run, pause) {
    this.run = run;
    this.pause = pause;
  }

  /** @param {number} wait ms */
  ask(wait) {
    const due = performance.now() + wait;
    if (this.busy) this.again = Math.min(this.again, wait);
    else if (!this.timer || due < this.due) {
      clearTimeout(this.timer);
      this.due = due;
      this.timer = setTimeout(() => void this.turn(), wait + Math.random() * 90);
    }
  }

  async turn() {
    const began = performance.now();
    this.timer = 0;
    this.busy = true;
    await this.run();
    this.busy = false;
    this.took = performance.now() - began;
    const wait = this.again;
    this.again = Infinity;
    if (wait < Infinity) this.ask(Math.max(wait, this.pause));
  }

  /** For what can wait, `least` or longer. @param {number} [least] ms */
  askCalmly(least = 30) {
    this.ask(Math.min(LONGEST, Math.max(least, SHARE * this.took)));
  }
}
