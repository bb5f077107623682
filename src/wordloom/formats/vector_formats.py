"""A row for each format of word vectors; how it is read and written stands in `wordloom.vectors.formats`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wordloom.formats.format import Format, titles_of


@dataclass(frozen=True)
class VectorFormat(Format):
    """A format of word vectors; `suffixes` are those of files that are written.

    Parameters
    ----------
    packs : whether it is read compressed, and written so under a name that ends in `.gz`
    writes : whether it is written
    has_subwords : whether it keeps the subwords of a table
    """

    packs: bool = False
    writes: bool = True
    has_subwords: bool = False


# The general formats stand before the particular ones, and are asked after them.
VECTOR_FORMATS: Mapping[str, VectorFormat] = {
    row.name: row
    for row in (
        VectorFormat(
            "glove",
            "GloVe text, no header",
            "one row a word, no header",
            "glove_text:GLOVE",
            (".txt",),
            packs=True,
        ),
        VectorFormat(
            "word2vec",
            "word2vec text with a header, also fastText's .vec",
            "header with V and D, as word2vec and fastText write it",
            "glove_text:WORD2VEC",
            (".vec",),
            packs=True,
        ),
        VectorFormat(
            "word2vec-binary",
            "word2vec binary",
            "header with V and D, then words and float32; of tables without subwords",
            "word2vec_binary:WORD2VEC_BINARY",
            (".bin",),
            packs=True,
        ),
        VectorFormat(
            "safetensors",
            "safetensors, holds any word",
            "keeps every word and which tokens are special",
            "safetensors_table:SAFETENSORS",
            (".safetensors",),
            ((8, b"{"),),
        ),
        VectorFormat(
            "fasttext",
            "fastText model, with subwords if there are any",
            "fastText's model, of tables with subwords; with `--to fasttext` of any table",
            "fasttext_model:FASTTEXT",
            (".bin",),
            ((0, b"\xba\x16\x4f\x2f"),),
            has_subwords=True,
        ),
        VectorFormat(
            "static",
            "static model of model2vec or StaticEmbedding",
            "folders of model2vec and of sentence-transformers' StaticEmbedding; with the extra `static`",
            "static_model:STATIC",
            magic=((8, b"{"),),
            is_folder=True,
            writes=False,
        ),
        VectorFormat(
            "projector",
            "folder for the Embedding Projector",
            "`vectors.tsv`, `metadata.tsv`, `projector_config.pbtxt` for the Embedding Projector",
            "projector:PROJECTOR",
            is_folder=True,
            packs=True,
        ),
    )
}
"""The formats of word vectors."""

WRITTEN_VECTORS = tuple(name for name, row in VECTOR_FORMATS.items() if row.writes)
"""Names of the formats that vectors are written in."""


def named_by_ending() -> str:
    """Which format of vectors the name of a file means, in a sentence: ".txt (glove), ...; a name ..."."""
    written = [VECTOR_FORMATS[name] for name in WRITTEN_VECTORS]
    known: dict[str, str] = {}
    for row in written:
        for ending in row.suffixes:
            known.setdefault(ending, row.name)  # of formats whose names end alike, the first
    shown = ", ".join(f"{ending} ({name})" for ending, name in known.items())
    return f"{shown}; a name without an ending means a {titles_of(row for row in written if row.is_folder)}"
