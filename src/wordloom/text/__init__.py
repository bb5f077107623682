"""From texts to words, characters and n-grams, and from these to ids.

It knows nothing of labels, nor of what is made of the ids.
"""
