"""The loop of epochs that all training shares, the callbacks it speaks to, and what it measured.

It knows nothing of what is trained; that is in `training` and `vectors.learning`.
"""
