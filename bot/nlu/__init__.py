"""Understanding what people say: pure extractors, and the Rasa components that wrap them.

``spans``, ``normalise``, ``numerals``, ``times`` (with ``time_patterns``, ``moments``, ``durations``, ``time_latin``),
``numerals_latin`` and ``contacts`` know nothing of Rasa: text in, spans out. Every span is cut from the text as it was
given, because the normalised form used for matching keeps its length.
"""
