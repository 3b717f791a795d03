// What the lists show: chosen in a dialog or by a link, and kept in the address whatever is open.

import * as live from "./live.js";

const work = () => document.getElementById("work");

/** @param {string} query what the lists show; "" = everything */
export function narrow(query) {
  Object.assign(work()?.dataset ?? {}, { filter: query, after: "" });
  remember();
  live.pull("mine", 0);
}

/** The filter stands in the address, whatever is open. */
function remember() {
  const filter = work()?.dataset.filter;
  history.replaceState(history.state, "", location.pathname + (filter ? `?${filter}` : ""));
}

/** @param {() => void} chosen the dialog has done its work */
export function start(chosen) {
  document.addEventListener("htmx:pushedIntoHistory", remember);
  document.addEventListener("submit", (event) => {
    const form = /** @type {HTMLFormElement} */ (event.target);
    if (!form.matches("[data-filter-form]")) return;
    event.preventDefault();
    const given = [...new FormData(form)].map(([name, value]) => [name, String(value)]).filter(([, value]) => value !== "");
    narrow(new URLSearchParams(given).toString());
    chosen();
  });
}
