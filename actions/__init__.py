"""Custom actions: between Rasa's tracker and the library.

Each reads what was said, calls one function of `bot` and says the result in the words of
domain.yml. No Chinese text stands in this package; a test holds it to that.
"""
