"""Learn vectors whose averages stand for documents, in plain NumPy: the twin of `document_cbow_compiled`.

A continuous bag of words over a whole document. A view of a document is a sample of some of its words and
n-grams (the contexts) and of others (the targets). The mean of the contexts' input vectors, h, has to tell
the targets from negatives, n-grams sampled from all documents, by their output vectors o:

    loss of a view = sum over targets of -log sigmoid(o h) + weight * sum over negatives of -log sigmoid(-o h)

Kin of Doc2VecC (Chen, ICLR 2017), whose documents are averages of sampled words too, and of sent2vec
(Pagliardini et al., NAACL 2018), which adds n-grams; the negatives are those of word2vec (Mikolov et al.,
2013). Unlike there, targets and contexts never stand at neighboring positions: a pair of words must not be
predicted from its own words.

The views of a batch share their negatives, so that most of the work is small matrix products; their gradients
are summed, and every row moves once all of them are known. The input vectors' steps are the gradient times
the number of contexts, as in word2vec, which does not divide by it. A view has no more contexts than its
document has words and n-grams: the steps of one that is sampled again and again would add up.

What counts words and n-grams, the weights of a document's average and its projection are not here but in
`wordloom.vectors.learning`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wordloom.kernels.sampling import FRACTION_BITS, below, sampled_negatives, stream_bits

Floats = NDArray[Any]

TRIES = 8
"""Random numbers for each context or target that is wanted; a document with too few of them gets fewer."""

ROWS_FOR_A_TARGET = 16
"""A view has one target, and one more for each so many words and n-grams of its document, up to the most that
are wanted. Targets keep contexts away from them: in a short text many of them would leave none."""


class TablePair(NamedTuple):
    """The two vectors of each of V words and n-grams, of one floating type."""

    inputs: Floats  # (V, D), whose averages are the documents
    outputs: Floats  # (V, D), which they are compared with

    @classmethod
    def initial(cls, n_inputs: int, n_outputs: int, dimensions: int, seed: Sequence[int]) -> TablePair:
        """Where learning starts, as in word2vec: inputs within 1/2 D of zero, outputs zero; float32."""
        uniform = np.random.default_rng(seed).random((n_inputs, dimensions), dtype=np.float32)
        inputs = ((uniform - 0.5) / dimensions).astype(np.float32)
        return cls(inputs, np.zeros((n_outputs, dimensions), dtype=np.float32))


class DocumentRows(NamedTuple):
    """Documents as rows of the tables."""

    rows: NDArray[np.int32]  # (M,)
    offsets: NDArray[np.int64]  # (N+1,)
    positions: NDArray[np.int32]  # (M,), the word of its document at which each begins


class SamplingProbabilities(NamedTuple):
    """How often each row is taken, in fixed point (see `sampling`)."""

    contexts: NDArray[np.int32]  # (V,)
    targets: NDArray[np.int32]  # (V,)
    alias: NDArray[np.int32]  # (V,), with `alias_probability` the alias table of the negatives
    alias_probability: NDArray[np.int32]  # (V,)


class ViewSampling(NamedTuple):
    """What a view is, and how many make a batch."""

    contexts: int
    targets: int  # at most, see ROWS_FOR_A_TARGET
    negatives: int  # sampled for a batch
    weight: float  # negatives that count for each target
    gap: int  # targets and contexts begin at least so many words from each other
    batch_size: int
    seed: np.uint64
    measured_every: int  # the loss is worked out for one batch of so many


def most_targets(size: Any, wanted: int) -> Any:
    """The targets of a view of a document of so many words and n-grams; of an array for an array."""
    return np.minimum(1 + size // ROWS_FOR_A_TARGET, wanted)


class CbowTrainer:
    """Learns the tables from views of documents.

    Parameters
    ----------
    tables : where learning starts (copied)
    documents : what is learned from
    probabilities, sampling : how views are sampled
    threads : how many threads the compiled twin may use; the result does not depend on it
    done : batches that were learned before, where learning goes on; they number the random streams
    """

    def __init__(
        self,
        tables: TablePair,
        documents: DocumentRows,
        probabilities: SamplingProbabilities,
        sampling: ViewSampling,
        threads: int | None = None,
        done: int = 0,
    ) -> None:
        self._tables = TablePair(*(table.copy() for table in tables))
        self._documents, self._probabilities, self._sampling = documents, probabilities, sampling
        self.done = done

    def run(self, views: NDArray[np.int64], rates: tuple[float, float]) -> tuple[float, int]:
        """Learn from views of the documents `views` (n,), batch after batch.

        The learning rate goes in a straight line from the first to the second of `rates`. Returns the sum
        of the losses of the batches that were measured, each before its step, and the number of their
        targets.
        """
        loss, targets, size = 0.0, 0, self._sampling.batch_size
        for first in range(0, len(views), size):
            self.done += 1
            rate = rates[0] + (rates[1] - rates[0]) * (first / len(views))
            batch_loss, batch_targets = self._batch(views[first : first + size], rate)
            if self.done % self._sampling.measured_every == 0:
                loss, targets = loss + batch_loss, targets + batch_targets
        return loss, targets

    def tables(self) -> TablePair:
        """The tables as they are now (a copy)."""
        return TablePair(*(table.copy() for table in self._tables))

    def _batch(self, documents: NDArray[np.int64], rate: float) -> tuple[float, int]:
        inputs, outputs = self._tables
        stream = stream_bits(self._sampling.seed, np.array([self.done], dtype=np.uint64))
        chances = self._probabilities
        negatives = sampled_negatives(
            stream, self._sampling.negatives, chances.alias, chances.alias_probability
        )
        weight = self._sampling.weight / len(negatives)
        input_step, output_step = np.zeros_like(inputs), np.zeros_like(outputs)
        loss, n_targets = 0.0, 0
        for number, document in enumerate(documents.tolist()):
            contexts, targets = self._view(
                document, stream_bits(stream, np.array([number + 1], dtype=np.uint64))
            )
            if not len(contexts):
                continue
            h = inputs[contexts].mean(axis=0)
            rows = np.concatenate([targets, negatives])
            signs = np.where(np.arange(len(rows)) < len(targets), 1.0, -1.0)
            counts = np.where(signs > 0, 1.0, weight * len(targets))
            scores = signs * (outputs[rows] @ h)
            loss += float(counts @ np.logaddexp(0, -scores))
            slopes = (signs * counts / (1 + np.exp(scores))).astype(inputs.dtype)
            np.add.at(output_step, rows, slopes[:, None] * h)
            step = slopes @ outputs[rows]
            np.add.at(input_step, contexts, np.broadcast_to(step, (len(contexts), len(h))))
            n_targets += len(targets)
        inputs += (rate * input_step).astype(inputs.dtype)
        outputs += (rate * output_step).astype(outputs.dtype)
        return loss, n_targets

    def _view(self, document: int, stream: Any) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows of the contexts and of the targets, sampled with replacement."""
        sampling = self._sampling
        start, end = self._documents.offsets[document], self._documents.offsets[document + 1]
        rows, positions = self._documents.rows[start:end], self._documents.positions[start:end]
        if not len(rows):
            return np.zeros(0, np.int64), np.zeros(0, np.int64)

        def sampled(first: int, wanted: int, probabilities: NDArray[np.int32]) -> NDArray[np.int64]:
            x = stream_bits(stream, np.arange(first, first + TRIES * wanted).astype(np.uint64))
            chosen = below(x, np.uint64(len(rows))).astype(np.int64)
            kept: NDArray[np.int64] = chosen[
                (x & FRACTION_BITS).astype(np.int64) < probabilities[rows[chosen]]
            ]
            return kept

        wanted = most_targets(len(rows), sampling.targets)
        targets = sampled(0, sampling.targets, self._probabilities.targets)[:wanted]
        contexts = sampled(TRIES * sampling.targets, sampling.contexts, self._probabilities.contexts)
        apart = np.abs(positions[contexts][:, None] - positions[targets][None, :]) >= sampling.gap
        contexts = contexts[apart.all(axis=1)][: min(sampling.contexts, len(rows))]
        return rows[contexts].astype(np.int64), rows[targets].astype(np.int64)
