import { number, themeButton, visible } from "./shared.js";
import { $, got, orTell } from "./asking.js";
import { textPanel } from "./text_panel.js";

// Panels but the first are loaded when they are opened.
const panels = {
  words: () => import("./words_panel.js").then(part => part.wordsPanel),
  map: () => import("./map_panel.js").then(part => part.mapPanel),
  texts: () => import("./texts_panel.js").then(part => part.textsPanel),
  suspects: () => import("./suspects_panel.js").then(part => part.suspectsPanel),
};
const tabs = [...document.querySelectorAll("[role=tab]")], begun = new Set();
let about;

function show(tab) {
  for (const other of tabs) {
    const here = other === tab;
    other.setAttribute("aria-selected", String(here));
    other.tabIndex = here ? 0 : -1;
    $(other.getAttribute("aria-controls")).hidden = !here;
  }
  const name = tab.getAttribute("aria-controls");
  if (!panels[name] || begun.has(name)) return;
  begun.add(name);
  orTell(async () => (await panels[name]())(about));
}

for (const [place, tab] of tabs.entries()) {
  tab.addEventListener("click", () => show(tab));
  tab.addEventListener("keydown", event => {
    const to = { ArrowRight: place + 1, ArrowLeft: place - 1 + tabs.length, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = tabs[to % tabs.length];
    next.focus();
    show(next);
  });
}
themeButton($("theme"));
orTell(async () => {
  about = await got("explore/about");
  $("name").textContent = visible(about.name);
  $("about").textContent = visible(`${about.network}; ${number(about.words)} words; ${about.labels.length} labels`
    + (about.source ? `; ${about.source.name}: ${number(about.source.texts)} texts` : ""));
  textPanel(about);
  document.body.dataset.ready = "yes";
});
