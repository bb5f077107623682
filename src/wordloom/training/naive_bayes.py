"""Naive-Bayes log-count ratios of rows: what tells how fast a row learns, and where its weight begins.

Learning the weights is not here but in `linear`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wordloom.kernels.linear import row_blocks

SMOOTHING = 1.0
"""How many documents are added to those of a class that hold a row, and to as many as would hold it if the
row said nothing; likewise outside the class. So a row that says nothing has the ratio 0, and few documents
say little, also of a class of a thousandth of the documents. For two classes of equal size it is the usual
smoothing; one document added on either side whatever is expected spoke for every small class."""


def log_count_ratios(
    sums: NDArray[np.float32], everything: NDArray[np.float32], sizes: NDArray[np.float32] | None = None
) -> NDArray[np.float32]:
    """float32 (V, K): for K classes, how much oftener documents of the class hold a row than the others do.

    sums : (V, K), the weights of the documents of each class that hold a row
    everything : (V,), those of all documents that hold it
    sizes : (V,), how many such rows there are of each; None for one

    Source: S. Wang and C. Manning, "Baselines and bigrams", ACL 2012; the smoothing is ours.
    """
    one = np.float32(SMOOTHING)
    if sizes is None:
        of_classes, of_rows = sums.sum(axis=0, dtype=np.float64), everything
    else:  # not by linear algebra, whose threads would decide on the last bit
        of_classes, of_rows = np.einsum("v,vk->k", sizes, sums, dtype=np.float64), sizes * everything
    total = max(float(of_rows.sum(dtype=np.float64)), 1e-300)
    shares = (of_classes / total).astype(np.float32)
    ratios = np.empty(sums.shape, dtype=np.float32)
    for some in row_blocks(sums):
        inside, of_all, ratio = sums[some], everything[some, None], ratios[some]
        np.log(inside + one, out=ratio)
        ratio -= np.log(of_all * shares + one)
        ratio -= np.log(of_all - inside + one)
        ratio += np.log(of_all * (1 - shares) + one)
    return ratios
