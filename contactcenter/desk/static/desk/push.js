// Turns notices on and off for this device. The browser asks its owner, subscribes with its maker, and we tell the house.

const form = () => /** @type {HTMLElement | null} */ (document.getElementById("device"));

/** @param {string} text base64url @returns {Uint8Array<ArrayBuffer>} */
function bytes(text) {
  const raw = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(raw, (sign) => sign.charCodeAt(0));
}

/** @param {ArrayBuffer | null} raw */
function base64url(raw) {
  return btoa(String.fromCharCode(...new Uint8Array(raw ?? new ArrayBuffer(0)))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function say(/** @type {string | undefined} */ sentence) {
  const line = form()?.querySelector("[data-device-says]");
  if (line) line.textContent = sentence ?? "";
}

async function on() {
  const part = form();
  if (!part) return;
  if (!("serviceWorker" in navigator && "PushManager" in window && "Notification" in window)) return say(part.dataset.unable);
  if ((await Notification.requestPermission()) !== "granted") return say(part.dataset.refused);
  try {
    await subscribe(part);
  } catch {
    say(part.dataset.failed); // the maker's service can't be reached, or this browser has none
  }
}

/** @param {HTMLElement} part */
async function subscribe(part) {
  const registration = await navigator.serviceWorker.register(part.dataset.worker ?? "", { scope: part.dataset.scope });
  await ready(registration);
  const old = await registration.pushManager.getSubscription();
  await old?.unsubscribe(); // it may stand for another key of the house
  const made = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(part.dataset.key ?? "") });
  const values = { endpoint: made.endpoint, p256dh: base64url(made.getKey("p256dh")), auth: base64url(made.getKey("auth")) };
  await htmx.ajax("POST", part.dataset.device ?? "", { target: part, swap: "outerHTML", values });
}

/** @param {ServiceWorkerRegistration} registration */
function ready(registration) {
  const coming = registration.installing ?? registration.waiting;
  if (registration.active || !coming) return;
  return new Promise((done) => coming.addEventListener("statechange", () => coming.state === "activated" && done(undefined)));
}

async function off(/** @type {HTMLElement} */ part) {
  const registration = await navigator.serviceWorker?.getRegistration(part.dataset.scope);
  await (await registration?.pushManager.getSubscription())?.unsubscribe();
}

/** @param {Element} target what was pressed in the preferences */
export function pressed(target) {
  const part = form();
  if (part && target.closest("[data-push-on]")) void on();
  if (part && target.closest("[data-push-off]")) void off(part);
}
