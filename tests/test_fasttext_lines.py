"""Lines as fastText's commands read them."""

from __future__ import annotations

import io

import numpy as np
import pytest

from fasttext_files import SupervisedModel
from wordloom.errors import UsageError
from wordloom.fasttext_lines import LineModel, Lines, lines_of
from wordloom.text_model import TextModel


class Pieces(io.RawIOBase):
    """A pipe that gives what it has so far, a piece at a time."""

    def __init__(self, pieces):
        self.pieces = list(pieces)

    def read1(self, size):
        return self.pieces.pop(0) if self.pieces else b""


def whole(stream):
    return [(line, some.ended) for some in lines_of(stream) for line in some.lines]


@pytest.mark.parametrize(
    ("data", "lines", "last_ends"),
    [
        (b"", [], True),
        (b"\n", [b""], True),
        (b"a b\n\nc\n", [b"a b", b"", b"c"], True),
        (b"a\nb", [b"a", b"b"], False),
        (b"a </s> b\n", [b"a ", b" b"], True),
        (b"a </s>\nb </s>", [b"a ", b"", b"b "], True),
        (b"a</s> <s> </s>x\n", [b"a</s> <s> </s>x"], True),
        (b"\xff\x00\r\n \n", [b"\xff\x00\r", b" "], True),
    ],
)
def test_a_line_ends_at_a_line_feed_or_at_the_token_of_its_end(data, lines, last_ends):
    expected = [(line, last_ends or number + 1 < len(lines)) for number, line in enumerate(lines)]
    assert whole(io.BytesIO(data)) == expected
    for cut in range(1, len(data)):
        assert whole(Pieces([data[:cut], data[cut:]])) == expected


def test_lines_of_a_pipe_are_there_before_more_comes():
    pipe = Pieces([b"one\ntw", b"o\n", b"three"])
    found = lines_of(pipe)
    assert next(found) == Lines([b"one"], True)
    assert len(pipe.pieces) == 2
    assert [some.lines for some in found] == [[b"two"], [b"three"]]


@pytest.mark.parametrize(("k", "kept"), [(1, [5]), (2, [5, 4]), (3, [5, 1, 4]), (6, [3, 1, 4, 5, 2, 0])])
def test_of_equally_likely_labels_those_come_that_fasttexts_heap_keeps(k, kept, tmp_path):
    """What C++'s push_heap, pop_heap and sort_heap make of six equal numbers, as libstdc++ printed it."""
    labels = tuple(f"__label__{number}" for number in range(6))
    kind = SupervisedModel("ova", labels=labels, label_counts=(3,) * 6)
    model = LineModel.of(TextModel.load(kind.write(tmp_path / "m.bin")))
    assert model._best(np.full(6, 0.5), np.full(6, -0.7), k, 0.0) == kept


def test_k_must_name_a_number_of_labels(tmp_path):
    model = LineModel.of(TextModel.load(SupervisedModel().write(tmp_path / "m.bin")))
    for k in (0, -2):
        with pytest.raises(UsageError, match="k needs to be 1 or higher"):
            model.answers([], k)
