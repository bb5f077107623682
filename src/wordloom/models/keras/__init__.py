"""Networks of Keras' layers: their form and weights, training through Keras, and Keras' own files.

Does: keep an embedding and the layers behind it as plain values (`layer_network`, `shape`), train them with
any of Keras' backends (`trainer`, `steps`), make Keras models of networks and networks of Keras models, read
their weights. Does not: hold the layers' forward passes (`wordloom.models.layers`); and Keras is imported
only where a model is trained or made, never to predict.
"""
