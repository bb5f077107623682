"""Checks: what labelled texts may have wrong, from empty texts to labels that are probably wrong, and how to
correct it.

No text or label is changed here: `corrections` reads what a person has decided, and
`readers.relabelling` writes files again.
"""
