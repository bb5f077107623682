import { counted, made, number, save } from "./shared.js";
import { $, after, awaited, got, orTell } from "./asking.js";

// While the map moves a thousand points are drawn, of a source of their own, and the rest when it stops: Bokeh's own
// level of detail still places all points in every frame.
const WHILE_MOVING = 1000, STOPPED = 280;
const FREE = "#9a9a94", BLUE = "#2a86c4", ORANGE = "#dd6b1f", FOUND = 300, LISTED = 2000;
const CELL = { width: 92, height: 20 }, LETTER = 7, BESIDE = 4;
let plot = null, points = null, drawing = 0;

function script(address) {
  return new Promise((done, failed) => {
    const element = made("script", { src: address });
    element.addEventListener("load", done);
    element.addEventListener("error", () => failed(new Error(`${address} could not be loaded.`)));
    document.head.append(element);
  });
}

const ink = () => getComputedStyle(document.body).color;

function colors() {
  const chosen = $("map-color").value;
  if (chosen === "none") return points.words.map(() => BLUE);
  const two = chosen === "two";
  return points.label.map((label, place) => points.evidence[place] < 0.02 || label < 0 ? FREE
    : two ? (label ? BLUE : ORANGE) : label === +chosen ? BLUE : FREE);
}

const matches = () => {
  const sought = $("map-query").value.trim().toLowerCase();
  if (!sought) return [];
  const found = [];
  for (let place = 0; place < points.words.length && found.length < FOUND; place++)
    if (points.words[place].toLowerCase().includes(sought)) found.push(place);
  return found;
};

function fewOf(data) {
  const step = Math.max(1, Math.ceil(points.words.length / WHILE_MOVING)), places = [];
  for (let place = 0; place < points.words.length; place += step) places.push(place);
  return Object.fromEntries(Object.entries(data).map(([name, values]) => [name, places.map(place => values[place])]));
}

const column = (places, values) => places.map(place => values[place]);

// Names of words in view, those of the table's first words before others, where there is room; on the left of their
// points where they would reach over the right edge.
function name() {
  if (!plot) return;
  const { figure, names, found } = plot, { x_range: x, y_range: y } = figure;
  const width = $("plot").clientWidth / (x.end - x.start), height = $("plot").clientHeight / (y.end - y.start);
  const taken = new Set(), shown = [];
  const place = at => {
    const [px, py] = [points.x[at], points.y[at]];
    if (px < x.start || px > x.end || py < y.start || py > y.end) return;
    const column = Math.floor((px - x.start) * width / CELL.width), row = Math.floor((py - y.start) * height / CELL.height);
    const cell = column * 10000 + row;
    if (taken.has(cell)) return;
    for (const beside of [-10000, 0, 10000]) taken.add(cell + beside);
    shown.push(at);
  };
  const sought = matches();
  for (const at of sought) place(at);
  if (!sought.length) for (let at = 0; at < points.words.length && shown.length < 120; at++) place(at);
  found.data = { x: column(sought, points.x), y: column(sought, points.y) };
  const text = column(shown, points.words).map(word => word.slice(0, 40));
  const fits = shown.map((at, i) => (x.end - points.x[at]) * width > text[i].length * LETTER + BESIDE);
  names.data = { x: column(shown, points.x), y: column(shown, points.y), text,
    align: fits.map(yes => yes ? "left" : "right"), offset: fits.map(yes => yes ? BESIDE : -BESIDE) };
}

function listSelected(places) {
  $("selection").hidden = !places.length;
  $("selected").replaceChildren(...places.slice(0, LISTED).map(at => made("span", {}, made("bdi", { text: points.words[at] }))));
  $("map-says").textContent = places.length ? `${counted(places.length, "word")} selected` : said();
}

const said = () => `${number(points.words.length)} of ${number(points.of)} words on the plane of their vectors' first principal components`;

function whole() {
  const { x_range, y_range } = plot.figure;
  const ends = values => {
    const least = values.reduce((a, b) => Math.min(a, b), 1), most = values.reduce((a, b) => Math.max(a, b), -1);
    const half = Math.max((most - least) / 2, 1e-3) * 1.05, middle = (most + least) / 2;
    return { start: middle - half, end: middle + half };
  };
  x_range.setv(ends(points.x));
  y_range.setv(ends(points.y));
}

