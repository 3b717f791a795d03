/**
 * The line to the office: a socket, and when that fails twice in a row, long polling with the same frames.
 * Reconnects after 1, 2, 4 … 30 s with full jitter, at once when the browser comes back.
 */

import { call, token } from "./door.js";

const BEAT = 20_000;
const LONGEST_PAUSE = 30_000;
const NEW_TOKEN_FIRST = new Set([1008, 4401]);

/**
 * @typedef {Record<string, any> & {t: string}} Frame
 * @typedef {{
 *   resume: () => {last_seq: number, conv: string},
 *   frame: (frame: Frame) => void,
 *   state: (up: boolean) => void,
 *   refused: (why: "token" | "forbidden") => void,
 * }} Listener
 */

export class Line {
  /** @param {Listener} listener */
  constructor(listener) {
    this.listener = listener;
    /** @type {WebSocket | null} */
    this.socket = null;
    /** @type {AbortController | null} */
    this.polling = null;
    this.up = false;
    this.wanted = false;
    this.failures = 0; // in a row, before a welcome
    this.polls = 0;
    this.unanswered = 0;
    this.timer = 0;
    this.beat = 0;
    window.addEventListener("online", () => this.hurry());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.hurry());
  }

  open() {
    this.wanted = true;
    if (!this.socket && !this.polling) this.connect();
  }

  close() {
    this.wanted = false;
    clearTimeout(this.timer);
    this.drop();
  }

  /** @param {Frame} frame  @returns {boolean} whether it left; what must not get lost is sent again by the caller */
  send(frame) {
    if (this.polling) {
      this.post(frame);
      return true;
    }
    if (!this.up || this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  // --- the rest is the line's own business ---

  drop() {
    clearInterval(this.beat);
    const { socket, polling } = this;
    this.socket = this.polling = null;
    polling?.abort();
    socket?.close(1000);
    this.tell(false);
  }

  /** @param {boolean} up */
  tell(up) {
    if (up === this.up) return;
    this.up = up;
    this.listener.state(up);
  }

  hurry() {
    if (!this.wanted || this.up || this.polling) return;
    clearTimeout(this.timer);
    if (!this.socket || this.socket.readyState > WebSocket.OPEN) this.connect();
  }

  later(least = 0) {
    if (!this.wanted) return;
    const ceiling = Math.min(LONGEST_PAUSE, 1000 * 2 ** Math.min(this.failures, 5));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.connect(), least + Math.random() * ceiling);
  }

  connect() {
    if (this.failures >= 2 && this.polls < 10) return this.poll();
    this.polls = 0;
    const address = new URL(`/ws/chat/${document.body.dataset.account}/`, location.href);
    address.protocol = address.protocol.replace("http", "ws");
    const socket = new WebSocket(address);
    this.socket = socket;
    socket.onopen = () => socket.send(JSON.stringify({ t: "hello", token: token(), v: 1, ...this.listener.resume() }));
    socket.onmessage = (event) => this.heard(JSON.parse(event.data));
    socket.onclose = (event) => this.socket === socket && this.closed(event.code);
  }

  /** @param {Frame} frame */
  heard(frame) {
    if (frame.t === "pong") this.unanswered = 0;
    if (frame.t === "welcome") {
      this.failures = this.unanswered = 0;
      clearInterval(this.beat);
      if (this.socket) this.beat = setInterval(() => this.ping(), BEAT);
      this.tell(true);
    }
    this.listener.frame(frame);
  }

  ping() {
    if (this.unanswered >= 2) return this.socket?.close(4000);
    this.unanswered += 1;
    this.send({ t: "ping", n: Date.now() });
  }

  /** @param {number} code */
  closed(code) {
    clearInterval(this.beat);
    const welcomed = this.up;
    this.socket = null;
    this.up = false;
    if (!this.wanted) return;
    this.listener.state(false);
    if (NEW_TOKEN_FIRST.has(code)) return this.listener.refused("token");
    if (code === 4403) return this.listener.refused("forbidden");
    if (!welcomed) this.failures += 1;
    this.later(code === 4429 ? 10_000 : 0);
  }

  async poll() {
    const polling = new AbortController();
    this.polling = polling;
    try {
      while (this.wanted && this.polling === polling && this.polls < 10) {
        const { last_seq, conv } = this.listener.resume();
        const query = new URLSearchParams({ after: String(last_seq), conv, wait: this.up ? "25" : "0" });
        const { frames } = await call(`messages/?${query}`, { method: "GET", signal: polling.signal });
        this.polls += 1;
        this.tell(true);
        frames.forEach((/** @type {string} */ frame) => this.listener.frame(JSON.parse(frame)));
      }
    } catch (/** @type {any} */ error) {
      if (polling.signal.aborted) return;
      this.polling = null;
      this.tell(false);
      if (error.status === 401) return this.listener.refused("token");
      if (error.status === 403 || error.status === 404) return this.listener.refused("forbidden");
      this.failures += 1;
      return this.later(1000 * (error.retryAfter || 0));
    }
    if (this.polling === polling) this.polling = null;
    if (this.wanted) this.connect(); // time to see whether a socket works again
  }

  /** @param {Frame} frame */
  async post(frame) {
    try {
      const { frames } = await call("messages/", { body: frame });
      frames.forEach((/** @type {string} */ answer) => this.listener.frame(JSON.parse(answer)));
    } catch (/** @type {any} */ error) {
      if (frame.cid && error.status >= 400 && error.status !== 401) {
        this.listener.frame({ t: "error", cid: frame.cid, code: error.code, text: error.message, retry_after: error.retryAfter });
      }
    }
  }
}
