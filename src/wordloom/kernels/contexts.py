"""Learn vectors whose averages stand for documents, in plain NumPy: the twin of `contexts_compiled`.

A view of a document is a sample of some of its words and n-grams (the contexts) and of others (the targets).
The mean of the contexts' input vectors, h, has to tell the targets from negatives, n-grams drawn from all
documents, by their output vectors o:

    loss of a view = sum over targets of -log sigmoid(o h) + weight * sum over negatives of -log sigmoid(-o h)

Kin of Doc2VecC (Chen, ICLR 2017), whose documents are averages of sampled words too, and of sent2vec
(Pagliardini et al., NAACL 2018), which adds n-grams; the negatives are those of word2vec (Mikolov et al.,
2013). Unlike there, targets and contexts never stand at neighbouring places: a pair of words must not be
predicted from its own words.

The views of a batch share their negatives, so that most of the work is small matrix products; their gradients
are summed, and every row moves once all of them are known. The input vectors' steps are the gradient times
the number of contexts, as in word2vec, which does not divide by it. A view has no more contexts than its
document has words and n-grams: the steps of one that is drawn again and again would add up.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[Any]

TRIES = 8
"""Draws for each context or target that is wanted; a document that has too few of them gets fewer."""

ROWS_FOR_A_TARGET = 16
"""A view has one target, and one more for each so many words and n-grams of its document, up to the most that
are wanted. Targets keep contexts away from them: in a short text many of them would leave none."""

FULL_SHARE = 1 << 24
"""The share of an n-gram that is always taken."""

FIRST_NEGATIVE = 1 << 32
"""Numbers of the batch's stream below this are for the views, those from it on for the negatives."""

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_A, _B, _C, _HALF = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(32)
_SHARE_BITS = np.uint64(FULL_SHARE - 1)


class Tables(NamedTuple):
    """The two vectors of each of V words and n-grams, of one floating type."""

    inputs: Floats  # (V, D), whose averages are the documents
    outputs: Floats  # (V, D), which they are compared with


class Places(NamedTuple):
    """Documents as rows of the tables."""

    rows: NDArray[np.int32]  # (M,)
    offsets: NDArray[np.int64]  # (N+1,)
    places: NDArray[np.int32]  # (M,), the word of its document at which each begins


class Shares(NamedTuple):
    """How often each row is taken, in parts of FULL_SHARE."""

    contexts: NDArray[np.int32]  # (V,)
    targets: NDArray[np.int32]  # (V,)
    alias: NDArray[np.int32]  # (V,), with `alias_share` the alias table of the negatives (Walker, 1974)
    alias_share: NDArray[np.int32]  # (V,), how often a row is taken itself, not its alias


class ViewRule(NamedTuple):
    """What a view is, and how many make a batch."""

    contexts: int
    targets: int  # at most, see ROWS_FOR_A_TARGET
    negatives: int  # drawn for a batch
    weight: float  # negatives that count for each target
    gap: int  # targets and contexts begin at least so many words from each other
    batch_size: int
    seed: np.uint64
    measured_every: int  # the loss is worked out for one batch of so many


def bits(stream: Any, number: Any) -> Any:
    """64 random bits for each number of a stream, both uint64: the steps of SplitMix64."""
    x = stream + number * _STEP
    x = (x ^ (x >> _A)) * _FIRST
    x = (x ^ (x >> _B)) * _SECOND
    return x ^ (x >> _C)


def below(drawn: Any, size: Any) -> Any:
    """A number from 0 to size - 1 (uint64) from the upper half of the bits."""
    return ((drawn >> _HALF) * size) >> _HALF


