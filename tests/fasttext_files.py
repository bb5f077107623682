"""fastText's supervised models, written here by the format's description: small ones of every kind."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

LOSSES = {"hs": 1, "ns": 2, "softmax": 3, "ova": 4}
WORDS = ("</s>", "good", "bad", "plot", "café", "a b".replace(" ", "\u00a0"))
LABELS = ("__label__pos", "__label__neg", "__label__mixed")


@dataclass(frozen=True)
class SupervisedModel:
    """What such a file says."""

    loss: str = "softmax"
    words: tuple[str, ...] = WORDS
    labels: tuple[str, ...] = LABELS
    label_counts: tuple[int, ...] = (7, 5, 2)
    dimensions: int = 5
    word_ngrams: int = 1
    minn: int = 0
    maxn: int = 0
    bucket: int = 0
    version: int = 12
    kind: int = 3
    kept: tuple[tuple[int, int], ...] | None = None
    coded: bool = False
    coded_output: bool = False
    with_norms: bool = False
    width: int = 2
    changed: dict[str, bytes] = field(default_factory=dict)

    @property
    def n_rows(self) -> int:
        return len(self.words) + (self.bucket if self.kept is None else len(self.kept))

    def write(self, path: Path) -> Path:
        rng = np.random.default_rng(5)
        settings = (self.dimensions, 5, 5, 1, 5, self.word_ngrams, LOSSES[self.loss], self.kind)
        parts = [struct.pack("<ii", 793712314, self.version)]
        parts.append(struct.pack("<12id", *settings, self.bucket, self.minn, self.maxn, 100, 1e-4))
        size = len(self.words) + len(self.labels)
        kept = -1 if self.kept is None else len(self.kept)
        parts.append(struct.pack("<iiiqq", size, len(self.words), len(self.labels), 100, kept))
        counts = [*range(len(self.words), 0, -1), *self.label_counts]
        for row, (name, count) in enumerate(zip((*self.words, *self.labels), counts, strict=True)):
            spelled = name.encode("utf-8", "surrogateescape")
            parts.append(spelled + struct.pack("<xqb", count, row >= len(self.words)))
        parts += [struct.pack("<ii", *pair) for pair in self.kept or ()]
        parts.append(self.matrix(rng, self.n_rows, self.coded))
        parts.append(self.matrix(rng, len(self.labels), self.coded_output))
        path.write_bytes(b"".join(parts))
        return path

    def matrix(self, rng: np.random.Generator, rows: int, coded: bool) -> bytes:
        d = self.dimensions
        if not coded:
            return struct.pack("<?qq", False, rows, d) + rng.normal(size=(rows, d)).astype("<f4").tobytes()
        pieces = -(-d // self.width)
        last = d - (pieces - 1) * self.width
        codes = rng.integers(0, 256, size=rows * pieces, dtype=np.uint8)
        found = struct.pack("<??qqi", True, self.with_norms, rows, d, len(codes)) + codes.tobytes()
        found += struct.pack("<4i", d, pieces, self.width, last)
        found += rng.normal(size=256 * d).astype("<f4").tobytes()
        if self.with_norms:
            found += rng.integers(0, 256, size=rows, dtype=np.uint8).tobytes() + struct.pack(
                "<4i", 1, 1, 1, 1
            )
            found += np.abs(rng.normal(size=256)).astype("<f4").tobytes()
        return found


NGRAMS = {"word_ngrams": 2, "bucket": 40}
CHARACTERS = {"word_ngrams": 3, "minn": 2, "maxn": 3, "bucket": 60}
PRUNED = {**CHARACTERS, "kept": ((7, 1), (3, 0), (55, 2), (20, 3)), "coded": True}
KINDS = {
    **{loss: SupervisedModel(loss) for loss in LOSSES},
    **{f"{loss} of pairs": SupervisedModel(loss, **NGRAMS) for loss in LOSSES},
    "characters": SupervisedModel(**CHARACTERS),
    "coded": SupervisedModel(coded=True, **NGRAMS),
    "coded with norms": SupervisedModel("ova", coded=True, with_norms=True, **NGRAMS),
    "coded output": SupervisedModel("hs", coded=True, coded_output=True, with_norms=True, **CHARACTERS),
    "pruned": SupervisedModel("ns", **PRUNED),
    "all pruned": SupervisedModel(**{**PRUNED, "kept": ()}),
    "two labels": SupervisedModel(labels=LABELS[:2], label_counts=(3, 3), **NGRAMS),
    "two labels by hs": SupervisedModel("hs", labels=LABELS[:2], label_counts=(3, 3)),
    "version 11": SupervisedModel(version=11, **CHARACTERS),
}
"""One model of each kind."""


class Reference:
    """fastText's classifier, line by line as its source has it, on a file that `SupervisedModel` wrote."""

    def __init__(self, model: SupervisedModel, path: Path) -> None:
        self.model, self.data = model, path.read_bytes()
        self.maxn = 0 if model.version == 11 else model.maxn
        at = self.data.index(model.labels[-1].encode()) + len(model.labels[-1].encode()) + 10
        at += 8 * len(model.kept or ())
        self.input, at = self._matrix(at)
        self.output, at = self._matrix(at)
        assert at == len(self.data)

    def _matrix(self, at: int) -> tuple[np.ndarray, int]:
        if not self.data[at]:
            rows, d = struct.unpack_from("<qq", self.data, at + 1)
            found = np.frombuffer(self.data, "<f4", rows * d, at + 17).reshape(rows, d)
            return found, at + 17 + 4 * rows * d
        normed, rows, d, size = struct.unpack_from("<?qqi", self.data, at + 1)
        at += 22
        codes = np.frombuffer(self.data, "u1", size, at).reshape(rows, -1)
        at += size
        _, pieces, width, last = struct.unpack_from("<4i", self.data, at)
        centroids = np.frombuffer(self.data, "<f4", 256 * d, at + 16)
        at += 16 + 1024 * d
        found = np.zeros((rows, d), np.float32)
        for row in range(rows):
            for piece in range(pieces):
                own = last if piece == pieces - 1 else width
                first = piece * 256 * width + int(codes[row, piece]) * own
                found[row, piece * width : piece * width + own] = centroids[first : first + own]
        if normed:
            lengths = np.frombuffer(self.data, "<f4", 256, at + rows + 16)
            found *= lengths[np.frombuffer(self.data, "u1", rows, at)][:, None]
            at += rows + 16 + 1024
        return found, at

    @staticmethod
    def _hash(text: bytes) -> int:
        value = 2166136261
        for byte in text:
            value = ((value ^ (byte if byte < 128 else byte | 0xFFFFFF00)) * 16777619) & 0xFFFFFFFF
        return value

    def _row(self, bucket: int) -> list[int]:
        kept = self.model.kept
        if kept is None:
            return [len(self.model.words) + bucket]
        return [len(self.model.words) + row for own, row in kept if own == bucket]

    def rows(self, text: str) -> list[int]:
        """The rows of the input matrix that fastText averages for a line."""
        model, rows, hashes = self.model, [], []
        tokens = text.translate(dict.fromkeys(map(ord, "\n\r\t\v\f\0"), " ")).split(" ")
        tokens = [token for token in tokens if token] + ["</s>"]
        for token in tokens[: tokens.index("</s>") + 1]:
            if token in model.labels or (token not in model.words and token.startswith("__label__")):
                continue
            if token in model.words:
                rows.append(model.words.index(token))
            marked = f"<{token}>" if token != "</s>" else ""
            for first in range(len(marked)):
                for n in range(max(model.minn, 1), self.maxn + 1):
                    piece = marked[first : first + n]
                    edge = n == 1 and first in (0, len(marked) - 1)
                    if len(piece) == n and not edge:
                        rows += self._row(self._hash(piece.encode()) % model.bucket)
            value = self._hash(token.encode())
            hashes.append(value - 2**32 if value >= 2**31 else value)
        for first, value in enumerate(hashes):
            for other in hashes[first + 1 : first + model.word_ngrams]:
                value = (value * 116049371 + other) % 2**64
                rows += self._row(value % model.bucket)
        return rows

    def probabilities(self, text: str) -> np.ndarray:
        """float (C,): what fastText's loss makes of a line."""
        rows = self.rows(text)
        hidden = self.input[rows].mean(axis=0, dtype=np.float64) if rows else np.zeros(self.model.dimensions)
        scores = self.output.astype(np.float64) @ hidden
        if self.model.loss == "softmax":
            return np.exp(scores) / np.exp(scores).sum()
        sigmoid = 1 / (1 + np.exp(-scores))
        if self.model.loss == "hs":
            # the rarest two labels are the first node, the rarer on its left
            if len(scores) == 2:
                return np.array([sigmoid[0], 1 - sigmoid[0]])
            rest = 1 - sigmoid[1]
            return np.array([sigmoid[1], rest * sigmoid[0], rest * (1 - sigmoid[0])])
        return 1 / (1 + np.exp(-(np.floor((scores + 8) * 32) / 32 - 8)))
