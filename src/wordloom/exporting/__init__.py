"""Models for programs that do not have wordloom: for browsers, for ONNX runtimes, for MLflow.

What stands here reads a `TextModel` and writes a folder; a network for Keras is made in `models/keras`.
"""
