(() => {
const page = JSON.parse(document.getElementById("data").textContent);
const FIRST = 40, MORE = 100, SNIPPET = 160;
const $ = id => document.getElementById(id);
const all = (query, within = document) => [...within.querySelectorAll(query)];
const collator = new Intl.Collator(undefined, { numeric: true });

const placeIn = row => row.at.slice(page.from.length);
const kind = kindOf(page);

// ---- CSV

const valueOf = cell => (cell.dataset.value ?? cell.innerText).trim();

function rowsOf(block) {
  const tables = block.matches("table") ? [block] : all("table", block);
  const key = block.matches("table") ? [] : [block.dataset.key];
  const head = all("thead th", tables[0]).map(cell => cell.textContent.trim().toLowerCase());
  const rows = tables.flatMap(table => all("tbody tr", table).map(
    row => [...key.map(() => table.dataset.key), ...[...row.children].map(valueOf)]));
  return [[...key, ...head], ...rows];
}

for (const block of all("[data-csv]")) {
  const button = made("button", { type: "button", name: "quiet save", text: "Save as CSV" });
  button.addEventListener("click", () => save(block.dataset.csv, rowsOf(block)));
  (block.closest(".scroll") ?? block).after(button);
}

// ---- tables that sort

function mark(heads, head, down) {
  for (const other of heads) other.removeAttribute("aria-sort");
  if (head) head.setAttribute("aria-sort", down ? "descending" : "ascending");
}

for (const table of all("table.sortable")) {
  const heads = all("thead th", table);
  heads.forEach((head, column) => {
    const button = made("button", { type: "button", text: head.textContent });
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const numbers = head.classList.contains("n");
      const down = head.hasAttribute("aria-sort") ? head.getAttribute("aria-sort") === "ascending" : numbers;
      const rows = all("tbody tr", table).map(row => [valueOf(row.children[column]), row]);
      rows.sort(([a], [b]) => (numbers ? a - b : collator.compare(a, b)) * (down ? -1 : 1));
      table.tBodies[0].append(...rows.map(([, row]) => row));
      mark(heads, head, down);
    });
  });
}

// ---- the list of texts

const state = { list: "errors", cell: null, query: "", true: "", guess: "", sort: null, down: false, most: FIRST };
const body = $("text-table").tBodies[0], heads = all("#text-table th");
const KEYS = { at: row => row.at, words: row => row.words, ...kind.keys };

function listed() {
  if (state.cell) return page.texts.filter(row => kind.inCell(row, state.cell));
  return page.lists[state.list].shown.map(place => page.texts[place]);
}

function filtered() {
  const query = state.query.trim().toLowerCase();
  const rows = listed().filter(row =>
    (state.true === "" || kind.hasTrue(row, +state.true)) && (state.guess === "" || kind.hasGuess(row, +state.guess))
    && (!query || row.text.toLowerCase().includes(query) || placeIn(row).toLowerCase().includes(query)));
  if (state.sort) {
    const key = KEYS[state.sort], sign = state.down ? -1 : 1;
    rows.sort((a, b) => sign * (typeof key(a) === "number" ? key(a) - key(b) : collator.compare(key(a), key(b))));
  }
  return rows;
}

function fullText(row, marks) {
  const letters = Array.from(row.text), box = made("div", { name: "full", dir: "auto" }), own = { ...row, marks };
  if (!row.cut) box.append(...marked(own, letters, 0, letters.length));
  else {
    const [at, missing] = row.cut;
    box.append(...marked(own, letters, 0, at),
      made("span", { name: "gap", text: `${number(missing)} characters left out` }),
      ...marked(own, letters, at, letters.length));
  }
  if (!letters.length) box.append(made("i", { text: "an empty text" }));
  return box;
}

function legend(column) {
  const [pro, contra, name] = kind.legend(column);
  return made("p", { name: "legend" }, made("mark", { name: "for m4", text: pro }), " ",
    made("mark", { name: "against m4", text: contra }), " ", made("bdi", { text: name }));
}

// The text with the words for one label; buttons choose among those of several.
function explained(row) {
  const box = made("div"), whole = made("div"), chosen = row.marks.filter(([, marks]) => marks.length);
  const choose = made("div", { name: "choose", role: "group", "aria-label": "Label whose words are shown" });
  function showMarks(column, marks, button) {
    whole.replaceChildren(...(marks.length ? [legend(column)] : []), fullText(row, marks));
    for (const other of choose.children) other.setAttribute("aria-pressed", String(other === button));
  }
  if (chosen.length > 1) {
    for (const [column, marks] of chosen) {
      const button = made("button", { type: "button" }, made("bdi", { text: kind.legend(column)[2] }));
      button.addEventListener("click", () => showMarks(column, marks, button));
      choose.append(button);
    }
    box.append(choose);
  }
  showMarks(...(chosen[0] ?? [null, []]), choose.firstChild);
  box.append(whole);
  return box;
}

