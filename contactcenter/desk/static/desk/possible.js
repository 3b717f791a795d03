// What can be done on this page now: gathered from its own buttons, so that nothing is possible here that isn't there.

/**
 * @typedef {object} Possible
 * @property {string} name
 * @property {string} key "" = none
 * @property {HTMLElement} element
 * @property {string} [group]
 * @property {(typed: string) => number} rank 0 = isn't meant
 * @property {() => void} run
 */

/** @param {string} text without capitals and accents */
const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/**
 * Every letter typed stands in the name in that order; beginnings of words and letters side by side count more.
 * @param {string} name @param {string} typed @returns {number} 0 = no
 */
export function score(name, typed) {
  const text = plain(name), wanted = plain(typed).replace(/\s+/g, "");
  if (!wanted) return 1;
  const whole = text.indexOf(plain(typed).trim());
  let points = whole < 0 ? 1 : 1 + 10 * wanted.length + (whole === 0 || text[whole - 1] === " " ? 20 : 0), last = -2, at = 0;
  for (const letter of wanted) {
    const found = text.indexOf(letter, at);
    if (found < 0) return 0;
    points += found === last + 1 ? 3 : found === 0 || /[\s:]/.test(text[found - 1]) ? 2 : found - at > 12 ? -2 : 0;
    [last, at] = [found, found + 1];
  }
  return whole >= 0 || points > wanted.length * 1.5 ? Math.max(1, points) : 0;
}

/** @param {HTMLElement} element */
function nameOf(element) {
  const copy = /** @type {HTMLElement} */ (element.cloneNode(true));
  for (const mark of copy.querySelectorAll("kbd, svg, [aria-hidden=true], [data-left-shown]")) mark.remove();
  for (const aside of copy.querySelectorAll(".sr")) if (aside.previousSibling) aside.prepend(" · ");
  const words = (element.getAttribute("aria-label") ?? copy.textContent ?? "").replace(/\s+/g, " ").replace(/\s*…$/, "").trim();
  const about = element.closest("[data-about]")?.getAttribute("data-about");
  return about ? `${about}: ${words}` : words || (element.title ?? "");
}

/** @param {HTMLElement} element @returns {Possible} */
function made(element) {
  const name = nameOf(element), key = (element.dataset.key ?? "").replace("enter", "↵").toUpperCase();
  return { name, key, element, rank: (typed) => score(name, typed), run: () => element.click() };
}

/** @param {HTMLElement} element */
const isPossible = (element) =>
  !element.matches(":disabled, [aria-disabled=true], [data-palette]") && !element.closest("[hidden], [inert], dialog, .tab");

/** @param {string} which @returns {HTMLElement[]} */
const all = (which) => [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(which))].filter(isPossible);

/** Of the conversation first, then of the list; keys before forms before menus. @returns {Possible[]} */
export function actions() {
  const names = new Set();
  return [...all("#talk [data-key]"), ...all(".left [data-key]"), ...all("[data-key]"), ...all("[data-open]"), ...all(".pop .opt, .moves button")].map(made).filter(({ name }) => {
    const fresh = name !== "" && !names.has(name);
    names.add(name);
    return fresh;
  });
}

/** The conversations I am in. @returns {Possible[]} */
export function tabs() {
  return [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("#tabs .tab"))].map(made);
}
