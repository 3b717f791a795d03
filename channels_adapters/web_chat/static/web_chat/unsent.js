/** Messages that the office hasn't confirmed yet, in order, kept in this browser until it has. Sent again under the same id. */

import { keep, kept } from "./keep.js";

/** @typedef {{cid: string, text: string, at: string, files: {id: string, name: string, size: number}[], name?: string, topic?: string, language?: string, failed?: string}} Unsent */

const KEY = "unsent";

/** @returns {Unsent[]} */
export const unsent = () => kept(KEY) || [];

/** @param {Omit<Unsent, "cid" | "at">} message  @returns {Unsent} */
export function addUnsent(message) {
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // randomUUID needs HTTPS, an office network may not have it
  const cid = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const made = { ...message, cid, at: new Date().toISOString() };
  keep(KEY, [...unsent(), made]);
  return made;
}

/** @param {string} cid */
export function confirmed(cid) {
  const left = unsent().filter((message) => message.cid !== cid);
  keep(KEY, left.length ? left : null);
}

/** @param {string} cid  @param {string} why a sentence; "" = to be tried again */
export function markFailed(cid, why) {
  keep(KEY, unsent().map((message) => (message.cid === cid ? { ...message, failed: why } : message)));
}

export const forgetUnsent = () => keep(KEY, null);

/** @param {Unsent} message  @returns {import("./line.js").Frame} */
export function frameOf({ cid, text, files, name, topic, language }) {
  return { t: "msg", cid, text, files: files.map((file) => file.id), name, topic, language };
}
