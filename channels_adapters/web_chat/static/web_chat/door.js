/** Our HTTP door: JSON in and out, the token in a header, never in an address. */

import { keep, kept } from "./keep.js";
import { language, text } from "./texts.js";

const base = new URL(`/chat/${document.body.dataset.account}/`, location.href).href;

/** A refusal that can be shown as it is. */
export class Refusal extends Error {
  /** @param {number} status  @param {string} code  @param {string} words  @param {number} retryAfter seconds */
  constructor(status, code, words, retryAfter = 0) {
    super(words);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

/** @returns {string} "" while nobody wrote anything */
export const token = () => kept("token") || "";

export const forget = () => keep("token", null);

/** @param {Response} answer @returns {Promise<any>} */
async function understood(answer) {
  const body = await answer.json().catch(() => ({}));
  if (answer.ok) return body;
  const error = body.error || {};
  throw new Refusal(answer.status, error.code || "", error.text || text("unreachable"), error.retry_after || 0);
}

/**
 * @param {string} path below the account's door
 * @param {{method?: string, body?: unknown, signal?: AbortSignal}} [options]
 * @returns {Promise<any>} raises `Refusal`
 */
export async function call(path, { method = "POST", body = undefined, signal = undefined } = {}) {
  /** @type {any} */
  const headers = { "Accept-Language": language };
  if (token()) headers.Authorization = `Bearer ${token()}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const options = { method, signal, headers, body: body === undefined ? undefined : JSON.stringify(body) };
  let answer;
  try {
    answer = await fetch(base + path, options);
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Refusal(0, "unreachable", text("unreachable"));
  }
  return understood(answer);
}

/** A token for this visitor; the one we have is renewed. @returns {Promise<any>} */
export async function session() {
  const page = location.origin + location.pathname;
  const answer = await call("session/", { body: { language, page, token: token() || undefined } });
  keep("token", answer.token);
  return answer;
}

/**
 * @param {File} file
 * @param {(share: number) => void} progress 0…1
 * @returns {{done: Promise<{id: string, name: string, size: number}>, cancel: () => void}}
 */
export function upload(file, progress) {
  const request = new XMLHttpRequest(); // fetch can't tell how far an upload is
  const done = new Promise((resolve, reject) => {
    request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
    request.onload = () => {
      const body = request.response || {};
      if (request.status < 300) resolve(body);
      else reject(new Refusal(request.status, body.error?.code || "", body.error?.text || ""));
    };
    request.onerror = request.onabort = () => reject(new Refusal(0, "unreachable", ""));
    request.open("POST", `${base}uploads/`);
    request.responseType = "json";
    request.setRequestHeader("Authorization", `Bearer ${token()}`);
    request.setRequestHeader("Accept-Language", language);
    const form = new FormData();
    form.append("file", file, file.name);
    request.send(form);
  });
  return { done, cancel: () => request.abort() };
}
