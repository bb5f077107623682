import { made, number, percent } from "./shared.js";
import { $, asked, awaited, got, orTell } from "./asking.js";

const decisions = new Map();

// What else may become of a text: another label, or of several one more or one less.
function otherActions(one, labels, target) {
  if (target === "multilabel") return labels.map(label => `${one.own.includes(label) ? "remove" : "add"} ${label}`);
  return labels.filter(label => !one.own.includes(label)).map(label => `change to ${label}`);
}

function decider(one, labels, target, entry, changed) {
  const choose = made("select", { "aria-label": "Change to another label" }, made("option", { value: "", text: "another label …" }),
    ...otherActions(one, labels, target).map(action => made("option", { value: action, text: action.replace("change to ", "") })));
  const suggestion = target === "single" ? `change to ${one.suggested}` : "change";
  const choices = [["keep", "keep"], ...(one.suggested === null ? [] : [[suggestion, `change to ${one.suggested}`]]), ["drop", "drop"]];
  const buttons = choices.map(([action, text]) => made("button", { type: "button", "aria-pressed": "false", "data-action": action, text }));
  const show = () => {
    const action = decisions.get(one.row);
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.action === action));
    entry.classList.toggle("decided", action !== undefined);
    changed();
  };
  const decide = action => {
    if (!action || decisions.get(one.row) === action) decisions.delete(one.row); else decisions.set(one.row, action);
    show();
  };
  for (const button of buttons) button.addEventListener("click", () => { choose.value = ""; decide(button.dataset.action); });
  choose.addEventListener("change", () => { decisions.delete(one.row); decide(choose.value); });
  return made("div", { name: "decide", role: "group", "aria-label": `Decide about ${one.at}` }, ...buttons, choose);
}

function item(one, labels, target, changed) {
  const entry = made("li");
  const words = [[one.suggested, one.for_suggested], [one.given, one.for_given]].filter(([, found]) => found.length);
  const given = one.probability === null ? "" : ` ${percent(one.probability)}`;
  entry.append(
    made("div", { name: "meta" }, made("span", { text: one.at }), made("span", { name: "miss" }, made("bdi", { text: one.given }), given,
      ...(one.suggested === null ? [] : [" → ", made("bdi", { text: one.suggested }), one.probability_suggested === null ? "" : ` ${percent(one.probability_suggested)}`])),
    made("span", { text: one.faults.join("; ") })),
    made("span", { name: "line", dir: "auto", text: one.text || "(empty)" }),
    ...words.map(([label, found]) => made("div", { name: "note" }, "for ", made("bdi", { text: label }), `: ${found.join(", ")}`)));
  entry.append(decider(one, labels, target, entry, changed));
  return entry;
}

export function suspectsPanel(about) {
  const list = $("suspect-list"), says = $("suspects-say");
  if (!about.source) {
    $("check").hidden = true;
    says.textContent = "No texts were named: wordloom explore MODEL SOURCE.";
    return;
  }
  let total = 0, saved = false;
  const changed = () => {
    saved = false;
    says.textContent = `${number(total)} texts to look at; ${number(decisions.size)} decided`;
    $("save-corrections").hidden = !decisions.size;
  };
  const find = start => orTell(async () => {
    const found = await awaited(() => got("explore/suspects", { start }), () => { says.textContent = "Training models on parts of the texts; this takes several times a training …"; });
    total = found.total;
    list.append(...found.suspects.map(one => item(one, found.labels, about.target, changed)));
    $("check").hidden = true;
    $("more-suspects").hidden = list.children.length >= total;
    changed();
    if (found.notes.length) says.textContent += ` (${found.notes.join(" ")})`;
  });
  $("check").addEventListener("click", () => { $("check").disabled = true; find(0).finally(() => { $("check").disabled = false; }); });
  $("more-suspects").addEventListener("click", () => find(list.children.length));
  $("save-corrections").addEventListener("click", () => orTell(async () => {
    const { csv, file } = await asked("explore/corrections", { actions: Object.fromEntries(decisions) });
    if (file === null) {
      const address = URL.createObjectURL(new Blob([csv], { type: "text/csv;charset=utf-8" }));
      made("a", { href: address, download: "corrections.csv" }).click();
      setTimeout(() => URL.revokeObjectURL(address), 1000);
    }
    saved = true;
    says.textContent = `Saved ${number(decisions.size)} decisions as ${file ?? "corrections.csv"}`;
  }));
  addEventListener("beforeunload", event => { if (decisions.size && !saved) event.preventDefault(); });
}
