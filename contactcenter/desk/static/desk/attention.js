// Calls for attention: short tones made here, and notices of the browser that name nobody. How loud and which, each person chooses.

/** Notes as [Hz, begins at s, lasts s]. @type {Record<string, [number, number, number][]>} */
const TONES = { offer: [[659, 0, 0.16], [880, 0.17, 0.3]], message: [[587, 0, 0.14]], lost: [[392, 0, 0.2], [294, 0.22, 0.35]] };
const PAUSE = 1500; // ms between two of a kind: a burst of messages is one tone
/** @type {AudioContext | undefined} */
let context;
/** @type {Record<string, number>} */
const last = {};
/** @type {Set<string>} */
let offers = new Set();
/** @type {Map<string, number>} */
let unread = new Map();
let started = false;

const root = document.documentElement;
const volume = () => Number(root.dataset.volume ?? 0);
const told = (/** @type {string} */ what) => (root.dataset.told ?? "").split(" ").includes(what);
const looking = () => document.visibilityState === "visible" && document.hasFocus();
const openId = () => document.getElementById("talk")?.dataset.id;

/** @param {string} name @param {number} loud 0 … 100 */
export function play(name, loud = volume()) {
  const now = Date.now();
  if (!loud || now - (last[name] ?? 0) < PAUSE) return;
  last[name] = now;
  context ??= new AudioContext();
  if (context.state === "suspended") void context.resume(); // refused until somebody has pressed something: then it stays silent
  if (context.state === "closed" || !navigator.userActivation?.hasBeenActive) return;
  for (const [pitch, at, lasts] of TONES[name]) sound(context, pitch, context.currentTime + 0.02 + at, lasts, (loud / 100) ** 2 * 0.5);
  document.dispatchEvent(new CustomEvent("desk:sounded", { detail: name }));
}

/** @param {AudioContext} on @param {number} pitch @param {number} at @param {number} lasts @param {number} gain */
function sound(on, pitch, at, lasts, gain) {
  const tone = on.createOscillator(), loudness = on.createGain();
  tone.type = "sine";
  tone.frequency.value = pitch;
  loudness.gain.setValueAtTime(0, at);
  loudness.gain.linearRampToValueAtTime(gain, at + 0.015);
  loudness.gain.exponentialRampToValueAtTime(0.0001, at + lasts);
  tone.connect(loudness).connect(on.destination);
  tone.start(at);
  tone.stop(at + lasts + 0.02);
}

/** @param {string} id of what it is about: the same again replaces it @param {string} text @param {() => void} open */
function notify(id, text, open) {
  if (looking() || !("Notification" in window) || Notification.permission !== "granted") return;
  const notice = new Notification("Sportello", { body: text, tag: id, silent: true });
  notice.onclick = () => { window.focus(); notice.close(); open(); };
}

function offered() {
  const shown = new Set([...document.querySelectorAll("#offers [data-offer]")].map((card) => card.id));
  const fresh = [...shown].filter((id) => !offers.has(id));
  offers = shown;
  return fresh;
}

/** What one's own conversations hold that wasn't read, by conversation: from the tabs, which know no filter. */
function written() {
  const tabs = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("#tabs .tab[data-id]"));
  const shown = new Map([...tabs].map((tab) => [tab.dataset.id ?? "", Number(tab.dataset.unread ?? 0)]));
  const fresh = [...shown].filter(([id, n]) => n > (unread.get(id) ?? 0)).map(([id]) => id);
  unread = shown;
  return fresh;
}

function look() {
  for (const id of offered()) {
    play("offer");
    if (told("offers")) notify(id, document.body.dataset.toldOffer ?? "", () => /** @type {HTMLElement | null} */ (document.querySelector(`#${CSS.escape(id)} button`))?.focus());
  }
  for (const id of written()) {
    if (looking() && id === openId()) continue; // it is being read
    play("message");
    if (told("messages")) notify(id, document.body.dataset.toldMessage ?? "", () => document.getElementById(`tab-${id}`)?.click());
  }
}

/** @param {Event} event a press in the preferences */
function pressed(event) {
  const target = /** @type {Element} */ (event.target), form = /** @type {HTMLFormElement | null} */ (target.closest("[data-preferences]"));
  if (form && target.closest("[data-hear]")) {
    last.offer = 0;
    play("offer", Number(new FormData(form).get("volume")));
  }
  if (target.closest("[data-push-on], [data-push-off]")) void import("./push.js").then((push) => push.pressed(target));
  if (form && target instanceof HTMLInputElement && target.matches("[data-ask]") && target.checked) void ask(target, form);
}

/** @param {HTMLInputElement} box @param {HTMLElement} form */
async function ask(box, form) {
  const answer = "Notification" in window ? await Notification.requestPermission() : "denied";
  const line = form.querySelector("[data-permission]");
  if (line) line.textContent = answer === "granted" ? "" : form.dataset.refused ?? "";
  if (answer !== "granted") box.checked = false;
}

/** From the first press on; what is there already calls nobody. */
export function start() {
  if (started) return;
  started = true;
  offered();
  written();
  document.addEventListener("desk:drawn", look);
  document.addEventListener("desk:lost", () => play("lost"));
  document.addEventListener("click", pressed);
}
