// Shows a call while nobody looks at the desk. It keeps no page and fetches nothing; `words` stands above it, where it is
// served (desk/devices.py). What arrives names nobody.

const worker = /** @type {any} */ (self);

/** @param {{sort?: string, conversation?: string}} call */
async function show({ sort = "message", conversation = "" }) {
  const desks = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  if (desks.some((/** @type {any} */ desk) => desk.focused && new URL(desk.url).pathname.startsWith("/desk/"))) return;
  const where = sort === "offer" || !/^[0-9a-f-]{36}$/.test(conversation) ? "/desk/" : `/desk/c/${conversation}/`;
  const tag = sort === "offer" ? "offer" : conversation; // as the desk's own notices: the same again replaces it
  await worker.registration.showNotification("Sportello", { body: worker.words[sort] ?? worker.words.message, tag, data: where });
}

/** @param {string} where */
async function open(where) {
  const desks = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  const desk = desks.find((/** @type {any} */ one) => new URL(one.url).pathname.startsWith("/desk/"));
  if (!desk) return worker.clients.openWindow(where);
  await desk.focus();
  desk.postMessage({ open: where });
}

worker.addEventListener("push", (/** @type {any} */ event) => {
  let call = {};
  try { call = event.data?.json() ?? {}; } catch { /* a call without words is still a call */ }
  event.waitUntil(show(call));
});
worker.addEventListener("notificationclick", (/** @type {any} */ event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data));
});
worker.addEventListener("install", () => worker.skipWaiting());
worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(worker.clients.claim()));