def most_targets(size: Any, wanted: int) -> Any:
    """The targets of a view of a document of so many words and n-grams; of an array for an array."""
    return np.minimum(1 + size // ROWS_FOR_A_TARGET, wanted)


def alias_table(weights: NDArray[np.float64]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """`alias` and `alias_share` of `Shares`, for drawing rows in proportion to their weights (V,)."""
    size = len(weights)
    scaled = weights / weights.sum() * size
    alias, share = np.arange(size, dtype=np.int32), np.ones(size)
    small = np.flatnonzero(scaled < 1).tolist()
    large = np.flatnonzero(scaled >= 1).tolist()
    left = scaled.tolist()
    while small and large:
        low, high = small.pop(), large[-1]
        share[low], alias[low] = left[low], high
        left[high] -= 1 - left[low]
        if left[high] < 1:
            small.append(large.pop())
    return alias, in_shares(share)


def in_shares(chances: NDArray[np.float64]) -> NDArray[np.int32]:
    """Chances from 0 to 1 as parts of FULL_SHARE; none becomes 0."""
    return np.clip(np.round(chances * FULL_SHARE), 1, FULL_SHARE).astype(np.int32)


def drawn_negatives(
    stream: Any, count: int, alias: NDArray[np.int32], alias_share: NDArray[np.int32]
) -> NDArray[np.int64]:
    """The negatives of a stream, (count,), by the alias table (V,); compiled in `drawn_negatives`."""
    drawn = bits(stream, np.arange(FIRST_NEGATIVE, FIRST_NEGATIVE + count).astype(np.uint64))
    chosen = below(drawn, np.uint64(len(alias))).astype(np.int64)
    own = (drawn & _SHARE_BITS).astype(np.int64) < alias_share[chosen]
    negatives: NDArray[np.int64] = np.where(own, chosen, alias[chosen])
    return negatives


class Learner:
    """Learns the tables from views of documents.

    Parameters
    ----------
    tables : where learning starts (copied)
    documents : what is learned from
    shares, rule : how views are drawn
    threads : how many threads the compiled twin may use; the result does not depend on it
    done : batches that were learned before, where learning goes on; they number the random draws
    """

    def __init__(
        self,
        tables: Tables,
        documents: Places,
        shares: Shares,
        rule: ViewRule,
        threads: int | None = None,
        done: int = 0,
    ) -> None:
        self._tables = Tables(*(table.copy() for table in tables))
        self._documents, self._shares, self._rule = documents, shares, rule
        self.done = done

    def run(self, views: NDArray[np.int64], rates: tuple[float, float]) -> tuple[float, int]:
        """Learn from views of the documents `views` (n,), batch after batch.

        The learning rate goes in a straight line from the first to the second of `rates`. Returns the sum
        of the losses of the batches that were measured, each before its step, and the number of their
        targets.
        """
        loss, targets, size = 0.0, 0, self._rule.batch_size
        for first in range(0, len(views), size):
            self.done += 1
            rate = rates[0] + (rates[1] - rates[0]) * (first / len(views))
            batch_loss, batch_targets = self._batch(views[first : first + size], rate)
            if self.done % self._rule.measured_every == 0:
                loss, targets = loss + batch_loss, targets + batch_targets
        return loss, targets

    def tables(self) -> Tables:
        """The tables as they are now (a copy)."""
        return Tables(*(table.copy() for table in self._tables))

    def _batch(self, documents: NDArray[np.int64], rate: float) -> tuple[float, int]:
        inputs, outputs = self._tables
        stream = bits(self._rule.seed, np.array([self.done], dtype=np.uint64))
        shares = self._shares
        negatives = drawn_negatives(stream, self._rule.negatives, shares.alias, shares.alias_share)
        weight = self._rule.weight / len(negatives)
        input_step, output_step = np.zeros_like(inputs), np.zeros_like(outputs)
        loss, n_targets = 0.0, 0
        for place, document in enumerate(documents.tolist()):
            contexts, targets = self._view(document, bits(stream, np.array([place + 1], dtype=np.uint64)))
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
        """Rows of the contexts and of the targets, drawn with replacement."""
        rule = self._rule
        start, end = self._documents.offsets[document], self._documents.offsets[document + 1]
        rows, places = self._documents.rows[start:end], self._documents.places[start:end]
        if not len(rows):
            return np.zeros(0, np.int64), np.zeros(0, np.int64)

        def drawn(first: int, wanted: int, shares: NDArray[np.int32]) -> NDArray[np.int64]:
            x = bits(stream, np.arange(first, first + TRIES * wanted).astype(np.uint64))
            chosen = below(x, np.uint64(len(rows))).astype(np.int64)
            kept: NDArray[np.int64] = chosen[(x & _SHARE_BITS).astype(np.int64) < shares[rows[chosen]]]
            return kept

        wanted = most_targets(len(rows), rule.targets)
        targets = drawn(0, rule.targets, self._shares.targets)[:wanted]
        contexts = drawn(TRIES * rule.targets, rule.contexts, self._shares.contexts)
        apart = np.abs(places[contexts][:, None] - places[targets][None, :]) >= rule.gap
        contexts = contexts[apart.all(axis=1)][: min(rule.contexts, len(rows))]
        return rows[contexts].astype(np.int64), rows[targets].astype(np.int64)
