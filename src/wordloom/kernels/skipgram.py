"""Skip-gram with negative sampling, in plain NumPy: the twin of `skipgram_compiled`.

The words of a text around a word (at most `window` to each side, fewer by chance) have to tell it from
negatives sampled from all words (Mikolov et al., 2013): for each pair of a word nearby (its input vector v)
and the word itself (its output vector o)

    loss = -log sigmoid(o v) + the sum over negatives n of -log sigmoid(-n v)

A block of `BLOCK` words that follow each other shares `NEGATIVES` sampled negatives, each of which counts for
so many that the weight of all is that of `negatives` for each pair. So all scores of a block are one small
matrix product (the idea of Ji et al., 2016, "Parallelizing Word2Vec in Shared and Distributed Memory"), and
every row moves once they are known.

With subwords (Bojanowski et al., 2017, "Enriching Word Vectors with Subword Information") an input vector is
the mean of a word's pieces: its own row and those of its n-grams of characters. As in fastText, every piece
then moves by the whole step of that mean, not by its share, once for each time that it is in the word.

How texts become numbers of words, chunks, rates and checkpoints are not here but in
`wordloom.vectors.learning`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordloom.kernels.document_cbow import Floats, TablePair
from wordloom.kernels.sampling import below, sampled_negatives, stream_bits

BLOCK = 16
"""Words of a text that are predicted together.

Blocks of 8 with 24 negatives take a sixth longer, and more in two threads, which then wait for each other
twice as often. On movie reviews they gave 0.003 more word similarity (Spearman) and averages of vectors that
tell less."""

NEGATIVES = 32
"""Negatives that are sampled for a block.

With 16, learning takes a quarter less time, and the vectors of movie reviews agree with human judgments of
word similarity by 0.014 (Spearman) less.
"""

AHEAD = 0.6
"""The part of the other pairs' steps that a word nearby sees done."""


class SkipGramSampling(NamedTuple):
    """How pairs and negatives are sampled."""

    window: int
    negatives: float  # that count for each pair
    alias: NDArray[np.int32]  # (V,), with `alias_probability` the alias table of the negatives
    alias_probability: NDArray[np.int32]  # (V,)
    seed: np.uint64
    measured_every: int  # the loss is worked out for one block of so many


class Pieces(NamedTuple):
    """The rows of the inputs of which each of V words' input vectors is the mean; one may come twice."""

    rows: NDArray[np.int32]  # (M,)
    offsets: NDArray[np.int64]  # (V+1,); no word is without a piece


class SkipGramTrainer:
    """Learns the tables from texts.

    Parameters
    ----------
    tables : where learning starts (copied); inputs and outputs, both (V, D) of one floating type. With pieces
        the inputs have a row for each piece.
    sampling : how pairs and negatives are sampled
    threads : how many threads the compiled twin may use; the result does not depend on it
    done : blocks of words that were learned before, where learning goes on; they number the random streams
    pieces : what the words' input vectors are means of; None if they are rows of their own
    """

    def __init__(
        self,
        tables: TablePair,
        sampling: SkipGramSampling,
        threads: int | None = None,
        done: int = 0,
        pieces: Pieces | None = None,
    ) -> None:
        self._tables = TablePair(*(table.copy() for table in tables))
        self._sampling, self.done, self._pieces = sampling, done, pieces

    def run(
        self, ids: NDArray[np.int32], offsets: NDArray[np.int64], rates: tuple[float, float]
    ) -> tuple[float, int]:
        """Learn from N texts in their order, block after block.

        Parameters
        ----------
        ids : int32 (T,), the words' rows
        offsets : int64 (N+1,)
        rates : the learning rate goes in a straight line from the first to the second

        Returns
        -------
        The sum of the losses of the blocks that were measured, and the number of their pairs.
        """
        loss, pairs, all_words = 0.0, 0, max(len(ids), 1)
        for start, end in zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True):
            for first in range(start, end, BLOCK):
                self.done += 1
                rate = rates[0] + (rates[1] - rates[0]) * (first / all_words)
                block_loss, block_pairs = self._block(ids[start:end], first - start, rate)
                if self.done % self._sampling.measured_every == 0:
                    loss, pairs = loss + block_loss, pairs + block_pairs
        return loss, pairs

    def tables(self) -> TablePair:
        """The tables as they are now (a copy)."""
        return TablePair(*(table.copy() for table in self._tables))

    def _block(self, text: NDArray[np.int32], first: int, rate: float) -> tuple[float, int]:
        outputs = self._tables.outputs
        stream = stream_bits(self._sampling.seed, np.array([self.done], dtype=np.uint64))
        words = np.arange(first, min(first + BLOCK, len(text)))
        random_bits = stream_bits(stream, np.arange(BLOCK, dtype=np.uint64))[: len(words)]
        reach = 1 + below(random_bits, np.uint64(self._sampling.window)).astype(np.int64)
        near = np.abs(np.arange(len(text))[:, None] - words[None, :])
        paired = (near <= reach) & (near > 0)
        counts = paired.sum(axis=1)
        used = np.flatnonzero(counts)
        negatives = sampled_negatives(
            stream, NEGATIVES, self._sampling.alias, self._sampling.alias_probability
        )
        rows = np.concatenate([text[words], negatives])
        weights = np.repeat(counts[used, None] * (self._sampling.negatives / NEGATIVES), len(rows), axis=1)
        weights[:, : len(words)] = paired[used]
        signs = np.where(np.arange(len(rows)) < len(words), 1.0, -1.0)
        hidden, compared = self._hidden(text[used]), outputs[rows]
        scores = signs * (hidden @ compared.T)
        slopes = (rate * weights * signs / (1 + np.exp(scores))).astype(outputs.dtype)
        output_steps = slopes.T @ hidden
        own = slopes[:, : len(words)]
        compared[: len(words)] += AHEAD * output_steps[: len(words)]
        itself = AHEAD * (own * own).sum(axis=1, keepdims=True) * hidden
        self._move(text[used], slopes @ compared - itself)
        np.add.at(outputs, rows, output_steps)
        return float((weights * np.logaddexp(0, -scores)).sum()), int(counts.sum())

    def _hidden(self, words: NDArray[np.int32]) -> Floats:
        """The input vectors of words, (n, D)."""
        inputs = self._tables.inputs
        if self._pieces is None:
            return inputs[words]  # type: ignore[no-any-return]
        rows, offsets = self._pieces
        hidden = np.empty((len(words), inputs.shape[1]), dtype=inputs.dtype)
        for i, word in enumerate(words):
            hidden[i] = inputs[rows[offsets[word] : offsets[word + 1]]].mean(axis=0)
        return hidden

    def _move(self, words: NDArray[np.int32], steps: Floats) -> None:
        if self._pieces is None:
            np.add.at(self._tables.inputs, words, steps)
            return
        rows, offsets = self._pieces
        for word, step in zip(words, steps, strict=True):
            np.add.at(self._tables.inputs, rows[offsets[word] : offsets[word + 1]], step)
