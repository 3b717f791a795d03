/** Files chosen for the next message: uploaded at once, with progress, removable until the message leaves. */

import { upload } from "./door.js";
import { element } from "./log.js";
import { fileSize, text } from "./texts.js";

const list = /** @type {HTMLElement} */ (document.getElementById("uploads"));
const most = Number(document.body.dataset.maxFiles);
const largest = Number(document.body.dataset.maxFileSize);

/** @typedef {{item: HTMLElement, cancel: () => void, ready: {id: string, name: string, size: number} | null}} Chosen */
/** @type {Set<Chosen>} */
const chosen = new Set();

export const uploading = () => [...chosen].some((file) => !file.ready);

/** The uploaded files; the list is empty afterwards. */
export function takeFiles() {
  const ready = [...chosen].flatMap((file) => (file.ready ? [file.ready] : []));
  [...chosen].forEach(discard);
  return ready;
}

/** @param {Chosen} file */
function discard(file) {
  chosen.delete(file);
  file.item.remove();
  list.hidden = chosen.size === 0;
}

/** @param {File[]} files  @param {(sentence: string) => void} complain */
export function choose(files, complain) {
  for (const file of files) {
    if (chosen.size >= most) return complain(text("too-many", { n: most }));
    if (file.size > largest) complain(text("too-large", { name: file.name, size: fileSize(largest) }));
    else start(file, complain);
  }
}

/** @param {File} file  @returns {{item: HTMLElement, bar: HTMLProgressElement, button: HTMLButtonElement}} */
function line(file) {
  const item = element("li");
  const label = element("span", "", `${file.name} · ${fileSize(file.size)}`);
  label.dir = "auto";
  const button = /** @type {HTMLButtonElement} */ (element("button", "link", text("remove")));
  button.type = "button";
  button.setAttribute("aria-label", text("remove-file", { name: file.name }));
  const bar = /** @type {HTMLProgressElement} */ (element("progress"));
  bar.max = 1;
  bar.setAttribute("aria-label", file.name);
  item.append(label, button, bar);
  list.append(item);
  list.hidden = false;
  return { item, bar, button };
}

/** @param {File} file  @param {(sentence: string) => void} complain */
async function start(file, complain) {
  const { item, bar, button } = line(file);
  const { done, cancel } = upload(file, (share) => { bar.value = share; });
  /** @type {Chosen} */
  const entry = { item, cancel, ready: null };
  chosen.add(entry);
  button.addEventListener("click", () => {
    discard(entry);
    cancel();
    document.getElementById("words")?.focus();
  });
  try {
    entry.ready = await done;
    bar.remove();
  } catch (/** @type {any} */ error) {
    if (!chosen.has(entry)) return; // removed by the citizen
    discard(entry);
    complain(error.message || text("upload-failed", { name: file.name }));
  }
}
