import { counted, made, number, percent } from "./shared.js";
import { $, after, asked, awaited, newest, orTell } from "./asking.js";
import { openedRow } from "./text_panel.js";

function item(one, labels) {
  const open = made("button", { type: "button", name: "open", "aria-expanded": "false" },
    made("span", { name: "meta" }, made("span", { text: one.at }), made("bdi", { text: one.given }),
      made("span", { name: one.wrong ? "miss" : "" }, "→ ", made("bdi", { text: one.predicted })),
      ...(one.sure === null ? [] : [made("span", { text: percent(one.sure) })]), made("span", { text: counted(one.words, "word") })),
    made("span", { name: "line", dir: "auto", text: one.text || "(empty)" }));
  const entry = made("li", {}, open);
  open.addEventListener("click", () => orTell(async () => {
    const opened = open.getAttribute("aria-expanded") === "true";
    open.setAttribute("aria-expanded", String(!opened));
    if (opened) open.nextElementSibling?.remove(); else entry.append(await openedRow(one.row, labels));
  }));
  return entry;
}

function question(form, start) {
  const { show, search, sort, ...rest } = Object.fromEntries(new FormData(form));
  const shares = { least_sure: Math.min(1, (+rest.least_sure || 0) / 100), most_sure: rest.most_sure === "" ? 1 : Math.min(1, +rest.most_sure / 100) };
  const longest = rest.longest === "" ? {} : { longest: Math.floor(+rest.longest) };
  return { show, search, sort, ...shares, ...longest, label: +rest.label, predicted: +rest.predicted, shortest: Math.floor(+rest.shortest || 0), start };
}

export function textsPanel(about) {
  const form = $("filters"), list = $("text-list");
  if (!about.source) {
    form.hidden = true;
    $("texts-say").textContent = "No texts were named: wordloom explore MODEL SOURCE.";
    return;
  }
  if (about.target === "graded") for (const name of ["label", "predicted", "least_sure", "most_sure"]) form[name].closest("label").hidden = true;
  about.labels.forEach((text, value) => { for (const name of ["label", "predicted"]) form[name].append(made("option", { value, text })); });
  for (const text of about.sorts) form.sort.append(made("option", { value: text, text: text === "row" ? "place" : text }));
  const find = newest((signal, start) => awaited(() => asked("explore/texts", question(form, start), signal),
    () => { $("texts-say").textContent = "The model is reading the texts …"; }).then(found => ({ ...found, start })), found => {
    const items = found.texts.map(one => item(one, about.labels));
    if (found.start) list.append(...items); else list.replaceChildren(...items);
    $("texts-say").textContent = `${number(found.total)} of ${number(found.of)} texts`;
    $("more-texts").hidden = list.children.length >= found.total;
  });
  form.addEventListener("input", after(80, () => find(0)));
  form.addEventListener("submit", event => event.preventDefault());
  $("more-texts").addEventListener("click", () => find(list.children.length));
  find(0);
}
