// What the page says of texts with a grade each.
function kindOf(page) {
  const errorOf = row => row.guess - row.true;
  const shown = value => value.toFixed(page.decimals);
  const signed = value => (value > 0 ? "+" : "") + shown(value);
  const FAR = [row => errorOf(row) > page.far, row => errorOf(row) < -page.far, row => Math.abs(errorOf(row)) <= page.far];

  function shares(row) {
    const [low, high] = page.scale, table = made("table", { name: "shares" });
    for (const [name, value] of [["grade", row.true], ["predicted", row.guess]]) {
      const share = Math.min(Math.max((value - low) / (high - low), 0), 1);
      const bar = made("svg", { width: 120, height: 9 }, made("rect", { width: 120 * share, height: 9, rx: 2 }));
      table.append(made("tr", name === "grade" ? { name: "given" } : {}, made("td", { text: name }),
        made("td", {}, bar), made("td", { name: "n", text: name === "grade" ? String(value) : shown(value) })));
    }
    return table;
  }

  return {
    keys: { true: row => row.true, guess: row => row.guess, error: errorOf },
    choices: { true: page.groups, guess: ["far too high", "far too low", "near"] },
    hasTrue: (row, group) => row.group === group,
    hasGuess: (row, place) => FAR[place](row),
    inCell: (row, cell) => row.group === +cell.group,
    cellName: button => ["grade ", made("bdi", { text: page.groups[button.dataset.group] })],
    shares,
    legend: () => ["raises", "lowers", "the grade"],
    cells: row => [
      made("td", { name: "n", "data-name": "grade", text: String(row.true) }),
      made("td", { name: "n", "data-name": "predicted", text: shown(row.guess) }),
      made("td", { name: Math.abs(errorOf(row)) > page.far ? "n miss" : "n", "data-name": "too high by", text: signed(errorOf(row)) })],
    head: ["grade", "predicted", "too_high_by"],
    line: row => [row.true, row.guess, errorOf(row)],
  };
}
