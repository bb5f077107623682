"""Checks: what labelled texts may have wrong, found by looking at the texts alone."""
