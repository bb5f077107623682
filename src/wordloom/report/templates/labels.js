// What the page says of texts with one label each.
function kindOf(page) {
  const labelOf = row => row.true < 0 ? row.label : page.labels[row.true];
  const guessOf = row => page.labels[row.guess];
  const sureOf = row => row.p[0][1];
  const placeOf = column => column < 0 ? -1 : page.place[column];

  function inCell(row, cell) {
    const [given, guess] = [+cell.true, +cell.guess];
    return cell.by === "place"
      ? placeOf(row.true) === given && placeOf(row.guess) === guess
      : row.true === given && row.guess === guess;
  }

  function namesOf(button) {
    const { by, true: given, guess } = button.dataset;
    if (by === "class") return [page.labels[given], page.labels[guess]];
    const head = button.closest("table").tHead.rows[0].cells, row = button.closest("tr");
    return [row.cells[0].innerText, head[+guess + 1].textContent.trim()];
  }

  function cellName(button) {
    const [given, guess] = namesOf(button), right = button.dataset.true === button.dataset.guess;
    return [made("bdi", { text: given }), right ? " found as " : " taken for ", made("bdi", { text: guess })];
  }

  function shares(row) {
    const table = made("table", { name: "shares" });
    const rows = row.true < 0 || row.p.some(([column]) => column === row.true) ? row.p : [...row.p, [row.true, row.own]];
    for (const [column, share] of rows) {
      const given = column === row.true;
      const bar = made("svg", { width: 120, height: 9 }, made("rect", { width: 120 * share, height: 9, rx: 2 }));
      table.append(made("tr", given ? { name: "given" } : {},
        made("td", {}, made("bdi", { text: page.labels[column] })), made("td", {}, bar),
        made("td", { name: "n", text: percent(share) }), made("td", { text: given ? "given label" : "" })));
    }
    if (row.true < 0) table.append(made("tr", { name: "given" }, made("td", {}, made("bdi", { text: row.label })),
      made("td"), made("td"), made("td", { text: "given label, which the model lacks" })));
    return table;
  }

  return {
    keys: { true: labelOf, guess: guessOf, sure: sureOf, own: row => row.own ?? -1 },
    choices: { true: page.labels, guess: page.labels },
    hasTrue: (row, label) => row.true === label,
    hasGuess: (row, label) => row.guess === label,
    inCell, cellName, shares,
    legend: column => ["speaks for", "speaks against", page.labels[column]],
    cells: row => [
      made("td", { "data-name": "label" }, made("bdi", { text: labelOf(row) })),
      made("td", { "data-name": "predicted", name: row.true !== row.guess ? "miss" : "" }, made("bdi", { text: guessOf(row) })),
      made("td", { name: "n", text: percent(sureOf(row)) }),
      made("td", { name: "n", "data-name": "label's", text: percent(row.own) })],
    head: ["label", "predicted", "probability", "probability_of_label"],
    line: row => [labelOf(row), guessOf(row), sureOf(row), row.own],
  };
}
