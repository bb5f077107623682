"""The compiled first half of a pooled network: ids to features to the first dense layer, and back.

Each function works on one block of columns (see `pooled_compiled`): `embedding (V, E)`, features (B, L * E)
or (B, P * E) for P poolings side by side. Inner loops run over contiguous rows so that they become vector
instructions; sums may be reassociated for that, but NaN and infinities keep their meaning.
"""

from __future__ import annotations

from wordloom.kernels.compiling import part, vector_part
from wordloom.kernels.pooled import FLATTEN, MAX, MEAN, MIN


@part
def typed(value, array):  # type: ignore[no-untyped-def]
    """`value` in the floating type of `array`: a 64-bit scalar would make every loop it enters 64-bit."""
    return array.dtype.type(value)


# Positions are counted from the start of a document: an index that may be negative costs a check for
# every element, and the loop its vector instructions.


@part
def pool_flat(embedding, ids, offsets, batch, features):  # type: ignore[no-untyped-def]
    d = embedding.shape[1]
    for b in range(len(batch)):
        start = offsets[batch[b]]
        for position in range(features.shape[1] // d):
            row, first = ids[start + position], position * d
            for j in range(d):
                features[b, first + j] = embedding[row, j]


@part
def pool_mean(embedding, ids, offsets, batch, features):  # type: ignore[no-untyped-def]
    d = embedding.shape[1]
    for b in range(len(batch)):
        start, length = offsets[batch[b]], offsets[batch[b] + 1] - offsets[batch[b]]
        for j in range(d):
            features[b, j] = 0
        for position in range(length):
            row = ids[start + position]
            for j in range(d):
                features[b, j] += embedding[row, j]
        share = typed(1.0 / max(length, 1), features)
        for j in range(d):
            features[b, j] *= share


@part
def pool_farthest(embedding, ids, offsets, batch, sign, features, at, winners, winners_at):  # type: ignore[no-untyped-def]
    """The largest of each column, or with a `sign` of -1 the smallest.

    features, winners : (B, parts, E), of which the parts `at` and `winners_at` are written
    """
    d = embedding.shape[1]
    sign = typed(sign, features)
    for b in range(len(batch)):
        for j in range(d):
            features[b, at, j] = 0
            winners[b, winners_at, j] = -1
        for t in range(offsets[batch[b]], offsets[batch[b] + 1]):
            row = ids[t]
            for j in range(d):
                value = sign * embedding[row, j]
                if winners[b, winners_at, j] < 0 or value > features[b, at, j]:
                    features[b, at, j] = value
                    winners[b, winners_at, j] = t
        for j in range(d):
            features[b, at, j] *= sign


@part
def pool(embedding, ids, offsets, batch, pooling, features, winners):  # type: ignore[no-untyped-def]
    """`winners` is None where neither the largest nor the smallest is pooled, which is not compiled then."""
    if pooling == FLATTEN:
        pool_flat(embedding, ids, offsets, batch, features)
    if pooling & MEAN:
        pool_mean(embedding, ids, offsets, batch, features)
    if winners is not None:
        d = embedding.shape[1]
        parts = features.reshape(len(features), features.shape[1] // d, d)
        places = winners.reshape(len(winners), winners.shape[1] // d, d)
        at, winners_at = pooling & MEAN, 0
        for extreme, sign in ((MAX, 1.0), (MIN, -1.0)):
            if pooling & extreme:
                pool_farthest(embedding, ids, offsets, batch, sign, parts, at, places, winners_at)
                at += 1
                winners_at += 1


@part
def scatter_flat(gradients, slots, ids, offsets, batch, slopes):  # type: ignore[no-untyped-def]
    """Add the slopes of the features to the gradients of the words' rows: the way back of `pool_flat`."""
    d = gradients.shape[1]
    for b in range(len(batch)):
        start = offsets[batch[b]]
        for position in range(slopes.shape[1] // d):
            slot, first = slots[ids[start + position]], position * d
            for j in range(d):
                gradients[slot, j] += slopes[b, first + j]


@vector_part
def back_to_rows(gradients, slots, ids, offsets, batch, features, weights, slopes, gradient):  # type: ignore[no-untyped-def]
    """`multiply_back` and `scatter_flat` in one, for one unit: its slopes need not be laid out."""
    d = gradients.shape[1]
    for b in range(len(batch)):
        start, slope = offsets[batch[b]], slopes[b, 0]
        for j in range(weights.shape[1]):
            gradient[0, j] += slope * features[b, j]
        for position in range(weights.shape[1] // d):
            slot, first = slots[ids[start + position]], position * d
            for j in range(d):
                gradients[slot, j] += slope * weights[0, first + j]


@part
def scatter_mean(gradients, slots, ids, offsets, batch, slopes):  # type: ignore[no-untyped-def]
    d = gradients.shape[1]
    for b in range(len(batch)):
        start, length = offsets[batch[b]], offsets[batch[b] + 1] - offsets[batch[b]]
        share = typed(1.0 / max(length, 1), slopes)
        for j in range(d):
            slopes[b, j] *= share
        for position in range(length):
            slot = slots[ids[start + position]]
            for j in range(d):
                gradients[slot, j] += slopes[b, j]


@part
def scatter_farthest(gradients, slots, ids, batch, slopes, winners):  # type: ignore[no-untyped-def]
    """The slopes of the largest and smallest are the last ones, as many as there are winners."""
    d, after = gradients.shape[1], slopes.shape[1] - winners.shape[1]
    for b in range(len(batch)):
        for part_at in range(winners.shape[1] // d):
            for j in range(d):
                winner = winners[b, part_at * d + j]
                if winner >= 0:
                    gradients[slots[ids[winner]], j] += slopes[b, after + part_at * d + j]


@part
def scatter(gradients, slots, ids, offsets, batch, pooling, slopes, winners):  # type: ignore[no-untyped-def]
    """Add the slopes of the features to the gradients of the words' rows: the way back of `pool`."""
    if pooling == FLATTEN:
        scatter_flat(gradients, slots, ids, offsets, batch, slopes)
    if pooling & MEAN:
        scatter_mean(gradients, slots, ids, offsets, batch, slopes)
    if winners is not None:
        scatter_farthest(gradients, slots, ids, batch, slopes, winners)


@part
def pull_back(gradients, embedding, start, rows, strength):  # type: ignore[no-untyped-def]
    """Add the slope of an L2 distance to where the rows started: `strength * (row - start)`."""
    strength = typed(strength, gradients)
    for i in range(len(rows)):
        row = rows[i]
        for j in range(gradients.shape[1]):
            gradients[i, j] += strength * (embedding[row, j] - start[row, j])


@vector_part
def multiply(features, weights, n, sums):  # type: ignore[no-untyped-def]
    """The first dense layer's sums without bias, of one block: (n, H or K)."""
    for b in range(n):
        for k in range(len(weights)):
            total = weights[k, 0] * features[b, 0]
            for j in range(1, weights.shape[1]):
                total += weights[k, j] * features[b, j]
            sums[b, k] = total


@vector_part
def multiply_back(features, weights, n, slopes, gradient):  # type: ignore[no-untyped-def]
    """Add to the first layer's gradient, then put the features' slopes in the place of the features."""
    for b in range(n):
        for k in range(len(weights)):
            slope = slopes[b, k]
            if slope != 0:  # a silent ReLU passes nothing back
                for j in range(weights.shape[1]):
                    gradient[k, j] += slope * features[b, j]
        slope = slopes[b, 0]
        for j in range(weights.shape[1]):
            features[b, j] = slope * weights[0, j]
        for k in range(1, len(weights)):
            slope = slopes[b, k]
            if slope != 0:
                for j in range(weights.shape[1]):
                    features[b, j] += slope * weights[k, j]


@part
def number_rows(ids, offsets, batch, slots, rows):  # type: ignore[no-untyped-def]
    """Give each id of the batch a place among its rows; how many there are.

    Without branches, since no processor can guess whether a word has been seen: the next free place is
    written each time, and kept if the id was new. So `rows` has one place more than there are rows.
    """
    n = 0
    for document in batch:
        for t in range(offsets[document], offsets[document + 1]):
            row = ids[t]
            slot = slots[row]
            rows[n] = row
            slots[row] = n if slot < 0 else slot
            n += slot < 0
    return n
