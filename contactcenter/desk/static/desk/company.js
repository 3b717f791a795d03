// Who else looks at the conversation, and writes for colleagues: words in its head. No live region: nobody is told aloud
// each time somebody comes, goes or types.

let timer = 0;

/** @param {{topic: string, people: [string, boolean][]}} frame what is said of each, and whether it is a supervisor */
export function draw({ topic, people }) {
  const line = document.getElementById("company");
  if (!line || document.getElementById("talk")?.dataset.topic !== topic) return;
  line.dataset.people = people.length ? "1" : "";
  line.replaceChildren(...people.map(([words, watches]) => {
    const pill = document.createElement("span"), sign = document.querySelector("#company-sign svg")?.cloneNode(true);
    pill.className = watches ? "here warn" : "here";
    pill.append(...(sign ? [sign] : []), words);
    return pill;
  }));
  line.hidden = !people.length;
}

/** For a few seconds. @param {{topic: string, name: string}} frame */
export function writes({ topic, name }) {
  const line = document.getElementById("company");
  if (!line || document.getElementById("talk")?.dataset.topic !== topic) return;
  line.querySelector("[data-writes]")?.remove();
  const words = (document.body.dataset.typing ?? "").replace("NAME", name);
  const shown = Object.assign(document.createElement("span"), { className: "here", textContent: words });
  shown.dataset.writes = "";
  line.append(shown);
  line.hidden = false;
  clearTimeout(timer);
  timer = setTimeout(() => { shown.remove(); line.hidden = !line.dataset.people; }, 5000);
}
