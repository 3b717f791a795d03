// What the lists show: chosen in a dialog or by a link, and kept in the address whatever is open.

import * as live from "./live.js";

const work = () => document.getElementById("work");

/** @param {string | HTMLFormElement} chosen as it stands in an address; "" = everything */
export function narrow(chosen) {
  Object.assign(work()?.dataset ?? {}, { filter: typeof chosen === "string" ? chosen : written(chosen), after: "" });
  const filter = work()?.dataset.filter;
  history.replaceState(history.state, "", location.pathname + (filter ? `?${filter}` : ""));
  live.pull("mine", 0);
}

/** @param {HTMLFormElement} form */
function written(form) {
  const given = [...new FormData(form)].map(([name, value]) => [name, String(value)]).filter(([, value]) => value !== "");
  return new URLSearchParams(given).toString();
}
