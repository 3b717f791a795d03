// Shows what a push brings, in its own words: the push names nobody. It keeps no pages and answers no requests.

/** @typedef {{ kind?: string, channel?: string, id?: string }} Told */
const worker = /** @type {any} */ (self);
const PUBLIC_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

worker.addEventListener("install", () => worker.skipWaiting());
worker.addEventListener("push", (/** @type {any} */ event) => event.waitUntil(show(read(event))));
worker.addEventListener("notificationclick", (/** @type {any} */ event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data));
});

/** @returns {Told} */
function read(/** @type {any} */ event) {
  try {
    return event.data?.json() ?? {};
  } catch {
    return {}; // something must be shown all the same, or the browser withdraws the permission
  }
}

/** An open desk tells by itself what it was asked to, so only somebody who looks elsewhere is called. */
async function show(/** @type {Told} */ told) {
  if ((await desks()).some((/** @type {any} */ one) => one.visibilityState === "visible" && one.focused)) return;
  const id = PUBLIC_ID.test(told.id ?? "") ? told.id : "";
  const words = WORDS[told.kind ?? ""] ?? WORDS.other;
  await worker.registration.showNotification("Sportello", { body: words, lang: WORDS.language, tag: `${told.kind}-${id}`, data: { id, kind: told.kind } });
}

/** The conversation in the desk that is open already, else in a new one. An offer is on the desk itself. */
async function open(/** @type {Told} */ about) {
  const address = about.id && about.kind !== "offer" ? `${WORDS.desk}c/${about.id}/` : WORDS.desk;
  const [client] = await desks();
  if (!client) return worker.clients.openWindow(address);
  await client.focus();
  // A page that was there before this worker can't be moved by it; it is at the desk, which is near enough.
  return about.kind === "offer" ? undefined : client.navigate(address).catch(() => undefined);
}

/** @returns {Promise<any[]>} */
const desks = () => worker.clients.matchAll({ type: "window", includeUncontrolled: true }).then((/** @type {any[]} */ all) => all.filter((one) => new URL(one.url).pathname.startsWith(WORDS.desk)));
