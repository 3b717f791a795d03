// The line to the house: one socket that comes back by itself, and says when it is gone.

const QUIET = 1300, LOST = 2800, SIGNED_OUT = 4401; // ms without a word: ask; give up and come back. The house's word for "sign in"
/** @type {WebSocket | null} */
let socket = null;
let tries = 0, heard = 0;
/** @type {(frame: any) => void} */
let hear = () => {};
/** @type {(again: boolean) => void} */
let opened = () => {};

export const isOpen = () => socket?.readyState === WebSocket.OPEN;

/** @param {object} frame */
export function say(frame) {
  if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
}

export function lost() {
  const line = document.getElementById("line");
  if (!line || document.visibilityState !== "visible" || !line.hidden) return;
  line.hidden = false;
  document.dispatchEvent(new Event("desk:lost"));
}

function found() {
  const line = document.getElementById("line");
  if (line?.hidden === false) line.hidden = true;
}

function connect() {
  const ours = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/live/`);
  socket = ours;
  heard = Date.now();
  ours.onmessage = (event) => {
    heard = Date.now();
    hear(JSON.parse(event.data));
    found();
  };
  ours.onopen = () => { opened(tries > 0); tries = 0; };
  ours.onclose = (event) => {
    if (socket !== ours) return;
    socket = null;
    if (event.code === SIGNED_OUT) location.reload();
    else { lost(); setTimeout(() => socket ?? connect(), Math.min(15_000, 250 * 1.8 ** tries++) * (0.6 + Math.random() * 0.8)); }
  };
}

/** A line that is silent may be cut without telling: ask, and come back when nobody answers. */
function listen() {
  if (!isOpen() || document.visibilityState !== "visible") return;
  const silence = Date.now() - heard;
  if (silence > LOST) { lost(); cut(); } else if (silence > QUIET) say({ t: "ping" });
}

function cut() {
  const old = socket;
  socket = null;
  if (old) { old.onclose = null; old.close(); }
  tries++;
  connect();
}

/**
 * @param {(frame: any) => void} onFrame what the house says
 * @param {(again: boolean) => void} onOpen each time the line stands; again = after it was cut
 */
export function start(onFrame, onOpen) {
  hear = onFrame;
  opened = onOpen;
  connect();
  setInterval(listen, 500);
  window.addEventListener("offline", lost);
  window.addEventListener("online", () => { if (!socket || Date.now() - heard > LOST) cut(); });
  document.addEventListener("visibilitychange", () => { heard = Date.now(); say({ t: "ping" }); });
}
