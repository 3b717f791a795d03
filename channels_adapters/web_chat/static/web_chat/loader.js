/** What a town puts into its own pages: a button and a frame of ours, nothing else. Its attributes: README.md. */
(() => {
  "use strict";
  const script = /** @type {any} */ (document.currentScript);
  if (!script || !script.dataset.account || document.getElementById("sportello-chat")) return;
  const home = new URL(script.src).origin;
  const language = (script.dataset.lang || document.documentElement.lang || "it").slice(0, 2).toLowerCase();
  /** @type {Record<string, [string, string, string, string]>} button, frame title, close, unread */
  const words = {
    it: ["Scrivici", "Chat con l’ufficio", "Chiudi la chat", "messaggi nuovi"],
    en: ["Chat with us", "Chat with the office", "Close the chat", "new messages"],
    es: ["Escríbenos", "Chat con la oficina", "Cerrar el chat", "mensajes nuevos"],
    uk: ["Напишіть нам", "Чат із установою", "Закрити чат", "нові повідомлення"],
  };
  const [label, title, closeLabel, unreadLabel] = words[language] || words.it;
  const side = script.dataset.side === "left" ? "left" : "right";
  const colour = /^#[0-9a-f]{6}$/i.test(script.dataset.colour || "") ? script.dataset.colour : "#0b57b8";
  const remembered = `sportello-chat-${script.dataset.account}`;

  const css = `
    button { all: initial; position: fixed; bottom: 20px; ${side}: 20px; z-index: 2147483000; box-sizing: border-box;
      min-height: 52px; padding: 0 22px; border-radius: 26px; background: ${colour}; color: #fff; cursor: pointer;
      font: 600 16px/1.2 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif;
      display: inline-flex; gap: 10px; align-items: center; box-shadow: 0 2px 12px rgb(16 24 40 / .25); }
    button:focus-visible { outline: 3px solid #fff; outline-offset: -5px; box-shadow: 0 0 0 4px ${colour}; }
    b { background: #fff; color: ${colour}; border-radius: 12px; padding: 2px 8px; font-weight: 700; }
    [hidden] { display: none; }
    iframe { all: initial; position: fixed; bottom: 84px; ${side}: 20px; z-index: 2147483001; width: 400px;
      height: min(660px, calc(100vh - 104px)); border: 1px solid #b9c2cf; border-radius: 16px; background: #fff;
      box-shadow: 0 8px 40px rgb(16 24 40 / .22); color-scheme: normal; }
    iframe[hidden] { display: none; }
    @media (max-width: 480px), (max-height: 480px) {
      iframe { inset: 0; width: 100%; height: 100%; border: 0; border-radius: 0; } }
    @media print { :host { display: none; } }`;

  const host = document.createElement("div");
  host.id = "sportello-chat";
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet(); // allowed under a page's CSP without inline styles
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];
  const button = document.createElement("button");
  button.type = "button";
  button.setAttribute("aria-expanded", "false");
  const caption = document.createElement("span");
  caption.textContent = script.dataset.label || label;
  const badge = document.createElement("b");
  badge.hidden = true;
  button.append(caption, badge);
  root.append(button);
  /** @type {HTMLIFrameElement | null} */
  let frame = null;
  let open = false;
  let ready = false; // before that, another origin (an empty page) sits in the frame

  /** @param {boolean} on */
  function remember(on) {
    try {
      if (on) sessionStorage.setItem(remembered, "1");
      else sessionStorage.removeItem(remembered);
    } catch { /* no storage: the next page opens closed */ }
  }

  /** @param {string} type */
  function tell(type) {
    if (ready) frame?.contentWindow?.postMessage({ sportello: 1, type }, home);
  }

  function makeFrame() {
    const made = document.createElement("iframe");
    const query = new URLSearchParams({ embed: "1", lang: language, origin: location.origin });
    made.src = `${home}/chat/${encodeURIComponent(script.dataset.account)}/?${query}`;
    made.title = title;
    made.allow = "clipboard-write";
    made.referrerPolicy = "strict-origin-when-cross-origin";
    root.append(made);
    return made;
  }

  /** @param {boolean} on  @param {boolean} focus */
  function show(on, focus = true) {
    open = on;
    frame = frame || (on ? makeFrame() : null);
    if (frame) frame.hidden = !on;
    button.setAttribute("aria-expanded", String(on));
    button.setAttribute("aria-label", on ? closeLabel : caption.textContent || label);
    remember(on);
    if (on) unread(0);
    tell(on ? "shown" : "hidden");
    if (!focus) return;
    if (on) frame?.focus();
    else button.focus();
  }

  /** @param {number} count */
  function unread(count) {
    badge.hidden = !count || open;
    badge.textContent = String(count);
    if (!badge.hidden) button.setAttribute("aria-label", `${caption.textContent}: ${count} ${unreadLabel}`);
  }

  /** @param {number} height wished by the page, in pixels; never beyond the window (the style sheet sees to that) */
  function resize(height) {
    if (frame && height >= 320 && height <= 900) frame.style.maxHeight = `${height}px`;
  }

  button.addEventListener("click", () => show(!open));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && open) show(false);
  });
  window.addEventListener("message", (event) => {
    if (event.origin !== home || !frame || event.source !== frame.contentWindow) return;
    const said = event.data;
    if (!said || said.sportello !== 1) return;
    if (said.type === "ready") {
      ready = true;
      tell(open ? "shown" : "hidden");
    } else if (said.type === "close") show(false);
    else if (said.type === "unread") unread(Number(said.count) || 0);
    else if (said.type === "resize") resize(Number(said.height) || 0);
  });

  function start() {
    document.body.append(host);
    try {
      if (sessionStorage.getItem(remembered)) show(true, false);
    } catch { /* as above */ }
  }
  if (document.body) start();
  else document.addEventListener("DOMContentLoaded", start);
})();
