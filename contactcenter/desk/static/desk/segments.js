// How many short messages a text becomes, as channels_adapters/contract/segments.py counts: GSM-7 with its extension table, else UCS-2.

const BASIC =
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
  "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const EXTENDED = "\f^{}\\[~]|€";
const ALONE = { "GSM-7": 160, "UCS-2": 70 }, JOINED = { "GSM-7": 153, "UCS-2": 67 };

/** @param {string} text @returns {{ alphabet: "GSM-7" | "UCS-2", length: number, segments: number, left: number }} */
export function count(text) {
  const signs = [...text];
  const alphabet = signs.every((sign) => BASIC.includes(sign) || EXTENDED.includes(sign)) ? "GSM-7" : "UCS-2";
  const sizes = signs.map((sign) => (alphabet === "GSM-7" ? 1 + Number(EXTENDED.includes(sign)) : sign.length));
  const length = sizes.reduce((sum, size) => sum + size, 0);
  if (length <= ALONE[alphabet]) return { alphabet, length, segments: Number(length > 0), left: ALONE[alphabet] - length };
  let segments = 1, used = 0;
  for (const size of sizes) {
    if (used + size > JOINED[alphabet]) segments += 1, used = 0;
    used += size;
  }
  return { alphabet, length, segments, left: JOINED[alphabet] - used };
}

/** @param {HTMLElement} output says it beside the words, quietly @param {string} text */
export function show(output, text) {
  const { segments, left } = count(text);
  output.textContent = segments ? (output.dataset.segments ?? "").replace("COUNT", String(segments)).replace("LEFT", String(left)) : "";
}
