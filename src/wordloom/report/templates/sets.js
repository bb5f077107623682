// What the page says of texts with several labels each.
function kindOf(page) {
  const names = columns => columns.map(column => page.labels[column]);
  const missed = row => row.true.filter(column => !row.guess.includes(column));
  const extra = row => row.guess.filter(column => !row.true.includes(column));
  const WHAT = [
    [row => row.true.filter(column => row.guess.includes(column)), " right"], [missed, " missed"], [extra, " needless"]];

  function inCell(row, cell) {
    if (cell.instead !== undefined) return missed(row).includes(+cell.label) && extra(row).includes(+cell.instead);
    return WHAT[cell.what][0](row).includes(+cell.label);
  }

  function cellName(button) {
    const { label, what, instead } = button.dataset, name = made("bdi", { text: page.labels[label] });
    return instead === undefined ? [name, WHAT[what][1]]
      : [made("bdi", { text: page.labels[instead] }), " in the place of ", name];
  }

  function listed(name, columns, wrong, unknown = []) {
    const cell = made("td", { "data-name": name, name: "several" });
    for (const column of columns)
      cell.append(made("bdi", { name: wrong.includes(column) ? "miss" : "", text: page.labels[column] }));
    for (const label of unknown) cell.append(made("bdi", { name: "miss", text: label }));
    if (!cell.childElementCount) cell.append(made("i", { text: "none" }));
    return cell;
  }

  function stateOf(row, column) {
    const [has, given] = [row.true.includes(column), row.guess.includes(column)];
    return has ? given ? "right" : "missed" : given ? "needless" : "";
  }

  function shares(row) {
    const table = made("table", { name: "shares" });
    for (const [column, share] of row.p) {
      const limit = 120 * page.thresholds[column], what = stateOf(row, column);
      const bar = made("svg", { width: 120, height: 9 }, made("rect", { width: 120 * share, height: 9, rx: 2 }),
        made("line", { x1: limit, x2: limit, y1: 0, y2: 9 }));
      table.append(made("tr", row.true.includes(column) ? { name: "given" } : {},
        made("td", {}, made("bdi", { text: page.labels[column] })), made("td", {}, bar),
        made("td", { name: "n", text: percent(share) }), made("td", { name: what === "right" ? "" : "miss", text: what })));
    }
    for (const label of row.unknown) table.append(made("tr", { name: "given" }, made("td", {}, made("bdi", { text: label })),
      made("td"), made("td"), made("td", { name: "miss", text: "which the model lacks" })));
    return table;
  }

  return {
    keys: { true: row => names(row.true).join(), guess: row => names(row.guess).join(), loss: row => row.loss },
    choices: { true: page.labels, guess: page.labels },
    hasTrue: (row, label) => row.true.includes(label),
    hasGuess: (row, label) => row.guess.includes(label),
    inCell, cellName, shares,
    legend: column => ["speaks for", "speaks against", page.labels[column]],
    cells: row => [
      listed("labels", row.true, missed(row), row.unknown),
      listed("predicted", row.guess, extra(row)),
      made("td", { name: "n", "data-name": "log loss", text: row.loss.toFixed(2) })],
    head: ["labels", "predicted", "missed", "needless", "log_loss"],
    line: row => [[...names(row.true), ...row.unknown].join("|"), names(row.guess).join("|"),
      [...names(missed(row)), ...row.unknown].join("|"), names(extra(row)).join("|"), row.loss],
  };
}
