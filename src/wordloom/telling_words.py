"""The old name of `wordloom.influential_words`: importing it says so."""

raise ImportError(
    "wordloom.telling_words is now wordloom.influential_words, telling_words() and TellingWords are "
    "influential_words() and InfluentialWords.",
    name=__name__,
)