async function draw(about) {
  const own = ++drawing, table = $("map-table").value;
  const loaded = await awaited(() => got("explore/map", { table }), () => { $("map-says").textContent = "Drawing up the map …"; });
  if (own !== drawing) return;
  points = loaded;
  window.Bokeh ?? await script("bokeh.js");
  window.Bokeh.Plotting ?? await script("bokeh-api.js");
  const { Plotting, ColumnDataSource, Range1d, LassoSelectTool, PanTool, WheelZoomTool } = window.Bokeh;
  const source = new ColumnDataSource({ data: { x: points.x, y: points.y, color: colors() } });
  const names = new ColumnDataSource({ data: { x: [], y: [], text: [], align: [], offset: [] } }), found = new ColumnDataSource({ data: { x: [], y: [] } });
  const pan = new PanTool(), wheel = new WheelZoomTool(), lasso = new LassoSelectTool({ continuous: false });
  const figure = Plotting.figure({ sizing_mode: "stretch_both", tools: [pan, wheel, lasso], toolbar_location: null,
    x_range: new Range1d({ start: -1, end: 1 }), y_range: new Range1d({ start: -1, end: 1 }), min_border: 0,
    background_fill_color: null, border_fill_color: null, outline_line_color: null, lod_threshold: null });
  for (const axis of figure.axes ?? [...figure.xaxis, ...figure.yaxis]) axis.visible = false;
  for (const grid of figure.center.filter(one => one.constructor.name.includes("Grid") || "grid_line_color" in one)) grid.visible = false;
  figure.toolbar.active_scroll = wheel;
  const few = new ColumnDataSource({ data: fewOf(source.data) });
  const sparse = figure.scatter({ field: "x" }, { field: "y" }, { source: few, marker: "square", size: 3.2,
    fill_color: { field: "color" }, line_color: null });
  sparse.visible = false;
  const full = figure.scatter({ field: "x" }, { field: "y" }, { source, marker: "square", size: 3.2, fill_color: { field: "color" }, line_color: null,
    nonselection_fill_alpha: 0.25, selection_fill_color: "#c2185b", selection_fill_alpha: 1, selection_line_color: null });
  const rings = figure.scatter({ field: "x" }, { field: "y" }, { source: found, marker: "circle", size: 11, fill_color: null, line_color: ink(), line_width: 2 });
  const words = figure.text({ field: "x" }, { field: "y" }, { field: "text" }, { source: names, text_font_size: "12px", text_color: ink(),
    text_align: { field: "align" }, x_offset: { field: "offset" }, y_offset: BESIDE });
  $("plot").replaceChildren();
  lasso.renderers = [full];
  plot = { figure, names, found, source, few, sparse, full, pan, lasso, words, rings };
  whole();
  await Plotting.show(figure, $("plot"));
  const moving = is => { if (full.visible === is) { full.visible = words.visible = !is; sparse.visible = is; } };
  const stopped = after(STOPPED, () => { moving(false); name(); });
  for (const range of [figure.x_range, figure.y_range]) range.change.connect(() => { moving(true); stopped(); });
  source.selected.change.connect(() => listSelected([...source.selected.indices]));
  name();
  $("map-says").textContent = said();
  $("plot").dataset.ready = "yes";
  drag("pan");
}

function drag(what) {
  plot.figure.toolbar.active_drag = plot[what];
  plot.pan.active = what === "pan";
  plot.lasso.active = what === "lasso";
  for (const id of ["pan", "lasso"]) $(id).setAttribute("aria-pressed", String(id === what));
}

function move(event) {
  const step = { ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] }[event.key];
  const zoom = { "+": 0.8, "=": 0.8, "-": 1.25 }[event.key];
  if (!plot || (!step && !zoom)) return;
  event.preventDefault();
  [plot.figure.x_range, plot.figure.y_range].forEach((range, axis) => {
    const half = (range.end - range.start) / 2 * (zoom ?? 1), middle = (range.end + range.start) / 2 + 2 * half * (step?.[axis] ?? 0);
    range.setv({ start: middle - half, end: middle + half });
  });
}

export async function mapPanel(about) {
  if (!about.tables.length) {
    $("map-says").textContent = "The model has no word vectors; show some with --vectors FILE.";
    $("plot").hidden = true;
    return;
  }
  about.tables.forEach(({ name: text }, value) => $("map-table").append(made("option", { value, text })));
  const choices = about.labels.length === 2 ? [["two", "by leaning"]] : about.labels.map((text, value) => [value, text]);
  for (const [value, text] of [...choices, ["none", "all alike"]]) $("map-color").append(made("option", { value, text }));
  const legend = () => {
    const chosen = $("map-color").value;
    const says = chosen === "two" ? [[about.labels[0], "against m5"], [about.labels[1], "for m5"]] : chosen === "none" ? [] : [[about.labels[+chosen], "for m5"]];
    $("map-legend").replaceChildren(...says.flatMap(([text, kind]) => [made("mark", { name: kind }, made("bdi", { text })), " "]));
    if (says.length) $("map-legend").prepend("Words lean to ");
  };
  legend();
  $("map-color").addEventListener("change", () => { legend(); if (plot) { plot.source.data = { ...plot.source.data, color: colors() }; plot.few.data = fewOf(plot.source.data); } });
  $("map-table").addEventListener("change", () => orTell(() => draw(about)));
  $("map-query").addEventListener("input", after(80, () => {
    if (!plot) return;
    name();
    const found = matches().length;
    $("map-says").textContent = $("map-query").value.trim() ? `${found === FOUND ? "at least " : ""}${counted(found, "word")} found` : said();
  }));
  for (const id of ["pan", "lasso"]) $(id).addEventListener("click", () => plot && drag(id));
  $("reset").addEventListener("click", () => plot && whole());
  $("plot").addEventListener("keydown", move);
  $("theme").addEventListener("click", () => { if (plot) plot.words.glyph.text_color = plot.rings.glyph.line_color = { value: ink() }; });
  $("save-selection").addEventListener("click", () => save("words", [["word", "label", "evidence"],
    ...[...plot.source.selected.indices].map(at => [points.words[at], about.labels[points.label[at]] ?? "", points.evidence[at]])]));
  await orTell(() => draw(about));
}
