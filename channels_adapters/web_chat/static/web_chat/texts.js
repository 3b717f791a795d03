/** The words of the page, in the reader's language. They come with the page; numbers and times are the browser's own. */

const found = /** @type {HTMLTemplateElement} */ (document.getElementById("texts")).content;
/** @type {Map<string, string>} */
const texts = new Map(
  [...found.querySelectorAll("[data-text]")].map((item) => [
    /** @type {HTMLElement} */ (item).dataset.text || "", item.textContent || "",
  ]),
);
export const language = document.body.dataset.language || "it";

/**
 * @param {string} key
 * @param {Record<string, string | number>} [values] for `{name}` in the text
 */
export function text(key, values = {}) {
  return (texts.get(key) || key).replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

const minutes = new Intl.NumberFormat(language, { style: "unit", unit: "minute", unitDisplay: "long" });

/** @param {number} from seconds  @param {number} to seconds  @returns {string} “1–2 minutes”, always whole minutes, rounded up */
export function waitRange(from, to) {
  const low = Math.max(1, Math.ceil(from / 60));
  const high = Math.max(low, Math.ceil(to / 60));
  if (low === high) return minutes.format(low);
  return minutes.formatRange?.(low, high) ?? `${low}–${minutes.format(high)}`;
}

/** @param {number} bytes */
export function fileSize(bytes) {
  const [unit, amount] = bytes < 1e6 ? ["kilobyte", Math.max(1, bytes / 1e3)] : ["megabyte", bytes / 1e6];
  const digits = unit === "megabyte" && amount < 10 ? 1 : 0;
  return new Intl.NumberFormat(language, { style: "unit", unit, maximumFractionDigits: digits }).format(amount);
}

/** @param {string} instant ISO 8601  @returns {HTMLTimeElement} the time of day; the whole instant on hover */
export function timeElement(instant) {
  const at = new Date(instant);
  const made = document.createElement("time");
  made.dateTime = instant;
  const today = at.toDateString() === new Date().toDateString();
  made.textContent = at.toLocaleString(language, today ? { hour: "2-digit", minute: "2-digit" }
    : { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
  made.title = at.toLocaleString(language, { dateStyle: "full", timeStyle: "medium" });
  return made;
}
