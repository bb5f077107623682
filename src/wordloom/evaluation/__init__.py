"""How good answers are: scores, their intervals, baselines, tests of differences, calibration and thresholds.

It takes answers and true labels; how a model gives its answers is no business of it.
"""
