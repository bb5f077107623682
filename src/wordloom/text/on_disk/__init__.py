"""Texts too many for memory: what is kept of them in temporary files while a model is fitted.

`temporary_arrays` is an array in a file, `stored_documents` documents of ids in one; `vocabulary_pass` goes
through the texts once and stores them as ids, `ngram_passes` finds the n-grams of what is stored, with counts
that `external_counting` adds up. Does not read texts from their source (`wordloom.streamed_texts`).
"""
