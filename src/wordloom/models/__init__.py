"""Networks: ids in, logits and probabilities out; what logits mean stands in `output` alone.

Texts become ids in `text`, and weights are learned in `training`.
"""
