"""One training step for each backend of Keras; the backend's own package is imported here only."""
