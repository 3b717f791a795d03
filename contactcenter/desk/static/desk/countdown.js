// What runs out: an offer, the time to wrap up. The server says how many seconds are left; here they are counted down.

/** @type {WeakMap<Element, {said: string, until: number}>} */
const known = new WeakMap();

/** @param {HTMLElement} element @returns {number} seconds left, counted on this machine's own clock */
function left(element) {
  const said = element.dataset.left ?? "0", before = known.get(element);
  const until = before?.said === said ? before.until : performance.now() + Number(said) * 1000;
  known.set(element, { said, until });
  return Math.max(0, (until - performance.now()) / 1000);
}

/** Every countdown on the page, now. */
function count() {
  for (const element of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-left]"))) {
    const seconds = left(element), shown = element.querySelector("[data-left-shown]"), bar = element.querySelector("progress");
    const text = element.hasAttribute("data-clockwise") ? minutes(seconds) : String(Math.ceil(seconds));
    if (shown && shown.textContent !== text) shown.textContent = text;
    if (bar) bar.value = seconds;
  }
}

/** @param {number} seconds @returns {string} 1:05 */
function minutes(seconds) {
  const whole = Math.ceil(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** @type {Set<string>} */
const announced = new Set();

/** A new offer is said once to who can't see it; nothing takes the focus. */
function announce() {
  const fresh = [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-offer]"))].filter((offer) => !announced.has(offer.id));
  for (const offer of fresh) announced.add(offer.id);
  const said = document.getElementById("said");
  if (said && fresh.length) said.textContent = fresh.map((offer) => offer.dataset.said ?? "").join(" ");
}

export function look() {
  announce();
  count();
}

setInterval(look, 250);
