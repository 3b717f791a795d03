// Writing: what was typed survives everything (another conversation, a reload, a lost line) until it is sent.

/** @typedef {{ root: HTMLElement, text: HTMLTextAreaElement, key: string }} Pen */

const OLD = 30 * 24 * 3600 * 1000; // drafts older than this are forgotten
let keeping = 0;

/** @returns {Pen | null} the composer on the page */
export function pen() {
  const root = /** @type {HTMLElement | null} */ (document.querySelector("[data-draft]"));
  const text = root?.querySelector("textarea");
  return root && text ? { root, text, key: `draft:${document.body.dataset.me}:${root.dataset.draft}` } : null;
}

/** @param {Pen} at */
const isNote = (at) => /** @type {HTMLInputElement | null} */ (at.root.querySelector('[name="as"]:checked, [name="as"][type="hidden"]'))?.value === "note";

/** Where nothing but a note can be written now, what was begun as an answer stays one. @param {Pen} at */
export function begunAsNote(at) {
  const begun = at.root.querySelector('[name="as"][type="hidden"]') ? readDraft(at.key) : null;
  return begun?.text === at.text.value ? begun.note : isNote(at);
}

/** Put a kept draft back, and draw the composer's state. Called after every swap. */
export function restore() {
  const at = pen();
  if (!at) return;
  if (!at.text.value && !at.root.dataset.restored) {
    const draft = readDraft(at.key);
    if (draft) {
      at.text.value = draft.text;
      const radio = /** @type {HTMLInputElement | null} */ (at.root.querySelector(`input[type="radio"][value="${draft.note ? "note" : "reply"}"]`));
      if (radio) radio.checked = true;
    }
  }
  at.root.dataset.restored = "1";
  draw();
}

/** @param {string} key @returns {{text: string, note: boolean, at: number} | null} */
function readDraft(key) {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null");
  } catch {
    return null;
  }
}

function keep() {
  const at = pen();
  if (!at) return;
  if (at.text.value) localStorage.setItem(at.key, JSON.stringify({ text: at.text.value, note: begunAsNote(at), at: Date.now() }));
  else localStorage.removeItem(at.key);
}

/** Length, words on the button, files chosen. */
function draw() {
  const at = pen();
  if (!at) return;
  const note = isNote(at);
  const button = /** @type {HTMLElement | null} */ (at.root.querySelector(".send [data-send]"));
  if (button && at.root.querySelector('input[type="radio"]')) button.textContent = (note ? button.dataset.note : button.dataset.send) ?? "";
  const over = at.text.value.length - Number(note ? at.text.dataset.noteMost : at.text.dataset.most);
  const hint = at.root.querySelector("[data-kept]");
  hint?.classList.toggle("bad", over > 0);
  if (hint) hint.textContent = over <= 0 ? "" : (document.body.dataset.tooLong ?? "").replace("NUMBER", String(over));
  measure(at, note);
  const files = /** @type {HTMLInputElement | null} */ (at.root.querySelector('input[type="file"]'));
  const chosen = at.root.querySelector("[data-chosen]");
  if (chosen) chosen.textContent = [...(files?.files ?? [])].map((file) => file.name).join(", ");
}

/** What is left of the room, where it gets short or is paid for by the piece. @param {Pen} at @param {boolean} note */
function measure(at, note) {
  const count = /** @type {HTMLElement | null} */ (at.root.querySelector("[data-room]"));
  const most = Number(at.text.dataset.most), left = most - at.text.value.length;
  if (!count) return;
  count.textContent = !note && left >= 0 && left < most / 5 ? (count.dataset.rest ?? "").replace("LEFT", String(left)) : "";
  if (!note && count.dataset.segments) void import("./segments.js").then((segments) => segments.show(count, at.text.value));
}

