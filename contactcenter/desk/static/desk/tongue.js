// A calm line when a draft looks as if it were in another language than the citizen's. It stops nothing.

/** @param {HTMLElement} root @param {string} sentence "" = nothing to say */
export function show(root, sentence) {
  const line = /** @type {HTMLElement | null} */ (root.querySelector("[data-tongue]"));
  if (!line) return;
  const key = `tongue:${document.body.dataset.me}:${root.dataset.draft}`;
  const words = line.querySelector("span"), shown = Boolean(sentence) && sessionStorage.getItem(key) === null;
  if (words && words.textContent !== sentence) words.textContent = sentence; // said once: it must not chatter
  line.hidden = !shown;
  const ignore = /** @type {HTMLElement | null} */ (line.querySelector("[data-tongue-ignore]"));
  if (ignore) ignore.onclick = () => {
    sessionStorage.setItem(key, "1");
    line.hidden = true;
    root.querySelector("textarea")?.focus();
  };
}
