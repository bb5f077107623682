"""Explanations: what each word and n-gram of a text adds to a label, and where in the text it stands; and the
nearest texts."""