function detail(row) {
  const parts = [made("div", { name: "scroll" }, kind.shares(row)), explained(row)];
  return made("tr", { name: "detail" }, made("td", { colspan: heads.length }, ...parts));
}

function lineOf(row) {
  const letters = Array.from(row.text.slice(0, 4 * SNIPPET)), end = Math.min(letters.length, SNIPPET, row.cut ? row.cut[0] : SNIPPET);
  return made("div", { name: "line", dir: "auto" }, ...marked({ ...row, marks: row.marks.length ? row.marks[0][1] : [] }, letters, 0, end), end < letters.length ? "…" : "");
}

function drawn(row) {
  const open = made("button", { type: "button", name: "open", "aria-expanded": "false", text: placeIn(row) });
  const line = made("tr", { name: "row" },
    made("td", {}, open),
    ...kind.cells(row),
    made("td", { name: "n", "data-name": "words", text: number(row.words) }),
    made("td", { name: "wide" }, lineOf(row)));
  line.addEventListener("click", event => {
    if (event.target.closest("button") !== open && getSelection().toString()) return;
    const opened = open.getAttribute("aria-expanded") === "true";
    if (opened) line.nextElementSibling.remove(); else line.after(detail(row));
    open.setAttribute("aria-expanded", String(!opened));
  });
  return line;
}

function says(rows) {
  const { cell } = state;
  const there = cell ? cell.count : page.lists[state.list].all, held = listed().length;
  const parts = [counted(rows.length, "text")];
  if (rows.length < held) parts.push(`of ${number(held)} in this list`);
  if (held < there) parts.push(`(the page holds ${number(held)} of ${number(there)})`);
  return parts.join(" ");
}

function show() {
  const rows = filtered();
  body.replaceChildren(...rows.slice(0, state.most).map(drawn));
  $("says").textContent = says(rows);
  $("more").hidden = rows.length <= state.most;
  for (const button of all(".lists [data-list]"))
    button.setAttribute("aria-pressed", String(!state.cell && button.dataset.list === state.list));
  $("cell").hidden = !state.cell;
  $("cell").setAttribute("aria-pressed", String(Boolean(state.cell)));
  for (const button of all(".cell, .cell-number")) {
    const here = state.cell && state.cell.button === button;
    if (here) button.setAttribute("aria-current", "true"); else button.removeAttribute("aria-current");
  }
}

function change(changes, jump = false) {
  Object.assign(state, { most: FIRST }, changes);
  show();
  if (jump) {
    $("texts").scrollIntoView();
    $("texts-title").focus({ preventScroll: true });
  }
}

function chooseList(list, jump) {
  for (const id of ["filter-true", "filter-guess", "query"]) $(id).value = "";
  mark(all("#text-table th"), null);
  change({ list, cell: null, true: "", guess: "", query: "", sort: null }, jump);
}

for (const button of all(".cell, .cell-link, .cell-number")) button.addEventListener("click", () => {
  const count = +button.dataset.count;
  chooseList(state.list, false);
  $("cell").replaceChildren(...kind.cellName(button), made("span", { text: number(count) }));
  change({ cell: { ...button.dataset, count, button } }, true);
});
for (const button of all("[data-list]"))
  button.addEventListener("click", () => chooseList(button.dataset.list, button.classList.contains("list-link")));
for (const button of all("#text-table [data-sort]")) button.addEventListener("click", () => {
  const sort = button.dataset.sort, numbers = button.closest("th").classList.contains("n");
  const down = state.sort === sort ? !state.down : numbers;
  mark(heads, button.closest("th"), down);
  change({ sort, down });
});
for (const [id, key] of [["filter-true", "true"], ["filter-guess", "guess"]]) {
  kind.choices[key].forEach((label, place) => $(id).append(made("option", { value: place, text: label })));
  $(id).addEventListener("change", () => change({ [key]: $(id).value }));
}
$("query").addEventListener("input", () => change({ query: $("query").value }));
$("more").addEventListener("click", () => change({ most: state.most + MORE }));
$("save-texts").addEventListener("click", () => save(state.cell ? "texts-of-a-cell" : `texts-${state.list}`, [
  ["where", ...kind.head, "words", "text", "characters_left_out"],
  ...filtered().map(row => [row.at, ...kind.line(row), row.words,
    row.cut ? Array.from(row.text).toSpliced(row.cut[0], 0, " […] ").join("") : row.text, row.cut ? row.cut[1] : 0]),
]));

themeButton($("theme"));
show();
})();
