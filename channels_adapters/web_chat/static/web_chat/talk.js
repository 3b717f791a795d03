/** One conversation over the line: what is heard, what is confirmed, what must be sent again. */

import { Line } from "./line.js";
import { clearLog, dropPending, showEvent, showMessage, showPending, showReached, showSent } from "./log.js";
import { Sequence } from "./sequence.js";
import { text } from "./texts.js";
import { addUnsent, confirmed, frameOf, markFailed, unsent } from "./unsent.js";
import { hideTyping, showPlace, showState, showTyping } from "./waiting.js";

/** @typedef {import("./line.js").Frame} Frame */

const ANSWER_DUE = 10_000;
const TYPING_PAUSE = 3_000;

export class Talk {
  /** @param {{state: (state: string) => void, up: (up: boolean) => void, refused: (why: string) => void, news: (unread: number) => void}} page */
  constructor(page) {
    this.page = page;
    this.sequence = new Sequence();
    this.state = ""; // "" until the office said how things stand: new, waiting, talking, closed
    this.mayResume = false; // closed, but the next word takes it up again
    this.agent = "";
    this.theirs = 0; // number of the office's newest message here
    this.readTo = 0;
    this.unread = 0;
    this.lastTyping = 0;
    this.acking = 0;
    this.again = 0;
    this.line = new Line({
      resume: () => ({ last_seq: this.sequence.head, conv: this.sequence.conversation }),
      frame: (frame) => this.heard(frame),
      state: (up) => page.up(up),
      refused: page.refused,
    });
  }

  open() {
    this.showUnsent();
    this.line.open();
  }

  close() {
    this.line.close();
    clearTimeout(this.again);
    clearLog();
    this.sequence.start("");
    this.state = "";
    this.theirs = this.readTo = this.unread = 0;
  }

  /** @param {{text: string, files?: any[], name?: string, topic?: string, language?: string}} message */
  say({ files = [], ...message }) {
    this.show(addUnsent({ ...message, files }));
    this.lastTyping = 0;
    this.sendUnsent();
  }

  typing() {
    if (Date.now() - this.lastTyping < TYPING_PAUSE || this.state !== "talking") return;
    this.lastTyping = Date.now();
    this.line.send({ t: "typing", on: true });
  }

  /** @returns {boolean} whether the office can be told now */
  end() {
    return this.line.send({ t: "end" });
  }

  /** The newest is on a visible, focused page. */
  seen() {
    if (!document.hasFocus() || document.visibilityState !== "visible" || this.theirs <= this.readTo) return;
    this.readTo = this.theirs;
    this.unread = 0;
    this.page.news(0);
    this.line.send({ t: "read", seq: this.readTo });
  }

  // --- what leaves until it is confirmed ---

  /** @param {import("./unsent.js").Unsent} message */
  show(message) {
    const { cid } = message;
    showPending(message, {
      retry: () => {
        markFailed(cid, "");
        this.showUnsent();
        this.sendUnsent();
      },
      remove: () => {
        confirmed(cid);
        dropPending(cid);
      },
    });
  }

  showUnsent() {
    unsent().forEach((message) => this.show(message));
  }

  sendUnsent() {
    clearTimeout(this.again);
    const waiting = unsent().filter((message) => !message.failed);
    waiting.forEach((message) => this.line.send(frameOf(message)));
    if (waiting.length) this.again = setTimeout(() => this.sendUnsent(), ANSWER_DUE);
  }

  // --- what is heard ---

  /** @param {Frame} frame an unknown kind is passed over */
  heard(frame) {
    const known = {
      welcome: () => this.welcomed(frame),
      msg: () => this.message(frame),
      sent: () => this.confirm(frame),
      read: () => showReached({ read: frame.seq }),
      delivered: () => showReached({ delivered: frame.seq }),
      typing: () => showTyping(frame.who, frame.ttl),
      queue: () => this.state === "waiting" && showPlace(frame),
      agent: () => this.changed(frame.state, frame.name, frame.resume),
      gap: () => this.line.send({ t: "fetch", from: frame.from, to: frame.to }),
      error: () => this.refused(frame),
    };
    known[/** @type {keyof known} */ (frame.t)]?.();
  }

  /** @param {Frame} frame */
  welcomed(frame) {
    if (frame.conv !== this.sequence.conversation) {
      if (this.sequence.conversation) clearLog();
      this.sequence.start(frame.conv);
      this.theirs = this.readTo = 0;
      this.showUnsent();
    }
    this.changed(frame.state, frame.agent, frame.resume, this.state === "" || this.state === "new");
    if (frame.state === "waiting") showPlace(frame.queue);
    showReached(frame);
    this.sendUnsent();
  }

  /** @param {string} state  @param {string} agent  @param {boolean} mayResume  @param {boolean} quiet it was so before we came */
  changed(state, agent, mayResume, quiet = false) {
    const joined = state === "talking" && agent && agent !== this.agent;
    this.agent = state === "talking" ? agent : "";
    if (joined && !quiet) showEvent(text("joined", { name: agent }));
    showState(state, agent);
    if (state === this.state && mayResume === this.mayResume) return;
    this.state = state;
    this.mayResume = mayResume;
    this.page.state(state);
  }

  /** @param {Frame} frame */
  message(frame) {
    const { fresh, hole } = this.sequence.take(frame);
    if (hole) this.line.send({ t: "fetch", ...hole });
    if (frame.mine) confirmed(frame.cid);
    if (!fresh) return;
    showMessage(frame);
    if (frame.mine) return;
    this.theirs = Math.max(this.theirs, frame.seq);
    this.acknowledge();
    hideTyping();
    this.unread += 1;
    this.seen();
    this.page.news(this.unread);
  }

  acknowledge() {
    clearTimeout(this.acking);
    this.acking = setTimeout(() => this.line.send({ t: "ack", seq: this.theirs }), 200);
  }

  /** @param {Frame} frame */
  confirm(frame) {
    confirmed(frame.cid);
    showSent(frame);
  }

  /** @param {Frame} frame */
  refused({ cid, text: why, retry_after: pause }) {
    if (!cid) return;
    if (pause) {
      clearTimeout(this.again);
      this.again = setTimeout(() => this.sendUnsent(), pause * 1000);
      return;
    }
    markFailed(cid, why);
    this.showUnsent();
  }
}
