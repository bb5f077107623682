"""50-dimensional vectors learned together with a classifier, written to a file for other programs.

The tutorial (Embedding 50, Flatten, Dense on the last 200 words, 3 epochs) finds a test accuracy of 86.26 %
and writes word_embeddings.txt, one word and its 50 numbers in a line. We find 86.9 %, write the same form,
and look at what it holds: the words nearest to 'great', and a map of the words that tell the model most.

    python exported_vectors.py             the IMDB reviews (once before: wordloom data imdb)
    python exported_vectors.py --quick     the built-in reviews, in a moment
"""

import sys

import wordloom
from wordloom import plots
from wordloom.evaluation.on_corpus import score_on
from wordloom.influential_words import influential_words
from wordloom.vectors import neighbors, project, variance_shares

data = wordloom.read_corpus("demo" if "--quick" in sys.argv else "imdb")

classifier = wordloom.TextClassifier(
    architecture="flatten",
    ids="imdb",
    num_words=10_000,
    maxlen=200,
    dimensions=50,
    epochs=3,
    validation_split=0,
    random_state=0,
)
model = classifier.fit(data.train.texts, data.train.labels).model_
scores = score_on(model, data.test)
low, high = scores.accuracy_interval
print(f"Test accuracy {scores.accuracy:.2%} (95 % interval {low:.1%} to {high:.1%})")

vectors = model.vectors()
vectors.save("word_embeddings.txt")
again = wordloom.WordVectors.load("word_embeddings.txt")
print(f"word_embeddings.txt: {len(again):,} words, {again.dimensions} dimensions")
print("Nearest to 'great':", *(near.word for near in neighbors(again, "great")))

found = influential_words(model, 60)
rows = again.subset(found.words).vectors
points = project(rows)
shares = variance_shares(rows, points)
picture = plots.word_map(found.words, points, found.leaning, ("negative", "positive"), shares=shares)
print("Written:", plots.save(picture, "exported_vectors.png"))
