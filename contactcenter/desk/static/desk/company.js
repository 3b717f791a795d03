// Who else looks at the conversation: names in its head. No live region: nobody is told each time somebody comes or goes.

/** @param {{topic: string, people: [string, boolean][]}} frame what is said of each, and whether it is a supervisor */
export function draw({ topic, people }) {
  const line = document.getElementById("company");
  if (!line || document.getElementById("talk")?.dataset.topic !== topic) return;
  line.replaceChildren(...people.map(([words, watches]) => {
    const pill = document.createElement("span"), sign = document.querySelector("#company-sign svg")?.cloneNode(true);
    pill.className = watches ? "pill warn" : "pill";
    pill.append(...(sign ? [sign] : []), words);
    return pill;
  }));
  line.hidden = !people.length;
}
