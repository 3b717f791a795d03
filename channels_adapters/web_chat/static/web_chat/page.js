/** The citizen's chat page: which part is shown when, and what its controls do. */

import { Refusal, call, forget, session, token } from "./door.js";
import { complain, form, keepDraft, onFilled } from "./forms.js";
import { onShown, tellHost } from "./host.js";
import { onKept } from "./keep.js";
import { Talk } from "./talk.js";
import { language, text } from "./texts.js";
import { addUnsent, confirmed, forgetUnsent, unsent } from "./unsent.js";

/** @param {string} id */
const part = (id) => /** @type {any} */ (document.getElementById(id));
const words = /** @type {HTMLTextAreaElement} */ (part("words"));
const startForm = form("start");
const mailForm = form("mail");
const composer = form("composer");
/** @type {typeof import("./files.js") | undefined} */
let files;
let picking = false; // something was chosen just now
let office = document.body.dataset.state || "open"; // open, busy, closed

/** @param {string[]} ids the parts to show; the others are hidden */
function show(...ids) {
  for (const id of ["start", "mail", "thanks", "composer", "after"]) part(id).hidden = !ids.includes(id);
  part("leave").hidden = !ids.includes("composer");
}

/** @param {string} state of the office  @param {string} [said] in an emergency */
function showEntrance(state, said) {
  office = state;
  if (said) part("said").textContent = said;
  mailForm.querySelectorAll("[data-why]").forEach((why) => { /** @type {any} */ (why).hidden = /** @type {any} */ (why).dataset.why !== state; });
  part("back-to-chat").hidden = true;
  show(state === "open" ? "start" : "mail");
}

const talk = new Talk({
  state(state) {
    if (state === "closed") {
      show("after");
      part("resume").hidden = !talk.mayResume;
      part("after").focus({ preventScroll: false });
    } else if (state !== "new") {
      const leaving = !mailForm.hidden || !part("thanks").hidden;
      if (!leaving) show("composer");
    } else if (mailForm.hidden && !unsent().length) showEntrance(office);
  },
  up(up) {
    part("connection").hidden = up;
    part("connection").textContent = up ? "" : text(navigator.onLine ? "reconnecting" : "offline");
  },
  refused(why) {
    const words = text(why === "token" ? "new-session" : "unreachable");
    if (why === "token") startOver();
    for (const form of [composer, startForm, mailForm]) complain(form, words);
  },
  news: (unread) => tellHost("unread", { count: unread }),
});

/** A new visitor. What the office never got stays in the form. */
function startOver() {
  const left = unsent().map((message) => message.text).join("\n");
  talk.close();
  forget();
  forgetUnsent();
  if (left) startForm.text.value = mailForm.text.value = left;
  part("connection").hidden = true;
  showEntrance(office);
}

// --- the two ways in ---

onFilled(startForm, async (values) => {
  const { state, words: said } = await session();
  if (state !== "open") {
    mailForm.text.value = values.text;
    return showEntrance(state, said);
  }
  show("composer");
  talk.say({ text: values.text, name: values.name || undefined, topic: values.topic || undefined, language });
  talk.open();
  startForm.reset();
  words.focus();
});

onFilled(mailForm, async (values) => {
  const before = token();
  if (!before) await session();
  const letter = addUnsent({ text: values.text, files: [] }); // for its id only: the form itself keeps the words
  confirmed(letter.cid);
  await call("leave/", { body: { ...values, cid: letter.cid, language } });
  part("thanks").querySelector("[data-words]").textContent = text("thanks", { email: values.email });
  mailForm.reset();
  if (talk.state === "waiting") talk.end();
  show("thanks");
  part("thanks").focus();
});

part("thanks").querySelector("[data-again]").addEventListener("click", () => {
  if (talk.state === "waiting" || talk.state === "talking") show("composer");
  else showEntrance(office);
});

part("rather-mail").addEventListener("click", () => {
  const said = [...document.querySelectorAll("#log .mine .bubble p")].map((line) => line.textContent);
  mailForm.text.value = mailForm.text.value || said.join("\n");
  part("back-to-chat").hidden = false;
  show("mail");
  mailForm.email.focus();
});
part("back-to-chat").addEventListener("click", () => {
  show("composer");
  words.focus();
});

// --- talking ---

function grow() {
  words.rows = 1;
  while (words.rows < 6 && words.scrollHeight > words.clientHeight + 2) words.rows += 1;
}

composer.addEventListener("submit", (event) => {
  event.preventDefault();
  if (picking || files?.uploading()) return complain(composer, text("uploading"));
  const said = words.value.trim();
  const ready = files?.takeFiles() || [];
  if (!said && !ready.length) return complain(composer, text("write-something"));
  complain(composer, "");
  talk.say({ text: said, files: ready, language });
  composer.reset();
  grow();
  words.focus();
});
words.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || matchMedia("(pointer: coarse)").matches) return;
  event.preventDefault();
  composer.requestSubmit();
});
words.addEventListener("input", () => {
  grow();
  talk.typing();
});
part("attach")?.addEventListener("click", () => part("picker").click());
part("picker")?.addEventListener("change", async () => {
  const chosen = [...part("picker").files];
  part("picker").value = "";
  complain(composer, "");
  picking = true;
  try {
    files = await import("./files.js"); // most conversations have none
    files.choose(chosen, (sentence) => complain(composer, sentence));
  } catch {
    complain(composer, text("unreachable"));
  }
  picking = false;
});

// --- the way out ---

let sure = 0;
part("leave").addEventListener("click", () => {
  if (Date.now() - sure > 5000) {
    sure = Date.now();
    return complain(composer, text("really-end"), true);
  }
  complain(composer, talk.end() ? "" : text("unreachable"));
});
part("resume").addEventListener("click", () => {
  show("composer");
  words.focus();
});
part("again").addEventListener("click", () => {
  startOver();
  /** @type {any} */ (document.querySelector("#start input, #start select, #start textarea, #mail input"))?.focus();
});
if (part("transcript")) {
  onFilled(form("transcript"), async ({ email }) => {
    await call("transcript/", { body: { email, language } });
    const done = part("transcript").querySelector("[data-done]");
    done.hidden = false;
    done.textContent = text("transcript-sent", { email });
  });
}

// --- language, the page around us, the other tabs ---

part("language").addEventListener("change", () => {
  const address = new URL(location.href);
  address.searchParams.set("lang", part("language").value);
  location.replace(address);
});
part("close")?.addEventListener("click", () => tellHost("close"));
document.addEventListener("keydown", (event) => event.key === "Escape" && tellHost("close"));
for (const event of ["focus", "pointerdown", "keydown"]) window.addEventListener(event, () => talk.seen());
onShown((shown) => shown && (composer.hidden ? /** @type {any} */ (document.querySelector("#start input, #start textarea, #mail input")) : words)?.focus());
onKept("token", () => {
  if (!token() && talk.state !== "closed") startOver();
  else if (token() && !talk.sequence.conversation) talk.open();
});

[startForm, mailForm, composer].forEach(keepDraft);
grow();
tellHost("ready");
if (token()) {
  show(); // until the office says how things stand
  session().then(() => talk.open(), (error) => {
    if (error instanceof Refusal && [401, 403, 404].includes(error.status)) return startOver();
    talk.open();
  });
}
