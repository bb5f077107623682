"""Checks: what labelled texts may have wrong, from empty texts to labels that are probably wrong, and how to
correct it."""
