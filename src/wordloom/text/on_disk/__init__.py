"""Texts too many for memory: what is kept of them in temporary files while a model is fitted.

`temporary_arrays` is an array in a file, `stored_documents` documents of ids in one, `array_store` arrays by
name. `text_parts` has jobs done for the parts of the texts, in this process or by others: `part_jobs` on
words, `ngram_jobs` on n-grams. `vocabulary_pass` and `ngram_passes` put together what they find, with counts
that `external_counting` adds up. Does not read texts from their source (`wordloom.streamed_texts`).
"""
