// Calls to this browser while the desk is closed: asked for here by whoever sits at it, and kept good from then on.

const HOUSE = "/desk/this-browser/", WORKER = "/desk/worker.js", KEPT = "push"; // in localStorage: for whom
const able = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
const me = () => document.body.dataset.me ?? "";
const token = () => JSON.parse(document.body.getAttribute("hx-headers") ?? "{}")["X-CSRFToken"] ?? "";

/** @param {string} method @param {object} [about] */
const say = (method, about) => fetch(HOUSE, {
  method, headers: { "X-CSRFToken": token(), "Content-Type": "application/json" }, ...(about && { body: JSON.stringify(about) }),
});

/** @param {ArrayBuffer | null | undefined} bytes */
function text(bytes) {
  const characters = [...new Uint8Array(bytes ?? new ArrayBuffer(0))].map((byte) => String.fromCharCode(byte)).join("");
  return btoa(characters).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

async function subscription() {
  const worker = await navigator.serviceWorker.getRegistration("/desk/");
  return { worker, kept: (await worker?.pushManager.getSubscription()) ?? null };
}

/** Ask the push service and tell the house. @returns {Promise<string>} why not; "" = it is on */
async function on() {
  const answer = await Notification.requestPermission();
  if (answer !== "granted") return "refused";
  const { key } = await (await say("GET")).json();
  const worker = await navigator.serviceWorker.register(`${WORKER}?language=${document.documentElement.lang}`, { scope: "/desk/" });
  await navigator.serviceWorker.ready;
  let kept = await worker.pushManager.getSubscription();
  if (kept && text(kept.options.applicationServerKey) !== key) { await kept.unsubscribe(); kept = null; } // the house has a new key
  kept ??= await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
  const told = await say("POST", { address: kept.endpoint, public_key: text(kept.getKey("p256dh")), secret: text(kept.getKey("auth")) });
  if (!told.ok) return (await told.text()) || "failed";
  localStorage.setItem(KEPT, me());
  return "";
}

async function off() {
  localStorage.removeItem(KEPT);
  const { kept } = await subscription();
  if (!kept) return;
  await say("DELETE", { address: kept.endpoint });
  await kept.unsubscribe();
}

const isOn = async () => able && localStorage.getItem(KEPT) === me() && Notification.permission === "granted" && Boolean((await subscription()).kept);

/** How it stands, in the preferences. @param {HTMLElement} button */
export async function show(button) {
  const now = await isOn();
  button.hidden = !able;
  button.setAttribute("aria-pressed", String(now));
  button.textContent = (now ? button.dataset.off : button.dataset.on) ?? "";
  if (!able) sentence(button, button.dataset.unable ?? "");
}

/** @param {HTMLElement} button @param {string} words */
function sentence(button, words) {
  const line = button.parentElement?.querySelector("[data-push-said]");
  if (line) line.textContent = words;
}

/** @param {HTMLElement} button */
export async function toggle(button) {
  const was = button.getAttribute("aria-pressed") === "true";
  sentence(button, "");
  try {
    const why = was ? (await off(), "") : await on();
    sentence(button, why === "refused" ? button.dataset.refused ?? "" : why === "failed" ? button.dataset.failed ?? "" : why);
  } catch { // the browser's push service can't be reached, or the house
    sentence(button, button.dataset.failed ?? "");
  }
  await show(button);
}

/** Signed in again on a browser that was asked to be called: the house is told anew. */
export async function renew() {
  if (able && localStorage.getItem(KEPT) === me() && Notification.permission === "granted") await on().catch(() => {});
}

if (able) navigator.serviceWorker.addEventListener("message", ({ data }) => {
  const where = new URL(String(data?.open ?? "/desk/"), location.origin);
  if (where.origin === location.origin && where.pathname.startsWith("/desk/")) location.assign(where);
});
