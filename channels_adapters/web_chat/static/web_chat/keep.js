/** What this browser remembers for us. Storage may be forbidden (a frame, a private window): then memory has to do. */

const prefix = `sportello.${document.body.dataset.account}.`;
/** @type {Map<string, string>} */
const memory = new Map();

/** @param {string} key  @returns {any} what was kept, or null */
export function kept(key) {
  let value = memory.get(key) ?? null;
  try {
    value = localStorage.getItem(prefix + key) ?? value;
  } catch { /* forbidden: memory */ }
  try {
    return value === null ? null : JSON.parse(value);
  } catch {
    return null;
  }
}

/** @param {string} key  @param {unknown} value null forgets it */
export function keep(key, value) {
  const written = JSON.stringify(value);
  if (value === null) memory.delete(key);
  else memory.set(key, written);
  try {
    if (value === null) localStorage.removeItem(prefix + key);
    else localStorage.setItem(prefix + key, written);
  } catch { /* forbidden or full: memory */ }
}

/** Tell when another tab changed `key`. @param {string} key  @param {() => void} then */
export function onKept(key, then) {
  window.addEventListener("storage", (event) => {
    if (event.key === prefix + key) then();
  });
}
