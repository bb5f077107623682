import { made, number, percent } from "./shared.js";
import { $, asked, awaited, got, newest, orTell } from "./asking.js";

// As many as tell small distances apart, too.
const decimals = values => Math.min(9, Math.max(3, 2 - Math.floor(Math.log10(Math.max(1e-9, ...values.map(Math.abs))))));

function tableOf(one, follow) {
  const table = made("table", { name: "words" }, made("caption", {}, made("bdi", { text: one.name })));
  const digits = decimals(one.found.map(([, distance]) => distance));
  for (const [word, distance] of one.found) {
    const button = made("button", { type: "button", name: "link" }, made("bdi", { text: word }));
    button.addEventListener("click", () => follow(word));
    table.append(made("tr", {}, made("td", {}, button), made("td", { name: "n", text: distance.toFixed(digits) })));
  }
  if (one.problem) table.append(made("tr", {}, made("td", { name: "note", text: one.problem })));
  return table;
}

export function wordsPanel(about) {
  if (!about.tables.length) {
    $("words-say").textContent = "The model has no word vectors; show some with --vectors FILE.";
    return;
  }
  const follow = word => { $("kind").value = "nearest"; $("asked").value = word; ask(); };
  const find = newest(signal => asked("explore/words", { kind: $("kind").value, words: $("asked").value.split(/[\s,]+/).filter(Boolean) }, signal),
    ({ tables }) => {
      $("found").replaceChildren(...tables.map(one => tableOf(one, follow)));
      const what = { nearest: "Nearest words, with cosine distances", analogy: "Best answers first", odd: "The odd one first, with distances from the middle" };
      $("words-say").textContent = what[$("kind").value];
    });
  const ask = () => { if ($("asked").value.trim()) find(); };
  $("ask").addEventListener("submit", event => { event.preventDefault(); ask(); });
  $("kind").addEventListener("change", () => {
    $("asked").placeholder = { nearest: "a word", analogy: "man king woman", odd: "three words or more" }[$("kind").value];
  });
  moved(about);
}

function moved(about) {
  $("moved-part").hidden = about.tables.length < 2;
  about.tables.forEach(({ name }, place) => { for (const id of ["before", "after"]) $(id).append(made("option", { value: place, text: name })); });
  $("before").value = about.tables.length - 1;
  $("compare").addEventListener("click", () => orTell(async () => {
    const question = { before: $("before").value, after: $("after").value };
    const found = await awaited(() => got("explore/moved", question), () => { $("moved-says").textContent = "Comparing …"; });
    $("moved-says").textContent = `${number(found.compared)} words compared; ${percent(found.kept)} of their nearest words are the same`;
    const head = made("thead", {}, made("tr", {}, ...["Word", "Moved", "Near before", "Near after"].map(text => made("th", { text }))));
    $("moved").replaceChildren(made("table", { name: "sortable" }, head, made("tbody", {}, ...found.words.map(one => made("tr", {},
      made("td", {}, made("bdi", { text: one.word })), made("td", { text: one.distance.toFixed(3) }),
      made("td", { text: one.before.join(", ") }), made("td", { text: one.after.join(", ") }))))));
  }));
}
