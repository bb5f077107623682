"""How weights are learned: networks and linear classifiers in the loop of epochs, convex problems at once.

It takes ids and targets, not texts; the loop is in `loop`, and `fit` chooses what is trained on what.
"""
