"use strict";
// What the pages of reports and of the explorer share: elements whose text is only text, highlights, CSV, colors.

// Characters that nobody sees and that steer what shows them, as controls.py has them.
const UNSEEN = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g;
const visible = text => text.replace(UNSEEN, one => {
  const code = one.charCodeAt(0);
  return code < 256 ? "\\x" + code.toString(16).padStart(2, "0") : "\\u" + code.toString(16).padStart(4, "0");
});

function made(tag, { text, name, ...attributes } = {}, ...children) {
  const element = ["svg", "rect", "line"].includes(tag)
    ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  if (name) element.setAttribute("class", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = visible(String(text));
  element.append(...children);
  return element;
}

function percent(share) {
  if (share === null) return "–";
  if (share > 0.9995 && share < 1) return "> 99.9\u00a0%"; // sure, but not certain
  return share > 0 && share < 0.0005 ? "< 0.1\u00a0%" : (100 * share).toFixed(1) + "\u00a0%";
}
const number = count => count.toLocaleString("en-US");
const counted = (count, noun) => `${number(count)} ${noun}${count === 1 ? "" : "s"}`;

// A table as a file of CSV.
function save(name, rows) {
  const quoted = cell => /[",\r\n]/.test(cell) ? '"' + cell.replaceAll('"', '""') + '"' : cell;
  const lines = rows.map(row => row.map(cell => quoted(String(cell ?? ""))).join(","));
  const address = URL.createObjectURL(new Blob([lines.join("\n") + "\n"], { type: "text/csv;charset=utf-8" }));
  const link = made("a", { href: address, download: name + ".csv" });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

// The characters from..to of a text with their marks; places count characters, not units of UTF-16.
function marked(row, letters, from, to) {
  const parts = [];
  let done = from;
  const plain = end => { if (end > done) parts.push(visible(letters.slice(done, end).join(""))); done = Math.max(done, end); };
  for (const [start, end, level] of row.marks) {
    if (start < done || end > to) continue;
    plain(start);
    const name = (level > 0 ? "for m" : "against m") + Math.abs(level);
    parts.push(made("mark", { name, text: letters.slice(start, end).join("") }));
    done = end;
  }
  plain(to);
  return parts;
}


// The button that turns dark and light around; the choice is kept where the browser keeps anything.
function themeButton(theme) {
  const root = document.documentElement, dark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => root.dataset.theme ? root.dataset.theme === "dark" : dark.matches;
  const kept = { get() { try { return localStorage.getItem("wordloom-theme"); } catch { return null; } },
    set(value) { try { localStorage.setItem("wordloom-theme", value); } catch { /* a page from disk may have no memory */ } } };
  function nameTheme() {
    theme.textContent = isDark() ? "Light" : "Dark";
    theme.setAttribute("aria-label", `Switch to ${isDark() ? "light" : "dark"} colors`);
  }
  if (["dark", "light"].includes(kept.get())) root.dataset.theme = kept.get();
  theme.hidden = false;
  theme.addEventListener("click", () => { root.dataset.theme = isDark() ? "light" : "dark"; kept.set(root.dataset.theme); nameTheme(); });
  dark.addEventListener("change", nameTheme);
  nameTheme();
}
