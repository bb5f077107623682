"""Test files that take long, by name; in a module of its own, since every folder has a conftest."""

# Begun in this order and before all others, so that several workers end at the same time.
LONGEST_FIRST = [
    *("test_docs.py", "test_examples.py", "test_fit_bad_input.py", "test_fit_documents.py"),
    *("test_compile_cache.py", "test_fit_streamed.py", "test_keras_training.py", "test_skipgram_kernels.py"),
    *("test_web.py", "test_comparing.py", "test_fit_ngram.py", "test_text_model.py", "test_to_keras.py"),
    *("test_layers.py", "test_pooled_kernels.py", "test_fit_targets.py", "test_kills.py"),
    *("test_check_and_correct_by_target.py", "test_report_in_browser.py", "test_commands_by_target.py"),
    *("test_plot_command.py", "test_explorer_in_browser.py", "test_shard_kills.py", "test_ctrl_c.py"),
    *("test_recipes.py", "test_docs_site.py", "test_fit_frozen.py", "test_fit_characters.py"),
    *("test_fasttext_classifiers.py", "test_fit_max_size.py", "test_report_page.py", "test_demo_command.py"),
    *("test_keras_import.py", "test_readme.py", "test_warming.py", "test_storage.py", "test_contract.py"),
    *("test_saved_formats.py", "test_ray_executor.py"),
]

# Files whose tests have nothing in common, so that several workers may share them.
APART = {"test_docs.py", "test_examples.py"}

# Files whose tests compile much, fit long or run whole commands; `make quick` leaves them out. The rule: a
# test is slow whose cases together take a processor half a second. It is marked where it stands; where nearly
# all of a file's time goes to such tests, the file is named here.
SLOW = {
    *("test_docs.py", "test_docs_site.py", "test_examples.py", "test_readme.py", "test_demo_command.py"),
    *("test_recipes.py", "test_comparing.py", "test_compare_command.py", "test_ctrl_c.py", "test_kills.py"),
    *("test_fit_streamed.py", "test_fit_ngram.py", "test_fit_documents.py", "test_fit_bad_input.py"),
    *("test_compile_cache.py", "test_storage_hostile.py", "test_calibration.py", "test_ngram_passes.py"),
    *("test_document_vectors.py", "test_vector_text_kernels.py", "test_document_cbow_kernels.py"),
    *("test_pipes.py", "test_warming.py", "test_web.py", "test_fit_characters.py", "test_fit_max_size.py"),
    *("test_demo_reviews.py", "test_pictures.py", "test_plot_command.py", "test_report_page.py"),
    *("test_serve_command.py", "test_closed_streams.py", "test_skipgram_kernels.py"),
    *("test_check_and_correct_by_target.py", "test_checking_by_target.py", "test_commands_by_target.py"),
    *("test_explorer_by_target.py", "test_train_few_labels.py", "test_onnx.py", "test_word_map.py"),
    *("test_inline_svg.py", "test_report_by_target.py", "test_shard_kills.py", "test_few_labels_curve.py"),
    *("test_fit_shards.py", "test_fit_optimize.py", "test_fit_few_labels.py", "test_damaged_text_files.py"),
    *("test_text_to_ids.py", "test_batch.py", "test_convex_output.py", "test_word_learning.py"),
    *("test_subword_learning.py", "test_chunks.py", "test_search.py", "test_executors.py"),
    *("test_storage_interrupted.py", "test_label_curve.py"),
}

# Files in which every test has the mark: where it is left out, they are not even imported.
OF_A_MARK = {
    "slow": SLOW,
    "browser": {
        "test_explorer_in_browser.py",
        "test_report_in_browser.py",
        "test_report_by_target_in_browser.py",
    },
    "cluster": {"test_ray_executor.py"},
    "keras": {"test_to_keras.py", "test_keras_training.py", "test_keras_import.py", "test_export_keras.py"},
}
