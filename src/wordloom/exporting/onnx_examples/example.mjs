/**
 * Labels texts with model.onnx in JavaScript; `ort` is onnxruntime-web or onnxruntime-node.
 *
 *   import * as ort from "onnxruntime-web";
 *   const rules = await (await fetch("tokenizer.json")).json();
 *   const session = await ort.InferenceSession.create("model.onnx");
 *   const rows = await probabilities(ort, session, rules, ["a text", "another one"]);
 */

import {Tokenizer} from "./wordloom.js";

/** The function from a text to its ids: those of its words, cut and padded, then those of their characters. */
export function encoder(rules) {
  const tokenizer = new Tokenizer(rules.text), most = rules.maxlen, edge = rules.first_character + 1;
  const index = new Map(rules.words.map((word, i) => [word, i + rules.first_word]));
  const letters = new Map((rules.alphabet ?? []).map((code, i) => [String.fromCodePoint(code), i + edge + 1]));
  return text => {
    const words = tokenizer.words(text);
    let ids = [rules.start, ...words.map(word => index.get(word) ?? rules.unknown)].filter(id => id !== null);
    if (most) ids = rules.keeps_end ? ids.slice(-most) : ids.slice(0, most);
    if (rules.padded) {
      const padding = Array(most - ids.length).fill(0);
      ids = rules.pads_before ? [...padding, ...ids] : [...ids, ...padding];
    }
    if (!rules.alphabet) return ids;
    const spelled = word => [edge, ...Array.from(word, c => letters.get(c) ?? rules.first_character), edge];
    return [...ids, ...words.flatMap(spelled)];
  };
}

/** For each text an array of probabilities, in the order of rules.labels. */
export async function probabilities(ort, session, rules, texts) {
  const rows = texts.map(encoder(rules)), length = Math.max(1, ...rows.map(row => row.length));
  const ids = new BigInt64Array(rows.length * length).fill(BigInt(rules.filler));
  rows.forEach((row, i) => row.forEach((id, j) => { ids[i * length + j] = BigInt(id); }));
  const input = new ort.Tensor("int64", ids, [rows.length, length]);
  const {data} = (await session.run({ids: input})).probabilities;
  const classes = data.length / rows.length;
  return rows.map((_, i) => Array.from(data.slice(i * classes, (i + 1) * classes)));
}
