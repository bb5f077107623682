"""Word dropout: each epoch leaves other words of a document out (Iyyer et al., ACL 2015).

Dropout of a network's units is another thing; it stands in its kernels.
"""

from __future__ import annotations

import numpy as np

from wordloom.kernels.sampling import uniform
from wordloom.text.conventions import PADDING_ID
from wordloom.text.sequences import Ragged

_STREAM = np.uint64(0x5851F42D4C957F2D)  # apart from the random numbers of the units' dropout
_AT_ONCE = 1 << 18


def drop_words(documents: Ragged, rate: float, seed: int, epoch: int, padded: bool) -> Ragged:
    """The documents with a share `rate` of their ids left out, or set to padding if they are `padded`."""
    kept = np.empty(len(documents.ids), dtype=bool)
    document = np.repeat(np.arange(len(documents), dtype=np.uint64), documents.lengths)
    for first in range(0, len(kept), _AT_ONCE):
        part = slice(first, first + _AT_ONCE)
        starts = documents.offsets[document[part].astype(np.int64)]
        position = (np.arange(len(starts)) + first - starts).astype(np.uint64)
        seeds = np.full(1, seed, dtype=np.uint64) ^ _STREAM
        kept[part] = uniform(seeds, np.full(1, epoch, np.uint64), document[part], position) >= rate
    if padded:
        return Ragged(np.where(kept, documents.ids, np.int32(PADDING_ID)), documents.offsets)
    return documents.where(kept)
