/** Which messages of the conversation this page has. The order is the sequence number, never a clock. */

/** @typedef {import("./line.js").Frame} Frame */

export class Sequence {
  conversation = "";
  head = 0; // seen up to here, without a hole
  newest = 0;
  /** @type {Map<number, number>} seq → the visible one before it, of messages beyond a hole */
  beyond = new Map();
  /** @type {Set<number>} */
  seen = new Set();

  /** @param {string} conversation public id */
  start(conversation) {
    Object.assign(this, new Sequence(), { conversation });
  }

  /**
   * @param {Frame} frame a message
   * @returns {{fresh: boolean, hole: {from: number, to: number} | null}} not fresh = we have it already
   */
  take({ seq, prev }) {
    if (this.seen.has(seq)) return { fresh: false, hole: null };
    this.seen.add(seq);
    this.newest = Math.max(this.newest, seq);
    this.beyond.set(seq, prev);
    this.advance();
    return { fresh: true, hole: this.beyond.has(seq) ? { from: this.head + 1, to: prev } : null };
  }

  advance() {
    for (let moved = true; moved; ) {
      moved = false;
      for (const [seq, prev] of this.beyond) {
        if (prev > this.head) continue;
        this.head = Math.max(this.head, seq);
        this.beyond.delete(seq);
        moved = true;
      }
    }
  }
}
