"""A network as an ONNX graph: ids int64 (N, L) in, probabilities float64 (N, C) out.

Shorter documents are filled up with -1 (FILLER). Operators are those of ONNX 18 (`ai.onnx`) and
`ai.onnx.ml` 2; sums are in float64. N-grams are found in the graph, by one table of pairs for all lengths.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from wordloom.errors import MissingExtraError, UsageError
from wordloom.models.documents import DocumentNetwork
from wordloom.models.ngram import NgramNetwork
from wordloom.models.output import Output
from wordloom.models.pooled import PooledNetwork
from wordloom.targets import MULTILABEL
from wordloom.text.ngram_finder import NgramFinder

OPSET, ML_OPSET, IR_VERSION = 18, 2, 9
FILLER = -1
"""The id that fills up documents, which no network counts."""
_ML = "ai.onnx.ml"
_END = np.iinfo(np.int64).max


def onnx_model(network: Any) -> Any:
    """A network as an ONNX ModelProto, checked.

    Raises UsageError for a network of Keras' layers, MissingExtraError without the package onnx.
    """
    try:
        import onnx
    except ModuleNotFoundError:
        raise MissingExtraError("Writing ONNX", "onnx", "onnx") from None
    graph = _Graph(onnx.helper, onnx.numpy_helper)
    logits = _logits(graph, network)
    graph("Identity", _probabilities(graph, logits, network.shape.output), name="probabilities")
    classes, types = network.shape.n_classes, onnx.TensorProto
    length = network.shape.maxlen if network.shape.architecture == "flatten" else "L"
    made = onnx.helper.make_graph(
        graph.nodes,
        "wordloom",
        [onnx.helper.make_tensor_value_info("ids", types.INT64, ["N", length])],
        [onnx.helper.make_tensor_value_info("probabilities", types.DOUBLE, ["N", classes])],
        graph.constants,
    )
    opsets = [onnx.helper.make_opsetid("", OPSET), onnx.helper.make_opsetid(_ML, ML_OPSET)]
    model = onnx.helper.make_model(
        made, producer_name="wordloom", opset_imports=opsets, ir_version=IR_VERSION
    )
    onnx.checker.check_model(model)
    return model


class _Graph:
    """Nodes and constants that are added one after the other; values are known by their names."""

    def __init__(self, helper: Any, numpy_helper: Any) -> None:
        self._helper, self._numpy_helper = helper, numpy_helper
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def __call__(self, operator: str, *inputs: Any, name: str = "", **attributes: Any) -> str:
        """The name of the output of an operator; inputs that are arrays or numbers become constants."""
        output = name or f"{operator}_{len(self.nodes)}"
        named = [one if isinstance(one, str) else self._constant(one) for one in inputs]
        domain = _ML if operator == "LabelEncoder" else None
        self.nodes.append(self._helper.make_node(operator, named, [output], domain=domain, **attributes))
        return output

    def _constant(self, value: Any) -> str:
        """Whole numbers are int64, other Python numbers float64."""
        array = np.asarray(value, dtype=np.int64) if isinstance(value, int | list) else np.asarray(value)
        name = f"constant_{len(self.constants)}"
        self.constants.append(self._numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def double(self, value: str) -> str:
        return self("Cast", value, to=self._helper.np_dtype_to_tensor_dtype(np.dtype(np.float64)))

    def rows(self, table: NDArray[np.float32], rows: str) -> str:
        """The rows of a table, float64; row -1 is a row of zeros."""
        found = self.double(self("Gather", table, self("Max", rows, 0), axis=0))
        return self("Mul", found, self("Unsqueeze", self.double(self("GreaterOrEqual", rows, 0)), [-1]))


def _logits(graph: _Graph, network: Any) -> str:
    if isinstance(network, PooledNetwork):
        return _pooled(graph, network)
    if isinstance(network, DocumentNetwork):
        return _documents(graph, network)
    if isinstance(network, NgramNetwork):
        logits = _ngram(graph, network)
        own = network.characters
        return logits if own is None else graph("Add", logits, _ngram(graph, own))
    if getattr(network, "kind", "keras") != "keras":
        raise UsageError(
            f"A model of the architecture {network.shape.architecture!r} has no form in ONNX yet."
        )
    raise UsageError(
        f"A model of the architecture {network.shape.architecture!r} is made of Keras' layers: write it with "
        "--keras FILE.keras, and Keras' own model.export(path, format='onnx') makes ONNX of it."
    )


def _probabilities(graph: _Graph, logits: str, output: Output) -> str:
    if output.target == MULTILABEL:
        return graph("Sigmoid", logits)
    if output.n_logits == 1:
        logits = graph("Concat", graph("Mul", logits, 0.0), logits, axis=1)
    return graph("Softmax", logits, axis=1)


def _dense(graph: _Graph, values: str, weights: NDArray[Any], bias: NDArray[Any]) -> str:
    product = graph("MatMul", values, weights.T.astype(np.float64))
    return graph("Add", product, bias.astype(np.float64))


def _pooled(graph: _Graph, network: PooledNetwork) -> str:
    weights, shape = network.weighted.parameters, network.shape
    if shape.architecture == "flatten":
        vectors = graph.double(graph("Gather", weights.embedding, "ids", axis=0))
        pooled = graph("Reshape", vectors, [-1, shape.n_features])
    else:
        vectors = graph.rows(weights.embedding, "ids")
        inside = graph.double(graph("GreaterOrEqual", "ids", 0))
        count = graph("ReduceSum", inside, [1], keepdims=1)
        pooled = graph(
            "Concat", *(_pooled_by(graph, name, vectors, count) for name in shape.poolings), axis=1
        )
    if shape.hidden:
        pooled = graph("Relu", _dense(graph, pooled, weights.hidden, weights.hidden_bias))
    return _dense(graph, pooled, weights.output, weights.output_bias)


def _pooled_by(graph: _Graph, pooling: str, vectors: str, count: str) -> str:
    """float64 (N, D) from vectors (N, L, D), of which `count` (N, 1) belong to each document."""
    if pooling == "mean":
        return graph("Div", graph("ReduceSum", vectors, [1], keepdims=0), graph("Max", count, 1.0))
    outside = graph("Unsqueeze", graph("Less", "ids", 0), [-1])
    operator, worst = ("ReduceMax", -np.inf) if pooling == "max" else ("ReduceMin", np.inf)
    farthest = graph(operator, graph("Where", outside, np.float64(worst), vectors), [1], keepdims=0)
    return graph("Where", graph("Greater", count, 0.0), farthest, 0.0)


def _found(graph: _Graph, finder: NgramFinder, longest: int) -> str:
    """int64 (N, L * longest): the rows of the words of each document, of n-grams of two words, and so on; -1
    where there is none."""
    first, n_words = finder.first_word, finder.n_words
    known = graph("And", graph("GreaterOrEqual", "ids", first), graph("Less", "ids", first + n_words))
    words = graph("Where", known, graph("Sub", "ids", first), FILLER)
    found, longest = [words], longest if len(finder.pairs) else 1
    filled = graph("Pad", words, [0, 0, 0, longest - 1], FILLER)
    pairs = finder.pairs.astype(np.int64)
    table = {
        "keys_int64s": (pairs[:, 0] * n_words + pairs[:, 1]).tolist(),
        "values_int64s": list(range(n_words, n_words + len(pairs))),
        "default_int64": FILLER,
    }
    for n in range(1, longest):
        end = _END if n == longest - 1 else n - longest + 1
        last = graph("Slice", filled, [n], [int(end)], [1])
        both = graph("GreaterOrEqual", graph("Min", found[-1], last), 0)
        keys = graph("Add", graph("Mul", found[-1], n_words), last)
        found.append(graph("LabelEncoder", graph("Where", both, keys, FILLER), **table))
    return graph("Concat", *found, axis=1)


def _ngram(graph: _Graph, network: NgramNetwork) -> str:
    """Each row of a document counts once."""
    n_rows = len(network.weights)
    rows = _found(graph, network.finder, network.shape.longest)
    n_documents = graph("Shape", "ids", end=1)
    numbers = graph("Range", 0, graph("Squeeze", n_documents), 1)
    keys = graph("Add", rows, graph("Mul", graph("Unsqueeze", numbers, [1]), n_rows))
    flat = graph("Reshape", graph("Where", graph("GreaterOrEqual", rows, 0), keys, FILLER), [-1])
    different = graph("Unique", graph("Compress", flat, graph("GreaterOrEqual", flat, 0)), sorted=1)
    documents = graph("Unsqueeze", graph("Div", different, n_rows), [1])
    weights = graph.double(graph("Gather", network.weights, graph("Mod", different, n_rows), axis=0))
    k = len(network.bias)
    shape = graph("Concat", n_documents, [k + 1], axis=0)
    ones = graph("Add", graph("Mul", graph("Slice", weights, [0], [1], [1]), 0.0), 1.0)
    zeros = graph("Expand", 0.0, shape)
    sums = graph("ScatterND", zeros, documents, graph("Concat", weights, ones, axis=1), reduction="add")
    count = graph("Slice", sums, [k], [k + 1], [1])
    scale = graph("Sqrt", graph("Div", float(network.shape.mean_rows), graph("Max", count, 1.0)))
    own = graph("Mul", graph("Slice", sums, [0], [k], [1]), scale)
    return graph("Add", own, network.bias.astype(np.float64))


def _documents(graph: _Graph, network: DocumentNetwork) -> str:
    """Averages of the rows, weighted; each occurrence counts."""
    rows = _found(graph, network.finder, int(network.finder.lengths.max(initial=1)))
    weights = graph.rows(network.weights[:, None], rows)
    sums = graph("ReduceSum", graph("Mul", graph.rows(network.rows, rows), weights), [1], keepdims=0)
    total = graph("ReduceSum", weights, [1], keepdims=0)
    some = graph("Greater", total, 0.0)
    averages = graph("Where", some, graph("Div", sums, graph("Where", some, total, 1.0)), 0.0)
    if network.output is not None:
        averages = graph("MatMul", averages, network.output.T.astype(np.float64))
    shape, biases = network.shape, network.biases.astype(np.float64)
    count = graph("ReduceSum", graph.double(graph("GreaterOrEqual", rows, 0)), [1], keepdims=1)
    noise = graph("Div", float(shape.shrinkage), graph("Max", count, 1.0))
    scale = graph("Min", graph("Div", 1 + shape.shrinkage / shape.mean_rows, graph("Add", noise, 1.0)), 1.0)
    scale = graph("Where", graph("Greater", count, 0.0), scale, 0.0)
    centered = graph("Mul", graph("Add", averages, biases[0] - biases[1]), scale)
    return graph("Add", centered, biases[1])
