"""Explanations: what each word and n-gram of a text adds to a label, and where in the text it stands; and the
nearest texts.

Answers themselves are given in `prediction`; which words count most in a model as a whole stands in
`influential_words`.
"""