/** The words arrived: begin afresh. */
function sent() {
  const at = pen();
  if (!at) return;
  localStorage.removeItem(at.key);
  at.text.value = "";
  const files = /** @type {HTMLInputElement | null} */ (at.root.querySelector('input[type="file"]'));
  if (files) files.value = "";
  const reply = /** @type {HTMLInputElement | null} */ (at.root.querySelector('input[type="radio"][value="reply"]'));
  if (reply) reply.checked = true;
  for (const field of /** @type {NodeListOf<HTMLInputElement>} */ (at.root.querySelectorAll('[name="canned"], [name="unfilled_too"], [name="subject"]')))
    field.value = field.type === "hidden" ? "" : field.defaultValue; // a hidden one has no other default than its value
  const id = /** @type {HTMLInputElement | null} */ (at.root.querySelector('[name="client_id"]'));
  if (id) id.value = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const kept = at.root.querySelector("[data-kept]");
  if (kept) kept.textContent = "";
  draw();
}

/** Words that were taken back are to be written on. @param {number} seq of their message */
function takeBack(seq) {
  const at = pen(), shown = /** @type {HTMLElement | null} */ (document.querySelector(`#m-${seq} [data-words]`));
  const words = shown?.dataset.typed ?? shown?.textContent ?? "";
  if (!at || !words) return;
  at.text.value = [words, at.text.value].filter(Boolean).join("\n\n");
  at.root.dispatchEvent(new Event("input", { bubbles: true })); // kept like any other words
  focus();
}

/** Put the cursor there. */
export function focus() {
  pen()?.text.focus();
}

function forgetOld() {
  for (const key of Object.keys(localStorage))
    if (key.startsWith("draft:") && Date.now() - (readDraft(key)?.at ?? 0) > OLD) localStorage.removeItem(key);
}

/** @param {(topic: string) => void} typing told at every keystroke of an answer */
export function start(typing) {
  document.addEventListener("input", (event) => {
    const at = pen();
    if (!at || !at.root.contains(/** @type {Node} */ (event.target))) return;
    if (event.target === at.text && /** @type {InputEvent} */ (event).data === "/") void import("./canned.js").then((canned) => canned.slash());
    clearTimeout(keeping);
    keeping = setTimeout(() => { keep(); draw(); }, 250);
    const talk = document.getElementById("talk");
    if (event.target === at.text && !isNote(at) && talk?.dataset.topic && "mine" in talk.dataset) typing(talk.dataset.topic);
  });
  document.addEventListener("focusin", (event) => {
    if (/** @type {Element} */ (event.target).closest("[data-draft]")?.querySelector("[data-formats]")) void import("./formatting.js");
  });
  document.addEventListener("change", (event) => {
    if (pen()?.root.contains(/** @type {Node} */ (event.target))) draw();
  });
  document.addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target);
    if (target.closest(".seg label")) setTimeout(focus, 0);
    if (target.closest("[data-emoji-open]")) void import("./emoji.js");
    if (target.closest("[data-slash]")) void import("./canned.js").then((canned) => canned.open());
    if (target.closest("[data-send-unfilled]")) void import("./canned.js").then((canned) => canned.sendUnfilled());
  });
  document.addEventListener("keydown", (event) => {
    const at = pen();
    if (event.key === "z" && (event.ctrlKey || event.metaKey) && event.target === at?.text && !at.text.value) {
      /** @type {HTMLElement | undefined} */ ([...document.querySelectorAll('.leaving [data-key="z"]')].at(-1))?.click();
      return;
    }
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.target !== at?.text) return;
    event.preventDefault();
    at.root.closest("form")?.requestSubmit();
  });
  window.addEventListener("pagehide", keep);
  document.addEventListener("htmx:beforeRequest", keep);
  document.body.addEventListener("desk:sent", sent);
  document.body.addEventListener("desk:withdrawn", (event) => takeBack(/** @type {CustomEvent} */ (event).detail.seq));
  document.body.addEventListener("desk:insert", (event) => { // what a macro puts here, to be read and sent
    const one = /** @type {CustomEvent} */ (event).detail;
    if (one.text) void import("./canned.js").then((canned) => canned.put(one));
  });
  forgetOld();
  restore();
}
