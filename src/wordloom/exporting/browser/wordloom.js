/**
 * Answers of a wordloom model of n-grams, in a browser or in Node.
 *
 *   const model = await load("model.bin");  // an address, or the bytes of the file
 *   model.predict(text)  // {label, probability, probabilities}, {labels, probabilities} or {grade};
 *                        // probabilities in the order of model.labels
 *   model.explain(text)  // {label, probability, bias, contributions, words}
 *
 * Needs Chrome 80, Firefox 113, Safari 16.4 or Node 18.
 */

const KINDS = {u1: Uint8Array, i1: Int8Array, u2: Uint16Array, u4: Uint32Array, f4: Float32Array};

export async function load(source) {
  const isAddress = typeof source === "string" || source instanceof URL;
  let bytes = new Uint8Array(isAddress ? await (await fetch(source)).arrayBuffer() : source);
  if (bytes[0] === 0x1f) { // gzip, unless a server has unpacked it on the way
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  }
  const text = (from, to) => new TextDecoder().decode(bytes.subarray(from, to));
  if (text(0, 8) !== "wordloom") throw new Error("not a model that wordloom exported");
  let at = 12 + new DataView(bytes.buffer).getUint32(8, true);
  const header = JSON.parse(text(12, at));
  if (header.format !== 1) throw new Error("the model needs the wordloom.js beside it");
  for (const [table, name, kind, length] of header.arrays) {
    const array = (header.tables[table][name] = new KINDS[kind](length));
    const own = new Uint8Array(array.buffer), width = own.length / length;
    for (let plane = 0; plane < width; plane++) // all first bytes come first, then all second ones
      for (let i = plane; i < own.length; i += width) own[i] = bytes[at++];
  }
  return new Model(header);
}

const isAscii = text => !/[^\0-\x7f]/.test(text);
const highest = numbers => numbers.indexOf(Math.max(...numbers));

export class Tokenizer {
  constructor(rules) {
    Object.assign(this, rules);
    for (const [name, pattern] of Object.entries(rules.patterns)) this[name] = new RegExp(pattern, "gu");
    this.entities = new Map(rules.entities);
    this.small = new Map(rules.several);
    for (const [first, step, count, away] of rules.capitals)
      for (let code = first; code < first + step * count; code += step)
        this.small.set(String.fromCodePoint(code), String.fromCodePoint(code + away));
  }

  words(text) {
    const {split, alone} = this;
    if (this.tag && /[<&]/.test(text)) text = this.withoutHtml(text);
    if (this.accents && !isAscii(text)) text = this.normalized(text, "NFKD").replace(this.accents, "");
    const form = !isAscii(text) && this.normalization;
    if (form === "NFKC") text = this.normalized(text, form); // makes capitals of signs
    text = text.replace(this.lastSigma, "ς").replace(/[A-Z]|[^\0-\x7f]/gu, c => this.small.get(c) ?? c);
    if (form) text = this.normalized(text, form);
    if (this.parts && !isAscii(text)) {
      if (this.apostrophe) text = text.replace(this.apostrophe, "'");
      text = (text.match(this.parts) || []).join(split);
    }
    const apart = c => (alone.includes(c) ? split + c + split : split);
    return text.replace(this.separator, apart).split(split).filter(Boolean);
  }

  /** Characters beyond the model's Unicode stay as they are. */
  normalized(text, form) {
    return text.normalize(form) === text ? text : text.replace(this.assigned, part => part.normalize(form));
  }

  withoutHtml(text) {
    let plain = "", at = 0, start, end;
    while ((start = text.indexOf("<!--", at)) >= 0 && (end = text.indexOf("-->", start + 4)) >= 0) {
      plain += text.slice(at, start) + " ";
      at = end + 3;
    }
    plain = (plain + text.slice(at)).replace(this.tag, " ");
    return plain.replace(this.reference, (_, name) => this.entity(name));
  }

  entity(name) {
    if (name[0] === "#") {
      const code = Number(name.slice(1).replace(/^[xX]/, "0x").replace(";", ""));
      const none = code > 0x10ffff || (code >= 0xd800 && code < 0xe000);
      return this.entities.get(code) ?? (none ? "\ufffd" : String.fromCodePoint(code));
    }
    for (let n = name.length; n > 1; n--) { // the longest name that there is
      const known = this.entities.get(name.slice(0, n));
      if (known) return known + name.slice(n);
    }
    return "&" + name;
  }
}

/** Weights of words (or characters) and their n-grams. An n-gram is a pair: the row of its first words, the
 * row of its last one. Pairs rise, so those with one beginning lie side by side. */
class Table {
  constructor(shape) {
    Object.assign(this, shape);
    this.begins = new Uint32Array(this.rows + 1);
    let first = 0;
    for (const step of this.firstSteps) {
      first += step;
      if (step < 255) this.begins[first + 1]++; // 255 goes on with the next byte
    }
    for (let row = 0; row < this.rows; row++) this.begins[row + 1] += this.begins[row];
    const {steps} = this;
    if (steps) this.weights = Float32Array.from(this.weights, (x, i) => x * steps[i % steps.length]);
  }

