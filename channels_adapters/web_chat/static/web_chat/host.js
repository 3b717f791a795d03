/** The town's page around our frame. Messages go to exactly its origin and are heard only from there. */

const origin = document.body.dataset.host || "";
const framed = window.parent !== window && Boolean(origin);

/** @param {string} type  @param {Record<string, unknown>} [more] */
export function tellHost(type, more = {}) {
  if (framed) window.parent.postMessage({ sportello: 1, type, ...more }, origin);
}

/** @param {(shown: boolean) => void} then */
export function onShown(then) {
  window.addEventListener("message", (event) => {
    if (!framed || event.origin !== origin || event.source !== window.parent) return;
    if (event.data?.sportello === 1 && event.data.type === "shown") then(true);
    if (event.data?.sportello === 1 && event.data.type === "hidden") then(false);
  });
}
