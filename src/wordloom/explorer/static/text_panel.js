import { counted, made, marked, number, percent } from "./shared.js";
import { $, after, asked, awaited, got, newest, orTell, tell } from "./asking.js";

const isolated = text => made("bdi", { text });

function bars(rows, most = Math.max(1e-9, ...rows.map(row => Math.abs(row.width)))) {
  const table = made("table", { name: "bars" });
  for (const { label, width, says } of rows)
    table.append(made("tr", width < 0 ? { name: "against" } : {}, made("td", {}, isolated(label)),
      made("td", {}, made("svg", { width: 120, height: 9, "aria-hidden": "true" },
        made("rect", { width: Math.max(0, 120 * Math.abs(width) / most), height: 9, rx: 2 }))),
      made("td", { text: says })));
  return table;
}

// The text with its words highlighted: for the label that it was explained for.
export function explanation(found, labels) {
  const box = [];
  if (found.note) box.push(made("p", { name: "note", text: found.note }));
  if (found.marks.length) box.push(made("p", { name: "legend" },
    made("mark", { name: "for m4", text: "speaks for" }), " ", made("mark", { name: "against m4", text: "speaks against" }),
    " ", isolated(labels[found.label]), ` (${found.method})`));
  const letters = Array.from(found.text);
  if (letters.length <= 200000) box.push(made("div", { name: "full", dir: "auto" }, ...marked(found, letters, 0, letters.length)));
  return box;
}

export const shares = (found, labels) => found.grade !== undefined
  ? made("p", { name: "big", text: `grade ${found.grade.toPrecision(4)}` })
  : bars(found.labels.map(([place, share]) => ({ label: labels[place], width: share, says: percent(share) })), 1);

function parts(found) {
  const rows = found.parts.map(([text, kind, value, times]) =>
    ({ label: (text || kind) + (times > 1 ? ` × ${times}` : ""), width: value, says: (value > 0 ? "+" : "") + value.toFixed(3) }));
  return made("details", {}, made("summary", { text: "The strongest words and n-grams" }), bars(rows));
}

export function textPanel(about) {
  const typed = $("typed"), label = () => $("for-label").value === "" ? {} : { label: +$("for-label").value };
  about.labels.forEach((name, place) => $("for-label").append(made("option", { value: place, text: name })));
  $("near").hidden = !about.source;
  const ask = newest((signal, text) => asked("explore/text", { text, ...label() }, signal), found => {
    $("answer").replaceChildren(shares(found, about.labels));
    if (found.words !== undefined) $("answer").append(made("p", { name: "note", text: `${counted(found.words, "word")}, ${number(found.known)} known` }));
    $("explained").replaceChildren(...explanation(found, about.labels), ...(found.parts.length ? [parts(found)] : []));
    $("answer").dataset.of = typed.value.length;
  });
  const isShort = length => {
    if (length > about.longest) tell(`The text has ${number(length)} characters; at most ${number(about.longest)} are taken.`);
    return length <= about.longest;
  };
  // refused before the browser lays it out, which takes seconds
  typed.addEventListener("paste", event => { if (!isShort(event.clipboardData.getData("text").length)) event.preventDefault(); });
  const now = () => {
    $("more-of-text").replaceChildren();
    if (isShort(typed.value.length)) ask(typed.value); else ask.stop();
  };
  typed.addEventListener("input", after(25, now));
  $("for-label").addEventListener("change", now);
  $("flip").addEventListener("click", () => orTell(async () => {
    const found = await asked("explore/flips", { text: typed.value, ...label() });
    $("more-of-text").replaceChildren(found.words === null ? made("p", { text: "No words that speak for the answer change it." })
      : made("p", {}, "Without ", ...found.words.flatMap((word, place) => [place ? ", " : "", isolated(word)]), ": ",
        isolated(found.label ?? "no longer given"), " (", isolated(about.labels[found.explained]), `: ${percent(found.probability)})`));
  }));
  $("near").addEventListener("click", () => orTell(async () => {
    const says = () => $("more-of-text").replaceChildren(made("p", { text: "Counting the words of the texts …" }));
    const { texts } = await awaited(() => asked("explore/nearest", { text: typed.value }), says);
    $("more-of-text").replaceChildren(made("ol", { name: "plain rows" }, ...texts.map(one => made("li", {},
      made("div", { name: "meta" }, made("span", { text: one.at }), isolated(one.label), made("span", { text: `${Math.round(100 * one.similarity)} % alike` })),
      made("span", { name: "line", dir: "auto", text: one.text })))));
    if (!texts.length) $("more-of-text").append(made("p", { text: "No text shares a word with it." }));
  }));
  now();
}

export async function openedRow(row, labels) {
  const found = await got("explore/row", { row });
  return made("div", { name: "detail" }, shares(found, labels), ...explanation(found, labels));
}