  pair(first, last) {
    let low = this.begins[first], high = this.begins[first + 1];
    while (low < high) {
      const middle = (low + high) >> 1, found = this.lastWords[middle];
      if (found === last) return this.singles + middle;
      if (found < last) low = middle + 1;
      else high = middle;
    }
    return -1;
  }

  /** The rows in some positions, each with its places [first, length], and the logits. */
  find(positions) {
    const places = new Map(), k = this.bias.length, sums = new Float64Array(k);
    positions.forEach(([row], at) => {
      for (let n = 1; row >= 0; n++) {
        if (!places.has(row)) places.set(row, []);
        places.get(row).push([at, n]);
        const last = positions[at + n]?.[0];
        row = n < this.longest && last >= 0 ? this.pair(row, last) : -1;
      }
    });
    for (const row of places.keys()) for (let i = 0; i < k; i++) sums[i] += this.weights[row * k + i];
    const scale = Math.fround(Math.sqrt(this.meanRows / Math.max(places.size, 1)));
    return {positions, places, scale, logits: this.bias.map((bias, i) => sums[i] * scale + bias)};
  }
}

class Model {
  constructor(header) {
    Object.assign(this, header); // labels, target, thresholds and so on
    this.tokenizer = new Tokenizer(header.text);
    this.rows = new Map(header.words.map((word, i) => [word, i + header.firstRow]));
    this.tables = header.tables.map(shape => new Table(shape));
    this.letters = new Map(header.alphabet.map((code, i) => [String.fromCodePoint(code), i + 2 + header.shift]));
  }

  predict(text) {
    const {labels, thresholds} = this, {probabilities} = this.read(text);
    if (this.target === "graded") return {grade: labels[0] + (labels[1] - labels[0]) * probabilities[1]};
    if (this.target === "multilabel")
      return {labels: labels.filter((_, i) => probabilities[i] >= thresholds[i]), probabilities};
    const best = highest(probabilities);
    return {label: labels[best], probability: probabilities[best], probabilities};
  }

  /** What each word and n-gram adds to the logit of a label (the likeliest). */
  explain(text, label = this.explained) {
    const {words, parts, probabilities} = this.read(text);
    const effects = words.map(word => ({word, effect: 0})), contributions = [];
    const column = label === undefined ? highest(probabilities) : this.labels.indexOf(label);
    if (column < 0) throw new Error(`no label ${label}`);
    const k = parts[0].logits.length, one = k < this.labels.length;
    const which = one ? 0 : column, sign = one && !column ? -1 : 1; // one logit: of the second label
    parts.forEach(({positions, places, scale}, t) => places.forEach((stands, row) => {
      const value = this.tables[t].weights[row * k + which] * scale * sign;
      const texts = stands.map(([at, n]) => positions.slice(at, at + n)), [first] = texts;
      const kind = t ? "characters" : first[1] ? "n-gram" : "word";
      contributions.push({kind, text: first.map(p => p[2]).join(t ? "" : " "), value, times: texts.length});
      // shared out among its places, at each among the characters of its words
      const sizes = texts.map(all => all.reduce((sum, p) => sum + p[3], 0));
      const each = value / sizes.filter(Boolean).length;
      texts.forEach((all, i) => all.forEach(([, source, , size]) => {
        if (size) effects[source].effect += (each * size) / sizes[i];
      }));
    }));
    contributions.sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
    const bias = this.tables.reduce((sum, table) => sum + table.bias[which] * sign, 0);
    const [name, probability] = [this.labels[column], probabilities[column]];
    return {label: name, probability, bias, contributions, words: effects};
  }

  /** A position is its row, the word it came from (-1: none), its name, and how many characters it has. */
  read(text) {
    const words = this.tokenizer.words(text), known = [...this.before], [own, spelling] = this.tables;
    words.forEach((word, source) => {
      const row = this.rows.get(word) ?? this.unknown; // null is left out
      if (row !== null) known.push([row, source, word, [...word].length]);
    });
    const parts = [own.find(known.slice(...this.cut))];
    if (spelling) {
      const {shift} = this, edge = shift + 1;
      parts.push(spelling.find(words.flatMap((word, source) => [[edge, -1, "<", 0],
        ...Array.from(word, c => [this.letters.get(c) ?? shift, source, c, 1]), [edge, -1, ">", 0]])));
    }
    const logits = Array.from(parts[0].logits, (z, i) => Math.fround(z + (parts[1]?.logits[i] ?? 0)));
    if (this.target === "multilabel")
      return {words, parts, probabilities: logits.map(z => 1 / (1 + Math.exp(-z)))};
    if (logits.length < 2) logits.unshift(0);
    const top = Math.max(...logits), odds = logits.map(z => Math.exp(z - top));
    const sum = odds.reduce((a, b) => a + b);
    return {words, parts, probabilities: odds.map(x => x / sum)};
  }
}
